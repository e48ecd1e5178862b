"""Who may not take part: staff as VK tells it, accounts that stand on a list for a while, and who
has won before."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from platforms.vk_practice import Practice
from sandbox.vk.stage import ANNA, BORIS, DARYA, GLEB, PAGE, VERA

from contest_service.domain.accounts import AccountKey, Platform
from contest_service.domain.contest import Status
from contest_service.flows import lists as lists_flow
from contest_service.flows.exclusions import note_prizes
from contest_service.flows.ledger import load_chain
from contest_service.flows.list_files import import_list, read_list_file
from contest_service.flows.succeed import name_slots
from contest_service.store import contests, lists, staff, work
from contest_service.store.communities import Community
from contest_service.store.contests import Contest
from flows.agreed import disqualify
from flows.lives import SOON
from flows.stage import Stage
from flows.vk_town import brisk_lanes, connected, drafted, pass_time, started, town

Place = tuple[Any, Path, str]
LIKED = {"kind": "liked"}


@pytest.fixture
def place(pool: Any, tmp_path: Path, redis_url: str) -> Place:
    return pool, tmp_path, redis_url


def liked_and(**condition: Any) -> dict[str, Any]:
    return {"kind": "all_of", "of": [LIKED, condition]}


async def verdicts(stage: Stage, contest: Contest) -> dict[int, str]:
    """Everybody's reason, by the number of their account."""
    async with stage.rt.pool.acquire() as conn:
        rows = await conn.fetch(
            "SELECT subject, reason FROM entrants WHERE contest_id = $1", contest.id
        )
    return {int(row["subject"].rpartition(":")[2]): row["reason"] for row in rows}


async def read(stage: Stage, contest: Contest) -> Contest:
    async with stage.rt.pool.acquire() as conn:
        return await contests.read(conn, contest.workspace_id, contest.id)


async def until(stage: Stage, vk: Practice, contest: Contest, moment: str) -> Contest:
    pass_time(stage, vk, getattr(await read(stage, contest), moment) + SOON)
    await stage.work()
    return await read(stage, contest)


async def lasting(
    stage: Stage, vk: Practice, page: Community, days: int, **changes: Any
) -> Contest:
    """A started contest that runs for some days."""
    now = stage.now().replace(microsecond=0)
    schedule = {
        "opens_at": now - timedelta(days=9),
        "closes_at": now + timedelta(days=days),
        "draw_at": now + timedelta(days=days, hours=1),
        "min_lead": 60,
    }
    draft = await drafted(stage, vk, page, schedule=schedule, **changes)
    contest = await started(stage, draft)
    await stage.work()
    return contest


async def test_staff_is_read_at_the_start_every_day_and_at_the_close(place: Place) -> None:
    async with town(*place) as (stage, vk):
        for person in (VERA, GLEB, DARYA):
            await vk.act("like", person)
        page = await connected(stage, vk)
        rules = liked_and(kind="not_staff", moment="draw")
        contest = await lasting(stage, vk, page, 3, rules=rules)
        admins = vk.vk.world.communities[PAGE].admins
        assert await verdicts(stage, contest) == {
            VERA: "not_staff.is_staff",
            GLEB: "all_conditions_hold",
            DARYA: "all_conditions_hold",
        }
        # Changed on VK; noticed within a day, without anybody doing anything.
        del admins[VERA]
        admins[GLEB] = "editor"
        pass_time(stage, vk, stage.now() + timedelta(hours=25))
        await stage.work()
        assert await verdicts(stage, contest) == {
            VERA: "all_conditions_hold",
            GLEB: "not_staff.is_staff",
            DARYA: "all_conditions_hold",
        }
        admins[DARYA] = "moderator"
        await until(stage, vk, contest, "closes_at")
        ended = await until(stage, vk, contest, "freeze_at")
        assert ended.status is Status.FROZEN
        assert await verdicts(stage, contest) == {
            VERA: "all_conditions_hold",
            GLEB: "not_staff.is_staff",
            DARYA: "not_staff.is_staff",
        }
        # Who wins is looked at once more.
        admins[VERA] = "editor"
        drawn = await until(stage, vk, contest, "draw_at")
        async with stage.rt.pool.acquire() as conn:
            ((slot,),) = await name_slots(conn, drawn, await load_chain(conn, drawn))
            forgotten = await staff.forget(
                conn, contest.workspace_id, [str(VERA)], platform="vk", instance=page.instance
            )
            (known,) = await staff.of_contest(conn, contest.workspace_id, contest.id)
        assert slot.entry is None
        # Erasing takes a person out of what is known.
        assert forgotten == 1
        assert known.accounts is not None
        assert str(VERA) not in known.accounts
        assert str(GLEB) in known.accounts


