"""Links: which entries of a contest are one person's, by that person's consent.

While a link stands, the entrant that was merged names the entry it was merged into, so that
everything that looks accounts up finds the one entry.
"""

from collections.abc import Sequence, Set
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.accounts import AccountKey, Platform
from contest_service.domain.conditions import Language
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection, many


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody agreed to, and which two accounts they had shown to be theirs."""

    text: str
    version: int
    language: Language
    shown: list[str]
    """Subjects."""
    at: datetime


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """An account of a person who linked some.

    `entrant_id` is the entrant as which the account alone takes part, `entry_id` the person's one
    entry. They are the same for the account that entered first, which has no consent: each of the
    others has its own.
    """

    entry_id: UUID
    entrant_id: UUID
    key: AccountKey
    consent: Consent | None

    @property
    def subject(self) -> str:
        return self.key.subject


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    entry_id: UUID
    entrant_id: UUID
    platform: Platform
    instance: str
    account: str
    text: str
    version: int
    language: Language
    shown: list[str]
    at: datetime


class _Account(msgspec.Struct, frozen=True, kw_only=True):
    entry_id: UUID
    platform: Platform
    instance: str
    id: str


COLUMNS = """into_id AS entry_id, entrant_id, platform, instance, account, consent AS text,
    consent_version AS version, consent_language AS language, shown, linked_at AS at"""
LINKED = f"""
SELECT {COLUMNS} FROM links
WHERE workspace_id = $1 AND contest_id = $2 AND parted_at IS NULL
ORDER BY into_id, linked_at, id
"""
OF_ENTRY = f"""
SELECT {COLUMNS} FROM links
WHERE workspace_id = $1 AND contest_id = $2 AND into_id = $3 AND parted_at IS NULL
ORDER BY linked_at, id
"""
ACCOUNTS = """
SELECT k.entry_id, x.platform, x.instance, x.account AS id
FROM unnest($3::uuid[]) AS k (entry_id)
CROSS JOIN LATERAL (SELECT x.platform, x.instance, x.account FROM entrant_accounts x
    WHERE x.workspace_id = $1 AND x.contest_id = $2 AND x.entrant_id = k.entry_id
    OFFSET 0) x
"""


async def members(conn: Connection, contest: Contest) -> list[Member]:
    """List the accounts of all persons who linked some.

    Those of one person stand together, the account that entered first before the others.
    """
    rows = many(await conn.fetch(LINKED, contest.workspace_id, contest.id), _Row)
    return await _with_first(conn, contest, rows, {row.entry_id for row in rows}) if rows else []


async def of_entry(conn: Connection, contest: Contest, entry_id: UUID) -> list[Member]:
    """List the accounts of one entry, as `members` does, whether or not any were linked."""
    found = await conn.fetch(OF_ENTRY, contest.workspace_id, contest.id, entry_id)
    return await _with_first(conn, contest, many(found, _Row), {entry_id})


async def _with_first(
    conn: Connection, contest: Contest, rows: Sequence[_Row], entries: Set[UUID]
) -> list[Member]:
    """Put the account that entered first before those that were linked to it."""
    linked: dict[UUID, list[Member]] = {each: [] for each in sorted(entries)}
    for row in rows:
        key = AccountKey(platform=row.platform, instance=row.instance, id=row.account)
        consent = Consent(
            text=row.text,
            version=row.version,
            language=row.language,
            shown=row.shown,
            at=row.at,
        )
        linked[row.entry_id].append(
            Member(entry_id=row.entry_id, entrant_id=row.entrant_id, key=key, consent=consent)
        )
    args = (contest.workspace_id, contest.id, list(linked))
    for each in many(await conn.fetch(ACCOUNTS, *args), _Account):
        key = AccountKey(platform=each.platform, instance=each.instance, id=each.id)
        others = linked[each.entry_id]
        if all(key != other.key for other in others):
            first = Member(entry_id=each.entry_id, entrant_id=each.entry_id, key=key, consent=None)
            others.insert(0, first)
    return [member for person in linked.values() for member in person]


class NewLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link on its way into the table: the entry of `entrant_id` is merged into another."""

    entrant_id: UUID
    into_id: UUID
    ownerships: Sequence[UUID]
    consent: Consent


# What was merged into the entry that is merged now goes with it.
FOLLOW = """
UPDATE links SET into_id = $4
WHERE workspace_id = $1 AND contest_id = $2 AND into_id = $3 AND parted_at IS NULL
"""
ADD = """
INSERT INTO links (workspace_id, contest_id, entrant_id, into_id, platform, instance, account,
    shown, ownerships, consent, consent_version, consent_language, linked_at)
SELECT $1, $2, n.id, $4, platform_of(n.subject), instance_of(n.subject), account_of(n.subject),
    $5, $6, $7, $8, $9, $10
FROM entrants n
WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.id = $3 AND n.entry_id IS NULL
"""
FOLLOW_ACCOUNTS = """
UPDATE entrants SET entry_id = $4
WHERE workspace_id = $1 AND contest_id = $2 AND entry_id = $3
"""
MOVE_ACCOUNT = """
UPDATE entrants SET entry_id = $4
WHERE workspace_id = $1 AND contest_id = $2 AND id = $3 AND entry_id IS NULL
"""


async def add(conn: Connection, contest: Contest, new: NewLink) -> None:
    """Merge an entry into another, with all that was merged into it before."""
    key = (contest.workspace_id, contest.id, new.entrant_id, new.into_id)
    consent = new.consent
    await conn.execute(
        ADD,
        *key,
        consent.shown,
        list(new.ownerships),
        consent.text,
        consent.version,
        consent.language,
        consent.at,
    )
    for statement in (FOLLOW, FOLLOW_ACCOUNTS, MOVE_ACCOUNT):
        await conn.execute(statement, *key)


PART = """
UPDATE links SET parted_at = $4
WHERE workspace_id = $1 AND contest_id = $2 AND into_id = $3 AND parted_at IS NULL
"""
GIVE_BACK = """
UPDATE entrants SET entry_id = NULL
WHERE workspace_id = $1 AND contest_id = $2 AND entry_id = $3
"""


async def part(conn: Connection, contest: Contest, entry_id: UUID, *, at: datetime) -> None:
    """Give every account that was merged into an entry back to the entrant that it was."""
    key = (contest.workspace_id, contest.id, entry_id)
    await conn.execute(PART, *key, at)
    await conn.execute(GIVE_BACK, *key)


TAKEN_BACK = """
SELECT EXISTS (SELECT FROM links WHERE workspace_id = $1 AND contest_id = $2
    AND ownerships && $3::uuid[] AND parted_at IS NOT NULL)
"""


async def was_taken_back(conn: Connection, contest: Contest, ownerships: Sequence[UUID]) -> bool:
    """Whether a link that one of these ownerships served for was parted since."""
    key = (contest.workspace_id, contest.id)
    return bool(await conn.fetchval(TAKEN_BACK, *key, list(ownerships)))


PROMISED = """
SELECT s.id FROM unnest($3::uuid[]) AS s (id)
WHERE EXISTS (SELECT FROM promises p
    WHERE p.workspace_id = $1 AND p.contest_id = $2 AND p.entrant_id = s.id)
"""


async def promised(conn: Connection, contest: Contest, entries: Sequence[UUID]) -> set[UUID]:
    """Those of some entries that were promised their place in the list."""
    rows = await conn.fetch(PROMISED, contest.workspace_id, contest.id, list(entries))
    return {row["id"] for row in rows}
