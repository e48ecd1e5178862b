"""Step 3: what can be won, how often, and what happens if nobody takes it."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from contest_service.domain.contest import LEAST_CLAIM, Definition
from contest_service.domain.dates import say_duration
from contest_service.domain.errors import InvalidError
from contest_service.domain.prizes import MOST_DRAWS, MOST_TIERS, MOST_WINNERS
from contest_service.flows.pictures import Use, keep_picture
from contest_service.web.fault_words import say_fault
from contest_service.web.forms import Form, blank, read_form
from contest_service.web.gate import AnyRequest, actor_of, runtime_of
from contest_service.web.language import Words, words_of
from contest_service.web.submissions import require_unsent
from contest_service.web.wizard.draft import Draft, read_draft
from contest_service.web.wizard.frame import leave_if_locked, next_address, save, show_step
from contest_service.web.wizard.prize_sheet import (
    Sheet,
    draws_of,
    field_of,
    likely_currency,
    places_of,
    put,
    read_sheet,
    rearranged,
    sheet_of,
)
from contest_service.web.wizard.remarks import remarks_about
from contest_service.web.wizard.steps import Step

_MOST_PICTURES = 3
"""In one form."""
MOST_BYTES = 36 * 1024 * 1024
"""Of a form with pictures: three of the largest, and all that is typed."""
_DAYS = (1, 2, 3, 5, 7, 14, 30)
_SHORT = (60, 600)
"""Seconds, for practice."""
_DIGITS = 9
"""Of a time in seconds, at most."""
_CURRENCIES = (
    "RUB", "USD", "EUR", "GBP", "AMD", "AZN", "BYN", "CNY", "GEL", "JPY", "KGS", "KZT", "MDL",
    "PLN", "RSD", "TJS", "TRY", "UAH", "UZS",
)  # fmt: skip

Seconds = Annotated[int, msgspec.Meta(ge=0)]


class PrizesForm(msgspec.Struct, frozen=True, kw_only=True):
    """What is not a prize itself; `do` is what a button says (`prize_sheet.rearranged`).

    `claim_within` is 0 where nobody has to claim.
    """

    claim_within: Seconds = 0
    recheck_winners: bool = False
    do: str = ""


@get(
    "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/edit/prizes",
    operation_id="page_edit_prizes",
)
async def page_edit_prizes(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    draft = await read_draft(request, contest_id)
    return leave_if_locked(draft) or await _show(request, draft, _begun(draft.definition))


@post(
    "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/edit/prizes",
    operation_id="edit_prizes",
    status_code=200,
    request_max_body_size=MOST_BYTES,
)
async def edit_prizes(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    """Save the prizes, or only arrange what was typed anew; pictures are kept in both cases."""
    await require_unsent(request)
    form: Form[PrizesForm] = await read_form(request, PrizesForm)
    draft = await read_draft(request, contest_id)
    if locked := leave_if_locked(draft):
        return locked
    await _keep_pictures(request, form)
    filled, sheet = form.filled, read_sheet(form)
    if filled is not None and filled.do:
        put(rearranged(sheet, filled.do, likely_currency(draft.definition)), form)
        return await _show(request, draft, form, is_open=True)
    draws = draws_of(sheet, form, words_of(request))
    if filled is not None and not form.faults:
        saved = await save(
            request,
            contest_id,
            form,
            change=lambda before: msgspec.structs.replace(
                before,
                draws=draws,
                claim_within=filled.claim_within or None,
                recheck_winners=filled.recheck_winners,
            ),
            then=next_address(draft, Step.PRIZES, form),
            pointers=field_of,
        )
        if saved is not None:
            return saved
        draft = await read_draft(request, contest_id)
    return await _show(request, draft, form, status_code=422)


def _begun(definition: Definition) -> Form[Any]:
    form = blank(
        claim_within=definition.claim_within or 0,
        recheck_winners="1" if definition.recheck_winners else "",
    )
    put(sheet_of(definition.draws, likely_currency(definition)), form)
    return form


async def _keep_pictures(request: AnyRequest, form: Form[Any]) -> None:
    """Keep every picture that was sent, so that nobody has to choose it again, whatever is wrong.

    Faults come beside the picture's field, also for one more than may come at a time.
    """
    words, sent = words_of(request), 0
    for place in places_of(read_sheet(form)):
        name = f"picture-{place}"
        data = await _read(form.files.get(name))
        if not data:
            continue
        sent += 1
        if sent > _MOST_PICTURES:
            form.add(name, _say_too_many(words))
            continue
        try:
            kept = await keep_picture(runtime_of(request), actor_of(request), data, use=Use.PRIZE)
        except InvalidError as error:
            for fault in error.faults:
                form.add(name, say_fault(fault.detail, words))
        else:
            form.typed[f"kept-{place}"] = [kept.digest.hex()]
            form.typed.pop(f"drop-{place}", None)


def _say_too_many(words: Words) -> str:
    return words.gettext(
        "At most three pictures come at a time. Those above are kept; choose this one again."
    )


async def _read(file: UploadFile | None) -> bytes:
    return await file.read() if file is not None and file.filename else b""


async def _show(
    request: AnyRequest,
    draft: Draft,
    form: Form[Any],
    *,
    status_code: int = 200,
    is_open: bool = False,
) -> Response[bytes]:
    words, sheet = words_of(request), read_sheet(form)
    return show_step(
        request,
        draft,
        Step.PRIZES,
        form=form,
        status_code=status_code,
        sheet=sheet,
        currencies=_currencies(sheet, draft.definition),
        claims=_claims(draft, form, words),
        is_unsaved=is_open,
        most_winners=MOST_WINNERS,
        may_add=sum(len(rows) for rows in sheet) < MOST_TIERS,
        may_add_draw=len(sheet) < MOST_DRAWS,
        remarks=await remarks_about(request, draft, "/draws"),
    )


def _currencies(sheet: Sheet, definition: Definition) -> list[tuple[str, str]]:
    """The currencies to choose from: those in use first, then the most likely one."""
    used = [row.currency for rows in sheet for row in rows if row.currency]
    ordered = dict.fromkeys([*used, likely_currency(definition), *_CURRENCIES])
    return [(each, each) for each in ordered]


def _claims(draft: Draft, form: Form[Any], words: Words) -> list[tuple[str, str]]:
    """How long winners may have, and what was chosen before."""
    offered = [days * 86400 for days in _DAYS]
    if draft.contest.practice:
        offered = [*_SHORT, LEAST_CLAIM, *offered]
    chosen = str(form.value("claim_within"))
    if chosen.isdecimal() and len(chosen) <= _DIGITS and int(chosen) > 0:
        offered = sorted({*offered, int(chosen)})
    nobody = words.gettext("Nobody has to: the prize is theirs")
    return [("0", nobody), *((str(each), say_duration(each, words.language)) for each in offered)]
