"""Stuck: what of a contest is to be said and cannot be, until a person mends something."""

import msgspec

from contest_service.store.contests import Contest
from contest_service.store.rows import Connection, exactly


class Stuck(msgspec.Struct, frozen=True, kw_only=True):
    """How many texts could not be published, and how many winners not told."""

    texts: int
    winners: int


OF_CONTEST = """
SELECT
    (SELECT count(*) FROM announcements a
     WHERE a.workspace_id = $1 AND a.contest_id = $2 AND a.state = 'failed') AS texts,
    (SELECT count(DISTINCT n.entrant_id) FROM notices n
     WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.state IN ('failed', 'unreachable')
         AND n.state <> 'told') AS winners
"""


async def of_contest(conn: Connection, contest: Contest) -> Stuck:
    """Count what waits for a person; few rows, whatever the contest's size."""
    return exactly(await conn.fetchrow(OF_CONTEST, contest.workspace_id, contest.id), Stuck)
