"""Erasing a contest by its age: in batches, once, and without touching what others rest on."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from proof.judges import Judges
from sandbox.vk.stage import DARYA, EGOR, GLEB

from contest_service.flows import erase_contest
from contest_service.flows.erase import Retention
from contest_service.store import erasure
from contest_service.store.erasure import Cause, Erasure, ErasureState
from flows.erasing import FANS, STRINGS, Scene, dying, scene
from workers import jobs

Place = tuple[Any, Path, str]

YEAR, QUARTER = timedelta(days=365), timedelta(days=90)
RETENTION = Retention(contests=YEAR, bodies=QUARTER)
EVERYBODY = (*STRINGS, *(f"id{each}" for each in (*FANS, EGOR)))


@pytest.fixture
def place(pool: Any, tmp_path: Path, redis_url: str) -> Place:
    return pool, tmp_path, redis_url


async def age(it: Scene, retention: Retention = RETENTION) -> list[Erasure]:
    """Let the workers look for what is old enough, and erase it; returns all erasures."""
    await jobs.age({"runtime": it.stage.rt, "retention": retention})
    await it.stage.work()
    async with it.stage.rt.pool.acquire() as conn:
        found = await erasure.list_page(conn, it.stage.actor.workspace_id, before=None, limit=50)
    return found[::-1]


async def test_first_the_answers_go_and_then_everything(place: Place, judges: Judges) -> None:
    async with scene(*place) as it:
        contest = await it.end(await it.freeze(await it.start()))
        before = await it.agreed(contest, place[1], judges)
        everywhere = await it.traces(EVERYBODY)
        await it.later(QUARTER - timedelta(days=1))
        assert await age(it) == []
        await it.later(timedelta(days=2))
        (bodies,) = await age(it)
        assert (bodies.cause, bodies.contest_id) == (Cause.BODIES, contest.id)
        assert (bodies.state, list(bodies.counts)) == (ErasureState.DONE, ["bodies"])
        assert everywhere - await it.traces(EVERYBODY) == {"scan_pages.body"}
        assert await it.pieces()

        await it.later(YEAR - QUARTER)
        _, rest = await age(it)
        assert (rest.cause, rest.state) == (Cause.RETENTION, ErasureState.DONE)
        assert rest.counts["entrants"] == rest.counts["profiles"] == len(FANS) + 1
        assert len(rest.urls) == 1
        assert await it.traces(EVERYBODY) == set()
        assert all(each.erased_at for each in await it.entrants(contest))
        assert await it.pieces() == 0
        after = await it.agreed(contest, place[1], judges)
        for was, now in zip(before, after, strict=True):
            assert now["verdict"] == "practice"
            assert (now["freeze_hash"], now["final"]) == (was["freeze_hash"], was["final"])
        assert await age(it) == [bodies, rest]  # and never again


async def test_what_another_contest_rests_on_stays_for_it(place: Place) -> None:
    async with scene(*place) as it:
        first = await it.end(await it.freeze(await it.start()))
        await it.later(YEAR + timedelta(days=1))
        second = await it.start()
        await age(it)
        assert all(each.erased_at for each in await it.entrants(first))
        assert {"actions.account", "accounts.handle", "openings.subject"} <= await it.traces()
        second = await it.freeze(second)
        assert {each.tickets for each in await it.entrants(second)} == {1}
        await it.end(second)
        assert (await it.verified(second, place[1]))[1]["verdict"] == "practice"
        assert all(each.erased_at for each in await it.entrants(first))
        await it.later(YEAR + timedelta(days=1))
        await age(it)
        assert await it.traces(EVERYBODY) == set()


async def test_a_profile_on_a_page_that_a_scan_has_just_read_stays(place: Place) -> None:
    async with scene(*place) as it:
        await it.end(await it.freeze(await it.start()))
        await it.later(YEAR + timedelta(days=1))
        async with it.stage.rt.pool.acquire() as conn:
            await conn.execute(
                """INSERT INTO scan_staging (workspace_id, scan_id, seq, answer, seen_at, size,
                    accounts) VALUES ($1, uuidv7(), 0, 'present', now(), 1, $2)""",
                it.stage.actor.workspace_id,
                f"{{{GLEB}}}",
            )
        await age(it)
        async with it.stage.rt.pool.acquire() as conn:
            left = await conn.fetch("SELECT account FROM accounts")
        assert [row["account"] for row in left] == [str(GLEB)]


async def test_nothing_is_old_enough_where_everything_is_kept(place: Place) -> None:
    async with scene(*place) as it:
        await it.cancel(await it.start())
        await it.later(100 * YEAR)
        assert await age(it, Retention(contests=None, bodies=None)) == []
        assert "entrants.subject" in await it.traces((str(DARYA),))


async def test_a_request_is_over_when_retention_was_faster(place: Place) -> None:
    async with scene(*place) as it:
        first = await it.end(await it.freeze(await it.start()))
        await it.later(YEAR + timedelta(days=1))
        await it.start(lasts=YEAR)
        asked = await it.ask()
        await age(it)
        assert (await it.erasure(asked)).state is ErasureState.WAITING
        assert all(each.erased_at for each in await it.entrants(first))


async def test_a_run_whose_time_is_over_is_gone_on_with(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with scene(*place) as it:
        await it.end(await it.freeze(await it.start()))
        await it.later(YEAR + timedelta(days=1))
        for size in ("ENTRANTS_AT_ONCE", "PRESENCES_AT_ONCE", "PROFILES_AT_ONCE"):
            monkeypatch.setattr(erase_contest, size, 1)
        runs = 0
        whole = erase_contest.erase_contest

        async def counted(*args: Any) -> bool:
            nonlocal runs
            runs += 1
            return await whole(*args)

        note = erasure.note

        async def slow(*args: Any, **given: Any) -> None:
            await note(*args, **given)
            if any(args[2].values()):
                it.stage.pass_time(it.stage.now() + erase_contest.SLICE)

        monkeypatch.setattr(erase_contest, "erase_contest", counted)
        monkeypatch.setattr(erasure, "note", slow)
        (done,) = await age(it, Retention(contests=YEAR, bodies=None))
        # Everything that is done takes a slice, and is done in a run of its own.
        assert runs > len(FANS) + 1
        assert done.state is ErasureState.DONE
        assert done.counts["entrants"] == done.counts["profiles"] == len(FANS) + 1
        assert await it.traces(EVERYBODY) == set()


async def test_batches_that_were_done_before_a_crash_are_not_done_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with scene(*place) as it:
        contest = await it.end(await it.freeze(await it.start()))
        await it.later(YEAR + timedelta(days=1))
        for size in ("ENTRANTS_AT_ONCE", "PRESENCES_AT_ONCE", "PROFILES_AT_ONCE"):
            monkeypatch.setattr(erase_contest, size, 2)
        for step in ("_rename_winners", "_erase_entrants", "_erase_evidence", "_erase_profiles"):
            with monkeypatch.context() as patch:
                patch.setattr(erase_contest, step, dying(getattr(erase_contest, step)))
                await it.later()
                (due,) = await age(it, Retention(contests=YEAR, bodies=None))
            assert due.state is ErasureState.DUE
        await it.later()
        (done,) = await age(it, Retention(contests=YEAR, bodies=None))
        assert (done.state, done.counts["entrants"]) == (ErasureState.DONE, len(FANS) + 1)
        assert done.counts["profiles"] == len(FANS) + 1
        assert await it.traces(EVERYBODY) == set()
        assert len(await it.entrants(contest)) == len(FANS) + 1
