"""Guards of what erasing looks at: batches and ranges, however much there is around them."""

from datetime import timedelta

from contest_service.domain.evidence import Action
from contest_service.store import (
    aged_traces,
    entrant_traces,
    erasure,
    presence_traces,
    spoken_traces,
)
from contest_service.store.erasure import Cause
from contest_service.store.presence_traces import Spot
from contest_service.store.rows import Connection
from store.crowded import Places
from store.guards import PAGE, Guard, guard, pages

NAMED = 100
FEW = 2 * PAGE
NOTICES = 4_100
"""Of the largest contest, whose notices are looked through for those of some entrants."""
PROFILES = 25_000
"""What others know between a hundred accounts, and what is staged: all of the workspace's crowd."""
LIVE_EVENTS, MOVING = 3_100, 400
ALL_CONTESTS = 6_100
PLATFORM = "bluesky"
INSTANCE = "bsky.social"


def _likes(at: Places) -> Spot:
    return Spot(target_id=at.post.id, action=Action.LIKE)


async def _erase(conn: Connection, at: Places) -> None:
    await entrant_traces.erase(conn, *at.crowded, at.entrants, at=at.now)


async def _forget_profiles(conn: Connection, at: Places) -> None:
    where = {"platform": PLATFORM, "instance": INSTANCE}
    await presence_traces.forget_profiles(conn, at.workspace_id, at.accounts, **where)


GUARDS: tuple[Guard, ...] = (
    *pages(
        "erasure.LIST",
        lambda conn, at, key: erasure.list_page(conn, at.workspace_id, before=key, limit=PAGE),
        of="contests",
        rows=FEW,
    ),
    guard("erasure.READ", lambda conn, at: erasure.find(conn, *at.usual), rows=1),
    guard(
        "erasure.PLAN_AGED",
        lambda conn, at: erasure.plan_aged(
            conn, Cause.RETENTION, before=at.now + timedelta(days=1), now=at.now
        ),
        rows=ALL_CONTESTS,
        across=True,
    ),
    *pages(
        "entrant_traces.UNERASED",
        lambda conn, at, key: entrant_traces.unerased(conn, *at.crowded, after=key, limit=PAGE),
        of="entrants",
        rows=FEW,
    ),
    guard("entrant_traces.CLOSE_OPENINGS", _erase, rows=2 * NAMED),
    guard("entrant_traces.PART", _erase, rows=2 * NAMED),
    guard("entrant_traces.EMPTY_ENTRANTS", _erase, rows=2 * NAMED),
    guard("entrant_traces.EMPTY_NOTICES", _erase, rows=NOTICES),
    guard(
        "presence_traces.BODIES",
        lambda conn, at: presence_traces.bodies(
            conn, at.workspace_id, at.middle["scans"], after=-1, limit=PAGE
        ),
        rows=150,
    ),
    guard(
        "presence_traces.PROFILES",
        lambda conn, at: presence_traces.profiles(
            conn,
            at.workspace_id,
            platform=PLATFORM,
            instance=INSTANCE,
            after=at.accounts[0],
            limit=PAGE,
        ),
        rows=FEW,
    ),
    guard("presence_traces.FORGET_PROFILES", _forget_profiles, rows=PROFILES),
    guard(
        "presence_traces.NEEDED_BY",
        lambda conn, at: presence_traces.needed_by(conn, at.workspace_id, at.post.id),
        rows=MOVING,
    ),
    guard(
        "spoken_traces.EVENTS",
        lambda conn, at: spoken_traces.events(conn, at.workspace_id, after=None, limit=PAGE),
        rows=LIVE_EVENTS,
    ),
    guard(
        "spoken_traces.REPLIES",
        lambda conn, at: spoken_traces.replies(conn, at.workspace_id, after=None, limit=PAGE),
        rows=FEW,
    ),
    guard(
        "aged_traces.PRESENCES_TO",
        lambda conn, at: aged_traces.forget_presences(
            conn, at.workspace_id, _likes(at), after=min(at.accounts), limit=PAGE
        ),
        rows=FEW,
    ),
    guard(
        "aged_traces.ABSENCES_TO",
        lambda conn, at: aged_traces.forget_absences(
            conn, at.workspace_id, _likes(at), after=min(at.accounts), limit=PAGE
        ),
        rows=FEW,
    ),
)
