"""Fraud signals and quarantine on the practice VK: who is flagged, held, let go, and left out."""

from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from platforms.vk_practice import Practice
from sandbox.vk.stage import ANNA, BORIS, DARYA, EGOR, GLEB, VERA

from benchmarks.townsfolk import number_at
from contest_service.domain.conditions import Language
from contest_service.domain.contest import Status
from contest_service.domain.errors import ConflictError, InvalidError
from contest_service.domain.holding import Holding, HoldReason, ReleaseReason
from contest_service.domain.signals import scores
from contest_service.flows import quarantine, self_check, signals
from contest_service.flows.ledger import load_chain
from contest_service.flows.measure import measure
from contest_service.store import contests, entrants, quarantines
from contest_service.store import signals as store
from contest_service.store.contests import Contest
from contest_service.store.signals import Seek, Settings
from flows.lives import SOON, Life
from flows.stage import Stage
from flows.vk_town import connected, drafted, pass_time, started, town

LIKED = {"kind": "liked"}
FARM = 24
LONG = "Мечтаю выиграть этот приз для своей мамы, она у меня самая лучшая на всём белом свете"


async def _states(stage: Stage, contest: Contest) -> dict[int, tuple[str, str]]:
    async with stage.rt.pool.acquire() as conn:
        found = await entrants.list_page(conn, contest.workspace_id, contest.id, limit=200)
    return {int(each.subject.rpartition(":")[2]): (each.state, each.reason) for each in found}


async def _ids(stage: Stage, contest: Contest) -> dict[int, UUID]:
    async with stage.rt.pool.acquire() as conn:
        found = await entrants.list_page(conn, contest.workspace_id, contest.id, limit=200)
    return {int(each.subject.rpartition(":")[2]): each.id for each in found}


async def _scores(stage: Stage, contest: Contest) -> dict[int, store.Scored]:
    async with stage.rt.pool.acquire() as conn:
        found = await store.list_page(
            conn, contest, at_least=0, signal=None, state=None, after=Seek(), limit=200
        )
    return {int(each.subject.rpartition(":")[2]): each for each in found}


async def _hold(stage: Stage, contest: Contest, *ids: UUID) -> quarantine.Done:
    async with stage.transaction() as conn:
        done = await quarantine.hold(
            conn,
            stage.actor,
            contest.id,
            ids,
            reason=HoldReason.SUSPECTED_BOT,
            note="wrote at night",
            now=stage.now(),
        )
    await stage.work()
    return done


async def _release(stage: Stage, contest: Contest, *ids: UUID) -> quarantine.Done:
    async with stage.transaction() as conn:
        done = await quarantine.release(
            conn,
            stage.actor,
            contest.id,
            ids,
            reason=ReleaseReason.CHECKED,
            note="",
            now=stage.now(),
        )
    await stage.work()
    return done


async def _begun(stage: Stage, vk: Practice, **changes: Any) -> Contest:
    community = await connected(stage, vk)
    contest = await started(stage, await drafted(stage, vk, community, rules=LIKED, **changes))
    await stage.work()
    return contest


async def test_a_person_holds_and_lets_go_until_the_list_is_fixed(
    pool: Any, redis_url: str, tmp_path: Path
) -> None:
    async with town(pool, tmp_path, redis_url) as (stage, vk):
        for person in (BORIS, VERA, GLEB):
            await vk.act("like", person)
        contest = await _begun(stage, vk, holding={})
        ids = await _ids(stage, contest)
        done = await _hold(stage, contest, ids[BORIS], ids[VERA])
        assert done.entrants == 2
        assert (await _hold(stage, contest, ids[VERA])).entrants == 0
        states = await _states(stage, contest)
        assert states[BORIS] == ("quarantined", "held.person")
        assert states[GLEB] == ("valid", "all_conditions_hold")
        async with stage.rt.pool.acquire() as conn:
            told = await self_check.check_account(conn, contest, f"id{BORIS}", Language.ENGLISH)
            (held, _) = await quarantines.list_page(
                conn, contest, is_held=True, after=None, limit=9
            )
        assert told.text == "The organiser is looking at this account."
        assert (held.reason, held.note, held.held_by) == (
            "suspected-bot", "wrote at night", stage.actor.person_id,
        )  # fmt: skip
        assert (await _release(stage, contest, ids[VERA])).entrants == 1
        assert (await _states(stage, contest))[VERA][0] == "valid"

        # After the closing scans, and until the freeze, it is still open.
        lived = Life(stage, contest, None, None, {})
        assert (await lived.until("closes_at")).status is Status.CLOSING
        assert (await lived.contest()).closing_judged_at is not None
        async with stage.transaction() as conn:
            undone = await quarantine.undo(
                conn,
                stage.actor,
                contest.id,
                done.batch,
                reason=ReleaseReason.APPEAL,
                note="",
                now=stage.now(),
            )
        assert undone.entrants == 1
        assert (await lived.contest()).closing_judged_at is None
        await _hold(stage, contest, ids[GLEB])
        assert (await lived.contest()).closing_judged_at is not None
        assert (await lived.until("freeze_at")).status is Status.FROZEN
        assert (await _states(stage, contest))[GLEB] == ("quarantined", "held.person")
        async with stage.rt.pool.acquire() as conn:
            assert len((await load_chain(conn, contest)).entries) == 2
            counted = await entrants.counts(conn, contest.workspace_id, contest.id)
        assert [(each.state, each.entrants) for each in counted] == [
            ("quarantined", 1), ("valid", 2),
        ]  # fmt: skip
        with pytest.raises(ConflictError, match="until its list is fixed"):
            await _release(stage, contest, ids[GLEB])


