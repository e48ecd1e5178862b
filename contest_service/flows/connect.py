"""Connect a community: sign in, learn who it is, keep its credential encrypted; test, replace it.

Each step that speaks to the platform comes first and holds no database connection; what it found is
stored by a second function, within the caller's transaction.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.accounts import Platform
from contest_service.domain.errors import (
    ConflictError,
    ContestError,
    Fault,
    InvalidError,
    NotFoundError,
)
from contest_service.domain.people import Actor
from contest_service.flows import tend
from contest_service.flows.runtime import Runtime, adapter_for
from contest_service.platforms.base import Identity
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.registry import (
    complete_endpoints,
    default_endpoints,
    expiry_of,
    fingerprints_of,
    open_adapter,
)
from contest_service.store import audit, communities, work
from contest_service.store.communities import Community, Health, NewCommunity
from contest_service.store.rows import Connection

_REFUSED = frozenset({FailureKind.CREDENTIAL_REJECTED, FailureKind.FORBIDDEN})


class _FirstSession:
    """Remembers the session of a sign-in, so that it can be stored with the community."""

    def __init__(self) -> None:
        self.value: bytes | None = None

    async def load(self) -> bytes | None:
        return self.value

    async def save(self, session: bytes) -> None:
        self.value = session


async def sign_in(
    rt: Runtime, *, platform: Platform, endpoints: Mapping[str, str], credential: bytes
) -> NewCommunity:
    """Sign in with a credential and find out whose it is. Speaks to the platform.

    Endpoints that are not given are the platform's public ones. Raises InvalidError for unknown or
    refused endpoints and for a credential that the platform rejects, and PlatformError.
    """
    servers = servers_of(rt, platform, endpoints)
    session = _FirstSession()
    try:
        async with open_adapter(
            platform,
            endpoints=servers,
            credential=credential,
            session=session,
            hosts=rt.hosts,
            lanes=rt.lanes,
        ) as adapter:
            identity = await adapter.identify()
        expiry = expiry_of(
            platform,
            credential,
            endpoints=servers,
            session=session.value,
            given_at=rt.clock(),
        )
    except PlatformError as error:
        if error.kind is not FailureKind.CREDENTIAL_REJECTED:
            raise
        raise InvalidError([Fault(pointer="/credential", detail=error.message)]) from None
    return NewCommunity(
        platform=platform,
        instance=identity.instance,
        account=identity.account,
        handle=identity.handle,
        name=identity.name,
        endpoints=servers,
        credential=rt.vault.seal(credential),
        session=None if session.value is None else rt.vault.seal(session.value),
        credential_parts=dict.fromkeys(fingerprints_of(platform, credential), rt.clock()),
        credential_ends_at=expiry.ends_at if expiry else None,
        credential_renews=expiry is not None and expiry.renews,
    )


def servers_of(rt: Runtime, platform: Platform, given: Mapping[str, str]) -> dict[str, str]:
    """Complete a community's servers. Raises InvalidError with what is wrong of each."""
    servers = default_endpoints(platform)
    faults = []
    for name, url in given.items():
        try:
            servers[name] = complete_endpoints(platform, {name: url}, rt.hosts)[name]
        except PlatformError as error:
            faults.append(Fault(pointer=f"/endpoints/{name}", detail=error.message))
    if faults:
        raise InvalidError(faults)
    return servers


async def store_community(
    conn: Connection, actor: Actor, new: NewCommunity, *, now: datetime
) -> Community:
    """Keep a community that was signed in to. Raises ConflictError if it is connected already."""
    community = await communities.connect(conn, actor.workspace_id, new, now=now)
    detail = {"platform": new.platform.value, "instance": new.instance, "account": new.account}
    await audit.record(
        conn, actor, "community.connected", subject=community.id, at=now, detail=detail
    )
    await tend.begin(conn, community, now=now)
    return community


async def sign_in_again(
    rt: Runtime, actor: Actor, community_id: UUID, credential: bytes
) -> NewCommunity:
    """Sign in to a connected community with another credential. Speaks to the platform.

    Raises NotFoundError, and as `sign_in`; InvalidError too if it is another account's.
    """
    community, sealed = await _read(rt, actor, community_id)
    new = await sign_in(
        rt, platform=community.platform, endpoints=community.endpoints, credential=credential
    )
    if (new.instance, new.account) != (community.instance, community.account):
        detail = f"belongs to {new.handle}, not to {community.handle}"
        raise InvalidError([Fault(pointer="/credential", detail=detail)])
    parts = _given_at(rt, community, sealed, credential=credential)
    return msgspec.structs.replace(new, credential_parts=dict(new.credential_parts) | parts)


