"""Sketches of comments: which were looked at, what they repeat, and whom too many of them name."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from contest_service.domain.signals.copies import Said, Source, packed, unpacked
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection, many


class Commented(msgspec.Struct, frozen=True, kw_only=True):
    """A target under which a contest counts comments."""

    target_id: UUID
    platform: str
    instance: str


TARGETS = """
SELECT e.target_id, t.platform, t.instance FROM contest_evidence e
JOIN targets t ON t.workspace_id = e.workspace_id AND t.id = e.target_id
WHERE e.workspace_id = $1 AND e.contest_id = $2 AND e.action = 'comment'
ORDER BY e.target_id
"""
LOCK = """
SELECT FROM watches w
WHERE w.workspace_id = $1 AND w.action = 'comment' AND w.target_id IN (
    SELECT e.target_id FROM contest_evidence e
    WHERE e.workspace_id = $1 AND e.contest_id = $2 AND e.action = 'comment')
ORDER BY w.target_id FOR UPDATE
"""
# Presences of one comment that was away for a while are one comment.
UNSKETCHED = """
SELECT DISTINCT ON (a.account, a.ref) a.account, a.ref, a.text,
    floor(date_part('epoch', COALESCE(a.at, a.seen_at)))::bigint AS at
FROM actions a
WHERE a.workspace_id = $1 AND a.target_id = $3 AND a.action = 'comment'
    AND (a.account, a.ref) > ($5, $6)
    AND NOT EXISTS (SELECT FROM comment_sketches s
        WHERE s.workspace_id = $1 AND s.contest_id = $2 AND s.target_id = $3
            AND s.account = a.account AND s.ref = a.ref)
ORDER BY a.account, a.ref, a.seen_at
LIMIT $4
"""
# A band in which there are more than so many tells nothing of any of them.
KNOWN = """
SELECT n.band, b.ids
FROM unnest($3::bigint[]) AS n (band)
CROSS JOIN LATERAL (SELECT array_agg(f.source_id) AS ids FROM (
        SELECT b.source_id FROM comment_bands b
        WHERE b.workspace_id = $1 AND b.contest_id = $2 AND b.band = n.band
        LIMIT $4::integer + 1) f
    HAVING count(*) BETWEEN 1 AND $4::integer
    OFFSET 0) b
"""
SOURCES = """
SELECT c.id, c.account, c.ref, c.written_at, c.words, c.features
FROM unnest($3::uuid[]) AS n (id)
CROSS JOIN LATERAL (SELECT c.id, c.account, c.ref, c.written_at, c.words, c.features
    FROM comment_sources c
    JOIN targets t ON t.workspace_id = $1 AND t.id = c.target_id
        AND t.platform = $4 AND t.instance = $5
    WHERE c.workspace_id = $1 AND c.contest_id = $2 AND c.id = n.id
    OFFSET 0) c
