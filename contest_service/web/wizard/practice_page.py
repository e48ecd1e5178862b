"""Step 6: the whole contest once, in minutes, on the practice VK with people who are nobody."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from contest_service.domain.errors import ConflictError, Fault, InvalidError
from contest_service.domain.practice import LEAST_SECONDS, MOST_PEOPLE, MOST_SECONDS
from contest_service.flows.dry_run import Wish, dry_runs_of, prepare_dry_run, start_dry_run
from contest_service.platforms.errors import PlatformError
from contest_service.web.desk import card_of
from contest_service.web.forms import Form, blank, read_form
from contest_service.web.gate import AnyRequest, actor_of, pings_of, runtime_of
from contest_service.web.language import words_of
from contest_service.web.page import render
from contest_service.web.submissions import require_unsent, submission
from contest_service.web.wizard.draft import Draft, read_draft
from contest_service.web.wizard.frame import leave_if_locked, show_step, take_definition_faults
from contest_service.web.wizard.steps import Step

_MOST_SHOWN = 5
_MINUTES = (1, 2, 5, 15, 60)

Seconds = Annotated[int, msgspec.Meta(ge=LEAST_SECONDS, le=MOST_SECONDS)]
People = Annotated[int, msgspec.Meta(ge=1, le=MOST_PEOPLE)]
Seed = Annotated[str, msgspec.Meta(max_length=100)]


class PracticeForm(msgspec.Struct, frozen=True, kw_only=True):
    seconds: Seconds
    people: People
    seed: Seed


@get(
    "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/edit/practice",
    operation_id="page_edit_practice",
)
async def page_edit_practice(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    draft = await read_draft(request, contest_id)
    usual = Wish(people=300)
    form = blank(seconds=usual.seconds, people=usual.people, seed=usual.seed)
    return leave_if_locked(draft) or await _show(request, draft, form)


@get(
    "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/edit/practice/now",
    operation_id="part_edit_practice",
)
async def part_edit_practice(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    """What of the page moves."""
    draft = await read_draft(request, contest_id)
    return render(request, "wizard/practice-now.html", **await _runs(request, draft))


@post(
    "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/edit/practice",
    operation_id="start_practice",
    status_code=200,
)
async def start_practice(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    """Begin a practice run; what speaks to the practice VK comes before the transaction."""
    await require_unsent(request)
    form: Form[PracticeForm] = await read_form(request, PracticeForm)
    draft, words, filled = await read_draft(request, contest_id), words_of(request), form.filled
    if filled is None:
        return await _show(request, draft, form, status_code=422)
    wish = Wish(seconds=filled.seconds, people=filled.people, seed=filled.seed)
    try:
        return await _start(request, draft, wish)
    except InvalidError as error:
        take_definition_faults(form, _placed(error), _POINTERS, words=words)
    except (ConflictError, PlatformError) as error:
        form.add("", words.refusal(error.message))
    return await _show(request, draft, form, status_code=409)


_POINTERS = {"/seconds": "seconds", "/people": "people", "/seed": "seed"}


async def _start(request: AnyRequest, draft: Draft, wish: Wish) -> Response[bytes]:
    rt, actor = runtime_of(request), actor_of(request)
    prepared = await prepare_dry_run(rt, actor, draft.definition, wish)
    async with submission(request, rings=True) as sent:
        await start_dry_run(sent.conn, rt, actor, prepared, of=draft.contest.id, now=sent.now)
        return await sent.go(f"{draft.address(Step.PRACTICE)}?note=practice-begun")


def _placed(error: InvalidError) -> list[Fault]:
    """The faults as they stand in the definition itself."""
    return [
        msgspec.structs.replace(each, pointer=each.pointer.removeprefix("/definition"))
        for each in error.faults
    ]


async def _show(
    request: AnyRequest, draft: Draft, form: Form[Any], *, status_code: int = 200
) -> Response[bytes]:
    words, contest = words_of(request), draft.contest
    runs = await _runs(request, draft)
    newest = runs["cards"][0].contest.id if runs["cards"] else None
    return show_step(
        request,
        draft,
        Step.PRACTICE,
        form=form,
        status_code=status_code,
        is_on=runtime_of(request).practice_vk is not None,
        newest=newest,
        since=None
        if newest is None
        else await pings_of(request).since(contest.workspace_id, newest),
        lengths=[
            (str(60 * each), words.ngettext("%(num)s minute", "%(num)s minutes", each))
            for each in _MINUTES
        ],
        most_people=MOST_PEOPLE,
        **runs,
    )


async def _runs(request: AnyRequest, draft: Draft) -> dict[str, Any]:
    """The newest practice runs, as cards."""
    rt, words = runtime_of(request), words_of(request)
    async with rt.pool.acquire() as conn:
        found = await dry_runs_of(conn, draft.contest, limit=_MOST_SHOWN)
        cards = [await card_of(conn, each, words) for each in found]
    return {"cards": cards, "now": rt.clock()}