def _given_at(
    rt: Runtime, community: Community, sealed: bytes, *, credential: bytes
) -> dict[str, datetime]:
    """When those parts of a new credential were given that it shares with the kept one."""
    try:
        kept = fingerprints_of(community.platform, rt.vault.open(sealed))
    except (ContestError, PlatformError):
        # Unreadable without its key, so that every part was given anew.
        return {}
    found = fingerprints_of(community.platform, credential)
    known = community.credential_parts
    return {
        part: known[part]
        for part, digest in found.items()
        if part in known and kept.get(part) == digest
    }


async def replace_credential(
    conn: Connection, actor: Actor, community_id: UUID, new: NewCommunity, *, now: datetime
) -> Community:
    """Keep the credential that `sign_in_again` found good; what waited for it is due at once.

    Raises NotFoundError.
    """
    changed = await communities.replace_credential(
        conn, actor.workspace_id, community_id, new, now=now
    )
    community = _found(changed)
    await work.hurry(conn, actor.workspace_id, community_id, now=now)
    await tend.begin(conn, community, now=now)
    await audit.record(conn, actor, "community.credential_replaced", subject=community_id, at=now)
    return community


class Checkup(msgspec.Struct, frozen=True, kw_only=True):
    """What a test of a community's credential found."""

    health: Health
    note: str
    session: bytes | None = None


async def check_credential(rt: Runtime, actor: Actor, community_id: UUID) -> Checkup:
    """Sign in with the stored credential. Speaks to the platform; raises NotFoundError."""
    community, sealed = await _read(rt, actor, community_id)
    session = None
    try:
        found: Identity | NewCommunity
        if community.credential_renews:
            # It was used up when it was renewed first: what it was renewed to is good.
            async with adapter_for(rt, actor.workspace_id, community_id) as adapter:
                found = await adapter.identify()
        else:
            found = await sign_in(
                rt,
                platform=community.platform,
                endpoints=community.endpoints,
                credential=rt.vault.open(sealed),
            )
            session = found.session
    except InvalidError as error:
        note = "; ".join(fault.detail for fault in error.faults)
        return Checkup(health=Health.RECONNECT, note=note)
    except PlatformError as error:
        health = Health.RECONNECT if error.kind in _REFUSED else Health.UNREACHABLE
        return Checkup(health=health, note=error.message)
    if (found.instance, found.account) != (community.instance, community.account):
        note = f"The credential belongs to {found.handle} now."
        return Checkup(health=Health.RECONNECT, note=note)
    return Checkup(health=Health.HEALTHY, note="", session=session)


async def record_checkup(
    conn: Connection, actor: Actor, community_id: UUID, checkup: Checkup, *, now: datetime
) -> Community:
    """Note what `check_credential` found. Raises NotFoundError."""
    if checkup.session is not None:
        await communities.set_session(conn, actor.workspace_id, community_id, checkup.session)
    changed = await communities.set_health(
        conn, actor.workspace_id, community_id, checkup.health, note=checkup.note, now=now
    )
    community = _found(changed)
    detail = {"health": checkup.health.value}
    await audit.record(
        conn, actor, "community.checked", subject=community_id, at=now, detail=detail
    )
    return community


async def remove_community(
    conn: Connection, actor: Actor, community_id: UUID, *, now: datetime
) -> None:
    """Disconnect a community and erase its secrets.

    Raises NotFoundError, and ConflictError while a contest that has not ended rests on it.
    """
    locked = await communities.read_locked(conn, actor.workspace_id, community_id)
    community = _found(locked)
    title = await communities.needed_by(conn, actor.workspace_id, community_id)
    if title is not None:
        raise ConflictError(
            f"The contest {title!r} rests on this community. "
            "Wait until it has ended, cancel it, or detach its posts.",
            code="community_in_use",
        )
    await communities.remove(conn, community, now=now)
    await tend.end(conn, community)
    await audit.record(conn, actor, "community.removed", subject=community_id, at=now)


async def _read(rt: Runtime, actor: Actor, community_id: UUID) -> tuple[Community, bytes]:
    async with rt.pool.acquire() as conn:
        community = await communities.read(conn, actor.workspace_id, community_id)
        sealed = await communities.credential(conn, actor.workspace_id, community_id)
    return _found(community), sealed or b""


def _found(community: Community | None) -> Community:
    if community is None:
        raise NotFoundError("There is no such community in this workspace.")
    return community
