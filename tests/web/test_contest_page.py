"""`/contests/{id}` for everybody: every state of a contest, in each language, on phone and desk."""

import gzip
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from api.answers import created
from api.staged import Stage, definition

from contest_service.store.contests import Contest
from web.conftest import Visit
from web.looks import check_looks

MOST_BYTES = 100_000
RULES = {
    "kind": "all_of",
    "of": [
        {"kind": "liked"},
        {"kind": "any_of", "of": [{"kind": "reposted"}, {"kind": "follows"}]},
    ],
}
BONUS = {"base": 1, "bonuses": [{"rule": {"kind": "quoted"}, "tickets": 2}], "cap": 3}


async def running(stage: Stage, **changes: Any) -> Contest:
    given = {
        "title": "A mug for the <b>quickest</b> & the patient",
        "rules": RULES,
        "tickets": BONUS,
        "draws": [
            {
                "tiers": [
                    {"id": "mug", "prize": "A mug", "winners": 1},
                    {
                        "id": "card",
                        "prize": "A postcard by hand",
                        "winners": 12,
                        "value": {"amount": 150000, "currency": "RUB"},
                    },
                ]
            }
        ],
        **changes,
    }
    contest = await stage.start(await stage.draft(**given))
    await stage.judged(contest, "ann", "bob")
    return contest


async def test_a_running_contest_says_what_to_do_and_until_when(visit: Visit, stage: Stage) -> None:
    contest = await running(stage)
    seen = await check_looks(visit, f"/contests/{contest.id}", "contest-running")
    text = await seen.text()
    assert "A mug for the <b>quickest</b> & the patient" in text
    assert "This contest is an exercise" in text
    assert "left to take part" in text
    assert "1\u202f500\u00a0RUB" in text
    assert "All of these:" in text
    assert "2\naccounts meet all conditions" in text
    assert f"round {round_of(contest, stage):,} of".replace(",", "\u202f") in text
    assert await seen.page.get_attribute("html", "lang") == "en"


def round_of(contest: Contest, stage: Stage) -> int:
    beacon = stage.rt.beacon_for(contest)
    return contest.round or beacon.first_round_at(int(contest.draw_at.timestamp()))


async def test_it_says_the_same_without_scripts(visit: Visit, stage: Stage) -> None:
    contest = await running(stage)
    seen = await visit(f"/contests/{contest.id}", scripts=False)
    await seen.shot("contest-running")
    text = await seen.text()
    assert "min" in await seen.text(".countdown")
    assert "What to do" in text
    await seen.page.click("text=Русский")
    assert "Что нужно сделать" in await seen.text()
    assert await seen.page.get_attribute("html", "lang") == "ru"
    await seen.go(f"/contests/{contest.id}")
    assert await seen.page.get_attribute("html", "lang") == "ru"


async def test_a_frozen_and_a_drawn_contest_lead_to_the_proof(visit: Visit, stage: Stage) -> None:
    contest = await stage.freeze(await running(stage))
    seen = await check_looks(visit, f"/contests/{contest.id}", "contest-frozen")
    assert "List fixed" in await seen.text()
    assert await seen.page.get_attribute("text=Watch the draw", "href")
    contest = await stage.draw(contest)
    seen = await check_looks(visit, f"/contests/{contest.id}", "contest-drawn")
    assert "Drawn" in await seen.text()
    assert await seen.page.get_attribute("text=Winners and proof", "href")


@pytest.mark.parametrize(
    ("status", "reason", "word"),
    [
        ("closing", None, "Closed"),
        ("cancelled", None, "Cancelled"),
        ("void", "missed", "Did not take place"),
        ("void", "beacon-lost", "never came out"),
        ("completed", None, "drawn and announced"),
    ],
)
async def test_every_other_state_has_a_word_and_a_reason(
    visit: Visit, stage: Stage, status: str, reason: str | None, word: str
) -> None:
    contest = await running(stage)
    async with stage.rt.pool.acquire() as conn:
        await conn.execute(
            "UPDATE contests SET status = $2, void_reason = $3, obstacle = $4 WHERE id = $1",
            contest.id,
            status,
            reason,
            "Likes were not read to the end." if status == "closing" else "",
        )
    seen = await check_looks(visit, f"/contests/{contest.id}", f"contest-{reason or status}")
    assert word in await seen.text()


async def test_a_contest_that_opens_later_says_so(visit: Visit, stage: Stage) -> None:
    contest = await running(stage)
    async with stage.rt.pool.acquire() as conn:
        await conn.execute(
            """UPDATE contests SET status = 'scheduled', opens_at = now() + interval '2 minutes'
            WHERE id = $1""",
            contest.id,
        )
    seen = await visit(f"/contests/{contest.id}")
    await seen.shot("contest-before")
    assert "until it opens" in await seen.text()


async def test_drafts_and_strangers_ids_do_not_exist(api: httpx.AsyncClient, stage: Stage) -> None:
    draft = await stage.draft()
    for path in (f"/contests/{draft.id}", f"/contests/{draft.id}/check", "/contests/none"):
        answer = await api.get(path, headers={"Accept": "text/html"})
        assert answer.status_code == 404
        assert "There is nothing here" in answer.text


async def test_it_is_kept_for_seconds_and_not_sent_again(
    api: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await running(stage)
    first = await api.get(f"/contests/{contest.id}")
    assert first.headers["cache-control"] == "public, max-age=15"
    assert first.headers["vary"] == "Accept-Encoding, Accept-Language, Cookie"
    tag = {"If-None-Match": f"W/{first.headers['etag']}"}
    again = await api.get(f"/contests/{contest.id}", headers=tag)
    assert (again.status_code, again.content) in [(304, b""), (200, again.content)]
    await stage.judged(contest, "cem")
    assert (await api.get(f"/contests/{contest.id}", headers=tag)).status_code == 200
    switched = await api.get(f"/contests/{contest.id}?lang=ru")
    assert switched.headers["cache-control"] == "no-store"


async def test_the_page_and_all_it_loads_is_small(visit: Visit, stage: Stage) -> None:
    contest = await running(stage)
    seen = await visit(f"/contests/{contest.id}")
    await seen.page.wait_for_load_state("networkidle")
    sizes = {answer.url: len(gzip.compress(await answer.body())) for answer in seen.answers}
    assert len(sizes) >= 3
    assert sum(sizes.values()) < MOST_BYTES
    assert all(url.startswith(seen.site) for url in sizes)


async def test_a_real_contest_has_no_watermark(visit: Visit, stage: Stage) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    schedule = {
        "opens_at": (now - timedelta(minutes=1)).isoformat(),
        "closes_at": (now + timedelta(days=5)).isoformat(),
        "draw_at": (now + timedelta(days=6)).isoformat(),
        "zone": "Europe/Moscow",
    }
    body = {"definition": definition(schedule=schedule)}
    made = created(await stage.owner.post("/v1/contests", json=body))
    contest = await stage.contest(made["id"])
    await stage.attach(contest, await stage.community())
    contest = await stage.start(contest)
    seen = await visit(f"/contests/{contest.id}", phone=True, language="ru")
    await seen.shot("contest-real")
    text = await seen.text()
    assert "учебный" not in text
    assert "UTC+03:00" in text
