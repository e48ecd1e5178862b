"""Tend: keep the way open on which a community's live events come, and its sign-in alive.

Where the platform can reach this service it sends events to an address that only it knows; where it
cannot, this service waits for them, as long as a contest needs them. Which of the two it is follows
from the service's public address, and is looked at each time. No connection to the database is held
while the platform is waited for.
"""

import contextlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from contest_service.domain.errors import ContestError
from contest_service.flows import expiry
from contest_service.flows.callbacks import (
    Secrets,
    arrival_of,
    digest_of,
    make_secrets,
    open_secrets,
    seal_secrets,
)
from contest_service.flows.merge import require_lease
from contest_service.flows.runtime import Runtime, adapter_for
from contest_service.platforms.base import PlatformAdapter
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.live import (
    WAIT,
    Heap,
    LiveAdapter,
    is_live,
    read_event,
    require_live,
)
from contest_service.store import channels, communities, heard, ownerships, sign_ins, work
from contest_service.store.channels import Channel, ChannelKind, ChannelState
from contest_service.store.communities import Community, Health
from contest_service.store.heard import Arrival
from contest_service.store.rows import Connection
from contest_service.store.targets import StoredTarget
from contest_service.store.work import Due, Work

CHECK_EVERY = timedelta(minutes=10)
LOOK_AGAIN = timedelta(seconds=5)
"""When a platform that was just given an address may have tried it."""
PATIENCE = timedelta(minutes=2)
"""How long a platform may take for that."""
SLICE = timedelta(seconds=25)
"""How long one run waits for events before it hands over."""
PAUSE = timedelta(seconds=1)
"""Between two runs that wait; the platform keeps what happens meanwhile."""
MOST_WAITING = 4
"""Runs that wait at once. Any more only look what there is, lest no worker is left for the rest."""
TITLE = "Contests"
"""Of this service, in the list that a platform shows of where it sends events to."""
_LONGEST_PAUSE = 600.0


@dataclass(frozen=True, kw_only=True)
class Tended:
    """A run, and the community that it is for."""

    rt: Runtime
    job: Work
    community: Community

    @property
    def key(self) -> tuple[UUID, UUID]:
        return self.community.workspace_id, self.community.id


# Beginning and ending, in the transactions of others ---------------------------------------------


async def begin(conn: Connection, community: Community, *, now: datetime) -> None:
    """Let the community's channel be set up, or looked at again, as soon as a worker is free."""
    if is_live(community.platform):
        await work.plan(conn, community.workspace_id, work.Kind.TEND, community.id, due_at=now)


async def begin_for(conn: Connection, posts: Sequence[StoredTarget], *, now: datetime) -> None:
    """Let the channels of the communities of a contest's posts be looked at: they are needed."""
    live = {post.community_id: post.workspace_id for post in posts if is_live(post.platform)}
    for community_id in sorted(live):
        await work.plan(conn, live[community_id], work.Kind.TEND, community_id, due_at=now)


async def end(conn: Connection, community: Community) -> None:
    """Forget the channel of a community that is removed; what still comes in is refused."""
    key = (community.workspace_id, community.id)
    await channels.remove(conn, *key)
    await sign_ins.remove(conn, *key)
    for kind in (work.Kind.TEND, work.Kind.HEAR):
        await work.drop(conn, community.workspace_id, kind, community.id)


# Tending -----------------------------------------------------------------------------------------


async def run_tend(rt: Runtime, job: Work) -> None:
    """Check the channel of one community if that is due, and wait for events if need be.

    Raises LeaseLostError.
    """
    async with rt.pool.acquire() as conn:
        community = await communities.read(conn, job.workspace_id, job.subject)
    if community is None or not is_live(community.platform):
        async with rt.pool.acquire() as conn:
            await work.finish(conn, job)
        return
    this = Tended(rt=rt, job=job, community=community)
    channel = await _channel(this)
    try:
        async with adapter_for(rt, *this.key) as adapter:
            next_in = CHECK_EVERY
            if _is_due(channel, rt.clock()):
                await _keep_signed_in(this, adapter)
                channel, next_in = await _check(this, channel, require_live(adapter))
            if channel.kind is ChannelKind.LONG_POLL:
                next_in = await _wait(this, channel, require_live(adapter))
    except PlatformError as error:
        await _give_up(this, channel, error)
        return
    async with rt.pool.acquire() as conn:
        await work.finish(conn, job, next_at=rt.clock() + next_in)


