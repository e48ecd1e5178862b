"""Credentials: which parts a community's has, what each can tell and do, what another would mend.

Here it is given another part, or one is taken out.

What is asked of the platform comes first and holds no database connection. A change is kept only
if nobody changed the credential meanwhile.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain import catalogue
from contest_service.domain.accounts import Platform
from contest_service.domain.conditions import Language
from contest_service.domain.errors import ConflictError, Fault, InvalidError, NotFoundError
from contest_service.domain.people import Actor
from contest_service.flows import connect
from contest_service.flows.foresee import HowTold, how_told
from contest_service.flows.runtime import Runtime
from contest_service.platforms.base import Capabilities, Deed
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.registry import (
    capabilities_with,
    changed_credential,
    ending_part,
    every_part,
    fingerprints_of,
)
from contest_service.store import communities
from contest_service.store.communities import Community, NewCommunity, Secrets
from contest_service.store.rows import Connection

_BEST = (HowTold.LISTED, HowTold.ASKED, HowTold.LIVE, HowTold.NEVER)


class Able(msgspec.Struct, frozen=True, kw_only=True):
    """How each kind of condition is told, by kind, and what can be done besides reading.

    What the workspace itself knows, whatever is connected, is left out.
    """

    conditions: dict[str, HowTold]
    deeds: list[Deed]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a credential. `given_at` is null where it was given before that was noted,
    `ends_at` where it does not end by itself, as far as is known."""

    part: str
    given_at: datetime | None
    ends_at: datetime | None
    renews: bool
    able: Able


class Blind(msgspec.Struct, frozen=True, kw_only=True):
    """Something that cannot be known, and what to connect so that it can, if anything helps."""

    note: Mapping[Language, str]
    mend: Mapping[Language, str]


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """All parts of a community's credential, and what they can together.

    `missing` are the parts that are not there, each with what it would add: kinds of condition that
    are told better, and deeds.
    """

    parts: list[Part]
    together: Able
    blind_spots: list[Blind]
    missing: dict[str, Able]


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A community with its credential and session in clear, for flows alone."""

    community: Community
    sealed: bytes
    credential: bytes
    session: bytes | None

    def __repr__(self) -> str:
        return f"Kept({self.community.id})"


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """A credential that was tried, and the encrypted one that it is to replace."""

    new: NewCommunity
    instead_of: bytes


async def read_kept(conn: Connection, rt: Runtime, workspace_id: UUID, community_id: UUID) -> Kept:
    """Read a community's credential. Raises NotFoundError, and ContestError if no key opens it."""
    community = await communities.read(conn, workspace_id, community_id)
    found = await communities.secrets(conn, workspace_id, [community_id])
    if community is None or not found:
        raise NotFoundError("There is no such community in this workspace.")
    return open_kept(rt, community, found[0])


def open_kept(rt: Runtime, community: Community, secrets: Secrets) -> Kept:
    """Decrypt a community's credential. Raises ContestError if no key opens it."""
    return Kept(
        community=community,
        sealed=secrets.credential,
        credential=rt.vault.open(secrets.credential),
        session=None if secrets.session is None else rt.vault.open(secrets.session),
    )


async def read_credentials(
    conn: Connection, rt: Runtime, workspace_id: UUID, community_id: UUID
) -> Credentials:
    """Say what a community's credential can and cannot do. Asks nobody; raises as `read_kept`."""
    kept = await read_kept(conn, rt, workspace_id, community_id)
    community, platform = kept.community, kept.community.platform
    parts = fingerprints_of(platform, kept.credential)
    together = capabilities_with(platform, parts.keys())
    return Credentials(
        parts=[_part(community, part) for part in parts],
        together=_able(together),
        blind_spots=[
            Blind(note=dict(spot.note), mend=dict(spot.mend)) for spot in together.blind_spots
        ],
        missing={
            part: _added(platform, parts.keys(), part)
            for part in every_part(platform)
            if part not in parts
        },
    )


def _part(community: Community, part: str) -> Part:
    alone = capabilities_with(community.platform, {part})
    is_ending = part == ending_part(community.platform)
    ends = community.credential_ends_at if is_ending else None
    return Part(
        part=part,
        given_at=community.credential_parts.get(part),
        ends_at=ends,
        renews=ends is not None and community.credential_renews,
        able=_able(alone),
    )


def _able(capabilities: Capabilities) -> Able:
    told = {
        catalogue.name_of(kind): how_told(kind, capabilities) for kind in catalogue.every_kind()
    }
    return Able(
        conditions={kind: how for kind, how in told.items() if how is not HowTold.OURS},
        deeds=[deed for deed in Deed if deed in capabilities.deeds],
    )


def _added(platform: Platform, parts: Collection[str], part: str) -> Able:
    """What one more part would tell better, and let be done besides."""
    now = _able(capabilities_with(platform, parts))
    then = _able(capabilities_with(platform, {*parts, part}))
    return Able(
        conditions={
            kind: how
            for kind, how in then.conditions.items()
            if _BEST.index(how) < _BEST.index(now.conditions[kind])
        },
        deeds=[deed for deed in then.deeds if deed not in now.deeds],
    )


# Changing it --------------------------------------------------------------------------------------


async def try_change(
    rt: Runtime, actor: Actor, community_id: UUID, changes: Mapping[str, str | None]
) -> Changed:
    """Sign in with the credential as it would be: `changes` by field, null for what is taken out.

    Speaks to the platform. Raises NotFoundError, InvalidError as `connect.sign_in_again` and if
    nothing would be left, and PlatformError.
    """
    async with rt.pool.acquire() as conn:
        kept = await read_kept(conn, rt, actor.workspace_id, community_id)
    try:
        wanted = changed_credential(
            kept.community.platform, kept.credential, changes, account=kept.community.account
        )
    except PlatformError as error:
        if error.kind is not FailureKind.CREDENTIAL_REJECTED:
            raise
        raise InvalidError([Fault(pointer="/credential", detail=error.message)]) from None
    new = await connect.sign_in_again(rt, actor, community_id, wanted)
    return Changed(new=new, instead_of=kept.sealed)


async def keep_change(
    conn: Connection, actor: Actor, community_id: UUID, changed: Changed, *, now: datetime
) -> Community:
    """Keep a credential that `try_change` found good.

    Raises NotFoundError, and ConflictError if it was changed by somebody else meanwhile.
    """
    await communities.read_locked(conn, actor.workspace_id, community_id)
    sealed = await communities.credential(conn, actor.workspace_id, community_id)
    if sealed is not None and sealed != changed.instead_of:
        raise ConflictError(
            "The credential was changed meanwhile. Load the page again and look at it first.",
            code="credential_changed",
        )
    return await connect.replace_credential(conn, actor, community_id, changed.new, now=now)
