"""Ownerships over HTTP: begun by anybody, opened by who wrote the code, and looking all alike."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest
from litestar import Litestar

from api.answers import created, done, problem
from api.conftest import Clients
from api.heard import hearing
from api.staged import Stage
from contest_service.api.ownerships import OF_ADDRESS
from contest_service.domain.codes import find_codes
from contest_service.domain.evidence import Said
from contest_service.flows import own
from contest_service.flows.log import sign_head
from contest_service.proof.receipts import check_held, parse_held
from contest_service.store import entrants, promises
from contest_service.store.contests import Contest
from contest_service.store.log import Log
from contest_service.store.ownerships import Network
from contest_service.store.promises import Promise

NETWORK = {"platform": "bluesky", "instance": "localhost:2582"}


async def entered(stage: Stage) -> Contest:
    """A contest that Ann and Bob take part in, each with a promise."""
    contest = await stage.start(await stage.draft())
    ids = await stage.judged(contest, "ann", "bob")
    key = (contest.workspace_id, contest.id)
    async with stage.rt.pool.acquire() as conn:
        opened = [await entrants.opening_of(conn, *key, id_) for id_ in ids]
        given = [
            Promise(
                entrant_id=each.entrant_id,
                number=0,
                commitment=each.commitment,
                weight=1,
                given_at=1_800_000_000,
            )
            for each in opened
            if each is not None
        ]
        await promises.add(conn, contest, given)
    return contest


async def begin(
    client: httpx.AsyncClient, contest: Contest, account: str = "did:plc:ann"
) -> dict[str, Any]:
    url = f"/public/contests/{contest.id}/ownerships"
    return created(await client.post(url, json={"account": account}))


async def look(
    client: httpx.AsyncClient, contest: Contest, begun: dict[str, Any], secret: str = ""
) -> httpx.Response:
    url = f"/public/contests/{contest.id}/ownerships/{begun['id']}"
    given = (secret or begun["secret"]).encode("latin-1")
    return await client.get(url, headers={b"Ownership-Secret": given})


async def write(stage: Stage, contest: Contest, code: str, who: str = "did:plc:ann") -> None:
    """Let an account have written a code."""
    network = Network(workspace_id=contest.workspace_id, **NETWORK)
    async with stage.rt.pool.acquire() as conn, conn.transaction():
        await own.notice(conn, network, [Said(account=who, text=code)], at=stage.rt.clock())


async def test_a_code_is_given_with_what_to_do(api: httpx.AsyncClient, stage: Stage) -> None:
    contest = await entered(stage)
    url = f"/public/contests/{contest.id}/ownerships"
    answer = await api.post(url, json={"account": "did:plc:ann"}, headers={"Accept-Language": "ru"})
    begun = created(answer)
    assert find_codes(begun["code"]) == (begun["code"],)
    assert begun["code"] in begun["how"][0]
    assert "комментарии" in begun["how"][0]
    assert len(begun["posts"]) == 1
    assert answer.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in answer.headers
    assert done(await look(api, contest, begun))["state"] == "waiting"


async def test_whether_an_account_takes_part_does_not_show(
    api: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await entered(stage)
    seen = []
    for account in ("did:plc:ann", "did:plc:nobody", "no name at all!"):
        begun = await begin(api, contest, account)
        shown = done(await look(api, contest, begun))
        varying = {"id", "secret", "code", "expires_at", "how"}
        seen.append(
            (
                set(begun),
                {name: begun[name] for name in set(begun) - varying},
                [len(line) for line in begun["how"]],
                {name: shown[name] for name in set(shown) - varying},
            )
        )
    assert seen[0] == seen[1] == seen[2]


async def test_the_owner_sees_verdict_promise_and_receipt(
    api: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await entered(stage)
    begun = await begin(api, contest)
    await write(stage, contest, begun["code"])
    shown = done(await look(api, contest, begun))
    assert (shown["state"], shown["check"]["state"]) == ("shown", "valid")
    assert (shown["promises"][0]["kind"], shown["receipt"]) == ("promise", None)
    assert [file["name"][:8] for file in shown["files"]] == ["promise-"]
    contest = await stage.freeze(contest)
    await sign_head(stage.rt, Log.PRACTICE)
    shown = done(await look(api, contest, begun))
    assert shown["receipt"]["opening"]["subject"].endswith("did:plc:ann")
    headers = {"Ownership-Secret": begun["secret"]}
    for file in shown["files"]:
        answer = await api.get(file["url"].removeprefix(str(stage.rt.public_url)), headers=headers)
        assert answer.status_code == 200
        assert answer.headers["content-disposition"] == f'attachment; filename="{file["name"]}"'
        assert check_held(parse_held(answer.content)).contest == str(contest.id)
        told = msgspec.json.decode(answer.content)
        assert told in [*shown["promises"], shown["receipt"]]
    assert len(shown["files"]) == 2


@pytest.mark.parametrize("who", ["did:plc:bob", "did:plc:eve"])
async def test_somebody_else_s_comment_opens_nothing(
    api: httpx.AsyncClient, stage: Stage, who: str
) -> None:
    contest = await entered(stage)
    begun = await begin(api, contest)
    await write(stage, contest, begun["code"], who)
    shown = done(await look(api, contest, begun))
    assert (shown["state"], shown["check"], shown["files"]) == ("waiting", None, [])


async def test_the_secret_alone_opens_it(api: httpx.AsyncClient, stage: Stage) -> None:
    contest = await entered(stage)
    begun, other = await begin(api, contest), await begin(api, contest)
    await write(stage, contest, begun["code"])
    name = done(await look(api, contest, begun))["files"][0]["name"]
    for secret in ("guess", begun["code"], other["secret"], "\u00e9" * 20):
        problem(await look(api, contest, begun, secret), 404, "not_found")
        url = f"/public/contests/{contest.id}/ownerships/{begun['id']}/files/{name}"
        given = {b"Ownership-Secret": secret.encode("latin-1")}
        problem(await api.get(url, headers=given), 404, "not_found")
    unknown = {"id": str(uuid4()), "secret": begun["secret"]}
    problem(await look(api, contest, unknown), 404, "not_found")
    url = f"/public/contests/{contest.id}/ownerships/{begun['id']}"
    problem(await api.get(url), 422, "invalid")


async def test_a_wrong_secret_and_no_such_ownership_are_told_alike(
    api: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await entered(stage)
    begun = await begin(api, contest)
    wrong = (await look(api, contest, begun, "wrong")).json()
    unknown = (await look(api, contest, {"id": str(uuid4())}, "wrong")).json()
    assert wrong | {"request_id": ""} == unknown | {"request_id": ""}


async def test_a_file_that_is_none_of_theirs_is_not_given(
    api: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await entered(stage)
    begun, bob = await begin(api, contest), await begin(api, contest, "did:plc:bob")
    await write(stage, contest, begun["code"])
    await write(stage, contest, bob["code"], "did:plc:bob")
    theirs = done(await look(api, contest, bob))["files"][0]["name"]
    headers = {"Ownership-Secret": begun["secret"]}
    for name in (theirs, "receipt.json", "promise-1.json"):
        url = f"/public/contests/{contest.id}/ownerships/{begun['id']}/files/{name}"
        assert (await api.get(url, headers=headers)).status_code == 404


async def test_it_ends(api: httpx.AsyncClient, stage: Stage) -> None:
    contest = await entered(stage)
    waiting, shown = await begin(api, contest), await begin(api, contest)
    await write(stage, contest, shown["code"])
    name = done(await look(api, contest, shown))["files"][0]["name"]
    async with stage.rt.pool.acquire() as conn:
        await conn.execute(
            "UPDATE ownerships SET expires_at = expires_at - $1::interval", timedelta(minutes=31)
        )
    for begun in (waiting, shown):
        ended = done(await look(api, contest, begun))
        assert (ended["state"], ended["check"], ended["files"]) == ("expired", None, [])
    url = f"/public/contests/{contest.id}/ownerships/{shown['id']}/files/{name}"
    given = {"Ownership-Secret": shown["secret"]}
    problem(await api.get(url, headers=given), 404, "not_found")


async def test_whoever_begins_too_often_has_to_wait(clients: Clients, stage: Stage) -> None:
    contest = await entered(stage)
    one, other = [await clients.open(address=f"198.51.100.{number}") for number in (1, 2)]
    for _ in range(OF_ADDRESS):
        await begin(one, contest)
    url = f"/public/contests/{contest.id}/ownerships"
    problem(await one.post(url, json={"account": "did:plc:ann"}), 429, "rate_limited")
    await begin(other, contest)


async def test_a_contest_that_did_not_start_has_none(api: httpx.AsyncClient, stage: Stage) -> None:
    contest = await stage.draft()
    url = f"/public/contests/{contest.id}/ownerships"
    problem(await api.post(url, json={"account": "did:plc:ann"}), 404, "not_found")


async def test_messages_without_a_code_are_answered_and_not_kept(
    app: Litestar, api: httpx.AsyncClient, owner: httpx.AsyncClient, stage: Stage
) -> None:
    heard = await hearing(app.state.rt, await stage.workspace())
    said = {"from_id": 7, "text": "Здравствуйте, мой телефон 89991234567"}
    quiet = heard.event("message_new", object={"message": said})
    code = heard.event("message_new", object={"message": said | {"text": "K7QF-9M2X, спасибо"}})
    for event in (quiet, code):
        answer = await heard.send(api, event)
        assert (answer.status_code, answer.text) == (200, "ok")
    async with app.state.rt.pool.acquire() as conn:
        bodies = [row["body"] for row in await conn.fetch("SELECT body FROM heard_events")]
    assert len(bodies) == 1
    assert "спасибо" not in bodies[0].decode()
    assert "K7QF-9M2X" in bodies[0].decode()
    assert heard.known.secret not in bodies[0].decode()
