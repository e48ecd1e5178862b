"""Hand out: who of the workspace took which bundle along, with its size and hash, is on record."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.people import Actor
from contest_service.proof.bundle import Edition
from contest_service.store import audit
from contest_service.store.audit import NamedEntry
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection

ACTION = "contest.bundle_downloaded"
MOST = 20
"""Downloads that are shown, the newest."""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A bundle as it was made: its size in bytes, and its SHA-256 in hex."""

    edition: Edition
    size: int
    sha256: str


class HandedOut(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody took a bundle along. `person` is empty where a program of the workspace did."""

    made: Made
    at: datetime
    person: str


async def note_download(
    conn: Connection, actor: Actor, contest_id: UUID, made: Made, *, now: datetime
) -> None:
    """Write down that somebody took a bundle along."""
    detail = msgspec.to_builtins(made)
    await audit.record(conn, actor, ACTION, subject=contest_id, at=now, detail=detail)


async def handed_out(conn: Connection, contest: Contest) -> list[HandedOut]:
    """The newest downloads of a contest's bundles, the last one first."""
    found = await audit.bundles_taken(conn, contest.workspace_id, contest.id, limit=MOST)
    return _read(found)


def _read(found: Sequence[NamedEntry]) -> list[HandedOut]:
    return [
        HandedOut(made=msgspec.convert(each.detail, Made), at=each.at, person=each.person or "")
        for each in found
    ]
