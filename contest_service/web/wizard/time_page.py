"""Step 4: when it opens, closes, is fixed and drawn: by three clocks, with the beacon's round."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from contest_service.domain.contest import Definition
from contest_service.domain.errors import ConflictError
from contest_service.domain.local_times import show_local
from contest_service.domain.schedule import Schedule, moment, schedule_faults, unix
from contest_service.flows.runtime import Runtime
from contest_service.store.contests import Contest
from contest_service.web.forms import Form, blank, read_form
from contest_service.web.gate import AnyRequest, runtime_of
from contest_service.web.language import Words, words_of
from contest_service.web.wizard.draft import Draft, read_draft
from contest_service.web.wizard.frame import (
    leave_if_locked,
    next_address,
    save,
    show_step,
    take_definition_faults,
)
from contest_service.web.wizard.local_field import FOLD, fold_choices, folds_in, read_field
from contest_service.web.wizard.steps import Step
from contest_service.web.wizard.zones import is_zone, zone_choices

_TIMES = ("opens_at", "closes_at", "freeze_at", "draw_at")
_FIELDS = {f"/schedule/{name}": name for name in (*_TIMES, "zone")}

Text = Annotated[str, msgspec.Meta(max_length=100)]


class TimeForm(msgspec.Struct, frozen=True, kw_only=True):
    """Times as clocks in the zone show them; which of two is meant where one comes twice."""

    zone: Text
    opens_at: Text
    closes_at: Text
    draw_at: Text
    freeze_at: Text | None = None
    opens_at_fold: int | None = None
    closes_at_fold: int | None = None
    freeze_at_fold: int | None = None
    draw_at_fold: int | None = None
    do: Text = ""


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """One time of the schedule, what happens then, and how long it is since the one before."""

    what: str
    at: datetime
    since: str
    is_past: bool


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """The beacon's round that decides, and when it is out."""

    number: int
    at: datetime
    is_practice: bool


