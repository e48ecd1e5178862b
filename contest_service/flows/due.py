"""Due: what of a connected community somebody has to look at, the most pressing first.

All of it is known already: nobody is asked.
"""

import enum
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.flows.expiry import SOON
from contest_service.flows.quota import Circuit, read_circuits
from contest_service.flows.runtime import Runtime
from contest_service.platforms.errors import PlatformError
from contest_service.store import channels, communities
from contest_service.store.channels import Channel, ChannelState
from contest_service.store.communities import Community, Health
from contest_service.store.rows import Connection


class What(enum.StrEnum):
    """What there is to look at."""

    RECONNECT = "reconnect"
    """The platform refuses the credential."""
    CAPTCHA = "captcha"
    """The platform wants to see a human before it answers."""
    UNREACHABLE = "unreachable"
    ENDS_SOON = "ends_soon"
    """A part of the credential ends, and nothing renews it."""
    NOT_HEARD = "not_heard"
    """No live events come in."""
    CIRCUIT = "circuit"
    """Something of the platform's is used up; it goes on by itself."""


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """One thing: `until` is when it passes, or happens, where that is known; `note` says more."""

    what: What
    until: datetime | None = None
    note: str = ""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A community, its way for live events if it has one, and what is due."""

    community: Community
    channel: Channel | None
    due: list[Due]


class Standings(msgspec.Struct, frozen=True, kw_only=True):
    """A page of communities. `is_quota_known` is false if nobody can say what is used up."""

    found: list[Standing]
    is_quota_known: bool


async def read_standings(
    conn: Connection, rt: Runtime, workspace_id: UUID, *, after: UUID | None, limit: int
) -> Standings:
    """Read a page of a workspace's communities, oldest first, with what is due of each."""
    found = await communities.list_page(conn, workspace_id, after=after, limit=limit)
    heard = await channels.of_communities(conn, workspace_id, [each.id for each in found])
    circuits, is_known = await _circuits(conn, rt, found)
    now = rt.clock()
    standings = [
        Standing(
            community=each,
            channel=heard.get(each.id),
            due=list(_due(each, heard.get(each.id), circuits.get(each.id, ()), now=now)),
        )
        for each in found
    ]
    return Standings(found=standings, is_quota_known=is_known)


async def read_standing(conn: Connection, rt: Runtime, community: Community) -> Standing:
    """Read what is due of one community."""
    channel = await channels.read(conn, community.workspace_id, community.id)
    circuits, _ = await _circuits(conn, rt, [community])
    due = _due(community, channel, circuits.get(community.id, ()), now=rt.clock())
    return Standing(community=community, channel=channel, due=list(due))


async def _circuits(
    conn: Connection, rt: Runtime, found: Sequence[Community]
) -> tuple[Mapping[UUID, Sequence[tuple[str, Circuit]]], bool]:
    try:
        return await read_circuits(conn, rt, found), True
    except PlatformError:
        return {}, False


def _due(
    community: Community,
    channel: Channel | None,
    circuits: Sequence[tuple[str, Circuit]],
    *,
    now: datetime,
) -> Iterator[Due]:
    if community.health is Health.RECONNECT:
        yield Due(what=What.RECONNECT, note=community.health_note)
    for method, circuit in circuits:
        if not method:
            yield Due(what=What.CAPTCHA, until=circuit.until, note=circuit.why)
    if community.health is Health.UNREACHABLE:
        yield Due(what=What.UNREACHABLE, note=community.health_note)
    ends_at = community.credential_ends_at
    if ends_at is not None and now < ends_at <= now + SOON:
        yield Due(what=What.ENDS_SOON, until=ends_at)
    if channel is not None and channel.state is ChannelState.FAILED:
        yield Due(what=What.NOT_HEARD, note=channel.note)
    methods = [circuit for method, circuit in circuits if method]
    if methods:
        last = max(methods, key=lambda each: each.until)
        yield Due(what=What.CIRCUIT, until=last.until, note=last.why)
