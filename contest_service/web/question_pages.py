"""Comments that ask something: the newest first, with the way to them, and which are answered."""

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Protocol
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from contest_service.domain.errors import NotFoundError
from contest_service.domain.people import Actor
from contest_service.domain.schedule import time_fault
from contest_service.flows import questions as flow
from contest_service.store import members
from contest_service.store.questions import Comment, Place
from contest_service.store.rows import Connection
from contest_service.web.contest_tabs import root_of
from contest_service.web.decision_frame import framed
from contest_service.web.decision_words import say_asks
from contest_service.web.forms import Form, read_form
from contest_service.web.gate import AnyRequest, actor_of, runtime_of
from contest_service.web.language import words_of
from contest_service.web.page import render
from contest_service.web.submissions import submission

ROOT = "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/decisions/questions"
_PAGE = 50
_SHOWN: dict[str, bool | None] = {"": False, "answered": True, "all": None}

Name = Annotated[str, msgspec.Meta(max_length=3000)]


class CommentForm(msgspec.Struct, frozen=True, kw_only=True):
    """Which comment is meant, and what was shown when it was."""

    target: UUID
    account: Name
    ref: Name
    show: str = ""


@get(ROOT, operation_id="page_questions")
async def page_questions(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    rt, words = runtime_of(request), words_of(request)
    show = request.query_params.get("show", "")
    show = show if show in _SHOWN else ""
    async with rt.pool.acquire() as conn:
        contest, frame = await framed(conn, request, contest_id, here="/questions")
        posts = await flow.read_posts(conn, contest)
        found = await flow.find_questions(
            conn,
            contest,
            posts,
            is_answered=_SHOWN[show],
            after=_place(request.query_params.get("after", "")),
            limit=_PAGE + 1,
        )
        names = await members.names(conn, {each.answered_by for each in found if each.answered_by})
    return render(
        request,
        "questions.html",
        **frame,
        rows=[(each, say_asks(each.why, words)) for each in found[:_PAGE]],
        older=_cursor(found[:_PAGE]) if len(found) > _PAGE else None,
        is_read=bool(posts),
        show=show,
        shows=[
            ("", words.gettext("Wait for an answer")),
            ("answered", words.gettext("Answered")),
            ("all", words.gettext("All")),
        ],
        names=names,
    )


@post(ROOT + "/answered", operation_id="note_answered", status_code=200)
async def note_answered(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    """Note that a comment is answered, on the platform or elsewhere."""
    return await _note(request, contest_id, flow.note_answered, note="question-answered")


@post(ROOT + "/waiting", operation_id="note_waiting", status_code=200)
async def note_waiting(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    """Let a comment wait for its answer again."""
    return await _note(request, contest_id, flow.reopen, note="question-waits")


class _Noting(Protocol):
    """Notes something about a comment."""

    async def __call__(
        self,
        conn: Connection,
        actor: Actor,
        contest_id: UUID,
        comment: Comment,
        /,
        *,
        now: datetime,
    ) -> None: ...


async def _note(
    request: AnyRequest, contest_id: UUID, noting: _Noting, *, note: str
) -> Response[bytes]:
    form: Form[CommentForm] = await read_form(request, CommentForm)
    given, actor = form.filled, actor_of(request)
    if given is None:
        raise NotFoundError("There is no such comment under the posts of this contest any more.")
    comment = Comment(target_id=given.target, account=given.account, ref=given.ref)
    async with submission(request) as sent:
        await noting(sent.conn, actor, contest_id, comment, now=sent.now)
        home = f"{root_of(actor.workspace_id, contest_id)}/decisions/questions"
        show = given.show if given.show in _SHOWN else ""
        return await sent.go(f"{home}?show={show}&note={note}")


def _cursor(shown: Sequence[flow.SaidQuestion]) -> str:
    last = shown[-1]
    place = Place(at=last.at, account=last.account, ref=last.ref)
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def _place(text: str) -> Place | None:
    """Where a page begins; None for what is no place."""
    try:
        packed = base64.urlsafe_b64decode(text[:8000] + "=" * (-len(text) % 4))
        place = msgspec.json.decode(packed, type=Place)
    except (msgspec.DecodeError, ValueError):
        return None
    fault = time_fault(place.at.replace(microsecond=0))
    return None if fault or "\0" in place.account + place.ref else place
