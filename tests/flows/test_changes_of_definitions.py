"""Definitions that change while what they name, or their time, changes too."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from contest_service.domain.accounts import AccountKey, Platform
from contest_service.domain.contest import Status
from contest_service.domain.errors import ConflictError, InvalidError, NotFoundError
from contest_service.flows import connect, define, lists
from contest_service.flows.advance import run_advance
from contest_service.flows.judge import run_judge
from contest_service.store import communities, work
from contest_service.store.contests import Contest
from contest_service.store.work import Kind, Work
from flows.made_up import (
    LIKED,
    amended,
    connected,
    drafted,
    found,
    reread,
    schedule,
    see,
    somebody_waits,
    started,
    states,
)
from flows.stage import Stage, definition, open_stage

SOON = timedelta(seconds=1)


async def _taken(stage: Stage, kind: Kind, contest: Contest) -> Work:
    async with stage.rt.pool.acquire() as conn:
        id_ = await conn.fetchval(
            "SELECT id FROM work WHERE kind = $1 AND subject = $2", kind, contest.id
        )
        job = await work.take(conn, contest.workspace_id, id_, now=stage.now())
    assert job is not None
    return job


async def _list(stage: Stage) -> UUID:
    async with stage.transaction() as conn:
        made = await lists.create_list(conn, stage.actor, "Staff", now=stage.now())
        staff = AccountKey(platform=Platform.BLUESKY, id="did:plc:ann")
        await lists.add_accounts(
            conn, stage.actor, made.id, [staff], reason="Works here", now=stage.now()
        )
    return made.id


def _not_on(list_id: object) -> dict[str, Any]:
    listed = {"kind": "not_listed", "list_id": str(list_id), "name": "Staff"}
    return {"kind": "all_of", "of": [LIKED, listed]}


async def test_an_opening_that_is_moved_in_the_last_moment_is_kept(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        soon = {**schedule(stage, closes_at=300, draw_at=600)}
        soon["opens_at"] = stage.now().replace(microsecond=0) + timedelta(seconds=30)
        contest = await drafted(stage, await connected(stage), schedule=soon)
        async with stage.transaction() as conn:
            await define.schedule_contest(conn, stage.actor, contest.id, now=stage.now())
        later = soon | {"opens_at": soon["opens_at"] + timedelta(seconds=120)}
        stage.pass_time(soon["opens_at"] + SOON)
        job = await _taken(stage, Kind.ADVANCE, contest)
        async with stage.transaction() as conn:
            await define.read_editable(conn, stage.actor, contest.id)
            opens = asyncio.ensure_future(run_advance(stage.rt, job))
            await somebody_waits(pool)
            await define.update_contest(
                conn,
                stage.actor,
                contest.id,
                definition(stage, rules=LIKED, schedule=later),
                revision=None,
                now=stage.now(),
            )
        await opens
        after = await reread(stage, contest)
        assert (after.status, after.terms_version) == (Status.SCHEDULED, 0)


async def test_an_amendment_that_names_no_list_of_the_workspace_is_refused(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await started(stage, await connected(stage))
        with pytest.raises(InvalidError) as refused:
            await amended(stage, contest, rules=_not_on(contest.id))
        assert [fault.pointer for fault in refused.value.faults] == ["/rules/of/1/list_id"]


async def test_a_running_contest_is_judged_by_its_amended_rules_at_once(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await started(stage, await connected(stage))
        await see(stage, contest, ["ann"])
        await run_judge(stage.rt, await _taken(stage, Kind.JUDGE, contest))
        assert await states(stage, contest) == {"ann": "all_conditions_hold"}
        both = {"kind": "all_of", "of": [LIKED, {"kind": "reposted"}]}
        await amended(stage, contest, rules=both)
        await run_judge(stage.rt, await _taken(stage, Kind.JUDGE, contest))
        assert await states(stage, contest) == {"ann": "reposted.not_read_yet"}


async def test_a_contest_on_a_post_that_is_known_already_is_judged_at_its_start(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        page = await connected(stage)
        await see(stage, await started(stage, page), ["ann"])
        second = await started(stage, page)
        await run_judge(stage.rt, await _taken(stage, Kind.JUDGE, second))
        assert await states(stage, second) == {"ann": "all_conditions_hold"}


async def test_a_post_of_a_community_that_is_being_removed_is_not_attached(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        page = await connected(stage)
        contest = await drafted(stage, page)
        async with stage.transaction() as conn:
            (post,) = await conn.fetch("SELECT target_id FROM contest_posts")
            await define.detach_post(
                conn, stage.actor, contest.id, post["target_id"], now=stage.now()
            )

        async def attach() -> None:
            async with stage.transaction() as conn:
                await define.attach_post(
                    conn, stage.actor, contest.id, found(page), now=stage.now()
                )

        async with stage.transaction() as conn:
            await connect.remove_community(conn, stage.actor, page.id, now=stage.now())
            attaching = asyncio.ensure_future(attach())
            await somebody_waits(pool)
        with pytest.raises(NotFoundError):
            await attaching
        async with pool.acquire() as conn:
            assert await communities.needed_by(conn, contest.workspace_id, page.id) is None


async def test_a_list_that_a_contest_is_just_beginning_to_name_is_not_deleted(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        list_id = await _list(stage)

        async def delete() -> None:
            async with stage.transaction() as conn:
                await lists.delete_list(conn, stage.actor, list_id, now=stage.now())

        async with stage.transaction() as conn:
            await define.create_contest(
                conn,
                stage.actor,
                definition(stage, rules=_not_on(list_id)),
                practice=True,
                now=stage.now(),
            )
            deleting = asyncio.ensure_future(delete())
            await somebody_waits(pool)
        with pytest.raises(ConflictError):
            await deleting
