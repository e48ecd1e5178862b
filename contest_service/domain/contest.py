"""A contest as its organiser defines it, and the states of its life."""

import enum
from collections.abc import Iterator

import msgspec

from contest_service.domain.amendments import Amendments
from contest_service.domain.conditions import AnyCondition, Language
from contest_service.domain.coverage import USUAL, Threshold, coverage_faults
from contest_service.domain.errors import Fault
from contest_service.domain.holding import Holding, holding_faults
from contest_service.domain.particulars import Particulars, particulars_faults
from contest_service.domain.plain_text import size_of, text_faults
from contest_service.domain.prizes import Draw, prize_faults
from contest_service.domain.rule_faults import rule_faults, ticket_faults
from contest_service.domain.rules import (
    Rule,
    Tickets,
    Unverified,
    conditions,
    needs_action,
)
from contest_service.domain.schedule import Schedule, schedule_faults

MOST_NOTES = 100
"""Paragraphs in one language."""
MOST_NOTE_BYTES = 256 * 1024
"""Of UTF-8 in all notes together, so that terms stay below 1 MiB (docs/draw-protocol.md, 8.6)."""
MOST_RULE_BYTES = 100 * 1024
"""Of UTF-8 in the texts of all conditions together, each of which terms say three times."""
LEAST_CLAIM = 3600
"""Seconds that winners of a real contest have at least, where prizes have to be claimed."""
MOST_CLAIM = 30 * 86400


class Status(enum.StrEnum):
    """Where a contest stands (docs/architecture.md, the life of a contest)."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    CLOSING = "closing"
    FROZEN = "frozen"
    DRAWN = "drawn"
    ANNOUNCED = "announced"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    VOID = "void"


EDITABLE = frozenset({Status.DRAFT, Status.SCHEDULED})
STARTED = frozenset({Status.RUNNING, Status.CLOSING})
"""The rules are locked and public, and nothing is frozen yet: an amendment is possible."""
ENDED = frozenset({Status.COMPLETED, Status.CANCELLED, Status.VOID})


class Definition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the organiser decides. It becomes the terms when the contest starts.

    `coverage` is the per cent of each post's own counter that the closing scan must have seen, of
    all actions or of each, on all platforms or on each; below it the freeze waits. `naming` says
    that whoever enters agrees to be named if they win; without it announcements and the public
    bundle show entry ids. `recheck_winners` asks for the winners' conditions once more between
    result and announcement. `claim_within` is how many seconds a winner has to claim a prize, from
    the announcement that names them; null if nobody has to. `amendments` says whether those who
    entered before a change of the rules keep the conditions under which they entered. `holding`
    says that the organiser may hold accounts for checking, and how; null if nobody may be held.
    `particulars` are what laws want to be said of the organiser and the contest. `notes` are
    further paragraphs of the public terms, per language.
    """

    title: str
    organiser: str
    schedule: Schedule
    rules: Rule
    draws: tuple[Draw, ...]
    tickets: Tickets = Tickets()
    unverified: Unverified = Unverified.EXCLUDE
    coverage: Threshold = USUAL
    naming: bool = True
    recheck_winners: bool = False
    claim_within: int | None = None
    amendments: Amendments = Amendments.NEWEST
    holding: Holding | None = None
    particulars: Particulars | None = None
    language: Language = Language.ENGLISH
    notes: dict[Language, tuple[str, ...]] = {}


def definition_faults(definition: Definition, *, practice: bool) -> list[Fault]:
    """Everything that is wrong with a definition, all at once; empty if it can start."""
    shape = rule_faults(definition.rules, "/rules")
    faults = [
        *text_faults(definition.title, "/title", longest=200),
        *text_faults(definition.organiser, "/organiser", longest=200),
        *schedule_faults(definition.schedule, practice=practice),
        *shape,
        *prize_faults(definition.draws),
        *ticket_faults(definition.tickets),
        *_note_faults(definition.notes),
        *([] if shape else _size_faults(definition)),
    ]
    faults += coverage_faults(definition.coverage, "/coverage")
    faults += holding_faults(definition.holding, "/holding")
    faults += particulars_faults(definition.particulars, "/particulars")
    least = 1 if practice else LEAST_CLAIM
    if definition.claim_within is not None and not least <= definition.claim_within <= MOST_CLAIM:
        detail = f"is in seconds and must lie between {least} and {MOST_CLAIM}; null for no claims"
        faults.append(Fault(pointer="/claim_within", detail=detail))
    if not shape and not needs_action(definition.rules):
        detail = (
            "ask for an action in every alternative: it is what makes somebody an entrant, and "
            "whoever could enter without one is never seen"
        )
        faults.append(Fault(pointer="/rules", detail=detail))
    return faults


def _note_faults(notes: dict[Language, tuple[str, ...]]) -> list[Fault]:
    faults: list[Fault] = []
    for language, paragraphs in notes.items():
        if len(paragraphs) > MOST_NOTES:
            detail = f"give at most {MOST_NOTES} paragraphs"
            faults.append(Fault(pointer=f"/notes/{language}", detail=detail))
        for number, text in enumerate(paragraphs):
            at = f"/notes/{language}/{number}"
            faults += text_faults(text, at, longest=2000, lines=True)
    if size_of(text for paragraphs in notes.values() for text in paragraphs) > MOST_NOTE_BYTES:
        detail = f"give at most {MOST_NOTE_BYTES // 1024} KiB of notes over all languages"
        faults.append(Fault(pointer="/notes", detail=detail))
    return faults


def _size_faults(definition: Definition) -> list[Fault]:
    size = size_of(
        text for _, condition in every_condition(definition) for text in condition.texts()
    )
    if size <= MOST_RULE_BYTES:
        return []
    detail = (
        f"has {size} bytes of texts over all conditions and bonuses; at most {MOST_RULE_BYTES} "
        "fit into the terms"
    )
    return [Fault(pointer="/rules", detail=detail)]


def every_condition(definition: Definition) -> Iterator[tuple[str, AnyCondition]]:
    """Every condition of rules and bonuses, with its JSON pointer in the definition."""
    yield from conditions(definition.rules, "/rules")
    for number, bonus in enumerate(definition.tickets.bonuses):
        yield from conditions(bonus.rule, f"/tickets/bonuses/{number}/rule")
