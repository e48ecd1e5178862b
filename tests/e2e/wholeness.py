"""What must hold of a contest after its life, whatever crashed in it: nothing lost, nothing twice.

Reads the tables as they are, without the service's own functions.
"""

from typing import Any

import asyncpg
from atproto import Client
from network.people import Person, Post

LOG = """
SELECT index FROM log_leaves WHERE log = 'practice' ORDER BY index
"""
SIGNED = "SELECT max(size) FROM checkpoints WHERE log = 'practice'"
EVENTS = "SELECT seq, type FROM events WHERE contest_id = $1 ORDER BY seq"
ANNOUNCED = "SELECT kind, state, published_ref FROM announcements WHERE contest_id = $1"
OVERLAPS = """
SELECT count(*) FROM actions a JOIN actions b USING (workspace_id, target_id, action, account, ref)
WHERE a.seen_scan < b.seen_scan AND (a.gone_at IS NULL OR a.gone_at > b.seen_at)
"""
UNSOUND = "SELECT count(*) FROM actions WHERE gone_at < seen_at OR absent_at > seen_at"
PRESENT = """
SELECT action, count(*) AS accounts, max(times) AS most FROM (
    SELECT action, account, count(*) AS times FROM actions WHERE gone_at IS NULL
    GROUP BY action, account
) each GROUP BY action
"""
UNFINISHED = "SELECT count(*) FROM scans WHERE state = 'running'"
LEFT = "SELECT kind FROM work WHERE kind <> 'notify'"
TOLD = "SELECT state, told_ref FROM notices WHERE contest_id = $1"


async def require_whole(conn: "asyncpg.Connection[Any]", contest_id: Any) -> int:
    """Fail if a contest that is announced has lost anything, or has anything twice.

    Returns how many amendments there were: a service that was away for too long postpones.
    """
    rows = await conn.fetch(EVENTS, contest_id)
    types = [row["type"] for row in rows]
    amendments = types.count("amend")
    assert types == ["rules", *["amend"] * amendments, "freeze", "result"]
    assert [row["seq"] for row in rows] == list(range(len(rows)))
    indexes = [row["index"] for row in await conn.fetch(LOG)]
    assert indexes == list(range(len(indexes)))
    size = await conn.fetchval("SELECT size FROM log_heads WHERE log = 'practice'")
    assert size == len(indexes)
    assert await conn.fetchval(SIGNED) == size
    announced = await conn.fetch(ANNOUNCED, contest_id)
    assert {row["state"] for row in announced} <= {"published"}
    assert len({row["published_ref"] for row in announced}) == len(announced)
    assert await conn.fetchval(OVERLAPS) == 0
    assert await conn.fetchval(UNSOUND) == 0
    assert await conn.fetchval("SELECT count(*) FROM scan_staging") == 0
    assert await conn.fetchval(UNFINISHED) == 0
    # Nobody can be written to there, so the announcement itself tells whoever it names.
    for notice in await conn.fetch(TOLD, contest_id):
        assert notice["state"] in ("due", "told")
        assert notice["told_ref"] in (None, *(row["published_ref"] for row in announced))
    # Beside notices the one thing that is still to come: the contest's completion.
    assert [row["kind"] for row in await conn.fetch(LEFT)] == ["advance"]
    return amendments


async def count_present(conn: "asyncpg.Connection[Any]") -> dict[str, int]:
    """How many actions are there of each kind, by accounts that did it just once."""
    rows = await conn.fetch(PRESENT)
    assert all(row["most"] == 1 for row in rows)
    return {row["action"]: row["accounts"] for row in rows}


def replies_of(reader: Client, post: Post, page: Person) -> list[str]:
    """What the page said under a post, as anybody reads it, oldest first."""
    thread = reader.app.bsky.feed.get_post_thread({"uri": post.uri, "depth": 10}).thread
    said = [
        (answer.post.indexed_at, answer.post.record.text)
        for answer in thread.replies or ()
        if answer.post.author.did == page.did
    ]
    return [text for _, text in sorted(said)]
