"""Every page and form of making a contest, and the way in."""

from uuid import UUID

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from contest_service.web.gate import AnyRequest, go
from contest_service.web.language import words_of
from contest_service.web.wizard import (
    condition_page,
    conditions_page,
    new_page,
    post_page,
    practice_page,
    prizes_page,
    start_page,
    texts_page,
    time_page,
)
from contest_service.web.wizard.draft import read_draft
from contest_service.web.wizard.frame import leave_if_locked
from contest_service.web.wizard.missing import missing_in
from contest_service.web.wizard.steps import Step


@get("/w/{workspace_id:uuid}/contests/{contest_id:uuid}/edit", operation_id="page_edit")
async def page_edit(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    """Lead to the first step that lacks something, or to the last one."""
    draft, words = await read_draft(request, contest_id), words_of(request)
    lacking = (step for step in Step if missing_in(draft, step, words))
    return leave_if_locked(draft) or go(draft.address(next(lacking, Step.START)))


WIZARD: tuple[HTTPRouteHandler, ...] = (
    new_page.page_new_contest,
    new_page.make_contest,
    page_edit,
    post_page.page_edit_post,
    post_page.edit_post,
    post_page.remove_post,
    post_page.look_at_post,
    conditions_page.page_edit_conditions,
    conditions_page.edit_conditions,
    condition_page.page_edit_condition,
    condition_page.edit_condition,
    time_page.page_edit_time,
    time_page.edit_time,
    prizes_page.page_edit_prizes,
    prizes_page.edit_prizes,
    texts_page.page_edit_texts,
    texts_page.edit_texts,
    practice_page.page_edit_practice,
    practice_page.part_edit_practice,
    practice_page.start_practice,
    start_page.page_edit_start,
    start_page.start_contest,
    start_page.schedule_contest,
    start_page.unschedule_contest,
    start_page.delete_draft,
)
"""For the persons of a workspace, by their roles (`access`)."""
