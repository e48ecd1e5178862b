"""Change locked rules in public: what changed is said in words before it is done, and announced."""

import re
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from msgspec.structs import replace

from contest_service.domain import texts
from contest_service.domain.changes import changes
from contest_service.domain.contest import Definition
from contest_service.domain.errors import ConflictError, InvalidError
from contest_service.domain.local_times import show_local
from contest_service.domain.prizes import Draw, Tier
from contest_service.flows import life, outbox
from contest_service.store import contests
from contest_service.store.contests import Contest
from contest_service.web.change_pages import PAGE
from contest_service.web.contest_tabs import root_of
from contest_service.web.fault_words import say_conflict
from contest_service.web.forms import Form, blank, read_form
from contest_service.web.gate import AnyRequest, actor_of, runtime_of
from contest_service.web.language import Words, words_of
from contest_service.web.page import render
from contest_service.web.submissions import require_unsent, submission
from contest_service.web.wizard.frame import take_definition_faults
from contest_service.web.wizard.local_field import FOLD, fold_choices, folds_in, read_field

_TIMES = ("closes_at", "freeze_at", "draw_at")
_FIELDS = {
    "/title": "title",
    "/organiser": "organiser",
    "/reason": "reason",
    **{f"/schedule/{name}": name for name in _TIMES},
}
_TIER = re.compile(r"/draws/(\d+)/tiers/(\d+)/(prize|winners)")

Text = Annotated[str, msgspec.Meta(max_length=2000)]


class AmendForm(msgspec.Struct, frozen=True, kw_only=True):
    """What may be changed here, and why; prizes have fields of their own (`_tier_fields`).

    Times are as clocks in the contest's zone show them. `version` is of the terms that the form was
    made from. `do` shows what would change, or publishes it.
    """

    title: Text
    organiser: Text
    closes_at: Text
    draw_at: Text
    reason: Text
    version: int
    freeze_at: Text | None = None
    do: Text = ""