async def test_nobody_is_held_where_the_terms_do_not_say_so(
    pool: Any, redis_url: str, tmp_path: Path
) -> None:
    async with town(pool, tmp_path, redis_url) as (stage, vk):
        await vk.act("like", BORIS)
        contest = await _begun(stage, vk)
        ids = await _ids(stage, contest)
        with pytest.raises(ConflictError, match="published terms do not say"):
            await _hold(stage, contest, ids[BORIS])
        with pytest.raises(InvalidError):
            await _hold(stage, contest)
        assert (await _states(stage, contest))[BORIS][0] == "valid"


async def _plant(vk: Practice, now: int) -> list[int]:
    """A farm of new accounts with empty profiles that like the post, and some honest people."""
    first = number_at(now) - 100_000
    farm = [first + 3 * number for number in range(FARM)]
    honest = [5_000_000 + 40_000_017 * number for number in range(20)]
    empty = {"has_photo": False, "followers_count": 0}
    full = {"bdate": "1.2.1990", "followers_count": 90, "city": {"id": 1, "title": "Москва"}}
    await vk.make(
        "people",
        people=[
            {"id": id_, "first_name": "А", "last_name": "Б", **about}
            for ids, about in ((farm, empty), (honest, full))
            for id_ in ids
        ],
    )
    for person in (*farm, *honest):
        await vk.act("like", person)
    return farm


async def test_a_published_threshold_holds_and_a_person_has_the_last_word(
    pool: Any, redis_url: str, tmp_path: Path
) -> None:
    async with town(pool, tmp_path, redis_url) as (stage, vk):
        farm = await _plant(vk, int(stage.now().timestamp()))
        contest = await _begun(stage, vk, holding={"threshold": 75})
        pass_time(stage, vk, stage.now() + SOON)
        await stage.work()
        pass_time(stage, vk, stage.now() + SOON)
        await stage.work()
        measured = await _scores(stage, contest)
        flagged = {id_ for id_, each in measured.items() if each.score >= scores.THRESHOLD}
        assert flagged == set(farm)
        said = signals.explain(measured[farm[0]], {}, Language.RUSSIAN)
        assert [each.name for each in said] == ["adjacent_ids", "empty_profile", "account_age"]
        assert f"{FARM - 1} участников" in said[0].text
        assert {state for id_, state in (await _states(stage, contest)).items() if id_ in farm} == {
            ("quarantined", "held.rule")
        }
        async with stage.rt.pool.acquire() as conn:
            report = await store.report(conn, contest, threshold=60, new_days=90)
        assert (report.flagged, report.ages_held.new, report.ages.known) == (FARM, FARM, FARM + 20)

        ids = await _ids(stage, contest)
        assert (await _release(stage, contest, ids[farm[0]])).entrants == 1
        await measure(stage.rt, contest)
        await stage.work()
        assert (await _states(stage, contest))[farm[0]][0] == "valid"
        lived = Life(stage, contest, None, None, {})
        for moment in ("closes_at", "freeze_at"):
            await lived.until(moment)
        async with stage.rt.pool.acquire() as conn:
            assert len((await load_chain(conn, contest)).entries) == 21


async def _hold_all(stage: Stage, contest: Contest, *, expected: int) -> quarantine.Done:
    bulk = quarantine.Bulk(threshold=60, weights={}, expected=expected)
    reason = HoldReason.SUSPECTED_FARM
    async with stage.transaction() as conn:
        return await quarantine.hold_all(
            conn, stage.actor, contest.id, bulk, reason=reason, note="", now=stage.now()
        )