"""


async def targets(conn: Connection, contest: Contest) -> list[Commented]:
    """Where a contest counts comments."""
    return many(await conn.fetch(TARGETS, contest.workspace_id, contest.id), Commented)


BY_KEYS = "SET LOCAL enable_seqscan = off"


async def lock(conn: Connection, contest: Contest) -> None:
    """Let nobody else look through a contest's comments until the transaction ends.

    Until then everything is looked up by its key: statistics are of a time without these rows.
    """
    await conn.execute(LOCK, contest.workspace_id, contest.id)
    await conn.execute(BY_KEYS)


async def unsketched(
    conn: Connection, contest: Contest, place: Commented, *, after: tuple[str, str], limit: int
) -> list[Said]:
    """List comments under a post that were not looked at yet, whether they are still there or not.

    They come by account and ref, from behind `after`.
    """
    key = (contest.workspace_id, contest.id, place.target_id)
    return many(await conn.fetch(UNSKETCHED, *key, limit, *after), Said)


async def known(
    conn: Connection, contest: Contest, place: Commented, *, bands: Sequence[int], most: int
) -> list[tuple[int, Source]]:
    """Look up a contest's sources in some bands: (band, source), as far as they are of one network.

    A band with more than `most` is left out. A source in several bands is one object.
    """
    key = (contest.workspace_id, contest.id)
    network = (place.platform, place.instance)
    by_band = {row["band"]: row["ids"] for row in await conn.fetch(KNOWN, *key, bands, most)}
    ids = {id_ for found in by_band.values() for id_ in found}
    sources = {
        row["id"]: Source(
            id=row["id"],
            account=row["account"],
            ref=row["ref"],
            at=row["written_at"],
            words=row["words"],
            features=unpacked(row["features"]),
        )
        for row in await conn.fetch(SOURCES, *key, sorted(ids), *network)
    }
    return [
        (band, sources[id_]) for band, found in by_band.items() for id_ in found if id_ in sources
    ]


_SKETCHES = ("workspace_id", "contest_id", "target_id", "account", "ref", "source_id")
_SOURCES = (
    "workspace_id", "contest_id", "target_id", "id", "account", "ref", "written_at", "words",
    "features",
)  # fmt: skip
_BANDS = ("workspace_id", "contest_id", "band", "source_id")
TAKE_PLACE = """
UPDATE comment_sources c
SET target_id = $3, account = n.account, ref = n.ref, written_at = n.at
FROM unnest($4::uuid[], $5::text[], $6::text[], $7::bigint[]) AS n (id, account, ref, at)
WHERE c.workspace_id = $1 AND c.contest_id = $2 AND c.id = n.id
"""


async def keep(
    conn: Connection,
    contest: Contest,
    place: Commented,
    *,
    placed: Sequence[tuple[Said, Source | None]],
) -> None:
    """Note comments as looked at, with what each repeats, and the sources that are new or moved.

    All of these stand under this post.
    """
    key = (contest.workspace_id, contest.id)
    here = (*key, place.target_id)
    sources = {source.id: source for _, source in placed if source is not None}.values()
    new = [source for source in sources if source.is_new]
    await conn.copy_records_to_table(
        "comment_sources",
        columns=_SOURCES,
        records=[(*here, s.id, s.account, s.ref, s.at, s.words, packed(s.features)) for s in new],
    )
    await conn.copy_records_to_table(
        "comment_bands",
        columns=_BANDS,
        records=[(*key, band, s.id) for s in new for band in set(s.bands)],
    )
    moved = [source for source in sources if source.is_changed]
    await conn.execute(
        TAKE_PLACE,
        *here,
        [s.id for s in moved],
        [s.account for s in moved],
        [s.ref for s in moved],
        [s.at for s in moved],
    )
    await conn.copy_records_to_table(
        "comment_sketches",
        columns=_SKETCHES,
        records=[
            (*here, said.account, said.ref, None if source is None else source.id)
            for said, source in placed
        ],
    )


COMMENTERS = """
SELECT count(DISTINCT account) FROM comment_sketches WHERE workspace_id = $1 AND contest_id = $2
"""
# `$3` are the sources that just got comments; the others are counted, but may now be common or not.
RECOUNT = """
UPDATE comment_sources c SET writers = n.writers
FROM (SELECT s.source_id, count(DISTINCT s.account)::integer AS writers FROM comment_sketches s
    WHERE s.workspace_id = $1 AND s.contest_id = $2 AND s.source_id = ANY ($3)
    GROUP BY s.source_id) n
WHERE c.workspace_id = $1 AND c.contest_id = $2 AND c.id = n.source_id AND c.writers <> n.writers
"""
JUDGE_COMMON = """
UPDATE comment_sources c
SET is_common = c.writers >= $3 AND c.writers::bigint * 100 > $4::bigint * $5
WHERE c.workspace_id = $1 AND c.contest_id = $2 AND c.writers > 1
    AND c.is_common <> (c.writers >= $3 AND c.writers::bigint * 100 > $4::bigint * $5)
