"""One entrant with everything that is known, and what persons may decide about them."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from contest_service.domain.errors import ForbiddenError, InvalidError, NotFoundError
from contest_service.domain.judging import EntrantState
from contest_service.domain.linked import MERGED
from contest_service.domain.overrides import OverrideKind, OverrideReason
from contest_service.domain.reasons import delay_of
from contest_service.flows import overrule, settle
from contest_service.flows.self_check import check_own
from contest_service.flows.signals import explain
from contest_service.store import entrants, history, overrides, quarantines, signals
from contest_service.store.contests import Contest
from contest_service.store.entrants import Entrant
from contest_service.store.overrides import Override
from contest_service.store.quarantines import Quarantine
from contest_service.store.rows import Connection
from contest_service.web.contest_words import LOOKS, Said, say_code, say_entrant
from contest_service.web.decision_frame import framed
from contest_service.web.decision_pages import REFUSED
from contest_service.web.decision_words import (
    Choices,
    override_choices,
    say_hold,
    say_override_state,
    say_why,
)
from contest_service.web.fault_words import take_faults
from contest_service.web.forms import Form, blank, read_form
from contest_service.web.gate import AnyRequest, actor_of, person_of, runtime_of
from contest_service.web.language import Words, words_of
from contest_service.web.page import render
from contest_service.web.submissions import submission

ADDRESS = "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/entrants/{entrant_id:uuid}"
_CHANGES = 50


class OverrideForm(msgspec.Struct, frozen=True, kw_only=True):
    kind: OverrideKind
    reason: OverrideReason
    note: Annotated[str, msgspec.Meta(max_length=overrule.LONGEST_NOTE)] = ""


class ByHand(msgspec.Struct, frozen=True, kw_only=True):
    """What persons decided about an entrant, and what may be proposed now (`kind`, if anything).

    `held_why` and `override_why` say the reasons in words. `is_alone` if nobody else could approve
    what the reader proposes.
    """

    held: Quarantine | None
    held_why: str
    may_hold: bool
    override: Override | None
    override_said: Said | None
    override_why: str
    kind: OverrideKind | None
    choices: Choices
    is_alone: bool
    delay: timedelta
    is_in_list: bool


@get(ADDRESS, operation_id="page_entrant")
async def page_entrant(
    request: AnyRequest,
    workspace_id: FromPath[UUID],
    contest_id: FromPath[UUID],
    entrant_id: FromPath[UUID],
) -> Response[bytes]:
    return await _show(request, contest_id, entrant_id, form=blank())


@post(ADDRESS + "/override", operation_id="propose_verdict", status_code=200)
async def propose_verdict(
    request: AnyRequest,
    workspace_id: FromPath[UUID],
    contest_id: FromPath[UUID],
    entrant_id: FromPath[UUID],
) -> Response[bytes]:
    """Propose to let somebody in, or to keep them out, against what the rules say."""
    form: Form[OverrideForm] = await read_form(request, OverrideForm)
    status = 422
    if form.filled is not None:
        given = form.filled
        try:
            async with submission(request) as sent:
                await overrule.propose_verdict(
                    sent.conn,
                    runtime_of(request),
                    actor_of(request),
                    contest_id,
                    entrant_id,
                    kind=given.kind,
                    reason=given.reason,
                    note=given.note,
                    now=sent.now,
                )
                here = f"/w/{workspace_id}/contests/{contest_id}/entrants/{entrant_id}"
                return await sent.go(f"{here}?note=proposed")
        except InvalidError as error:
            take_faults(form, error, words_of(request))
        except REFUSED as error:
            form.add("", words_of(request).refusal(error.message))
            status = 403 if isinstance(error, ForbiddenError) else 409
    return await _show(request, contest_id, entrant_id, form=form, status_code=status)


async def _show(
    request: AnyRequest,
    contest_id: UUID,
    entrant_id: UUID,
    *,
    form: Form[Any],
    status_code: int = 200,
) -> Response[bytes]:
    rt, words = runtime_of(request), words_of(request)
    async with rt.pool.acquire() as conn:
        contest, frame = await framed(conn, request, contest_id, here="")
        key = (contest.workspace_id, contest.id)
        entrant = await entrants.read(conn, *key, entrant_id)
        if entrant is None:
            raise NotFoundError("There is no such entrant in this contest.")
        known = await _known(conn, contest, entrant, words=words)
        by_hand = await _by_hand(conn, request, contest, entrant)
    return render(
        request,
        "entrant.html",
        status_code=status_code,
        **frame,
        **known,
        form=form,
        by_hand=by_hand,
        now=rt.clock(),
    )


async def _known(
    conn: Connection, contest: Contest, entrant: Entrant, *, words: Words
) -> dict[str, Any]:
    """What is known of an entrant."""
    check = await check_own(conn, contest, entrant.id, words.language)
    changes = await history.of_entrant(conn, contest, entrant.id, limit=_CHANGES)
    scored = await signals.read(conn, contest.workspace_id, contest.id, entrant.id)
    settings = await signals.settings(conn, contest.workspace_id)
    return {
        "entrant": entrant,
        "state_said": say_entrant(entrant.state, words),
        "looks": LOOKS,
        "reason": say_code(entrant.reason, words),
        "check": check,
        "changes": [
            (each, say_entrant(each.state, words), say_code(each.reason, words)) for each in changes
        ],
        "scored": scored,
        "signals": explain(scored, settings.weights, words.language) if scored else [],
    }


async def _by_hand(
    conn: Connection, request: AnyRequest, contest: Contest, entrant: Entrant
) -> ByHand:
    words, person = words_of(request), person_of(actor_of(request))
    held = await quarantines.list_page(
        conn, contest, is_held=True, entrant_id=entrant.id, after=None, limit=1
    )
    override = await overrides.of_entrant(conn, contest, entrant.id)
    kind = None if override else _possible(entrant)
    others = (
        await settle.approvers_of(conn, contest, besides=person) if contest.terms_version else []
    )
    opening = await entrants.opening_of(conn, contest.workspace_id, contest.id, entrant.id)
    return ByHand(
        held=held[0] if held else None,
        held_why=say_hold(held[0].reason, words) if held else "",
        may_hold=contest.definition.holding is not None and entrant.erased_at is None,
        override=override,
        override_said=say_override_state(override.state, words) if override else None,
        override_why=say_why(override.kind, override.reason, words.language) if override else "",
        kind=kind,
        choices=override_choices(kind, words.language) if kind else (),
        is_alone=not others,
        delay=timedelta(seconds=delay_of(practice=contest.practice)),
        is_in_list=opening is not None and entrant.state is EntrantState.VALID,
    )


def _possible(entrant: Entrant) -> OverrideKind | None:
    """In which direction a verdict could be set aside."""
    if entrant.erased_at is not None or entrant.reason == MERGED:
        return None
    match entrant.state:
        case EntrantState.VALID:
            return OverrideKind.EXCLUDE
        case EntrantState.QUARANTINED:
            return None
        case _:
            return OverrideKind.ADMIT