@get(f"{PAGE}/amend", operation_id="page_amend")
async def page_amend(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    contest = await _amendable(request, contest_id)
    return await _show(request, contest, _begun(contest))


@post(f"{PAGE}/amend", operation_id="amend_by_hand", status_code=200)
async def amend_by_hand(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    """Show what would change, or change it in public."""
    await require_unsent(request)
    form: Form[AmendForm] = await read_form(request, AmendForm)
    contest, words = await _amendable(request, contest_id), words_of(request)
    now = runtime_of(request).clock()
    changed = _changed(form, contest.definition, words=words, now=now)
    if changed is not None and not changes(contest.definition, changed, words.language):
        form.add("", words.gettext("Nothing is different from the rules in force."))
    filled = form.filled
    if filled is None or changed is None or form.faults:
        return await _show(request, contest, form, status_code=422)
    try:
        if filled.do == "publish":
            return await _publish(request, contest, changed, filled=filled)
        await _require_sound(request, contest, changed, reason=filled.reason)
        return await _show(request, contest, form, changed=changed)
    except InvalidError as error:
        take_definition_faults(form, error.faults, _field_of, words=words)
        return await _show(request, contest, form, status_code=422)
    except ConflictError as error:
        form.add("", say_conflict(error, words))
        return await _show(request, contest, form, status_code=409)


async def _amendable(request: AnyRequest, contest_id: UUID) -> Contest:
    """A contest whose rules can be changed in public. Raises NotFoundError, ConflictError."""
    async with runtime_of(request).pool.acquire() as conn:
        contest = await contests.read(conn, actor_of(request).workspace_id, contest_id)
    life.require_amendable(contest)
    return contest


async def _require_sound(
    request: AnyRequest, contest: Contest, changed: Definition, *, reason: str
) -> None:
    """Raise InvalidError if an amendment could not be published."""
    rt, actor = runtime_of(request), actor_of(request)
    async with rt.pool.acquire() as conn:
        faults = await life.amendment_faults(
            conn, actor, contest, changed, reason=reason, now=rt.clock()
        )
    if faults:
        raise InvalidError(faults)


async def _publish(
    request: AnyRequest, contest: Contest, changed: Definition, *, filled: AmendForm
) -> Response[bytes]:
    """Raises InvalidError, and ConflictError if somebody else changed the rules meanwhile."""
    rt, actor = runtime_of(request), actor_of(request)
    async with submission(request) as sent:
        present = await contests.read_locked(sent.conn, contest.workspace_id, contest.id)
        if present.terms_version != filled.version or present.definition != contest.definition:
            raise ConflictError(
                "Somebody else changed the rules meanwhile. Open this page anew and look.",
                code="changed_meanwhile",
            )
        await life.amend_contest(
            sent.conn, rt, actor, contest.id, changed, reason=filled.reason, now=sent.now
        )
        root = root_of(contest.workspace_id, contest.id)
        return await sent.go(f"{root}/change?note=amended")


def _changed(
    form: Form[AmendForm], before: Definition, *, words: Words, now: datetime
) -> Definition | None:
    """The definition that the form asks for; None if it has faults, which stand in it then."""
    filled = form.filled
    times = {name: read_field(form, name, before.schedule.zone, words=words) for name in _TIMES}
    draws = tuple(
        Draw(
            tiers=tuple(
                _tier(form, each, (draw, place), words=words) for place, each in enumerate(tiers)
            )
        )
        for draw, tiers in enumerate(each.tiers for each in before.draws)
    )
    closes_at, draw_at = times["closes_at"], times["draw_at"]
    if closes_at is not None and closes_at != before.schedule.closes_at and closes_at <= now:
        form.add("closes_at", words.gettext("This lies in the past."))
    if filled is None or form.faults or closes_at is None or draw_at is None:
        return None
    schedule = replace(
        before.schedule, closes_at=closes_at, draw_at=draw_at, freeze_at=times["freeze_at"]
    )
    return replace(
        before, title=filled.title, organiser=filled.organiser, schedule=schedule, draws=draws
    )


def _tier(form: Form[AmendForm], tier: Tier, at: tuple[int, int], *, words: Words) -> Tier:
    prize, winners = _tier_fields(*at)
    count = str(form.value(winners, tier.winners)).strip()
    if not (count.isascii() and count.isdecimal() and len(count) < 6):
        form.add(winners, words.gettext("Give a whole number."))
        return tier
    return replace(tier, prize=str(form.value(prize, tier.prize)), winners=int(count))


def _tier_fields(draw: int, place: int) -> tuple[str, str]:
    """The names of a tier's two fields: its prize, and how many there are."""
    return f"prize_{draw}_{place}", f"winners_{draw}_{place}"


def _field_of(pointer: str) -> str | None:
    if found := _TIER.fullmatch(pointer):
        prize, winners = _tier_fields(int(found[1]), int(found[2]))
        return prize if found[3] == "prize" else winners
    return _FIELDS.get(pointer)


def _begun(contest: Contest) -> Form[Any]:
    """The form with the rules in force."""
    definition, schedule = contest.definition, contest.definition.schedule
    times: dict[str, object] = {}
    for name in _TIMES:
        at: datetime | None = getattr(schedule, name)
        if at is not None:
            times[name] = show_local(at, schedule.zone).isoformat()
            times[f"{name}{FOLD}"] = folds_in(at, schedule.zone)
    tiers: dict[str, object] = {}
    for draw, place, tier in _tiers(definition):
        tiers |= zip(_tier_fields(draw, place), (tier.prize, tier.winners), strict=True)
    return blank(title=definition.title, organiser=definition.organiser, **times, **tiers)


def _tiers(definition: Definition) -> list[tuple[int, int, Tier]]:
    return [
        (draw, place, tier)
        for draw, each in enumerate(definition.draws)
        for place, tier in enumerate(each.tiers)
    ]


async def _show(
    request: AnyRequest,
    contest: Contest,
    form: Form[Any],
    *,
    changed: Definition | None = None,
    status_code: int = 200,
) -> Response[bytes]:
    """The form, and what would change where that is known."""
    rt, words = runtime_of(request), words_of(request)
    definition, zone = contest.definition, contest.definition.schedule.zone
    tiers = [(*_tier_fields(draw, place), tier.prize) for draw, place, tier in _tiers(definition)]
    return render(
        request,
        "amend.html",
        status_code=status_code,
        contest=contest,
        zone=zone,
        language=definition.language.value,
        root=root_of(contest.workspace_id, contest.id),
        now=rt.clock(),
        form=form,
        tiers=tiers,
        twice={
            name: found
            for name in _TIMES
            if (found := fold_choices(str(form.value(name)), zone, words))
        },
        changes=[] if changed is None else changes(definition, changed, words.language),
        previews=[] if changed is None else await _previews(request, contest, changed, form=form),
    )


async def _previews(
    request: AnyRequest, contest: Contest, changed: Definition, *, form: Form[Any]
) -> list[outbox.Shown]:
    """The announcement of a change as it will look on each page."""
    rt = runtime_of(request)
    text = texts.amendment_text(
        changed.language,
        title=changed.title,
        version=contest.terms_version + 1,
        reason=str(form.value("reason")),
        changes=changes(contest.definition, changed, changed.language),
        practice=contest.practice,
    )
    async with rt.pool.acquire() as conn:
        pages = await outbox.pages_of(conn, contest)
    return [outbox.shown(text, rt.contest_link(contest.id), page) for page in pages]
