"""Staff: ask platforms who helps to run a contest's communities, and keep the answer fresh.

Asked by whoever judges: at the start, once a day while the contest runs, again at the close before
anybody is judged, and when winners are checked after the draw. What a platform does not tell, or
did not tell for long, is not known: nobody is taken for a stranger because a question failed.
"""

from datetime import UTC, datetime, timedelta

import structlog

from contest_service.domain.errors import NotFoundError
from contest_service.flows.exclusions import asks_for_staff
from contest_service.flows.runtime import Runtime, adapter_for
from contest_service.flows.versions import counting
from contest_service.platforms.errors import PlatformError
from contest_service.store import changes, staff
from contest_service.store.contests import Contest
from contest_service.store.staff import Staff

log = structlog.get_logger(__name__)

READ_EVERY = timedelta(days=1)
ASK_AGAIN = timedelta(hours=1)
"""When a platform is asked again that did not answer."""
_AT_ONCE = datetime.min.replace(tzinfo=UTC)


async def read_staff(rt: Runtime, contest: Contest, *, since: datetime | None = None) -> bool:
    """Read the staff of the contest's communities, as far as it is due and the rules ask for it.

    What was read before `since` is due at once. False if a platform could not answer that may do so
    in a moment.
    """
    known = await _asked_about(rt, contest)
    due = [each for each in known if _due_at(each, since) <= rt.clock()]
    return all([await _read(rt, contest, each) for each in due])


async def next_reading(rt: Runtime, contest: Contest) -> datetime | None:
    """When the staff of a running contest is to be read again; None if its rules do not ask."""
    known = await _asked_about(rt, contest)
    return min((_due_at(each, None) for each in known), default=None)


async def _asked_about(rt: Runtime, contest: Contest) -> list[Staff]:
    async with rt.pool.acquire() as conn:
        if not asks_for_staff(await counting(conn, contest)):
            return []
        return await staff.of_contest(conn, contest.workspace_id, contest.id)


def _due_at(known: Staff, since: datetime | None) -> datetime:
    """When a community is to be asked: at once if it never was, or told nothing after `since`."""
    if known.tried_at is None:
        return _AT_ONCE
    if since is not None and (known.read_at is None or known.read_at < since):
        return _AT_ONCE
    has_failed = known.read_at is None or known.read_at < known.tried_at
    return known.tried_at + (ASK_AGAIN if has_failed else READ_EVERY)


async def _read(rt: Runtime, contest: Contest, known: Staff) -> bool:
    try:
        async with adapter_for(rt, contest.workspace_id, known.community_id) as adapter:
            told = await adapter.staff()
    except (PlatformError, NotFoundError) as error:
        log.warning("staff_not_read", community=str(known.community_id), reason=error.message)
        await _note_failure(rt, contest, known, error.message)
        return not isinstance(error, PlatformError) or error.is_permanent
    async with rt.pool.acquire() as conn, conn.transaction():
        key = (contest.workspace_id, known.community_id)
        before = await staff.known(conn, *key)
        await staff.keep(conn, *key, told, at=rt.clock())
        # Whether it is told at all is seen by everybody's judge (`bench.digest`).
        await changes.note(
            conn,
            contest.workspace_id,
            (before or frozenset()) ^ (told or frozenset()),
            platform=known.platform,
            instance=known.instance,
        )
    return True


async def _note_failure(rt: Runtime, contest: Contest, known: Staff, failure: str) -> None:
    async with rt.pool.acquire() as conn, conn.transaction():
        await staff.note_failure(
            conn, contest.workspace_id, known.community_id, failure, at=rt.clock()
        )
