"""The frame of every step: where one is, what is missing, and how a step is saved.

A step shows a form for one part of the definition and writes that part back. Faults of a definition
come to the fields that they are about; what was typed is kept.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from contest_service.domain.contest import Definition, Status
from contest_service.domain.errors import ConflictError, Fault, InvalidError
from contest_service.flows import define
from contest_service.store import contests
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection
from contest_service.web.access import EDITORS
from contest_service.web.forms import Form
from contest_service.web.gate import AnyRequest, actor_of, go
from contest_service.web.language import Words, words_of
from contest_service.web.notes import note_of
from contest_service.web.page import render
from contest_service.web.submissions import Submission, submission
from contest_service.web.wizard.draft import Draft, is_open
from contest_service.web.wizard.fault_words import say_definition_fault, say_refusal
from contest_service.web.wizard.missing import missing_in
from contest_service.web.wizard.steps import Step, step_after, step_before, titles

_TOP = ""

Afterwards = Callable[[Submission], Awaitable[None]]
Pointers = Callable[[str], str | None]
"""Names the field that a JSON pointer into the definition is about; None if there is none here."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A step on the way, and what it still lacks."""

    step: Step
    title: str
    address: str
    is_here: bool
    missing: list[str]


def show_step(
    request: AnyRequest,
    draft: Draft,
    step: Step,
    *,
    form: Form[Any] | None = None,
    status_code: int = 200,
    template: str = "",
    **context: Any,
) -> Response[bytes]:
    """Make the page of a step, of `template` or of `wizard/<step>.html`.

    Beside `context` it knows `draft`, `form`, `step`, `missing` (what it lacks), `way` (all steps),
    `before` and `after` (addresses, empty at the ends), `revision` and `may_edit`.
    """
    words = words_of(request)
    before, after = step_before(step), step_after(step)
    return render(
        request,
        template or f"wizard/{step}.html",
        status_code=status_code,
        draft=draft,
        contest=draft.contest,
        zone=draft.zone,
        step=step,
        form=form,
        way=_way(draft, step, words),
        missing=missing_in(draft, step, words),
        before=draft.address(before) if before else "",
        after=draft.address(after) if after else "",
        revision=draft.contest.revision,
        may_edit=actor_of(request).role in EDITORS,
        note=note_of(request),
        **context,
    )


def leave_if_locked(draft: Draft) -> Response[bytes] | None:
    """Lead away from a contest whose rules are locked, to what can be done with it now."""
    if draft.is_open:
        return None
    return go(f"{draft.root.removesuffix('/edit')}/change?note=rules-locked")


async def save(
    request: AnyRequest,
    contest_id: UUID,
    form: Form[Any],
    *,
    change: Callable[[Definition], Definition],
    then: str,
    pointers: Pointers | Mapping[str, str],
    afterwards: Afterwards | None = None,
) -> Response[bytes] | None:
    """Give the contest the definition that `change` makes of its present one, and go to `then`.

    `afterwards` goes on in the same transaction.

    None if it has faults: they stand in the form then, beside the fields that `pointers` name, or
    on top. The form's hidden `revision` is the one that it was made from; where somebody changed
    the contest meanwhile, nothing is saved and the form says so.
    """
    words = words_of(request)
    try:
        async with submission(request) as sent:
            await _rewrite(sent, request, contest_id, change=change, revision=revision_of(form))
            if afterwards is not None:
                await afterwards(sent)
            return await sent.go(then)
    except InvalidError as error:
        take_definition_faults(form, error.faults, pointers, words=words)
    except ConflictError as error:
        form.add(_TOP, say_refusal(error, words))
    return None


async def _rewrite(
    sent: Submission,
    request: AnyRequest,
    contest_id: UUID,
    *,
    change: Callable[[Definition], Definition],
    revision: int | None,
) -> None:
    """Raises InvalidError, and ConflictError with a code that `say_refusal` knows."""
    present = await lock_open(sent.conn, request, contest_id)
    if revision != present.revision:
        raise ConflictError("Somebody changed it meanwhile.", code="changed_meanwhile")
    changed = change(present.definition)
    if present.status is Status.SCHEDULED and changed.schedule.opens_at <= sent.now:
        raise ConflictError("The opening has passed.", code="opening_passed")
    await define.update_contest(
        sent.conn,
        actor_of(request),
        contest_id,
        changed,
        revision=present.revision,
        now=sent.now,
    )


async def lock_open(conn: Connection, request: AnyRequest, contest_id: UUID) -> Contest:
    """Lock a contest whose rules are open. Raises NotFoundError, ConflictError `rules_locked`."""
    found = await contests.read_locked(conn, actor_of(request).workspace_id, contest_id)
    if not is_open(found):
        raise ConflictError("Its rules are locked.", code="rules_locked")
    return found


def revision_of(form: Form[Any]) -> int | None:
    """The revision that a form was made from."""
    given = str(form.value("revision"))
    return int(given) if given.isdecimal() and len(given) < 10 else None


def next_address(draft: Draft, step: Step, form: Form[Any]) -> str:
    """Where a form leads when it is saved: on to the next step, or back to this one."""
    after = step_after(step)
    if form.value("go") == "next" and after is not None:
        return draft.address(after)
    return f"{draft.address(step)}?note=saved"


def take_definition_faults(
    form: Form[Any], faults: list[Fault], pointers: Pointers | Mapping[str, str], *, words: Words
) -> None:
    """Put faults of a definition beside their fields, and those of other steps on top."""
    for fault in faults:
        name = _field_of(fault.pointer, pointers)
        said = say_definition_fault(fault.detail, words)
        if name is None:
            form.add(_TOP, f"{say_part(fault.pointer, words)}: {said}")
        elif said not in form.faults.get(name, []):
            form.add(name, said)


def _field_of(pointer: str, pointers: Pointers | Mapping[str, str]) -> str | None:
    if callable(pointers):
        return pointers(pointer)
    within = [each for each in pointers if pointer == each or pointer.startswith(f"{each}/")]
    return pointers[max(within, key=len)] if within else None


def say_part(pointer: str, words: Words) -> str:
    """Name the part of a definition that a pointer is in, as the steps call it."""
    parts: Mapping[str, Step] = {
        "rules": Step.CONDITIONS,
        "tickets": Step.CONDITIONS,
        "draws": Step.PRIZES,
        "schedule": Step.TIME,
    }
    first = pointer.strip("/").partition("/")[0]
    return titles(words)[parts.get(first, Step.TEXTS)]


def _way(draft: Draft, here: Step, words: Words) -> list[Place]:
    return [
        Place(
            step=step,
            title=title,
            address=draft.address(step),
            is_here=step is here,
            missing=missing_in(draft, step, words),
        )
        for step, title in titles(words).items()
    ]