def _is_due(channel: Channel, now: datetime) -> bool:
    if channel.state is not ChannelState.LISTENING or channel.checked_at is None:
        return True
    return now - channel.checked_at >= CHECK_EVERY


async def _channel(this: Tended) -> Channel:
    """Find the community's channel; it is begun anew if it is not of the kind that can work."""
    wanted = _kind_for(this.rt.public_url)
    async with this.rt.pool.acquire() as conn:
        channel = await channels.read(conn, *this.key)
    if channel is not None and channel.kind is wanted:
        return channel
    return await _renew(this, wanted)


def _kind_for(public_url: str) -> ChannelKind:
    """Which way is open to a service under this address: no platform sends to a loopback."""
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    try:
        is_near = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_near = host == "localhost"
    is_reachable = parts.scheme == "https" and not is_near
    return ChannelKind.CALLBACK if is_reachable else ChannelKind.LONG_POLL


async def _renew(this: Tended, kind: ChannelKind) -> Channel:
    path = sealed = None
    if kind is ChannelKind.CALLBACK:
        made = make_secrets()
        path, sealed = digest_of(made.path), seal_secrets(this.rt, made)
    async with this.rt.pool.acquire() as conn:
        return await channels.renew(
            conn, *this.key, kind, path=path, sealed=sealed, now=this.rt.clock()
        )


async def _keep_signed_in(this: Tended, adapter: PlatformAdapter) -> None:
    """Try every part of the credential, which renews what would expire, and note how it fares."""
    health = Health.HEALTHY
    try:
        await adapter.identify()
        note = await expiry.note_end(this.rt, this.community)
    except PlatformError as error:
        if error.kind is not FailureKind.CREDENTIAL_REJECTED:
            return
        health, note = Health.RECONNECT, error.message
    if (health, note) == (this.community.health, this.community.health_note):
        return
    async with this.rt.pool.acquire() as conn:
        await communities.set_health(conn, *this.key, health, note=note, now=this.rt.clock())


async def _check(this: Tended, channel: Channel, adapter: LiveAdapter) -> tuple[Channel, timedelta]:
    """Set the channel up at the platform, or repair it; say how it is, and when to look again."""
    if channel.kind is ChannelKind.LONG_POLL:
        await adapter.set_up_long_poll()
        return await _note(this, channel, ChannelState.LISTENING), CHECK_EVERY
    known = await _secrets(this)
    if known is None:
        channel = await _renew(this, channel.kind)
        known = await _secrets(this) or make_secrets()
    status = await _set_up(this, channel, adapter, known=known)
    next_in = CHECK_EVERY
    if status == "failed" and _is_new_failure(channel, this.rt.clock()):
        # It asked and was not answered, or gave up on sending. It asks again once it is to send
        # something else.
        known = msgspec.structs.replace(make_secrets(), path=known.path)
        await _keep_secrets(this, channel, known)
        await _set_up(this, channel, adapter, known=known)
        next_in = LOOK_AGAIN
    if status == "ok":
        return await _note(this, channel, ChannelState.LISTENING), next_in
    is_pending = status != "failed"
    if is_pending and (
        channel.state is ChannelState.LISTENING or this.rt.clock() - channel.created_at < PATIENCE
    ):
        return await _note(this, channel, ChannelState.NEW), LOOK_AGAIN
    note = (
        f"No events come in at {this.rt.public_url}, which has to be reachable from the internet. "
        "Until they do, scans alone tell what happens."
    )
    return await _note(this, channel, ChannelState.FAILED, note=note), next_in


def _is_new_failure(channel: Channel, now: datetime) -> bool:
    """Whether nothing was tried against it a moment ago."""
    if channel.state is not ChannelState.FAILED or channel.checked_at is None:
        return True
    return now - channel.checked_at >= CHECK_EVERY


async def _set_up(this: Tended, channel: Channel, adapter: LiveAdapter, *, known: Secrets) -> str:
    """Let the platform know the address, keep what it wants to hear, and return how it fares."""
    url = f"{this.rt.public_url}/callbacks/{this.community.platform}/{known.path}"
    kept = known

    async def keep(code: str) -> None:
        nonlocal kept
        if code != kept.code:
            kept = msgspec.structs.replace(kept, code=code)
            await _keep_secrets(this, channel, kept)

    return (await adapter.set_up_callback(url, known.secret, TITLE, keep=keep)).status