async def test_staff_that_cannot_be_read_is_never_taken_for_strangers(place: Place) -> None:
    async with town(*place) as (stage, vk):
        for person in (VERA, GLEB):
            await vk.act("like", person)
        page = await connected(stage, vk)
        contest = await lasting(stage, vk, page, 9, rules=liked_and(kind="not_staff"))
        assert (await verdicts(stage, contest))[GLEB] == "all_conditions_hold"

        async def fail(code: int, days: int) -> dict[int, str]:
            await vk.make("faults", method="groups.getMembers", code=code, times=1000)
            for _ in range(days):
                pass_time(stage, vk, stage.now() + timedelta(hours=25))
                await stage.work()
            return await verdicts(stage, contest)

        # For a while the last answer is good enough; then nobody knows, but who surely is.
        assert await fail(5, 1) == {VERA: "not_staff.is_staff", GLEB: "all_conditions_hold"}
        assert await fail(5, 2) == {VERA: "not_staff.is_staff", GLEB: "not_staff.staff_not_told"}
        async with stage.rt.pool.acquire() as conn:
            (known,) = await staff.of_contest(conn, contest.workspace_id, contest.id)
            failure = await conn.fetchval("SELECT failure FROM staff")
        assert known.read_at is not None
        assert known.tried_at is not None
        assert known.tried_at - known.read_at > timedelta(days=2)
        assert "not accepted by VK any more" in failure
        vk.vk.site.faults.orders.clear()
        pass_time(stage, vk, stage.now() + timedelta(hours=2))
        await stage.work()
        assert (await verdicts(stage, contest))[GLEB] == "all_conditions_hold"

        # A failure that may pass is waited for at the close, and not for longer than possible.
        stage.rt = replace(stage.rt, lanes=brisk_lanes(stage))
        vk.vk.world.communities[PAGE].admins[GLEB] = "editor"
        await vk.make("faults", method="groups.getMembers", code=10, times=10**6)
        closing = await until(stage, vk, contest, "closes_at")
        assert (closing.status, closing.closing_judged_at) == (Status.CLOSING, None)
        vk.vk.site.faults.orders.clear()
        pass_time(stage, vk, stage.now() + timedelta(minutes=1))
        await stage.work()
        assert (await read(stage, contest)).closing_judged_at is not None
        assert (await verdicts(stage, contest))[GLEB] == "not_staff.is_staff"


