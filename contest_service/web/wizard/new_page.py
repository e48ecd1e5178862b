"""A new contest: a few answers, and a draft that is whole from its first minute."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from contest_service.domain.conditions import Follows, Language, Liked
from contest_service.domain.contest import Definition
from contest_service.domain.errors import ConflictError, InvalidError
from contest_service.domain.prizes import Draw, Tier
from contest_service.domain.rules import AllOf
from contest_service.domain.schedule import MIN_LEAD, Schedule
from contest_service.flows import define
from contest_service.flows.define import FoundPost
from contest_service.store import templates
from contest_service.web.forms import Form, blank, read_form
from contest_service.web.gate import AnyRequest, actor_of, places_in, runtime_of
from contest_service.web.language import NAMES, Words, words_in, words_of
from contest_service.web.page import render
from contest_service.web.submissions import require_unsent, submission
from contest_service.web.wizard.draft import communities_of
from contest_service.web.wizard.frame import take_definition_faults
from contest_service.web.wizard.look_up import look_up
from contest_service.web.wizard.steps import Step, edit_root
from contest_service.web.wizard.zones import is_zone, usual_zone, zone_choices

_OPENS_AT, _CLOSES_AT = 10, 20
"""Hours of the day, in the contest's zone."""
_OPEN_DAYS = 7
_PRACTICE_LEAD = 60

Text = Annotated[str, msgspec.Meta(max_length=200)]
Address = Annotated[str, msgspec.Meta(max_length=2000)]


class NewForm(msgspec.Struct, frozen=True, kw_only=True):
    title: Text
    organiser: Text
    language: Language
    zone: Text
    practice: bool = False
    url: Address | None = None


@get("/w/{workspace_id:uuid}/contests/new", operation_id="page_new_contest")
async def page_new_contest(request: AnyRequest, workspace_id: FromPath[UUID]) -> Response[bytes]:
    language = words_of(request).language
    here = next(each for each in places_in(request) if each.workspace.id == workspace_id)
    form = blank(organiser=here.workspace.name, language=language.value, zone=usual_zone(language))
    return await _show(request, form)


@post("/w/{workspace_id:uuid}/contests/new", operation_id="make_contest", status_code=200)
async def make_contest(request: AnyRequest, workspace_id: FromPath[UUID]) -> Response[bytes]:
    """Make a draft, with its first post if an address was given."""
    await require_unsent(request)
    form: Form[NewForm] = await read_form(request, NewForm)
    words, filled = words_of(request), form.filled
    if filled is not None and not is_zone(filled.zone):
        form.add("zone", words.gettext("Choose one that is offered."))
    if filled is not None and filled.practice and not _has_practice(request):
        form.add("practice", words.gettext("Practice is off here. An operator can switch it on."))
    if filled is None or form.faults:
        return await _show(request, form, status_code=422)
    found = await _first_post(request, form, filled)
    if form.faults:
        return await _show(request, form, status_code=422)
    try:
        return await _make(request, filled, found)
    except InvalidError as error:
        take_definition_faults(form, error.faults, _FIELDS, words=words)
    except ConflictError as error:
        form.add("url", words.refusal(error.message))
    return await _show(request, form, status_code=422)


_FIELDS = {"/title": "title", "/organiser": "organiser", "/schedule/zone": "zone"}


async def _first_post(
    request: AnyRequest, form: Form[NewForm], filled: NewForm
) -> FoundPost | None:
    if not filled.url or not filled.url.strip():
        return None
    return await look_up(request, form, filled.url, practice=filled.practice)


async def _make(request: AnyRequest, filled: NewForm, found: FoundPost | None) -> Response[bytes]:
    actor = actor_of(request)
    async with submission(request) as sent:
        made = await define.create_contest(
            sent.conn,
            actor,
            first_definition(filled, now=sent.now),
            practice=filled.practice,
            now=sent.now,
        )
        if found is not None:
            await define.attach_post(sent.conn, actor, made.id, found, now=sent.now)
        step = Step.POST if found is None else Step.CONDITIONS
        return await sent.go(f"{edit_root(made.workspace_id, made.id)}/{step}?note=contest-made")


def first_definition(filled: NewForm, *, now: datetime) -> Definition:
    """A definition without faults that everybody would begin with: to like, to follow, a week."""
    return Definition(
        title=filled.title.strip(),
        organiser=filled.organiser.strip(),
        schedule=first_schedule(filled.zone, practice=filled.practice, now=now),
        rules=AllOf((Liked(), Follows())),
        draws=(Draw(tiers=(first_tier(words_in(filled.language)),)),),
        language=filled.language,
    )


def first_tier(words: Words) -> Tier:
    """The prize that a new contest has until somebody says what it is."""
    return Tier(id="prize", prize=words.gettext("Prize"), winners=1)


def first_schedule(zone: str, *, practice: bool, now: datetime) -> Schedule:
    """Open from tomorrow morning for a week, in a zone; the draw is a day after the close."""
    today = now.astimezone(ZoneInfo(zone)).date()

    def at(days: int, hour: int) -> datetime:
        day = today + timedelta(days=days)
        shown = datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(zone))
        return shown.astimezone(UTC)

    return Schedule(
        opens_at=at(1, _OPENS_AT),
        closes_at=at(1 + _OPEN_DAYS, _CLOSES_AT),
        draw_at=at(2 + _OPEN_DAYS, _CLOSES_AT),
        zone=zone,
        min_lead=_PRACTICE_LEAD if practice else MIN_LEAD,
    )


def _has_practice(request: AnyRequest) -> bool:
    return runtime_of(request).practice_beacon is not None


async def _show(
    request: AnyRequest, form: Form[NewForm], *, status_code: int = 200
) -> Response[bytes]:
    rt, words = runtime_of(request), words_of(request)
    async with rt.pool.acquire() as conn:
        known = await communities_of(conn, actor_of(request).workspace_id)
        kept = await templates.list_all(conn, actor_of(request).workspace_id)
    return render(
        request,
        "wizard/new.html",
        status_code=status_code,
        form=form,
        communities=list(known.values()),
        templates=kept,
        has_practice=_has_practice(request),
        contest_languages=[(each.value, NAMES[each]) for each in Language],
        zones=zone_choices(words, now=rt.clock()),
    )
