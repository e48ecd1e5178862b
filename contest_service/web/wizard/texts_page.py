"""Step 5: what is said in the contest's name, by whom, and what rules and laws say to it."""

import re
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from contest_service.domain.accounts import Platform
from contest_service.domain.conditions import Language
from contest_service.domain.contest import Definition
from contest_service.domain.particulars import Particulars, Taxes
from contest_service.flows import outbox
from contest_service.flows.outbox import Page, Shown
from contest_service.flows.texts_ahead import Occasion
from contest_service.web.country_names import read_countries, say_countries
from contest_service.web.forms import Form, blank, read_form
from contest_service.web.gate import AnyRequest, runtime_of
from contest_service.web.language import NAMES, Words, words_of
from contest_service.web.submissions import require_unsent
from contest_service.web.wizard.draft import Draft, read_draft
from contest_service.web.wizard.frame import leave_if_locked, next_address, save, show_step
from contest_service.web.wizard.remarks import lint_draft, placed
from contest_service.web.wizard.steps import Step

_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")

Line = Annotated[str, msgspec.Meta(max_length=300)]
Text = Annotated[str, msgspec.Meta(max_length=200_000)]


class TextsForm(msgspec.Struct, frozen=True, kw_only=True):
    """`notes_…` are paragraphs with empty lines between them, `countries` names or letters.

    `do` is "look" where what was typed is only to be shown.
    """

    title: Line
    organiser: Line
    language: Language
    naming: bool = False
    notes_en: Text | None = None
    notes_ru: Text | None = None
    legal_name: Line | None = None
    inn: Line | None = None
    ogrn: Line | None = None
    address: Line | None = None
    site: Line | None = None
    countries: Annotated[str, msgspec.Meta(max_length=3000)] | None = None
    minimum_age: int | None = None
    taxes: Taxes | None = None
    privacy_notice: Line | None = None
    do: str = ""


