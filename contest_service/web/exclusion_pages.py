"""Whom the rules of a contest keep out, whatever they did: lists, staff, and past winners."""

import contextlib
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from contest_service.domain.conditions import NotListed, NotPastWinner
from contest_service.domain.errors import NotFoundError
from contest_service.domain.schedule import moment
from contest_service.flows.exclusions import (
    Exclusions,
    asked_in,
    asks_for_staff,
    is_told,
    read_exclusions,
)
from contest_service.flows.versions import counting
from contest_service.store import communities, lists, staff
from contest_service.store.lists import AccountList
from contest_service.store.rows import Connection
from contest_service.web.decision_frame import framed
from contest_service.web.gate import AnyRequest, runtime_of
from contest_service.web.page import render

_COMMUNITIES = 200
_SHOWN = 100
"""Accounts of a kind that are shown."""


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """Who helps to run a community, as its platform told; `is_told` if that can be relied on."""

    community_id: UUID
    name: str
    accounts: list[str]
    is_told: bool
    read_at: datetime | None


class Winner(msgspec.Struct, frozen=True, kw_only=True):
    account: str
    platform: str
    at: datetime


@get(
    "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/decisions/exclusions",
    operation_id="page_exclusions",
)
async def page_exclusions(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    async with runtime_of(request).pool.acquire() as conn:
        contest, frame = await framed(conn, request, contest_id, here="/exclusions")
        versions = await counting(conn, contest)
        asked = list(asked_in(versions))
        named = {UUID(each.list_id): each.name for each in asked if isinstance(each, NotListed)}
        known = await _lists(conn, workspace_id, named)
        teams = await staff.of_contest(conn, workspace_id, contest_id)
        connected = await communities.list_page(conn, workspace_id, after=None, limit=_COMMUNITIES)
        found = await read_exclusions(conn, contest, versions)
    names = {each.id: each.name for each in connected}
    return render(
        request,
        "exclusions.html",
        **frame,
        lists=[(each, named[each.id]) for each in known],
        asks_staff=asks_for_staff(versions),
        teams=[
            Team(
                community_id=each.community_id,
                name=names.get(each.community_id, each.platform.label),
                accounts=(each.accounts or [])[:_SHOWN],
                is_told=is_told(each),
                read_at=each.read_at,
            )
            for each in teams
        ],
        days=max((each.days for each in asked if isinstance(each, NotPastWinner)), default=0),
        winners=_winners(found)[:_SHOWN],
    )


async def _lists(conn: Connection, workspace_id: UUID, ids: Iterable[UUID]) -> list[AccountList]:
    """Those of some lists that are still there: once a contest has ended, one may be deleted."""
    found = []
    for id_ in sorted(ids):
        with contextlib.suppress(NotFoundError):
            found.append(await lists.read_list(conn, workspace_id, id_))
    return found


def _winners(found: Exclusions) -> list[Winner]:
    """Who won before, the last first."""
    won = [
        Winner(account=account, platform=platform, at=moment(times[-1]))
        for (platform, _), accounts in found.winners.items()
        for account, times in accounts.items()
    ]
    return sorted(won, key=lambda each: each.at, reverse=True)
