"""What a contest that has ended keeps of its entrants, and how it is left without the persons.

Commitments, digests, verdicts, tickets and reasons stay. Salts, identities, records, accounts, and
whatever was written to somebody go.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.accounts import AccountKey
from contest_service.store.rows import BEFORE_ALL, Connection, many

CLOSE_OPENINGS = """
UPDATE openings SET salt = NULL, subject = NULL, label = ''
WHERE workspace_id = $1 AND contest_id = $2 AND entrant_id = ANY ($3) AND salt IS NOT NULL
"""
# A notice keeps when and how somebody was told. Its account has to differ from those of others.
EMPTY_NOTICES = """
UPDATE notices
SET account = 'erased:' || id, label = '', text = '', mention = '', told_ref = NULL,
    told_url = NULL, failure = NULL, state = CASE state WHEN 'told' THEN state ELSE 'withdrawn' END
WHERE workspace_id = $1 AND contest_id = $2 AND entrant_id = ANY ($3)
    AND account <> 'erased:' || id
"""
# Whoever was about to show that an account is theirs.
FORGET_OWNERSHIPS = """
DELETE FROM ownerships WHERE workspace_id = $1 AND contest_id = $2 AND entrant_id = ANY ($3)
"""
# That accounts were linked, or had been, and by which consent.
FORGET_LINKS = """
DELETE FROM links WHERE workspace_id = $1 AND contest_id = $2
    AND (entrant_id = ANY ($3) OR into_id = ANY ($3))
"""
# Whoever was merged into them, and is not erased yet.
PART = """
UPDATE entrants SET entry_id = NULL
WHERE workspace_id = $1 AND contest_id = $2 AND entry_id = ANY ($3)
"""
# Who was brought in keeps when, by which import and on which line.
EMPTY_IMPORTED = """
UPDATE imported_entries SET reference = NULL, label = '', erased_at = $4
WHERE workspace_id = $1 AND contest_id = $2 AND id = ANY ($3) AND erased_at IS NULL
"""
# What somebody asked, and was answered; that they did stays.
EMPTY_APPEALS = """
UPDATE appeals SET text = '', answer = ''
WHERE workspace_id = $1 AND contest_id = $2 AND entrant_id = ANY ($3) AND text <> ''
"""
# Whoever was held, and why, stays known; what persons wrote about it does not.
EMPTY_QUARANTINES = """
UPDATE quarantines SET note = '', release_note = ''
WHERE workspace_id = $1 AND contest_id = $2 AND entrant_id = ANY ($3)
    AND (note <> '' OR release_note <> '')
"""
EMPTY_OVERRIDES = """
UPDATE override_proposals SET note = ''
WHERE workspace_id = $1 AND contest_id = $2 AND entrant_id = ANY ($3) AND note <> ''
"""
FORGET_SIGNALS = """
DELETE FROM entrant_signals WHERE workspace_id = $1 AND contest_id = $2 AND entrant_id = ANY ($3)
"""
# Each by its own key: with `= ANY`, an index of names can look as good.
EMPTY_ENTRANTS = """
UPDATE entrants n
SET subject = NULL, label = '', record = NULL, record_salt = NULL, erased_at = $4, entry_id = NULL
FROM unnest($3::uuid[]) s (id)
WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.id = s.id AND n.erased_at IS NULL
"""


async def erase(
    conn: Connection, workspace_id: UUID, contest_id: UUID, ids: Sequence[UUID], *, at: datetime
) -> dict[str, int]:
    """Leave entrants without their persons; return how many rows lost something, by kind."""
    key = (workspace_id, contest_id, ids)
    await conn.execute(PART, *key)
    done = {
        "openings": await conn.execute(CLOSE_OPENINGS, *key),
        "notices": await conn.execute(EMPTY_NOTICES, *key),
        "ownerships": await conn.execute(FORGET_OWNERSHIPS, *key),
        "links": await conn.execute(FORGET_LINKS, *key),
        "imported_entries": await conn.execute(EMPTY_IMPORTED, *key, at),
        "appeals": await conn.execute(EMPTY_APPEALS, *key),
        "quarantines": await conn.execute(EMPTY_QUARANTINES, *key),
        "overrides": await conn.execute(EMPTY_OVERRIDES, *key),
        "signals": await conn.execute(FORGET_SIGNALS, *key),
        "entrants": await conn.execute(EMPTY_ENTRANTS, *key, at),
    }
    return {kind: affected(status) for kind, status in done.items()}


def affected(status: object) -> int:
    """The number of rows in what PostgreSQL says of a statement."""
    return int(str(status).rsplit(" ", 1)[1])


UNERASED = """
SELECT id FROM entrants
WHERE workspace_id = $1 AND contest_id = $2 AND erased_at IS NULL AND id > $3 ORDER BY id LIMIT $4
"""


async def unerased(
    conn: Connection, workspace_id: UUID, contest_id: UUID, *, after: UUID | None, limit: int
) -> list[UUID]:
    """List entrants who still have their person, by id."""
    rows = await conn.fetch(UNERASED, workspace_id, contest_id, after or BEFORE_ALL, limit)
    return [row["id"] for row in rows]


# Of one person ------------------------------------------------------------------------------------


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An entrant of a contest."""

    contest_id: UUID
    entrant_id: UUID


class Entered(Entry, frozen=True, kw_only=True):
    """An entrant with its label, and whether its contest has ended."""

    label: str
    is_over: bool