_POINTERS = {
    "/title": "title",
    "/organiser": "organiser",
    "/notes/en": "notes_en",
    "/notes/ru": "notes_ru",
    "/notes": "notes_en",
    **{f"/particulars/{name}": name for name in Particulars.__struct_fields__},
}


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of text: what it is called, when it is said, and how it looks on each platform."""

    name: str
    when: str
    looks: list[Shown]


@get("/w/{workspace_id:uuid}/contests/{contest_id:uuid}/edit/texts", operation_id="page_edit_texts")
async def page_edit_texts(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    draft = await read_draft(request, contest_id)
    if locked := leave_if_locked(draft):
        return locked
    return await _show(request, draft, _begun(draft.definition, words_of(request)))


@post(
    "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/edit/texts",
    operation_id="edit_texts",
    status_code=200,
)
async def edit_texts(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    await require_unsent(request)
    form: Form[TextsForm] = await read_form(request, TextsForm)
    draft, words = await read_draft(request, contest_id), words_of(request)
    if locked := leave_if_locked(draft):
        return locked
    filled = form.filled
    countries = () if filled is None else _read_countries(form, filled, words)
    if filled is None or form.faults:
        return await _show(request, draft, form, status_code=422)
    if filled.do == "look":
        shown = msgspec.structs.replace(
            draft.contest, definition=_changed(draft.definition, filled, countries)
        )
        draft = msgspec.structs.replace(draft, contest=shown)
        return await _show(request, draft, form, is_unsaved=True)
    saved = await save(
        request,
        contest_id,
        form,
        change=lambda before: _changed(before, filled, countries),
        then=next_address(draft, Step.TEXTS, form),
        pointers=_POINTERS,
    )
    draft = draft if saved else await read_draft(request, contest_id)
    return saved or await _show(request, draft, form, status_code=422)


def _begun(definition: Definition, words: Words) -> Form[Any]:
    particulars = definition.particulars or Particulars()
    given = msgspec.to_builtins(particulars)
    given["countries"] = say_countries(particulars.countries, words.language)
    return blank(
        title=definition.title,
        organiser=definition.organiser,
        language=definition.language.value,
        naming="1" if definition.naming else "",
        notes_en="\n\n".join(definition.notes.get(Language.ENGLISH, ())),
        notes_ru="\n\n".join(definition.notes.get(Language.RUSSIAN, ())),
        **given,
    )


def _read_countries(form: Form[Any], filled: TextsForm, words: Words) -> tuple[str, ...]:
    found, unknown = read_countries(filled.countries or "")
    for name in unknown:
        form.add(
            "countries",
            words.gettext(
                "“%(name)s” is no country that we know. Give its name or its two letters.",
                name=name[:100],
            ),
        )
    return tuple(found)


def _changed(before: Definition, filled: TextsForm, countries: tuple[str, ...]) -> Definition:
    notes = {
        language: paragraphs
        for language, text in (
            (Language.ENGLISH, filled.notes_en),
            (Language.RUSSIAN, filled.notes_ru),
        )
        if (paragraphs := _paragraphs(text or ""))
    }
    return msgspec.structs.replace(
        before,
        title=filled.title.strip(),
        organiser=filled.organiser.strip(),
        language=filled.language,
        naming=filled.naming,
        notes=notes,
        particulars=_particulars(filled, countries),
    )


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in _PARAGRAPHS.split(text) if each.strip())


def _particulars(filled: TextsForm, countries: tuple[str, ...]) -> Particulars | None:
    """None where nothing is given, so that the terms say nothing."""

    def plain(text: str | None) -> str:
        return (text or "").strip()

    given = Particulars(
        legal_name=plain(filled.legal_name),
        inn=plain(filled.inn),
        ogrn=plain(filled.ogrn),
        address=plain(filled.address),
        site=plain(filled.site),
        countries=countries,
        minimum_age=filled.minimum_age,
        taxes=filled.taxes,
        privacy_notice=plain(filled.privacy_notice),
    )
    return None if given == Particulars() else given


async def _show(
    request: AnyRequest,
    draft: Draft,
    form: Form[Any],
    *,
    status_code: int = 200,
    is_unsaved: bool = False,
) -> Response[bytes]:
    words, definition = words_of(request), draft.definition
    asked = request.query_params.get("texts", "")
    language = next((each for each in Language if each.value == asked), definition.language)
    found = await lint_draft(request, draft)
    return show_step(
        request,
        draft,
        Step.TEXTS,
        form=form,
        status_code=status_code,
        is_unsaved=is_unsaved,
        languages_of_texts=[(each.value, NAMES[each]) for each in Language],
        shown_language=language,
        other_language=next(each for each in Language if each is not language),
        ahead=await _ahead(request, draft, language),
        taxes=_taxes(words),
        lint=found,
        remarks=placed(found, draft, words),
        has_particulars_fault=any(name in form.faults for name in Particulars.__struct_fields__),
    )


async def _ahead(request: AnyRequest, draft: Draft, language: Language) -> list[Said]:
    """Every text of the contest in a language; none where no beacon could decide it.

    Where there is no post yet, as it would look on every platform.
    """
    rt, contest = runtime_of(request), draft.contest
    async with rt.pool.acquire() as conn:
        pages = await outbox.pages_of(conn, contest)
    name = draft.definition.organiser
    pages = pages or [Page(platform=each, name=name, handle="") for each in Platform]
    spoken = msgspec.structs.replace(draft.definition, language=language)
    found = outbox.ahead(rt, msgspec.structs.replace(contest, definition=spoken), pages)
    return [
        Said(name=name, when=when, looks=found[occasion])
        for occasion, (name, when) in _occasions(words_of(request)).items()
        if occasion in found
    ]


def _occasions(words: Words) -> Mapping[Occasion, tuple[str, str]]:
    """What each text is called, and when and where it is said."""
    _ = words.gettext
    return {
        Occasion.FREEZE: (
            _("The list is fixed"),
            _("Under every contest post, when the list is fixed before the draw."),
        ),
        Occasion.RESULT: (
            _("The result"),
            _("Under every contest post, within seconds after the draw."),
        ),
        Occasion.MESSAGE: (
            _("A message to a winner"),
            _("To each winner alone, where the platform allows it."),
        ),
        Occasion.MENTION: (
            _("A mention of a winner"),
            _("Under the contest post, for a winner who cannot be written to alone."),
        ),
        Occasion.SUCCESSION: (
            _("Another winner"),
            _("Only if somebody loses a prize: the next in the drawn order takes it."),
        ),
        Occasion.AMENDMENT: (
            _("Changed rules"),
            _("Only if the rules are changed in public while the contest runs."),
        ),
        Occasion.VOID: (
            _("No winners"),
            _("Only if the contest is cancelled, or cannot be drawn."),
        ),
    }


def _taxes(words: Words) -> list[tuple[str, str]]:
    return [
        ("", words.gettext("not said")),
        (Taxes.WINNER.value, words.gettext("the winner")),
        (Taxes.ORGANISER.value, words.gettext("the organiser")),
    ]
