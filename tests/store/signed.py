"""Guards of what the web asks with every request: one session, one page of the log, one picture."""

import hashlib

from contest_service.store import audit, person_secrets, pictures, sealed, sessions, ways_in
from contest_service.store.audit import Wanted
from contest_service.store.rows import Connection
from contest_service.store.sealed import SealedTotp
from store.crowded import Places
from store.guards import PAGE, Guard, guard, pages

NAMED = 4 * PAGE
"""A page, a little more, and the two names of each of its rows."""
OWN = 12
"""Sessions of a person, and the names beside them."""
INVITED = 60
KIND = "contest"


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _session(at: Places) -> bytes:
    return _digest(f"session {at.middle['persons']} 1")


async def _named(conn: Connection, at: Places, wanted: Wanted) -> object:
    return await audit.list_named(conn, at.workspace_id, wanted, limit=PAGE)


GUARDS: tuple[Guard, ...] = (
    *pages(
        "audit.NAMED",
        lambda conn, at, start: _named(conn, at, Wanted(before=start)),
        of="audit_log",
        rows=NAMED,
    ),
    *pages(
        "audit.NAMED_OF_KIND",
        lambda conn, at, start: _named(conn, at, Wanted(kind=KIND, before=start)),
        of="audit_log",
        rows=NAMED,
    ),
    guard(
        "audit.NAMED_OF_PERSON",
        lambda conn, at: _named(conn, at, Wanted(person_id=at.middle["persons"])),
        rows=NAMED,
    ),
    guard(
        "audit.NAMED_OF_PERSON",
        lambda conn, at: _named(conn, at, Wanted(person_id=at.middle["persons"], kind=KIND)),
        rows=NAMED,
        what="of a kind",
    ),
    guard(
        "sessions.FIND",
        lambda conn, at: sessions.find(conn, _session(at), now=at.now),
        rows=3,
        across=True,
    ),
    guard(
        "sessions.OF_PERSON",
        lambda conn, at: sessions.of_person(conn, at.middle["persons"], now=at.now),
        rows=OWN,
        across=True,
    ),
    guard(
        "sessions.PLACES",
        lambda conn, at: sessions.places_of(conn, at.middle["persons"]),
        rows=4,
        across=True,
    ),
    guard(
        "person_secrets.FIND",
        lambda conn, _at: person_secrets.find(conn, "Person300@mail.test"),
        rows=2,
        across=True,
    ),
    guard(
        "ways_in.FIND_INVITATION",
        lambda conn, at: ways_in.find_invitation(conn, _digest("invitation 1"), now=at.now),
        rows=INVITED,
        across=True,
    ),
    guard(
        "ways_in.OPEN_INVITATIONS",
        lambda conn, at: ways_in.open_invitations(conn, at.workspace_id, now=at.now),
        rows=INVITED,
        across=True,
    ),
    guard(
        "pictures.FIND",
        lambda conn, _at: pictures.find(conn, _digest("picture 1")),
        rows=2,
        across=True,
    ),
    guard(
        "sealed.TOTPS",
        lambda conn, _at: sealed.lock_totps(conn, None),
        rows=2 * sealed.BATCH,
        what="first",
        across=True,
    ),
    guard(
        "sealed.TOTPS",
        lambda conn, at: sealed.lock_totps(
            conn, SealedTotp(person_id=at.middle["persons"], totp=b"")
        ),
        rows=2 * sealed.BATCH,
        what="middle",
        across=True,
    ),
)