# In each contest the entrants that accounts are, and the entries that these were merged into.
ENTERED = """
SELECT DISTINCT c.id AS contest_id, n.id AS entrant_id, n.label,
    c.status IN ('completed', 'cancelled', 'void') AS is_over
FROM (SELECT id, status FROM contests WHERE workspace_id = $1 OFFSET 0) c
CROSS JOIN unnest($2::text[]) AS k (subject)
CROSS JOIN LATERAL (SELECT x.id, x.entry_id FROM entrants x
    WHERE x.workspace_id = $1 AND x.contest_id = c.id AND x.subject = k.subject
    OFFSET 0) x
CROSS JOIN LATERAL (SELECT n.id, n.label FROM entrants n
    WHERE n.workspace_id = $1 AND n.contest_id = c.id AND n.id IN (x.id, x.entry_id)
    OFFSET 0) n
ORDER BY c.id, n.id
"""


def keyed(accounts: Sequence[AccountKey]) -> tuple[list[str], list[str], list[str]]:
    """The accounts as the three columns that their keys are."""
    return (
        [each.platform.value for each in accounts],
        [each.instance for each in accounts],
        [each.id for each in accounts],
    )


async def entered(
    conn: Connection, workspace_id: UUID, accounts: Sequence[AccountKey]
) -> list[Entered]:
    """List all that accounts are entrants of, and were not erased from."""
    subjects = [each.subject for each in accounts]
    return many(await conn.fetch(ENTERED, workspace_id, subjects), Entered)


# Entries that were brought in without an account; they may not have been judged yet.
BROUGHT = """
SELECT e.contest_id, e.id AS entrant_id, e.label,
    c.status IN ('completed', 'cancelled', 'void') AS is_over
FROM unnest($2::uuid[], $3::uuid[]) AS k (contest_id, entrant_id)
CROSS JOIN LATERAL (SELECT e.contest_id, e.id, e.label FROM imported_entries e
    WHERE e.workspace_id = $1 AND e.contest_id = k.contest_id AND e.id = k.entrant_id
        AND e.erased_at IS NULL
    OFFSET 0) e
JOIN contests c ON c.workspace_id = $1 AND c.id = e.contest_id
ORDER BY e.contest_id, e.id
"""


async def brought(conn: Connection, workspace_id: UUID, entries: Sequence[Entry]) -> list[Entered]:
    """Which of some entries were brought in without an account, and were not erased."""
    contests = [each.contest_id for each in entries]
    ids = [each.entrant_id for each in entries]
    return many(await conn.fetch(BROUGHT, workspace_id, contests, ids), Entered)


ACCOUNTS_OF = """
SELECT x.platform, x.instance, x.account AS id
FROM unnest($2::uuid[], $3::uuid[]) AS k (contest_id, entrant_id)
CROSS JOIN LATERAL (SELECT x.platform, x.instance, x.account FROM entrant_accounts x
    WHERE x.workspace_id = $1 AND x.contest_id = k.contest_id AND x.entrant_id = k.entrant_id
    UNION ALL
    SELECT l.platform, l.instance, l.account FROM links l
    WHERE l.workspace_id = $1 AND l.contest_id = k.contest_id AND l.entrant_id = k.entrant_id
        AND l.parted_at IS NULL
    OFFSET 0) x
"""


async def accounts_of(
    conn: Connection, workspace_id: UUID, entries: Sequence[Entry]
) -> set[AccountKey]:
    """All accounts of some entrants: one person may have entered with two."""
    contests = [each.contest_id for each in entries]
    ids = [each.entrant_id for each in entries]
    return set(many(await conn.fetch(ACCOUNTS_OF, workspace_id, contests, ids), AccountKey))


# Published texts ----------------------------------------------------------------------------------


class PublishedText(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    text: str
    url: str | None


TEXTS = """
SELECT id, text, published_url AS url FROM announcements
WHERE workspace_id = $1 AND contest_id = $2 ORDER BY id
"""
SET_TEXT = "UPDATE announcements SET text = $3 WHERE workspace_id = $1 AND id = $2"
TOLD_URLS = """
SELECT DISTINCT told_url FROM notices
WHERE workspace_id = $1 AND contest_id = $2 AND told_url IS NOT NULL
    AND ($3::uuid[] IS NULL OR entrant_id = ANY ($3))
ORDER BY told_url
"""


async def texts(conn: Connection, workspace_id: UUID, contest_id: UUID) -> list[PublishedText]:
    """What a contest announces; it has a handful of texts."""
    return many(await conn.fetch(TEXTS, workspace_id, contest_id), PublishedText)


async def set_texts(conn: Connection, workspace_id: UUID, texts_: Mapping[UUID, str]) -> None:
    await conn.executemany(SET_TEXT, [(workspace_id, id_, text) for id_, text in texts_.items()])


async def told_urls(
    conn: Connection, workspace_id: UUID, contest_id: UUID, ids: Sequence[UUID] | None
) -> list[str]:
    """Publications that tell some entrants, or all, that they have won."""
    rows = await conn.fetch(TOLD_URLS, workspace_id, contest_id, ids)
    return [row["told_url"] for row in rows]


COMMITMENTS = """
SELECT label, encode(commitment, 'hex') AS commitment FROM openings
WHERE workspace_id = $1 AND contest_id = $2 AND entrant_id = ANY ($3) AND label <> ''
"""


async def commitments_by_label(
    conn: Connection, workspace_id: UUID, contest_id: UUID, ids: Sequence[UUID]
) -> dict[str, str]:
    """Commitments, in hex, by what their entries are called."""
    rows = await conn.fetch(COMMITMENTS, workspace_id, contest_id, ids)
    return {row["label"]: row["commitment"] for row in rows}
