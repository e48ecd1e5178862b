"""One condition of step 2: which kind, its parameters, and how it reads then."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from contest_service.domain import rule_edits
from contest_service.domain.conditions import AnyCondition, Condition, Follows, Joined, Unit
from contest_service.domain.contest import Definition
from contest_service.domain.errors import NotFoundError
from contest_service.domain.quiz import questions
from contest_service.domain.rules import MOST_TICKETS, Bonus
from contest_service.flows import quiz
from contest_service.store import lists
from contest_service.web.forms import Form, blank, read_form
from contest_service.web.gate import AnyRequest, actor_of, runtime_of
from contest_service.web.language import Words, words_of
from contest_service.web.submissions import Submission
from contest_service.web.wizard.condition_form import (
    Given,
    condition_of,
    controls,
    kind_named,
    typed,
    typed_as,
    usual,
)
from contest_service.web.wizard.draft import Draft, read_draft
from contest_service.web.wizard.frame import leave_if_locked, save, show_step
from contest_service.web.wizard.offers import offers_for, told_of
from contest_service.web.wizard.rule_view import notes_at
from contest_service.web.wizard.steps import Step

NEW_BONUS = "bonus"
"""The place of a bonus that is to be added."""
_MOST_LISTS = 200
_ANSWERED = "answered"

Number = Annotated[int, msgspec.Meta(ge=1, le=MOST_TICKETS)]


class BonusForm(msgspec.Struct, frozen=True, kw_only=True):
    """What a bonus gives."""

    bonus_tickets: Number = 1
    bonus_per: Unit | None = None
    bonus_most: Number = 1


class AnswersForm(msgspec.Struct, frozen=True, kw_only=True):
    """The accepted answers to a question, one a line."""

    answers: Annotated[str, msgspec.Meta(max_length=30_000)] | None = None


class Where(msgspec.Struct, frozen=True, kw_only=True):
    """What the page is about: the condition at `at`, or a new one of `kind` that goes to `to`.

    `lands_at` is the place that it has in the definition when it is saved.
    """

    at: str
    to: str
    kind: str
    lands_at: str
    is_bonus: bool

    @property
    def query(self) -> dict[str, str]:
        """The part of the address that names it."""
        place = {"at": self.at} if self.at else {"to": self.to}
        return place | {"kind": self.kind}


@get(
    "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/edit/conditions/one",
    operation_id="page_edit_condition",
)
async def page_edit_condition(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    draft = await read_draft(request, contest_id)
    if (away := leave_if_locked(draft)) is not None:
        return away
    where = _where(request, draft.definition)
    if not where.kind:
        return await _offer(request, draft, where)
    return await _show(request, draft, where, form=_begun(draft.definition, where))


@post(
    "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/edit/conditions/one",
    operation_id="edit_condition",
    status_code=200,
)
async def edit_condition(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    """Show how the condition reads, or save it."""
    draft, words = await read_draft(request, contest_id), words_of(request)
    is_lost = _is_lost(request, draft.definition)
    where = _behind(request, draft.definition) if is_lost else _where(request, draft.definition)
    form: Form[Any] = await read_form(request, typed_as(where.kind))
    bonus: Form[BonusForm] = await read_form(request, BonusForm)
    answers: Form[AnswersForm] = await read_form(request, AnswersForm)
    if where.is_bonus:
        form.faults |= bonus.faults
    made = condition_of(where.kind, form, await _given(request, draft, where))
    if form.value("do") == "look":
        return await _show(request, draft, where, form=form, made=made)
    if is_lost:
        form.add(
            "",
            words.gettext(
                "Somebody changed the conditions meanwhile, and this one is not there any more. "
                "What you typed is still here: you can add it behind the others."
            ),
        )
    told = _lines(answers)
    if where.kind == _ANSWERED and not told and str(form.value("quiz")) not in draft.answered:
        form.add("answers", words.gettext("Give at least one accepted answer."))
    if made is not None and not form.faults:
        answer = await save(
            request,
            contest_id,
            form,
            change=lambda definition: _changed(definition, where, made, bonus=bonus.filled),
            then=f"{draft.address(Step.CONDITIONS)}?note=saved",
            pointers=lambda pointer: _field_of(pointer, where),
            afterwards=lambda sent: _seal(request, sent, contest_id, made=made, answers=told),
        )
        if answer is not None:
            return answer
    draft = await read_draft(request, contest_id)
    return await _show(request, draft, where, form=form, status_code=422)


def _where(request: AnyRequest, definition: Definition) -> Where:
    """Raises NotFoundError for a place, or a kind, that is none."""
    asked = request.query_params
    at, to, kind = asked.get("at", ""), asked.get("to", ""), asked.get("kind", "")
    if at:
        found = rule_edits.rule_at(definition, at)
        if not isinstance(found, Condition):
            raise NotFoundError("There is no such condition here any more; load the page again.")
        name = str(found.__struct_config__.tag)
        if kind not in ("", name):
            raise NotFoundError("There is no such condition here any more; load the page again.")
        is_bonus = rule_edits.bonus_of(definition, at) is not None
        return Where(at=at, to="", kind=name, lands_at=at, is_bonus=is_bonus)
    if kind:
        kind_named(kind)
    return _new(definition, to, kind)


def _new(definition: Definition, to: str, kind: str) -> Where:
    if to == NEW_BONUS:
        lands_at = rule_edits.bonus_at(len(definition.tickets.bonuses))
    else:
        group = rule_edits.rule_at(definition, to)
        lands_at = f"{to}/of/{1 if isinstance(group, Condition) else len(group.of)}"
    return Where(at="", to=to, kind=kind, lands_at=lands_at, is_bonus=to == NEW_BONUS)


def _is_lost(request: AnyRequest, definition: Definition) -> bool:
    """Whether the condition that a form was about is not there any more, or is another one."""
    if not request.query_params.get("at") or not request.query_params.get("kind"):
        return False
    try:
        _where(request, definition)
    except NotFoundError:
        return True
    return False


def _behind(request: AnyRequest, definition: Definition) -> Where:
    """A place behind all others for what was typed. Raises NotFoundError for an unknown kind."""
    kind = kind_named(request.query_params["kind"]).kind
    is_bonus = request.query_params["at"].startswith("/tickets/")
    return _new(definition, NEW_BONUS if is_bonus else rule_edits.RULES, kind)


def _changed(
    definition: Definition, where: Where, made: AnyCondition, *, bonus: BonusForm | None
) -> Definition:
    if not where.is_bonus:
        if where.at:
            return rule_edits.replaced(definition, where.at, made)
        return rule_edits.added(definition, where.to, made)
    given = bonus or BonusForm()
    number = rule_edits.number_of(where.lands_at) or 0
    whole = Bonus(
        rule=made,
        tickets=given.bonus_tickets,
        per=given.bonus_per,
        most=1 if given.bonus_per is None else given.bonus_most,
    )
    return rule_edits.with_bonus(definition, number, whole)


def _field_of(pointer: str, where: Where) -> str | None:
    """The field of this form that a fault is about; "" for the condition as a whole."""
    if pointer.startswith("/answers"):
        return "answers"
    bonus = where.lands_at.removesuffix("/rule")
    if where.is_bonus and pointer in (f"{bonus}/tickets", f"{bonus}/per", f"{bonus}/most"):
        return f"bonus_{pointer.rpartition('/')[2]}"
    if pointer != where.lands_at and not pointer.startswith(f"{where.lands_at}/"):
        return "" if pointer == rule_edits.RULES else None
    name = pointer.removeprefix(where.lands_at).strip("/").partition("/")[0]
    return name if name in {each.name for each in kind_named(where.kind).parameters} else ""


async def _seal(
    request: AnyRequest,
    sent: Submission,
    contest_id: UUID,
    *,
    made: AnyCondition,
    answers: Sequence[str],
) -> None:
    """Encrypt the accepted answers, if some were given; else those of before stay."""
    if not answers or str(made.__struct_config__.tag) != _ANSWERED:
        return
    rt, actor = runtime_of(request), actor_of(request)
    code = str(made.parameters()["quiz"])
    await quiz.seal_answers(sent.conn, rt, actor, contest_id, code, answers=answers, now=sent.now)


def _lines(answers: Form[AnswersForm]) -> list[str]:
    typed_in = (answers.filled.answers or "") if answers.filled is not None else ""
    return [line.strip() for line in typed_in.split("\n") if line.strip()]


def _begun(definition: Definition, where: Where) -> Form[Any]:
    if not where.at:
        fields = usual(kind_named(where.kind))
        if where.kind == _ANSWERED:
            fields["quiz"] = _free_code(definition)
        return blank(**fields, bonus_tickets=1, bonus_most=1)
    bonus = rule_edits.bonus_of(definition, where.at)
    extra: dict[str, object] = {}
    if bonus is not None:
        extra = {
            "bonus_tickets": bonus.tickets,
            "bonus_per": bonus.per.value if bonus.per else "",
            "bonus_most": bonus.most,
        }
    found = rule_edits.rule_at(definition, where.at)
    return blank(**typed(found), **extra) if isinstance(found, Condition) else blank()


def _free_code(definition: Definition) -> str:
    """A code for a question that none of the contest has yet."""
    taken = {asked.quiz for _, asked in questions(definition)}
    return next(
        code for number in range(1, len(taken) + 2) if (code := f"question-{number}") not in taken
    )


async def _given(request: AnyRequest, draft: Draft, where: Where) -> Given:
    """The communities of the contest's posts, those that the condition names, and the lists."""
    named: dict[str, str] = {}
    if where.at:
        found = rule_edits.rule_at(draft.definition, where.at)
        if isinstance(found, Follows | Joined):
            named |= {each.id: each.name for each in found.communities}
    for each in draft.posts:
        known = draft.communities.get(each.community_id)
        if known is not None:
            named.setdefault(each.author, known.name)
    async with runtime_of(request).pool.acquire() as conn:
        found_lists = await lists.list_lists(
            conn, draft.contest.workspace_id, after=None, limit=_MOST_LISTS
        )
    return Given(
        communities=list(named.items()), lists=[(str(each.id), each.name) for each in found_lists]
    )