async def test_an_account_that_stands_on_a_list_for_a_while_counts_again_after_it(
    place: Place,
) -> None:
    async with town(*place) as (stage, vk):
        for person in (ANNA, GLEB, DARYA):
            await vk.act("like", person)
        page = await connected(stage, vk)
        async with stage.transaction() as conn:
            blocked = await lists_flow.create_list(conn, stage.actor, "Blocked", now=stage.now())
        rules = liked_and(kind="not_listed", list_id=str(blocked.id), name="whoever was blocked")
        contest = await lasting(stage, vk, page, 3, rules=rules)
        now = stage.now().replace(microsecond=0)
        day, four = ((now + timedelta(days=days)).isoformat() for days in (1, 4))
        file = (
            "account;platform;instance;expires_at\n"
            f"https://vk.com/id{GLEB};;{page.instance};{day}\n"
            f"@anna;vk;{page.instance};\n"
            f"{DARYA};vk;{page.instance};{four}\n"
        )
        new = await read_list_file(stage.rt, stage.actor, file.encode(), reason="spam")
        async with stage.transaction() as conn:
            await import_list(conn, stage.actor, blocked.id, new, now=stage.now())
        await stage.work()
        everybody = dict.fromkeys((ANNA, GLEB, DARYA), "not_listed.listed")
        assert await verdicts(stage, contest) == everybody
        # Nobody does anything: the time alone makes another verdict.
        pass_time(stage, vk, now + timedelta(days=1, minutes=1))
        await stage.work()
        again = everybody | {GLEB: "all_conditions_hold"}
        assert await verdicts(stage, contest) == again

        # What ends after the close still counts for this contest, whenever it is judged.
        await until(stage, vk, contest, "closes_at")
        async with stage.transaction() as conn:
            await lists_flow.remove_accounts(
                conn, stage.actor, blocked.id, [key(page, ANNA)], now=stage.now()
            )
            await lists.lapse(conn, contest.workspace_id, at=now + timedelta(days=9))
        await stage.work()
        assert await verdicts(stage, contest) == again | {ANNA: "all_conditions_hold"}


def key(page: Community, person: int) -> AccountKey:
    return AccountKey(platform=Platform.VK, instance=page.instance, id=str(person))


async def test_whoever_holds_a_prize_of_another_contest_has_won(place: Place) -> None:
    async with town(*place) as (stage, vk):
        for person in (BORIS, GLEB, DARYA):
            await vk.act("like", person)
        page = await connected(stage, vk)
        former = await lasting(stage, vk, page, 1, rules=LIKED)
        for moment in ("closes_at", "freeze_at", "draw_at"):
            former = await until(stage, vk, former, moment)
        assert former.status is Status.ANNOUNCED
        rules = liked_and(kind="not_past_winner", days=7)
        contest = await lasting(stage, vk, page, 5, rules=rules)
        fine = dict.fromkeys((BORIS, GLEB, DARYA), "all_conditions_hold")
        # A prize of a practice contest is none.
        assert await verdicts(stage, contest) == fine

        first, entry = await winner(stage, former)
        assert await judged_anew(stage, former, contest) == fine | {first: PAST}
        # Who loses the prize has not won it, and who takes it over has.
        await disqualify(stage, former, entry)
        await stage.work()
        second, _ = await winner(stage, former)
        assert second != first
        assert await judged_anew(stage, former, contest) == fine | {second: PAST}


PAST = "not_past_winner.past_winner"


async def winner(stage: Stage, contest: Contest) -> tuple[int, Any]:
    """The number of who holds the prize, and their entry."""
    async with stage.rt.pool.acquire() as conn:
        ((slot,),) = await name_slots(conn, contest, await load_chain(conn, contest))
    return int(slot.subject.rpartition(":")[2]), slot.entry


async def judged_anew(stage: Stage, former: Contest, contest: Contest) -> dict[int, str]:
    """What a contest's verdicts are if the former one is taken for a real one."""
    switch = "ALTER TABLE contests {} TRIGGER contests_practice_is_fixed"
    be = "UPDATE contests SET practice = $2 WHERE id = $1"
    async with stage.transaction() as conn:
        await conn.execute(switch.format("DISABLE"))
        await conn.execute(be, former.id, False)
        real = await contests.read(conn, former.workspace_id, former.id)
        entries = await conn.fetch("SELECT id FROM entrants WHERE contest_id = $1", former.id)
        await note_prizes(conn, real, [row["id"] for row in entries])
        await work.plan(conn, contest.workspace_id, work.Kind.JUDGE, contest.id, due_at=stage.now())
    await stage.work()
    found = await verdicts(stage, contest)
    async with stage.transaction() as conn:
        await conn.execute(be, former.id, True)
        await conn.execute(switch.format("ENABLE"))
    return found