async def _keep_secrets(this: Tended, channel: Channel, known: Secrets) -> None:
    async with this.rt.pool.acquire() as conn:
        await channels.set_secrets(conn, channel, seal_secrets(this.rt, known))


async def _secrets(this: Tended) -> Secrets | None:
    """What the callback is set up with; None if the key that it was encrypted with is gone."""
    async with this.rt.pool.acquire() as conn:
        sealed = await channels.secrets(conn, *this.key)
    try:
        return None if sealed is None else open_secrets(this.rt, sealed)
    except ContestError:
        return None


async def _note(this: Tended, channel: Channel, state: ChannelState, *, note: str = "") -> Channel:
    """Note what a check found. What nobody could tell of meanwhile is to be scanned."""
    due: list[Due] = []
    now = this.rt.clock()
    # Of a queue the platform itself tells whether anything in it was lost.
    is_back = channel.kind is ChannelKind.CALLBACK and state is ChannelState.LISTENING
    async with this.rt.pool.acquire() as conn, conn.transaction():
        if is_back and channel.state is not ChannelState.LISTENING:
            due = await _plan_scans(conn, this, now=now)
        noted = await channels.note(conn, channel, state, note=note, now=now)
    await this.rt.ring(due)
    return noted or channel


async def _plan_scans(conn: Connection, this: Tended, *, now: datetime) -> list[Due]:
    return [
        await work.plan(conn, this.community.workspace_id, work.Kind.SCAN, watch_id, due_at=now)
        for watch_id in await channels.watches(conn, *this.key)
    ]


async def _give_up(this: Tended, channel: Channel, error: PlatformError) -> None:
    """Note why nothing can be heard, and when to try again."""
    backoff = _LONGEST_PAUSE
    if not error.is_permanent:
        backoff = min(2.0 ** min(this.job.attempts, 10), _LONGEST_PAUSE)
    retry_at = this.rt.clock() + timedelta(seconds=max(error.retry_after or 0.0, backoff))
    await _note(this, channel, ChannelState.FAILED, note=error.message)
    async with this.rt.pool.acquire() as conn:
        await work.fail(conn, this.job, failure=error.message, retry_at=retry_at)


# Waiting for events ------------------------------------------------------------------------------


async def _wait(this: Tended, channel: Channel, adapter: LiveAdapter) -> timedelta:
    """Wait for events if somebody needs them, and say when to go on."""
    rt = this.rt
    async with rt.pool.acquire() as conn:
        is_awaited = await ownerships.is_awaited(conn, *this.key, at=rt.clock())
        if not (is_awaited or await channels.is_needed(conn, *this.key)):
            return CHECK_EVERY
        position = await channels.position(conn, channel)
        is_crowded = await work.count_held(conn, work.Kind.TEND) > MOST_WAITING
    until = rt.clock() + SLICE
    waiting = adapter.listen(position or None, wait=0 if is_crowded else WAIT)
    async with contextlib.aclosing(waiting) as heaps:
        async for heap in heaps:
            await _keep(this, channel, heap)
            if is_crowded or rt.clock() >= until:
                break
    return LOOK_AGAIN if is_crowded else PAUSE


async def _keep(this: Tended, channel: Channel, heap: Heap) -> None:
    """Keep what came in and how far that is, and plan what follows. Raises LeaseLostError."""
    due: list[Due] = []
    arrivals = [each for body in heap.updates if (each := _arrival(this.community, body))]
    async with this.rt.pool.acquire() as conn, conn.transaction():
        now = this.rt.clock()
        if arrivals and await heard.add(conn, *this.key, arrivals, at=now):
            due.append(
                await work.plan(
                    conn, channel.workspace_id, work.Kind.HEAR, channel.community_id, due_at=now
                )
            )
        if heap.history_lost:
            due += await _plan_scans(conn, this, now=now)
        await channels.set_position(conn, channel, heap.ts)
        await require_lease(conn, this.job, now=now)
    await this.rt.ring(due)


def _arrival(community: Community, body: bytes) -> Arrival | None:
    """An event that was fetched; None for what is none, or is not to be kept."""
    try:
        event = read_event(community.platform, body)
    except PlatformError:
        return None
    if event.community != community.account:
        return None
    return arrival_of(community.platform, event, body)
