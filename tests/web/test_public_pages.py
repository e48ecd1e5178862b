"""All pages for everybody: small, packed, kept as long as they may be, and nobody else is asked."""

import dataclasses
import gzip
from typing import Any

import httpx
from api.staged import Stage
from litestar import Litestar

from contest_service.store.contests import Contest
from contest_service.web.access import PAGES, Who
from web.conftest import Visit
from web.test_draw_page import NAMES, drawn, listed
from web.visits import Seen

MOST_BYTES = 100_000
"""Packed, of a page with all that it loads before pictures."""
SHARED, BRIEFLY, NEVER = "public, max-age=15", "public, max-age=1", "no-store"
ASKED = "no-cache"

PATHS = {
    "show_contest": ("/contests/{contest}", SHARED),
    "show_draw": ("/contests/{contest}/draw", BRIEFLY),
    "show_draw_now": ("/contests/{contest}/draw/now", BRIEFLY),
    "show_certificate": ("/contests/{contest}/certificate", SHARED),
    "show_card": ("/contests/{contest}/card/wide.png", SHARED),
    "show_check": ("/contests/{contest}/check?account=did:plc:ann", NEVER),
    "show_embedded": ("/embed/contests/{contest}", SHARED),
    "show_record": ("/organisers/{workspace}", SHARED),
    "show_record_card": ("/organisers/{workspace}/card/wide.png", SHARED),
}
"""Where pages for everybody are, and how long they may be kept."""
BESIDE = {
    "verifier": ("/verify.html", ASKED),
    "contest for programs": ("/public/contests/{contest}", ASKED),
    "certificate for programs": ("/public/contests/{contest}/certificate.json", ASKED),
    "record for programs": ("/public/organisers/{workspace}", ASKED),
}
"""What the API has for everybody."""
ELSEWHERE = {
    "read_asset": "files, which test_build looks at",
    "read_accent": "a colour, which test_accent looks at",
    "read_picture": "files, which test_pictures looks at",
    "read_embedding": "for programs, test_embeds",
    "begin_showing": "a form",
    "show_own": "needs a cookie, test_check_page",
    "ask_again": "a form",
    "claim_own": "a form",
    "fetch_held": "a file, test_check_page",
    "follow_public_contest": "a stream, test_live",
}
OPEN_PATHS = ("show_contest", "show_draw", "show_check", "show_embedded", "show_record")
"""Pages that look otherwise before a draw."""
LOOKED_AT = (*OPEN_PATHS, "show_certificate", "verifier")


def path_of(name: str, contest: Contest) -> str:
    return (PATHS | BESIDE)[name][0].format(contest=contest.id, workspace=contest.workspace_id)


def test_every_page_for_everybody_is_looked_at() -> None:
    everybody = {name for name, who in PAGES.items() if who is Who.EVERYBODY}
    assert everybody == PATHS.keys() | ELSEWHERE.keys()


async def test_pages_are_small_and_ask_nobody_else(visit: Visit, stage: Stage) -> None:
    contest = await listed(stage, *NAMES)
    for name in OPEN_PATHS:
        await require_small(await loaded(visit, path_of(name, contest)), name)
    contest = await stage.draw(await stage.freeze(contest))
    for name in LOOKED_AT:
        await require_small(await loaded(visit, path_of(name, contest)), name)


async def loaded(visit: Visit, path: str) -> Seen:
    seen = await visit("/contests/none", phone=True)
    # What that page still asks for has no body any more once another one is open.
    await seen.page.wait_for_load_state("networkidle")
    seen.answers.clear()
    await seen.go(path)
    await seen.page.wait_for_load_state("load")
    return seen


async def require_small(seen: Seen, name: str) -> None:
    """Everything that it loads is ours, and small as it travels."""
    kinds = {"document", "stylesheet", "script"}
    sizes = {
        answer.url: await size_of(answer)
        for answer in seen.answers
        if answer.request.resource_type in kinds
    }
    assert sizes
    assert sum(sizes.values()) < MOST_BYTES, (name, sizes)
    foreign = [answer.url for answer in seen.answers if not answer.url.startswith(seen.site)]
    assert foreign == []
    await seen.page.context.close()


async def size_of(answer: Any) -> int:
    """Bytes of the body as it is packed for the way."""
    body = await answer.body()
    is_packed = "content-encoding" in answer.headers
    return len(gzip.compress(body, 6)) if is_packed else len(body)


async def test_pages_are_packed_and_kept_as_long_as_they_may_be(
    app: Litestar, api: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await drawn(stage, *NAMES)
    # A page that tells the time is another one every second.
    now = stage.rt.clock()
    app.state.rt = dataclasses.replace(app.state.rt, clock=lambda: now)
    for name, (_, kept) in (PATHS | BESIDE).items():
        path = path_of(name, contest)
        answer = await api.get(path, headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == kept, name
        if not answer.headers["content-type"].startswith("image/") and len(answer.content) > 500:
            assert answer.headers["content-encoding"] == "gzip", name
            assert "accept-encoding" in answer.headers["vary"].lower(), name
            plain = await api.get(path, headers={"Accept-Encoding": "identity"})
            assert "content-encoding" not in plain.headers
            if kept is NEVER:
                continue
            assert plain.headers["etag"] == answer.headers["etag"].removeprefix("W/"), name
        assert (await is_known(api, path, answer.headers["etag"])) is True, name
        assert (await is_known(api, path, '"other"')) is False, name


async def is_known(api: httpx.AsyncClient, path: str, tag: str) -> bool:
    answer = await api.get(path, headers={"If-None-Match": tag})
    return (answer.status_code, answer.content) == (304, b"")


async def test_what_holds_a_secret_is_not_packed(api: httpx.AsyncClient, stage: Stage) -> None:
    for path in ("/sign-in", "/v1/me"):
        answer = await api.get(path, headers={"Accept-Encoding": "gzip", "Accept": "text/html"})
        assert "content-encoding" not in answer.headers
