"""Hear: work the live events of a community into the presences that scans also write.

Events are taken in the order in which they came, some hundred in one transaction, which holds the
watches that they are about: no scan of them ends meanwhile. Nothing is asked of the platform.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from contest_service.domain.accounts import Standing
from contest_service.domain.evidence import Action, Change, Heard, Said
from contest_service.flows import own
from contest_service.flows.merge import LeaseLostError, require_lease
from contest_service.flows.presences import Ledger
from contest_service.flows.runtime import Runtime
from contest_service.platforms.errors import PlatformError
from contest_service.platforms.live import read_event
from contest_service.store import changes, communities, evidence, heard, targets, work
from contest_service.store.communities import Community
from contest_service.store.heard import HeardEvent, Listened
from contest_service.store.ownerships import Network
from contest_service.store.rows import Connection
from contest_service.store.work import Work

SLICE = timedelta(seconds=25)
"""How long one run goes on before it hands over."""
BATCH = 500
"""Events of one transaction."""
JUDGE_AFTER = timedelta(seconds=5)
"""Everybody is judged anew then, so that a burst of events asks for it once."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """An event with what it tells."""

    event: HeardEvent
    heard: tuple[Heard, ...] = ()
    standings: tuple[tuple[str, Standing], ...] = ()
    said: tuple[Said, ...] = ()
    """Comments, and messages to the community alone."""


async def run_hear(rt: Runtime, job: Work) -> None:
    """Work in what came in for one community. Raises LeaseLostError."""
    async with rt.pool.acquire() as conn:
        community = await communities.read(conn, job.workspace_id, job.subject)
    until = rt.clock() + SLICE
    is_more = community is not None
    while community is not None and is_more and rt.clock() < until:
        is_more = await _merge_batch(rt, job, community) == BATCH
    async with rt.pool.acquire() as conn:
        await work.finish(conn, job, next_at=rt.clock() if is_more else None)


async def _merge_batch(rt: Runtime, job: Work, community: Community) -> int:
    """Work in the next events, and return how many there were."""
    key = (community.workspace_id, community.id)
    async with rt.pool.acquire() as conn:
        events = await heard.unmerged(conn, *key, limit=BATCH)
    if not events:
        return 0
    told = [_read(community, event) for event in events]
    async with rt.pool.acquire() as conn, conn.transaction():
        await _merge(conn, rt, community, told)
        now = rt.clock()
        if not await heard.set_merged(conn, *key, [event.id for event in events], at=now):
            raise LeaseLostError
        # Last, since whoever brings in events waits for the same row.
        await require_lease(conn, job, now=now)
    return len(events)


def _read(community: Community, event: HeardEvent) -> Told:
    """What an event tells; nothing if it cannot be read, since no later try would change that."""
    try:
        read = read_event(community.platform, event.body)
    except PlatformError:
        return Told(event=event)
    said = [
        Said(account=each.sighting.account, text=each.sighting.text)
        for each in read.heard
        if each.action is Action.COMMENT and each.change is Change.APPEARED
    ]
    if read.said is not None:
        said.append(read.said)
    return Told(event=event, heard=read.heard, standings=read.standings, said=tuple(said))


async def _merge(conn: Connection, rt: Runtime, community: Community, told: Sequence[Told]) -> None:
    """Write what the events change, and plan the judgements that this asks for."""
    workspace_id = community.workspace_id
    judged = set()
    # First, as a scan does, which also holds accounts before it waits for its watch.
    if standings := dict(each for event in told for each in event.standings):
        judged |= set(await heard.set_standings(conn, community, standings))
    listened = await heard.lock_listened(
        conn,
        workspace_id,
        sorted({each.target for event in told for each in event.heard}),
        platform=community.platform,
        instance=community.instance,
        author=community.account,
    )
    for each in listened:
        if await _merge_into(conn, community, each, told):
            target = await targets.read(conn, workspace_id, each.target_id)
            judged |= set(await evidence.running_contests(conn, target, each.action))
    network = Network(
        workspace_id=workspace_id, platform=community.platform, instance=community.instance
    )
    await own.notice(conn, network, [each for event in told for each in event.said], at=rt.clock())
    due_at = rt.clock() + JUDGE_AFTER
    for contest_id in sorted(judged):
        await work.plan(conn, workspace_id, work.Kind.JUDGE, contest_id, due_at=due_at)


async def _merge_into(
    conn: Connection, community: Community, listened: Listened, told: Sequence[Told]
) -> bool:
    """Write what the events change of one watch; False if that is nothing."""
    mine = [
        (each.event, about)
        for each in told
        if (about := [heard_ for heard_ in each.heard if _is_about(heard_, listened)])
    ]
    if not mine:
        return False
    seen = [each.sighting for _, about in mine for each in about]
    ledger = Ledger(action=listened.action, is_scanning=listened.is_scanning)
    ledger.know(
        await heard.open_presences(
            conn,
            community.workspace_id,
            listened,
            accounts=sorted({each.account for each in seen if each.account}),
            prefixes=sorted({each.ref for each in seen if each.ref.endswith(".")}),
        )
    )
    for event, about in mine:
        ledger.hear(about, event_id=event.id, at=event.heard_at)
    await heard.write(
        conn,
        community.workspace_id,
        listened,
        opened=list(ledger.opened.values()),
        closed=ledger.closed,
        completed=ledger.completed,
    )
    await changes.note(
        conn,
        community.workspace_id,
        ledger.touched,
        platform=community.platform,
        instance=community.instance,
        target_id=listened.target_id,
        seen_at=max(event.heard_at for event, _ in mine),
    )
    return ledger.is_changed


def _is_about(told: Heard, listened: Listened) -> bool:
    return told.target == listened.ref and told.action is listened.action
