"""A contest as its organiser defines it, and the states of its life."""

import enum

import msgspec

from contest_service.domain.conditions import Language
from contest_service.domain.errors import Fault
from contest_service.domain.prizes import Draw, prize_faults
from contest_service.domain.rules import (
    Rule,
    Tickets,
    Unverified,
    actions_asked,
    rule_faults,
    ticket_faults,
)
from contest_service.domain.schedule import Schedule, schedule_faults


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

    `coverage` is the per cent of each post's own counter that the closing scan must have seen;
    below it the freeze waits. `naming` says that whoever enters agrees to be named if they win;
    without it announcements and the public bundle show entry ids. `recheck_winners` asks for the
    winners' conditions once more between result and announcement. `notes` are further paragraphs
    of the public terms, per language.
    """

    title: str
    organiser: str
    schedule: Schedule
    rules: Rule
    draws: tuple[Draw, ...]
    tickets: Tickets = Tickets()
    unverified: Unverified = Unverified.EXCLUDE
    coverage: int = 90
    naming: bool = True
    recheck_winners: bool = False
    language: Language = Language.ENGLISH
    notes: dict[Language, tuple[str, ...]] = {}


def definition_faults(definition: Definition, *, practice: bool) -> list[Fault]:
    """Everything that is wrong with a definition, all at once; empty if it can start."""
    faults = [
        Fault(pointer=f"/{field}", detail="give 1 to 200 characters")
        for field in ("title", "organiser")
        if not 1 <= len(getattr(definition, field).strip()) <= 200
    ]
    if not 0 <= definition.coverage <= 100:
        faults.append(Fault(pointer="/coverage", detail="is per cent: 0 to 100"))
    for language, paragraphs in definition.notes.items():
        if len(paragraphs) > 100 or any(not 1 <= len(text) <= 2000 for text in paragraphs):
            detail = "at most 100 paragraphs of 1 to 2000 characters"
            faults.append(Fault(pointer=f"/notes/{language}", detail=detail))
    faults += schedule_faults(definition.schedule, practice=practice)
    faults += rule_faults(definition.rules, "/rules")
    faults += ticket_faults(definition.tickets)
    faults += prize_faults(definition.draws)
    if not faults and not actions_asked(definition.rules, Tickets()):
        detail = "ask for at least one action: it is what makes somebody an entrant"
        faults.append(Fault(pointer="/rules", detail=detail))
    return faults
