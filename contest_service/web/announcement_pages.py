"""What a contest has published and what it will: each text as it looks, and where it stands.

The page and the part that is fetched at each ping are made of the same.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from contest_service.domain.errors import ConflictError
from contest_service.flows import outbox
from contest_service.flows.outbox import Shown
from contest_service.flows.retry import retry_announcement as retry
from contest_service.flows.texts_ahead import Occasion
from contest_service.store import announcements, contests
from contest_service.store.announcements import Announcement, AnnouncementKind
from contest_service.store.contests import Contest
from contest_service.web.access import EDITORS
from contest_service.web.announcement_words import say_kind, say_occasion, say_state
from contest_service.web.contest_tabs import root_of
from contest_service.web.fault_words import say_conflict
from contest_service.web.forms import blank
from contest_service.web.gate import AnyRequest, actor_of, pings_of, runtime_of
from contest_service.web.language import Words, words_of
from contest_service.web.notes import note_of
from contest_service.web.page import render
from contest_service.web.submissions import submission
from contest_service.web.winner_words import Fact

_PERSONAL = (Occasion.MESSAGE, Occasion.MENTION)
_ONLY_IF = (Occasion.SUCCESSION, Occasion.AMENDMENT, Occasion.VOID)
PAGE = "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/announcements"


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """An announcement on one page: its text there, and where it stands."""

    it: Announcement
    text: Shown
    state: Fact


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of one event, on every page."""

    title: str
    sent: list[Sent]


@get(PAGE, operation_id="page_announcements")
async def page_announcements(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    # Asked before the rest, so that nothing that changes meanwhile goes unnoticed.
    since = await pings_of(request).since(workspace_id, contest_id)
    context = await _context(request, contest_id)
    return render(request, "announcements.html", since=since, note=note_of(request), **context)


@get(f"{PAGE}/now", operation_id="part_announcements")
async def part_announcements(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    """What of the page moves."""
    return render(request, "announcements-now.html", **await _context(request, contest_id))


@post(f"{PAGE}/{{announcement_id:uuid}}/retry", operation_id="publish_again", status_code=200)
async def publish_again(
    request: AnyRequest,
    workspace_id: FromPath[UUID],
    contest_id: FromPath[UUID],
    announcement_id: FromPath[UUID],
) -> Response[bytes]:
    """Try to publish once more; what is out already is found first."""
    root = root_of(workspace_id, contest_id)
    try:
        async with submission(request) as sent:
            await retry(sent.conn, actor_of(request), contest_id, announcement_id, now=sent.now)
            return await sent.go(f"{root}/announcements?note=publishing-again")
    except ConflictError as error:
        context = await _context(request, contest_id)
        context["form"].add("", say_conflict(error, words_of(request)))
        return render(request, "announcements.html", status_code=409, since="", note="", **context)


async def _context(request: AnyRequest, contest_id: UUID) -> dict[str, Any]:
    rt, actor, words = runtime_of(request), actor_of(request), words_of(request)
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, actor.workspace_id, contest_id)
        rows = await announcements.of_contest(conn, actor.workspace_id, contest_id)
        shown = await outbox.published(conn, rows)
        pages = await outbox.pages_of(conn, contest)
    texts = outbox.ahead(rt, contest, pages)
    known = {each.kind.value for each in rows}
    return {
        "contest": contest,
        "zone": contest.definition.schedule.zone,
        "language": contest.definition.language.value,
        "root": root_of(actor.workspace_id, contest_id),
        "now": rt.clock(),
        "form": blank(),
        "may_write": actor.role in EDITORS,
        "has_pages": bool(pages),
        "said": _grouped(rows, shown, words),
        "planned": [
            (say_occasion(each, words), at, texts[each])
            for each, at in _planned(contest)
            if each in texts and each.value not in known
        ],
        "personal": [
            (say_occasion(each, words), texts[each]) for each in _PERSONAL if each in texts
        ],
        "only_if": [(say_occasion(each, words), texts[each]) for each in _ONLY_IF if each in texts],
        "is_announced": AnnouncementKind.RESULT.value in known,
    }


def _planned(contest: Contest) -> list[tuple[Occasion, datetime]]:
    """What is published by the schedule, and when."""
    return [(Occasion.FREEZE, contest.freeze_at), (Occasion.RESULT, contest.draw_at)]


def _grouped(rows: Sequence[Announcement], shown: Sequence[Shown], words: Words) -> list[About]:
    """What is said of one event stands together, the newest first."""
    both = sorted(zip(rows, shown, strict=True), key=lambda each: _event_of(each[0]), reverse=True)
    return [
        About(
            title=say_kind(AnnouncementKind(kind), words),
            sent=[Sent(it=row, text=text, state=say_state(row, words)) for row, text in group],
        )
        for (_, _, kind), group in groupby(both, key=lambda each: _event_of(each[0]))
    ]


def _event_of(row: Announcement) -> tuple[int, int, str]:
    return row.seq, row.number, row.kind.value
