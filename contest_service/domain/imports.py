"""Entries of people without accounts, as the organiser brings them in. Pure.

The label becomes part of the proof for ever, and is shown if the entry wins, so that it must not be
an address or a number under which somebody can be reached (docs/draw-protocol.md, section 3). The
reference is the organiser's own, and never leaves the workspace.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from contest_service.domain.errors import Fault
from contest_service.domain.listings import read_moment
from contest_service.domain.plain_text import text_faults
from contest_service.domain.schedule import time_fault
from contest_service.domain.spreadsheet import Columns, Line

COLUMNS = Columns(required=("reference", "label"), optional=("entered_at",))
SUBJECT = "import:"
"""What the subject of an imported entry begins with; its id follows."""
LONGEST_REFERENCE = 200
LONGEST_LABEL = 100
_MAIL = re.compile(r"[^\s@]@[^\s@.]+(\.[^\s@.]+)+")
_PHONE = re.compile(r"(?:\d[\s().–-]*){10,}|\+[\s().–-]*(?:\d[\s().–-]*){7,}")
_TIME = "give a time with its zone, such as 2027-01-31T18:00:00Z"


class NewEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry to bring in.

    `reference` is the organiser's word for who it is, such as the number of a form; nobody else
    ever sees it, and it can enter once. `label` is the name that is shown. `entered_at` is when the
    person entered, if that is known: else the entry counts from when it is brought in.
    """

    reference: str
    label: str
    entered_at: datetime | None = None


class PlacedEntry(NewEntry, frozen=True, kw_only=True):
    """An entry and the line on which it stands; in a request, its number from 1."""

    line: int


Pointer = Callable[[int, str], str]
"""Says where a part of an entry stands, by the entry's line and the part's name."""


def read_entries(lines: Sequence[Line]) -> tuple[list[PlacedEntry], list[Fault]]:
    """Read the lines of a table as entries."""
    entries, faults = [], []
    for line in lines:
        given = line.cells.get("entered_at", "").strip()
        entered_at = read_moment(given) if given else None
        if given and entered_at is None:
            faults.append(Fault(pointer=line.at("entered_at"), detail=_TIME))
        entries.append(
            PlacedEntry(
                line=line.number,
                reference=line.cells["reference"].strip(),
                label=line.cells["label"].strip(),
                entered_at=entered_at,
            )
        )
    return entries, faults


def in_lines(line: int, part: str) -> str:
    """Where a part of an entry stands in a table."""
    return f"/lines/{line}/{part}"


def in_request(line: int, part: str) -> str:
    """Where a part of an entry stands in a request."""
    return f"/entries/{line - 1}/{part}"


def entry_faults(
    entries: Sequence[PlacedEntry], at: Pointer, *, opens_at: datetime, now: datetime
) -> list[Fault]:
    """Everything that is wrong with entries by themselves."""
    faults: list[Fault] = []
    first: dict[str, int] = {}
    for entry in entries:
        pointer = at(entry.line, "reference")
        faults += text_faults(entry.reference, pointer, longest=LONGEST_REFERENCE)
        if entry.reference and entry.reference in first:
            detail = (
                f"is given at {at(first[entry.reference], 'reference')} already: one reference is "
                "one entry, so leave one of the two out"
            )
            faults.append(Fault(pointer=pointer, detail=detail))
        first.setdefault(entry.reference, entry.line)
        faults += _label_faults(entry.label, at(entry.line, "label"))
        faults += _time_faults(entry, at, opens_at=opens_at, now=now)
    return faults


def _label_faults(label: str, pointer: str) -> list[Fault]:
    faults = text_faults(label, pointer, longest=LONGEST_LABEL)
    if _MAIL.search(label) or _PHONE.search(label):
        detail = (
            "looks like an e-mail address or a telephone number, and stays in the proof for ever: "
            "give a name, and keep the rest in your own list under the reference"
        )
        faults.append(Fault(pointer=pointer, detail=detail))
    return faults


def _time_faults(
    entry: PlacedEntry, at: Pointer, *, opens_at: datetime, now: datetime
) -> list[Fault]:
    if entry.entered_at is None:
        return []
    detail = time_fault(entry.entered_at)
    if not detail and entry.entered_at > now:
        detail = "lies in the future: an entry is brought in after it was made"
    elif not detail and entry.entered_at < opens_at:
        detail = "lies before the contest opened, so that the entry would not count: leave it out"
    return [Fault(pointer=at(entry.line, "entered_at"), detail=detail)] if detail else []
