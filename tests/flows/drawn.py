"""Contests from their freeze on, over made-up evidence, and what is published about them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from contest_service.cli.verify import verify
from contest_service.domain.contest import Status
from contest_service.flows.export import export_bundle
from contest_service.flows.ledger import load_chain
from contest_service.proof import events
from contest_service.proof.bundle import Edition
from contest_service.proof.check import Report
from contest_service.proof.draw import Ranking, seed
from contest_service.proof.events import Event
from contest_service.store import announcements, entrants, proof, work
from contest_service.store.announcements import Announcement, AnnouncementKind
from contest_service.store.contests import Contest
from flows.made_up import advance, advance_until, connected, entry_of, reread, see, started
from flows.stage import Stage

SOON = timedelta(seconds=2)
PEOPLE = ["ann", "bob"]


async def frozen(stage: Stage, people: Sequence[str] = PEOPLE, **changes: Any) -> Contest:
    """A contest whose list is fixed; its round is five minutes away."""
    contest = await started(stage, await connected(stage), **changes)
    stage.pass_time(contest.closes_at + SOON)
    await advance(stage, contest)
    await see(stage, contest, people)
    return await advance_until(stage, contest, contest.freeze_at + SOON)


async def drawn(stage: Stage, people: Sequence[str] = PEOPLE, **changes: Any) -> Contest:
    """A contest whose result waits in the outbox."""
    before = await frozen(stage, people, **changes)
    contest = await advance_until(stage, before, before.draw_at + SOON)
    assert contest.status is Status.DRAWN
    return contest


async def announced(stage: Stage, people: Sequence[str] = PEOPLE, **changes: Any) -> Contest:
    """A contest whose result is published."""
    contest = await drawn(stage, people, **changes)
    await publish(stage, contest)
    await advance(stage, contest)
    contest = await reread(stage, contest)
    assert contest.status is Status.ANNOUNCED
    return contest


async def publish(stage: Stage, contest: Contest, *, at: datetime | None = None) -> None:
    """Let everything that is on its way arrive, and the contest hear of it."""
    async with stage.transaction() as conn:
        for row in await announcements.of_contest(conn, contest.workspace_id, contest.id):
            await announcements.set_published(
                conn, row, ref="at://1", url="http://1", at=at or stage.now()
            )
        key = (contest.workspace_id, work.Kind.ADVANCE, contest.id)
        await work.plan(conn, *key, due_at=stage.now())


async def winners(stage: Stage, contest: Contest) -> list[UUID]:
    """Who holds the prizes, in the order of these."""
    async with stage.rt.pool.acquire() as conn:
        chain = await load_chain(conn, contest)
    assert chain.final is not None
    held = [slot.commit for slots in chain.final for slot in slots]
    return [await entry_of(stage, contest, commit) for commit in held if commit]


async def order(stage: Stage, contest: Contest) -> list[tuple[UUID, str]]:
    """All entries of the only draw in their order, each with its name."""
    async with stage.rt.pool.acquire() as conn:
        chain = await load_chain(conn, contest)
        assert chain.result is not None
        assert chain.freeze_hash is not None
        first = seed(bytes.fromhex(chain.result.randomness), chain.freeze_hash, 0)
        held = [ranked.commitment for ranked in Ranking(chain.entries, first)]
        opened = await entrants.openings(conn, contest.workspace_id, contest.id, held)
    return [(opened[each].entrant_id, opened[each].subject.rpartition(":")[2]) for each in held]


async def somebody(stage: Stage, contest: Contest) -> UUID:
    """An entry of the frozen list."""
    async with stage.rt.pool.acquire() as conn:
        chain = await load_chain(conn, contest)
    return await entry_of(stage, contest, chain.entries.commitment(0).hex())


async def outbox(stage: Stage, contest: Contest, kind: AnnouncementKind) -> list[Announcement]:
    async with stage.rt.pool.acquire() as conn:
        rows = await announcements.of_contest(conn, contest.workspace_id, contest.id)
    return [row for row in rows if row.kind is kind]


async def written(stage: Stage, contest: Contest) -> list[Event]:
    """The contest's events."""
    async with stage.rt.pool.acquire() as conn:
        lines = await proof.event_lines(conn, contest.workspace_id, contest.id)
    return [events.parse(line) for line in lines]


async def types(stage: Stage, contest: Contest) -> list[str]:
    return [event.type.value for event in await written(stage, contest)]


async def checked(stage: Stage, contest: Contest, folder: Path) -> Report:
    """Export the bundle for disputes, and check it."""
    path = folder / "bundle.zip"
    key = (contest.workspace_id, contest.id)
    with path.open("wb") as file:
        async for piece in export_bundle(stage.rt, *key, Edition.DISPUTE):
            file.write(piece)
    return verify(path, practice=True)