@get("/w/{workspace_id:uuid}/contests/{contest_id:uuid}/edit/time", operation_id="page_edit_time")
async def page_edit_time(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    draft = await read_draft(request, contest_id)
    if (away := leave_if_locked(draft)) is not None:
        return away
    return _show(
        request,
        draft,
        _begun(draft.definition.schedule),
        schedule=draft.definition.schedule,
    )


@post(
    "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/edit/time",
    operation_id="edit_time",
    status_code=200,
)
async def edit_time(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    """Show what the times mean, or save them."""
    form: Form[TimeForm] = await read_form(request, TimeForm)
    draft, words = await read_draft(request, contest_id), words_of(request)
    schedule = _schedule(form, draft, words)
    if form.value("do") == "look":
        return _show(request, draft, form, schedule=schedule)
    if schedule is not None:
        found = schedule
        answer = await save(
            request,
            contest_id,
            form,
            change=lambda definition: _changed(definition, found),
            then=next_address(draft, Step.TIME, form),
            pointers=_FIELDS,
        )
        if answer is not None:
            return answer
    draft = await read_draft(request, contest_id)
    return _show(request, draft, form, schedule=schedule, status_code=422)


def _changed(definition: Definition, schedule: Schedule) -> Definition:
    return msgspec.structs.replace(definition, schedule=schedule)


def _schedule(form: Form[TimeForm], draft: Draft, words: Words) -> Schedule | None:
    """The schedule that was typed; None if it has faults, which the form has then."""
    filled = form.filled
    if filled is None:
        return None
    if not is_zone(filled.zone):
        form.add("zone", words.gettext("Choose one that is offered."))
        return None
    read = {name: read_field(form, name, filled.zone, words=words) for name in _TIMES}
    opens_at, closes_at, draw_at = read["opens_at"], read["closes_at"], read["draw_at"]
    if form.faults or opens_at is None or closes_at is None or draw_at is None:
        return None
    schedule = Schedule(
        opens_at=opens_at,
        closes_at=closes_at,
        draw_at=draw_at,
        freeze_at=read["freeze_at"],
        zone=filled.zone,
        min_lead=draft.definition.schedule.min_lead,
    )
    found = schedule_faults(schedule, practice=draft.contest.practice)
    take_definition_faults(form, found, _FIELDS, words=words)
    _refuse_past(form, schedule, now=draft.now, words=words)
    return None if form.faults else schedule


def _refuse_past(form: Form[TimeForm], schedule: Schedule, *, now: datetime, words: Words) -> None:
    """Refuse what has to be ahead. The opening may have been: what was done since then counts."""
    if schedule.closes_at <= now:
        form.add("closes_at", words.gettext("This lies in the past."))
    if schedule.freeze_at is not None and schedule.freeze_at <= now:
        form.add("freeze_at", words.gettext("This lies in the past."))
    if schedule.latest_freeze <= now:
        form.add(
            "draw_at",
            words.gettext("This is too soon: the list has to be fixed before, and ahead of now."),
        )


def _begun(schedule: Schedule) -> Form[Any]:
    times = {name: getattr(schedule, name) for name in _TIMES}
    shown = {
        name: None if at is None else show_local(at, schedule.zone).isoformat(timespec=_exact(at))
        for name, at in times.items()
    }
    folds = {
        f"{name}{FOLD}": None if at is None else folds_in(at, schedule.zone)
        for name, at in times.items()
    }
    return blank(zone=schedule.zone, **shown, **folds)


def _exact(at: datetime) -> str:
    return "seconds" if at.second else "minutes"


def clocks(schedule: Schedule, words: Words, *, now: datetime) -> list[Clock]:
    """All times in their order, each with how long it is after the one before."""
    named = [
        (words.gettext("opens"), schedule.opens_at, ""),
        (words.gettext("closes"), schedule.closes_at, words.gettext("open for %(span)s")),
        (
            words.gettext("the list is fixed"),
            schedule.frozen_at,
            words.gettext("%(span)s to ask for a check and to answer"),
        ),
        (
            words.gettext("the draw"),
            schedule.draw_at,
            words.gettext("%(span)s after the list is fixed"),
        ),
    ]
    before = [schedule.opens_at, *(at for _, at, _ in named)]
    return [
        Clock(
            what=what,
            at=at.astimezone(UTC),
            since=said % {"span": words.span(at - earlier)} if said else "",
            is_past=at <= now,
        )
        for (what, at, said), earlier in zip(named, before, strict=False)
    ]


def round_of(rt: Runtime, contest: Contest, schedule: Schedule) -> Round | None:
    """The first round of the beacon at the draw time or after; None where there is no beacon."""
    try:
        beacon = rt.beacon_for(contest)
    except ConflictError:
        return None
    number = beacon.first_round_at(unix(schedule.draw_at))
    at = moment(beacon.time_of(number))
    return Round(number=number, at=at, is_practice=contest.practice)


def _show(
    request: AnyRequest,
    draft: Draft,
    form: Form[Any],
    *,
    schedule: Schedule | None,
    status_code: int = 200,
) -> Response[bytes]:
    rt, words = runtime_of(request), words_of(request)
    zone = str(form.value("zone"))
    return show_step(
        request,
        draft,
        Step.TIME,
        form=form,
        status_code=status_code,
        zones=zone_choices(words, now=draft.now),
        twice=_twice(form, zone, words) if is_zone(zone) else {},
        times_zone=zone if schedule is not None else "",
        clocks=[] if schedule is None else clocks(schedule, words, now=draft.now),
        round=None if schedule is None else round_of(rt, draft.contest, schedule),
        lead=words.span(timedelta(seconds=draft.definition.schedule.min_lead)),
        has_seconds=any(str(form.value(name)).count(":") > 1 for name in _TIMES),
    )


def _twice(form: Form[Any], zone: str, words: Words) -> Mapping[str, list[tuple[str, str, str]]]:
    """The fields whose time comes twice, with the two to choose from."""
    found = {name: fold_choices(str(form.value(name)), zone, words) for name in _TIMES}
    return {name: choices for name, choices in found.items() if choices}
