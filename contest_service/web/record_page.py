"""`/organisers/{id}`: an organiser's record, for everybody: what was promised and what came of it.

The id is that of the workspace; nobody of it is named. Practice is shown apart, and never counted.
"""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from contest_service.flows.organiser import OrganiserRecord, read_record
from contest_service.flows.runtime import Runtime
from contest_service.proof.grade import Grade
from contest_service.store import looks
from contest_service.web.card import Said, Shape, Winner, names_on
from contest_service.web.card_page import answer_card, dressed, shape_of
from contest_service.web.contest_page import GivenRuntime
from contest_service.web.grade_words import say_grade
from contest_service.web.language import Words, words_of
from contest_service.web.qr import qr_of
from contest_service.web.record_words import RecordWords
from contest_service.web.visitors import shared

AnyRequest = Request[Any, Any, Any]

_PAGE = 20
_PRACTICE = "practice"


@get("/organisers/{workspace_id:uuid}", operation_id="show_record")
async def show_record(
    workspace_id: FromPath[UUID], request: AnyRequest, rt: GivenRuntime
) -> Response[bytes]:
    """With `?show=practice` the exercises instead; `?before=` begins behind a contest."""
    words, query = words_of(request), request.query_params
    practice = query.get("show") == _PRACTICE
    record = await _read(
        rt, workspace_id, practice=practice, before=_id(query.get("before", "")), limit=_PAGE
    )
    async with rt.pool.acquire() as conn:
        look = await looks.read(conn, workspace_id)
    said = RecordWords(record, words, practice=practice)
    shown = {
        "look": look,
        "id": workspace_id,
        "site": rt.public_url,
        "name": record.name,
        "link": rt.organiser_link(workspace_id),
        "practice": practice,
        "practices": record.practice,
        "has_real": record.numbers.announced > 0,
        "numbers": said.numbers(),
        "summary": said.summary(),
        "lines": said.lines(),
        "grades": [say_grade(each, words) for each in Grade],
        "older": record.next,
        "is_first": "before" not in query,
    }
    return shared(request, "public/record.html", shown)


@get("/organisers/{workspace_id:uuid}/card/{file:str}", operation_id="show_record_card")
async def show_record_card(
    workspace_id: FromPath[UUID], file: FromPath[str], request: AnyRequest, rt: GivenRuntime
) -> Response[bytes]:
    """Send the record as a picture."""
    shape = shape_of(file)
    record = await _read(rt, workspace_id, limit=1)
    said = _said(record, rt, words=words_of(request), shape=shape)
    return await answer_card(request, await dressed(said, rt, workspace_id), shape)


async def _read(
    rt: Runtime,
    workspace_id: UUID,
    *,
    practice: bool = False,
    before: UUID | None = None,
    limit: int,
) -> OrganiserRecord:
    """Read it as of one moment."""
    async with rt.pool.acquire() as conn, conn.transaction(isolation="repeatable_read"):
        return await read_record(conn, workspace_id, practice=practice, before=before, limit=limit)


def _said(record: OrganiserRecord, rt: Runtime, *, words: Words, shape: Shape) -> Said:
    link = rt.organiser_link(record.organiser)
    said, is_empty = RecordWords(record, words, practice=False), not record.numbers.announced
    told = [] if is_empty else said.highlights()
    return Said(
        organiser=words.gettext("Organiser's record"),
        title=record.name,
        heading=said.summary()
        if is_empty
        else words.gettext("Contests with public rules, counted by the service"),
        winners=tuple(Winner(name=each, otherwise="") for each in told[: names_on(shape)]),
        more="",
        when="",
        link=link.partition("://")[2],
        practice="",
        line=None,
        qr=qr_of(link),
    )


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
