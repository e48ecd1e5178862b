"""Guards of fraud signals: pages of scores, who is held, and which comments were not read yet."""

from uuid import UUID

from contest_service.domain.signals.scores import in_order
from contest_service.store import copies, quarantines, signals, surroundings
from contest_service.store.rows import Connection
from contest_service.store.signals import Seek
from store.crowded import CROWD, SOME, Places
from store.guards import PAGE, Call, Guard, guard, pages

FEW = 2 * PAGE
# One in so many is of a kind: where kinds are mixed, a walk past the others is fine.
MIXED = 20 * PAGE
CONTESTS = 3_300
"""All of the workspace, of which the newest are looked for."""
COMMENTS = SOME
BANDS = 200


def _scores(after: Seek) -> Call:
    async def call(conn: Connection, at: Places) -> object:
        return await signals.list_page(
            conn, at.contest, at_least=0, signal=None, state=None, after=after, limit=PAGE
        )

    return call


async def _falling(conn: Connection, at: Places, after: UUID | None) -> object:
    return await signals.falling(
        conn, at.contest, weights=in_order({}), threshold=60, after=after, limit=PAGE
    )


async def _counted(conn: Connection, at: Places) -> object:
    return await signals.count_falling(
        conn, at.contest, weights=in_order({}), threshold=60, new_days=30
    )


async def _held(conn: Connection, at: Places, after: UUID | None) -> object:
    return await quarantines.list_page(conn, at.contest, after=after, limit=PAGE)


async def _unsketched(conn: Connection, at: Places) -> object:
    return await copies.unsketched(conn, at.contest, _place(at), after=("", ""), limit=PAGE)


async def _known(conn: Connection, at: Places) -> object:
    bands = [1, *range(1000, 1000 + BANDS)]
    await copies.lock(conn, at.contest)
    return await copies.known(conn, at.contest, _place(at), bands=bands, most=20)


def _place(at: Places) -> copies.Commented:
    post = at.post
    return copies.Commented(target_id=post.id, platform=post.platform, instance=post.instance)


GUARDS: tuple[Guard, ...] = (
    guard("signals.LIST", _scores(Seek()), rows=4 * FEW, what="first"),
    guard("signals.LIST", _scores(Seek(score=0)), rows=4 * FEW, what="middle"),
    *pages("signals.FALLING", _falling, of="entrants", rows=4 * CROWD),
    # The scores alone: who takes part is known without looking.
    guard("signals.COUNT_FALLING", _counted, rows=3 * CROWD),
    *pages("quarantines.LIST", _held, of="quarantines", rows=MIXED),
    guard(
        "surroundings.OTHERS",
        lambda conn, at: surroundings.others(conn, at.contest),
        rows=CONTESTS,
    ),
    guard("copies.UNSKETCHED", _unsketched, rows=6 * COMMENTS),
    guard("copies.KNOWN", _known, rows=4 * BANDS),
)
