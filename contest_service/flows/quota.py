"""Quota: how much of what a platform allows is used now, and what may not be asked for a while.

Nobody is asked: it is read where all processes agree on who sends next. A platform that tells with
each answer how much is left has nothing to read here.
"""

import contextlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from contest_service.domain.errors import ContestError
from contest_service.domain.people import Actor
from contest_service.flows import tend
from contest_service.flows.credentials import Kept, open_kept, read_kept
from contest_service.flows.runtime import Runtime
from contest_service.platforms.base import Gauge, Pause, Usage
from contest_service.platforms.errors import PlatformError
from contest_service.platforms.registry import gauges_of
from contest_service.store import audit, communities, work
from contest_service.store.communities import Community
from contest_service.store.rows import Connection


class Circuit(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is not asked until a time; `why` is a sentence, and may name a way out."""

    until: datetime
    why: str


class MethodQuota(msgspec.Struct, frozen=True, kw_only=True):
    """One method of a platform: calls in the last 24 hours, how many the platform allows a day as
    far as it says so, and until when it is not called."""

    method: str
    last_day: int
    daily: int | None
    circuit: Circuit | None


class PartQuota(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a credential: requests in the last second of how many that are allowed, those
    that wait for their turn, and until when none is sent. Of methods those that were called in the
    last 24 hours, or that are not called for a while, the most called first."""

    part: str
    last_second: int
    per_second: int
    waiting: int
    circuit: Circuit | None
    methods: list[MethodQuota]


class Quota(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a community's quota is used. `is_told` is false where the platform tells with
    each answer how much is left, so that each connection keeps within it by itself."""

    read_at: datetime
    is_told: bool
    parts: list[PartQuota]


async def read_quota(rt: Runtime, workspace_id: UUID, community_id: UUID) -> Quota:
    """Read how much of a community's quota is used now.

    Raises NotFoundError, PlatformError UNREACHABLE if the other processes cannot be asked, and
    ContestError for a credential that no key opens.
    """
    async with rt.pool.acquire() as conn:
        kept = await read_kept(conn, rt, workspace_id, community_id)
    now, gauges, limiter = rt.clock(), _gauges(kept), rt.lanes.limiter
    pauses = await limiter.pauses(_keys(gauges))
    return Quota(
        read_at=now,
        is_told=bool(gauges),
        parts=[_part(gauge, await limiter.usage(gauge.key), pauses, now=now) for gauge in gauges],
    )


async def end_rests(rt: Runtime, workspace_id: UUID, community_id: UUID) -> list[str]:
    """Let tokens that rest until somebody solved a captcha be asked with again, everywhere.

    Returns the parts of the credential that rested. A captcha that is not solved yet lets them rest
    anew with the next request. Raises as `read_quota` does.
    """
    async with rt.pool.acquire() as conn:
        kept = await read_kept(conn, rt, workspace_id, community_id)
    gauges, limiter = _gauges(kept), rt.lanes.limiter
    pauses = await limiter.pauses([each.key for each in gauges])
    resting = [each for each in gauges if each.key in pauses]
    await limiter.resume([each.key for each in resting])
    return [each.part for each in resting]


async def record_ended(
    conn: Connection, actor: Actor, community_id: UUID, parts: Sequence[str], *, now: datetime
) -> None:
    """Note whose rest `end_rests` ended; what waited for it is due at once."""
    community = await communities.read(conn, actor.workspace_id, community_id)
    if community is None or not parts:
        return
    await work.hurry(conn, actor.workspace_id, community_id, now=now)
    await tend.begin(conn, community, now=now)
    await audit.record(
        conn,
        actor,
        "community.rest_ended",
        subject=community_id,
        at=now,
        detail={"parts": list(parts)},
    )


async def read_circuits(
    conn: Connection, rt: Runtime, found: Sequence[Community]
) -> dict[UUID, list[tuple[str, Circuit]]]:
    """Read what is not asked for a while of a workspace's communities: methods, or empty for all.

    One whose credential no key opens has nothing to tell. Raises PlatformError UNREACHABLE.
    """
    if not found:
        return {}
    ids = [each.id for each in found]
    known = await communities.secrets(conn, found[0].workspace_id, ids)
    secrets = {each.id: each for each in known}
    gauges: dict[UUID, Sequence[Gauge]] = {}
    for each in found:
        with contextlib.suppress(ContestError, PlatformError, KeyError):
            gauges[each.id] = _gauges(open_kept(rt, each, secrets[each.id]))
    pauses = await rt.lanes.limiter.pauses([key for each in gauges.values() for key in _keys(each)])
    now = rt.clock()
    return {
        id_: [
            (method, circuit)
            for gauge in each
            for method in ("", *gauge.methods)
            if (circuit := _circuit(pauses.get(_key(gauge, method)), now)) is not None
        ]
        for id_, each in gauges.items()
    }


def _gauges(kept: Kept) -> Sequence[Gauge]:
    return gauges_of(
        kept.community.platform,
        kept.credential,
        endpoints=kept.community.endpoints,
        session=kept.session,
    )


def _keys(gauges: Sequence[Gauge]) -> list[str]:
    return [_key(gauge, method) for gauge in gauges for method in ("", *gauge.methods)]


def _key(gauge: Gauge, method: str) -> str:
    return gauge.gate(method) if method else gauge.key


def _part(gauge: Gauge, usage: Usage, pauses: Mapping[str, Pause], *, now: datetime) -> PartQuota:
    methods = [
        MethodQuota(
            method=method,
            last_day=usage.calls.get(method, 0),
            daily=gauge.daily.get(method),
            circuit=_circuit(pauses.get(gauge.gate(method)), now),
        )
        for method in gauge.methods
    ]
    told = [each for each in methods if each.last_day or each.circuit]
    return PartQuota(
        part=gauge.part,
        last_second=usage.last_second,
        per_second=gauge.per_second,
        waiting=usage.waiting,
        circuit=_circuit(pauses.get(gauge.key), now),
        methods=sorted(told, key=lambda each: (each.circuit is None, -each.last_day, each.method)),
    )


def _circuit(pause: Pause | None, now: datetime) -> Circuit | None:
    if pause is None:
        return None
    return Circuit(until=now + timedelta(seconds=round(pause.seconds)), why=pause.why)