async def test_a_preview_says_who_would_fall_and_is_held_as_it_was_seen(
    pool: Any, redis_url: str, tmp_path: Path
) -> None:
    async with town(pool, tmp_path, redis_url) as (stage, vk):
        farm = await _plant(vk, int(stage.now().timestamp()))
        contest = await _begun(stage, vk, holding={})
        await measure(stage.rt, contest)
        for asked, expected in (
            (Settings(threshold=60), FARM),
            (Settings(threshold=60, weights={"adjacent_ids": 0}), 0),
            (Settings(threshold=30, weights={"adjacent_ids": 0}), FARM),
            (Settings(threshold=1), FARM),
        ):
            async with stage.rt.pool.acquire() as conn:
                seen = await signals.preview(
                    conn, contest, asked, new_days=90, after=None, limit=200
                )
            assert (seen.fall.falling, len(seen.falling)) == (expected, expected)
            assert (seen.fall.valid, seen.fall.unmeasured) == (FARM + 20, 0)
            assert seen.fall.new_falling == expected
            for each in seen.falling:
                assert each.score == scores.score(each.strengths, asked.in_order)
        assert seen.fall.signals["empty_profile"] == FARM
        with pytest.raises(ConflictError, match=f"{FARM} entrants now"):
            await _hold_all(stage, contest, expected=FARM - 1)
        done = await _hold_all(stage, contest, expected=FARM)
        assert done.entrants == FARM
        await stage.work()
        states = await _states(stage, contest)
        assert {states[id_] for id_ in farm} == {("quarantined", "held.person")}


COMMENTED = {"kind": "commented", "original": True, "mentions": 1, "uncommon": True}


async def test_copies_and_friends_of_everybody_do_not_count_where_the_rules_say_so(
    pool: Any, redis_url: str, tmp_path: Path
) -> None:
    async with town(pool, tmp_path, redis_url) as (stage, vk):
        crowd = await vk.make("people", crowd={"count": 25, "deactivated": 0, "closed": 0})
        first = crowd["crowd"]["first"]
        for number in range(24):
            text = f"{number} раз спасибо [id{GLEB}|Глеб]"
            await vk.act("comment", first + number, text=text)
        await vk.act("comment", BORIS, text=f"[id{DARYA}|Даша], {LONG}")
        vk.clock.now += 5
        await vk.act("comment", VERA, text=f"{LONG}!! [id{DARYA}|Даша]")
        await vk.act("comment", EGOR, text=f"участвую [id{DARYA}|Даша] [id{GLEB}|Глеб]")
        community = await connected(stage, vk)
        draft = await drafted(stage, vk, community, rules=COMMENTED)
        contest = await started(stage, draft)
        await stage.work()
        found = await _states(stage, contest)
        assert found[BORIS] == found[EGOR] == ("valid", "all_conditions_hold")
        assert found[VERA] == ("invalid", "commented.comment_copied")
        assert found[first] == ("invalid", "commented.mentions_too_common")

        # Whoever wrote it first takes it back, and wrote it first all the same.
        vk.clock.now += 5
        await vk.act("comment", ANNA, text=f"[id{DARYA}|Даша] а я говорю своими словами")
        pass_time(stage, vk, stage.now() + SOON)
        await stage.work()
        lived = Life(stage, contest, None, None, {})
        await lived.until("closes_at")
        after = await _states(stage, contest)
        assert after[VERA] == ("invalid", "commented.comment_copied")
        assert after[ANNA][0] == "valid"
        await measure(stage.rt, await lived.contest())
        measured = await _scores(stage, contest)
        assert measured[VERA].facts["copied_comments"] == {"copies": 1, "words": 16, "accounts": 2}
        assert "copied_comments" not in measured[BORIS].facts


async def test_terms_print_a_published_threshold_and_machines_read_it(
    pool: Any, redis_url: str, tmp_path: Path
) -> None:
    async with town(pool, tmp_path, redis_url) as (stage, vk):
        holding = {"threshold": 80, "weights": {"burst": 0}}
        contest = await _begun(stage, vk, holding=holding)
        async with stage.rt.pool.acquire() as conn:
            terms = await conn.fetchval("SELECT bytes FROM terms WHERE contest_id = $1", contest.id)
            reread = await contests.read(conn, contest.workspace_id, contest.id)
        assert b'"holding":{"threshold":80,"version":1,"weights":{"account_age":35' in terms
        assert "не меньше 80 из 100".encode() in terms
        assert b"at least 80 of 100" in terms
        assert "Пришёл всплеском".encode() not in terms
        assert reread.definition.holding == Holding(threshold=80, weights={"burst": 0})


async def test_the_database_adds_scores_up_to_the_same_number(pool: Any) -> None:
    numbers = [digest % 101 for n in range(400) for digest in sha256(b"%d" % n).digest()[:16]]
    rows = [numbers[at : at + 16] for at in range(0, len(numbers), 16)]
    rows += [[100] * 16, [0] * 16, [100] * 8 + [50] * 8]
    async with pool.acquire() as conn:
        for row in rows:
            found = await conn.fetchval("SELECT signal_score($1, $2)", row[:8], row[8:])
            assert found == scores.score(row[:8], row[8:])