async def _show(
    request: AnyRequest,
    draft: Draft,
    where: Where,
    *,
    form: Form[Any],
    made: AnyCondition | None = None,
    status_code: int = 200,
) -> Response[bytes]:
    words, kind, rt = words_of(request), kind_named(where.kind), runtime_of(request)
    async with rt.pool.acquire() as conn:
        told = await told_of(conn, rt, draft, kind=kind, words=words)
    begun = condition_at(draft.definition, where.at) if where.at else None
    shown = made or (begun if not form.faults else None)
    return show_step(
        request,
        draft,
        Step.CONDITIONS,
        template="wizard/condition.html",
        form=form,
        status_code=status_code,
        where=where,
        kind=kind,
        label=kind.label[words.language],
        told=told,
        notes=notes_at(draft, where.at, words) if where.at else [],
        several_posts=len(draft.posts) > 1,
        controls=controls(
            kind, await _given(request, draft, where), words, is_bonus=where.is_bonus
        ),
        units=_units(kind.units, words),
        reads="" if shown is None else shown.sentence(words.language),
        has_answers=where.kind == _ANSWERED,
        answers_known=str(form.value("quiz")) in draft.answered,
    )


def condition_at(definition: Definition, at: str) -> AnyCondition | None:
    """The condition at a place; None for a group."""
    found = rule_edits.rule_at(definition, at)
    return found if isinstance(found, Condition) else None


def _units(units: Sequence[Unit], words: Words) -> list[tuple[str, str]]:
    """What a bonus can count of a kind, to choose from; empty if nothing."""
    said = {
        Unit.POST: words.gettext("For each post"),
        Unit.COMMENT: words.gettext("For each comment"),
        Unit.MENTION: words.gettext("For each account mentioned"),
        Unit.COMMUNITY: words.gettext("For each community"),
    }
    once = ("", words.gettext("Once"))
    return [once, *((each.value, said[each]) for each in units)] if units else []


async def _offer(request: AnyRequest, draft: Draft, where: Where) -> Response[bytes]:
    """All kinds to choose from, with what the contest's platforms tell of each."""
    rt, words = runtime_of(request), words_of(request)
    async with rt.pool.acquire() as conn:
        offered = await offers_for(conn, rt, draft, words)
    return show_step(
        request,
        draft,
        Step.CONDITIONS,
        template="wizard/kinds.html",
        form=blank(),
        where=where,
        offered=offered,
    )
