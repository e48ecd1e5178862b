"""Entrants as a file: who takes part and why, as CSV for the organiser's own spreadsheet."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec

from contest_service.domain.accounts import AccountKey
from contest_service.domain.conditions import Language
from contest_service.domain.exported import HEADER, say_reason, say_state
from contest_service.domain.judging import EntrantState
from contest_service.domain.spreadsheet import Separator, write_lines
from contest_service.flows import entrant_view
from contest_service.flows.list_files import said
from contest_service.flows.runtime import Runtime
from contest_service.store import entrants, exported, tallies
from contest_service.store.contests import Contest
from contest_service.store.entrant_table import Row
from contest_service.store.entrants import Entrant
from contest_service.store.exported import Referred

AT_ONCE = 2000


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which entrants a file is to hold, as the list of entrants is filtered, and its language."""

    language: Language
    separator: Separator
    state: EntrantState | None
    reason: str | None
    who: str | None


async def export_entrants(rt: Runtime, contest: Contest, wanted: Wanted) -> AsyncIterator[bytes]:
    """Yield entrants as CSV, oldest first, with a connection for each piece alone."""
    key = (contest.workspace_id, contest.id)
    yield write_lines([HEADER], wanted.separator, is_first=True)
    after: UUID | None = None
    while True:
        async with rt.pool.acquire() as conn:
            page = await entrants.list_page(
                conn,
                *key,
                state=wanted.state,
                reason=wanted.reason,
                who=wanted.who,
                after=after,
                limit=AT_ONCE,
            )
            ids = [each.id for each in page]
            accounts = await exported.accounts(conn, *key, ids)
            references = await exported.references(conn, *key, ids)
        if not page:
            return
        rows = (
            _row(
                each,
                wanted.language,
                accounts=accounts.get(each.id, ()),
                brought=references.get(each.id),
            )
            for each in page
        )
        yield write_lines(rows, wanted.separator)
        after = page[-1].id


async def export_chosen(
    rt: Runtime,
    contest: Contest,
    wanted: entrant_view.Wanted,
    *,
    language: Language,
    separator: Separator,
) -> AsyncIterator[bytes]:
    """Yield whom the table of entrants shows for a choice as CSV, in the table's order."""
    key = (contest.workspace_id, contest.id)
    yield write_lines([HEADER], separator, is_first=True)
    wanted = msgspec.structs.replace(wanted, start=(), is_back=False, limit=AT_ONCE)
    while True:
        async with rt.pool.acquire() as conn:
            tallied = await tallies.of_contest(conn, *key)
            page = await entrant_view.find_entrants(conn, contest, wanted, tallied)
            ids = [each.id for each in page.rows]
            accounts = await exported.accounts(conn, *key, ids)
            references = await exported.references(conn, *key, ids)
        rows = (
            _row(
                each,
                language,
                accounts=accounts.get(each.id, ()),
                brought=references.get(each.id),
            )
            for each in page.rows
        )
        yield write_lines(rows, separator)
        if not page.last:
            return
        wanted = msgspec.structs.replace(wanted, start=page.last)


def _row(
    entrant: Entrant | Row,
    language: Language,
    *,
    accounts: Sequence[AccountKey],
    brought: Referred | None,
) -> Sequence[str]:
    return (
        str(entrant.id),
        entrant.label,
        entrant.subject,
        " ".join(each.subject for each in accounts),
        brought.reference if brought else "",
        entrant.state.value,
        say_state(entrant.state, language),
        entrant.reason,
        say_reason(entrant.reason, language),
        str(entrant.tickets),
        said(brought.entered_at if brought else None),
        said(entrant.judged_at),
        said(entrant.erased_at),
    )
