"""Entries of people without accounts by page: what was brought in, bringing in, and taking back."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from contest_service.domain.contest import Status
from contest_service.domain.errors import ForbiddenError, InvalidError
from contest_service.domain.evidence import Action
from contest_service.domain.rules import conditions
from contest_service.flows import imports as flow
from contest_service.flows.imports import Prepared
from contest_service.store import imports, members
from contest_service.web.contest_tabs import root_of
from contest_service.web.decision_frame import framed, id_asked
from contest_service.web.decision_pages import REFUSED
from contest_service.web.forms import Form, blank, read_form
from contest_service.web.gate import AnyRequest, actor_of, runtime_of
from contest_service.web.language import words_of
from contest_service.web.page import render
from contest_service.web.sheets import MOST_BODY, LineFault, Sheet, line_faults, read_sheet
from contest_service.web.submissions import submission

ROOT = "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/decisions/imports"
_PAGE = 50
_SHOWN = 20
"""Lines of a file that are shown before it is brought in."""


class FileForm(msgspec.Struct, frozen=True, kw_only=True):
    """The file itself is read apart (`sheets`)."""


class UndoForm(msgspec.Struct, frozen=True, kw_only=True):
    why: Annotated[str, msgspec.Meta(max_length=flow.LONGEST_REASON)]


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was looked through, and what is wrong with it."""

    sheet: Sheet
    prepared: Prepared
    faults: list[LineFault]


@get(ROOT, operation_id="page_imports")
async def page_imports(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    return await _show(request, contest_id, blank())


@post(ROOT, operation_id="bring_entries_in", status_code=200, request_max_body_size=MOST_BODY)
async def bring_entries_in(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    """Look a file through, and in the second step bring its entries in, all or none."""
    words, actor = words_of(request), actor_of(request)
    form: Form[FileForm] = await read_form(request, FileForm)
    sheet = await read_sheet(form, words)
    if sheet is None:
        return await _show(request, contest_id, form, status_code=422)
    rt = runtime_of(request)
    prepared = await flow.prepare_file(rt, actor, contest_id, sheet.data)
    faults = line_faults(list(prepared.faults), words)
    if sheet.is_kept and not faults:
        try:
            async with submission(request) as sent:
                await flow.import_entries(sent.conn, actor, contest_id, prepared, now=sent.now)
                home = f"{root_of(workspace_id, contest_id)}/decisions/imports"
                return await sent.go(f"{home}?note=brought-in")
        except InvalidError as error:
            faults = line_faults(list(error.faults), words)
        except REFUSED as error:
            form.add("", words.refusal(error.message))
            return await _show(request, contest_id, form, status_code=409)
    looked = Looked(sheet=sheet, prepared=prepared, faults=faults)
    status = 422 if faults else 200
    return await _show(request, contest_id, form, looked=looked, status_code=status)


@post(ROOT + "/{import_id:uuid}/undo", operation_id="take_entries_back", status_code=200)
async def take_entries_back(
    request: AnyRequest,
    workspace_id: FromPath[UUID],
    contest_id: FromPath[UUID],
    import_id: FromPath[UUID],
) -> Response[bytes]:
    form: Form[UndoForm] = await read_form(request, UndoForm)
    status = 422
    if form.filled is None:
        form.add("", words_of(request).gettext("Say why it is taken back."))
    if form.filled is not None:
        try:
            async with submission(request) as sent:
                await flow.undo_import(
                    sent.conn,
                    actor_of(request),
                    contest_id,
                    import_id,
                    why=form.filled.why,
                    now=sent.now,
                )
                home = f"{root_of(workspace_id, contest_id)}/decisions/imports"
                return await sent.go(f"{home}?note=taken-back")
        except InvalidError as error:
            for fault in error.faults:
                form.add("", words_of(request).refusal(fault.detail))
        except REFUSED as error:
            form.add("", words_of(request).refusal(error.message))
            status = 403 if isinstance(error, ForbiddenError) else 409
    return await _show(request, contest_id, form, status_code=status)


async def _show(
    request: AnyRequest,
    contest_id: UUID,
    form: Form[Any],
    *,
    looked: Looked | None = None,
    status_code: int = 200,
) -> Response[bytes]:
    rt = runtime_of(request)
    async with rt.pool.acquire() as conn:
        contest, frame = await framed(conn, request, contest_id, here="/imports")
        key = (contest.workspace_id, contest.id)
        before = id_asked(request, "before")
        found = await imports.list_page(conn, *key, before=before, limit=_PAGE + 1)
        persons = {id_ for each in found for id_ in (each.imported_by, each.undone_by) if id_}
        names = await members.names(conn, persons)
    asks = any(
        condition.action is Action.ENTRY for _, condition in conditions(contest.definition.rules)
    )
    return render(
        request,
        "imports.html",
        status_code=status_code,
        **frame,
        form=form,
        looked=looked,
        first=looked.prepared.entries[:_SHOWN] if looked else [],
        rows=found[:_PAGE],
        older=found[_PAGE - 1].id if len(found) > _PAGE else None,
        names=names,
        asks=asks,
        is_running=contest.status is Status.RUNNING,
    )
