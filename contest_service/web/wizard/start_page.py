"""Step 7: everything once more on one page, the rules' hash, and the start."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from contest_service.domain.contest import Definition, Status
from contest_service.domain.dates import say_duration
from contest_service.domain.errors import ConflictError, ContestError, InvalidError
from contest_service.domain.money import say_money
from contest_service.domain.rules import bonus_sentences, sentences
from contest_service.domain.schedule import unix
from contest_service.flows import define, life
from contest_service.flows.publish_terms import terms_ahead
from contest_service.store.proof import Terms
from contest_service.web.forms import Form, blank, read_form
from contest_service.web.gate import AnyRequest, actor_of, go, runtime_of
from contest_service.web.language import Words, words_of
from contest_service.web.standing import clocks_of
from contest_service.web.submissions import Submission, submission
from contest_service.web.wizard.draft import Draft, read_draft
from contest_service.web.wizard.fault_words import say_refusal
from contest_service.web.wizard.frame import leave_if_locked, show_step, take_definition_faults
from contest_service.web.wizard.missing import missing_in
from contest_service.web.wizard.remarks import lint_draft, placed
from contest_service.web.wizard.steps import Step, titles

Seen = Annotated[str, msgspec.Meta(max_length=64)]


class StartForm(msgspec.Struct, frozen=True, kw_only=True):
    """`seen` is the hash of the rules that the page showed; `agreed` that they were read."""

    seen: Seen
    agreed: bool = False


class Lacking(msgspec.Struct, frozen=True, kw_only=True):
    """What has to be mended before the start, and at which step."""

    step: str
    address: str
    texts: list[str]


@get("/w/{workspace_id:uuid}/contests/{contest_id:uuid}/edit/start", operation_id="page_edit_start")
async def page_edit_start(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    draft = await read_draft(request, contest_id)
    return leave_if_locked(draft) or await _show(request, draft, blank())


@post(
    "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/edit/start",
    operation_id="start_contest_page",
    status_code=200,
)
async def start_contest(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    """Publish and lock the rules whose hash was shown."""
    form: Form[StartForm] = await read_form(request, StartForm)
    words, filled = words_of(request), form.filled
    if filled is not None and not filled.agreed:
        form.add("agreed", words.gettext("Say that you have read it."))
    if filled is None or form.faults:
        return await _show(request, await read_draft(request, contest_id), form, status_code=422)
    seen = filled.seen

    async def start(sent: Submission) -> str:
        rt, actor = runtime_of(request), actor_of(request)
        await life.start_contest(sent.conn, rt, actor, contest_id, now=sent.now, seen=seen)
        return f"/w/{workspace_id}/contests/{contest_id}?note=started"

    return await _decided(request, contest_id, form, change=start)


@post(
    "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/edit/schedule",
    operation_id="schedule_contest_page",
    status_code=200,
)
async def schedule_contest(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    """Let it start by itself at its opening."""

    async def schedule(sent: Submission) -> str:
        await define.schedule_contest(sent.conn, actor_of(request), contest_id, now=sent.now)
        return f"/w/{workspace_id}/contests/{contest_id}/edit/start?note=scheduled"

    return await _decided(request, contest_id, blank(), change=schedule)


@post(
    "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/edit/unschedule",
    operation_id="unschedule_contest_page",
    status_code=200,
)
async def unschedule_contest(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    async def unschedule(sent: Submission) -> str:
        await define.unschedule_contest(sent.conn, actor_of(request), contest_id, now=sent.now)
        return f"/w/{workspace_id}/contests/{contest_id}/edit/start?note=unscheduled"

    return await _decided(request, contest_id, blank(), change=unschedule)


@post(
    "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/edit/delete",
    operation_id="delete_draft",
    status_code=200,
)
async def delete_draft(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    async def delete(sent: Submission) -> str:
        await define.delete_contest(sent.conn, actor_of(request), contest_id, now=sent.now)
        return f"/w/{workspace_id}/contests?note=draft-deleted"

    return await _decided(request, contest_id, blank(), change=delete)


async def _decided(
    request: AnyRequest,
    contest_id: UUID,
    form: Form[Any],
    *,
    change: Callable[[Submission], Awaitable[str]],
) -> Response[bytes]:
    """Do what somebody decided and go where it leads, or say on the page why it cannot be done."""
    words = words_of(request)
    try:
        async with submission(request, rings=True) as sent:
            return await sent.go(await change(sent))
    except InvalidError as error:
        faults = [
            msgspec.structs.replace(each, pointer=each.pointer.removeprefix("/definition"))
            for each in error.faults
        ]
        take_definition_faults(form, faults, {}, words=words)
    except ConflictError as error:
        form.add("", say_refusal(error, words))
    draft = await read_draft(request, contest_id)
    if not draft.is_open:
        return go(draft.root.removesuffix("/edit"))
    return await _show(request, draft, form, status_code=409)


async def _show(
    request: AnyRequest, draft: Draft, form: Form[Any], *, status_code: int = 200
) -> Response[bytes]:
    words, contest = words_of(request), draft.contest
    found = await lint_draft(request, draft)
    lacking = _lacking(draft, words)
    terms, refusal = await _terms(request, draft)
    return show_step(
        request,
        draft,
        Step.START,
        form=form,
        status_code=status_code,
        lacking=lacking,
        can_start=not lacking and terms is not None,
        refusal=refusal,
        terms_sha256="" if terms is None else terms.sha256.hex(),
        paragraphs=_paragraphs(terms, words),
        can_schedule=contest.status is Status.DRAFT and contest.opens_at > draft.now,
        opens_later=contest.opens_at > draft.now,
        is_scheduled=contest.status is Status.SCHEDULED,
        clocks=clocks_of(contest, words, draft.now),
        round=_round(request, draft),
        blind_spots=draft.foreseen or [],
        warnings=[each for each in placed(found, draft, words) if each.is_warning],
        lint=found,
        steps=titles(words),
        **_said(draft.definition, words),
    )


def _lacking(draft: Draft, words: Words) -> list[Lacking]:
    return [
        Lacking(step=title, address=draft.address(step), texts=texts)
        for step, title in titles(words).items()
        if (texts := missing_in(draft, step, words))
    ]


async def _terms(request: AnyRequest, draft: Draft) -> tuple[Terms | None, str]:
    """The terms as they would be published now, or why there can be none."""
    rt, words = runtime_of(request), words_of(request)
    if not draft.posts:
        return None, ""
    try:
        async with rt.pool.acquire() as conn:
            return await terms_ahead(conn, rt, draft.contest), ""
    except InvalidError as error:
        return None, " ".join(words.refusal(each.detail) for each in error.faults)
    except ContestError as error:
        return None, words.refusal(error.message)


def _paragraphs(terms: Terms | None, words: Words) -> list[str]:
    """The rules' own words, from the bytes that are hashed."""
    texts = msgspec.json.decode(terms.bytes)["texts"] if terms else {}
    found: list[str] = texts.get(words.language.value, [])
    return found


def _round(request: AnyRequest, draft: Draft) -> int | None:
    """The beacon's round that decides; None where there is no beacon."""
    try:
        beacon = runtime_of(request).beacon_for(draft.contest)
    except ConflictError:
        return None
    return beacon.first_round_at(unix(draft.contest.draw_at))


def _said(definition: Definition, words: Words) -> dict[str, Any]:
    """The definition in words."""
    language, claim = words.language, definition.claim_within
    return {
        "conditions": sentences(definition.rules, language),
        "bonuses": [
            line
            for bonus in definition.tickets.bonuses
            for line in bonus_sentences(bonus, language)
        ],
        "tiers": [
            (tier, say_money(tier.value, language) if tier.value else "")
            for draw in definition.draws
            for tier in draw.tiers
        ],
        "claim": "" if claim is None else say_duration(claim, language),
    }
