"""The life of a contest on the real network, step by step, with a clock that can be moved."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from flows.stage import Stage, open_stage

from contest_service.domain.contest import Definition, Status
from contest_service.flows import life
from contest_service.flows.ledger import load_chain
from contest_service.flows.succeed import name_slots
from contest_service.store import announcements, contests, coverage, entrants


def definition(stage: Stage, **changes: Any) -> Definition:
    now = stage.now().replace(microsecond=0)
    fields = {
        "title": "A mug",
        "organiser": "The pottery",
        "schedule": {
            "opens_at": now - timedelta(minutes=1),
            "closes_at": now + timedelta(minutes=5),
            "draw_at": now + timedelta(minutes=10),
            "min_lead": 60,
        },
        "rules": {"kind": "all_of", "of": [{"kind": "liked"}, {"kind": "follows"}]},
        "draws": [{"tiers": [{"id": "mug", "prize": "A mug", "winners": 1}]}],
        **changes,
    }
    return msgspec.convert(fields, Definition)


async def test_contest_lives_from_start_to_announcement(
    pool: Any, network: Any, tmp_path: Path
) -> None:
    page, *people = network.people(6, "life")
    post = page.post("Win a mug")
    for person in people[:4]:
        person.like(post)
    for person in people[1:]:
        person.follow(page)
    unlike = people[3].like(post)
    network.settle()
    async with open_stage(pool, tmp_path, network.hosts) as stage:
        community = await stage.community(page, network.endpoints)
        contest = await stage.contest(definition(stage), community, [post.uri])
        async with stage.transaction() as conn:
            contest = await life.start_contest(
                conn, stage.rt, stage.actor, contest.id, now=stage.now()
            )
        assert contest.status is Status.RUNNING
        await stage.work()
        async with pool.acquire() as conn:
            print(await entrants.counts(conn, contest.workspace_id, contest.id))
            print(await coverage.of_contest(conn, contest.workspace_id, contest.id))
            for row in await conn.fetch("SELECT action, account, seen_at, gone_at, at FROM actions"):
                print(row)
            for row in await conn.fetch("SELECT kind, failure, attempts, due_at FROM work"):
                print(row)
        people[3].undo(unlike)
        network.settle()
        stage.pass_time(contest.closes_at)
        await stage.work()
        stage.pass_time(contest.freeze_at)
        await stage.work()
        stage.pass_time(contest.draw_at + timedelta(seconds=3))
        await stage.work()
        async with pool.acquire() as conn:
            contest = await contests.read(conn, contest.workspace_id, contest.id)
            print(contest.status, contest.obstacle)
            print(await entrants.counts(conn, contest.workspace_id, contest.id))
            chain = await load_chain(conn, contest)
            print(await name_slots(conn, contest, chain))
            for row in await announcements.of_contest(conn, contest.workspace_id, contest.id):
                print(row)
            for row in await conn.fetch("SELECT kind, failure, attempts, due_at FROM work"):
                print(row)
        assert contest.status is Status.ANNOUNCED