RETURNING c.id
"""
WRITERS = """
SELECT DISTINCT account FROM comment_sketches
WHERE workspace_id = $1 AND contest_id = $2 AND source_id = ANY ($3)
"""


async def recount(
    conn: Connection,
    contest: Contest,
    grown: Sequence[UUID],
    *,
    least: int,
    per_cent: int,
) -> list[str]:
    """Count who writes what again, and what is common by that; return whose copies changed by it.

    `grown` are the sources that got comments. Common is what at least `least` accounts write, and
    more than `per_cent` of all commenters.
    """
    key = (contest.workspace_id, contest.id)
    await conn.execute(RECOUNT, *key, grown)
    commenters = await conn.fetchval(COMMENTERS, *key)
    rows = await conn.fetch(JUDGE_COMMON, *key, least, per_cent, commenters)
    turned = [row["id"] for row in rows]
    return [row["account"] for row in await conn.fetch(WRITERS, *key, turned)] if turned else []


COPIED = """
SELECT t.platform, t.instance, s.account, array_agg(s.ref) AS refs
FROM comment_sources c
JOIN comment_sketches s ON s.workspace_id = c.workspace_id AND s.contest_id = c.contest_id
    AND s.source_id = c.id AND s.account <> c.account
JOIN targets t ON t.workspace_id = s.workspace_id AND t.id = s.target_id
WHERE c.workspace_id = $1 AND c.contest_id = $2 AND c.writers > 1 AND NOT c.is_common
GROUP BY t.platform, t.instance, s.account
"""


async def copied(conn: Connection, contest: Contest) -> dict[tuple[str, str, str], frozenset[str]]:
    """All copies of a contest, by platform, instance and account: the comments' refs."""
    rows = await conn.fetch(COPIED, contest.workspace_id, contest.id)
    return {
        (row["platform"], row["instance"], row["account"]): frozenset(row["refs"]) for row in rows
    }


NAMED = """
SELECT t.platform, t.instance, m.named AS account, count(DISTINCT a.account)::integer AS named_by
FROM contest_evidence e
JOIN targets t ON t.workspace_id = e.workspace_id AND t.id = e.target_id
JOIN actions a ON a.workspace_id = e.workspace_id AND a.target_id = e.target_id
    AND a.action = e.action
CROSS JOIN LATERAL unnest(a.mentions) AS m (named)
WHERE e.workspace_id = $1 AND e.contest_id = $2 AND e.action = 'comment'
GROUP BY t.platform, t.instance, m.named
HAVING count(DISTINCT a.account) > $3
"""
ALL_COMMENTERS = """
SELECT count(DISTINCT a.account) FROM contest_evidence e
JOIN actions a ON a.workspace_id = e.workspace_id AND a.target_id = e.target_id
    AND a.action = e.action
WHERE e.workspace_id = $1 AND e.contest_id = $2 AND e.action = 'comment'
"""


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """An account, and how many accounts name it in comments."""

    platform: str
    instance: str
    account: str
    named_by: int


async def named(conn: Connection, contest: Contest, *, above: int) -> tuple[list[Named], int]:
    """Who is named by more than `above` accounts, and how many accounts comment at all."""
    key = (contest.workspace_id, contest.id)
    found = many(await conn.fetch(NAMED, *key, above), Named)
    return found, int(await conn.fetchval(ALL_COMMENTERS, *key)) if found else 0


CLEAR_OVERNAMED = "DELETE FROM overnamed WHERE workspace_id = $1 AND contest_id = $2"
KEEP_OVERNAMED = """
INSERT INTO overnamed (workspace_id, contest_id, platform, instance, account, named_by)
SELECT $1, $2, n.* FROM unnest($3::text[], $4::text[], $5::text[], $6::integer[]) AS n
"""
OVERNAMED = "SELECT account FROM overnamed WHERE workspace_id = $1 AND contest_id = $2"


async def overnamed(conn: Connection, contest: Contest) -> frozenset[str]:
    """Accounts that too many name, as they were last counted."""
    rows = await conn.fetch(OVERNAMED, contest.workspace_id, contest.id)
    return frozenset(row["account"] for row in rows)


async def set_overnamed(conn: Connection, contest: Contest, found: Sequence[Named]) -> None:
    """Say anew whom too many name."""
    key = (contest.workspace_id, contest.id)
    await conn.execute(CLEAR_OVERNAMED, *key)
    await conn.execute(
        KEEP_OVERNAMED,
        *key,
        [each.platform for each in found],
        [each.instance for each in found],
        [each.account for each in found],
        [each.named_by for each in found],
    )
