"""Checking a bare proof: events.jsonl, entries.bin and, if there are any, openings (section 8).

Takes bytes, says what holds. Never raises for what is in them: whatever a file holds becomes a
`Report`. Finding and reading files is the caller's business, `bundle` adds the rest of a bundle.
"""

import enum
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import msgspec

from contest_service.proof.canonical import lines
from contest_service.proof.chain import Chain
from contest_service.proof.entries import LEAF_SIZE, MAX_TICKETS, EntryList, check_openings
from contest_service.proof.errors import ChainError, ProofError, UnreadableError
from contest_service.proof.events import Event, EventType, Freeze, Slot, hash_of_line, parse
from contest_service.proof.grade import WORDS, Grade
from contest_service.proof.held import Held
from contest_service.proof.held import compare as held_beside
from contest_service.proof.trust import NOBODY, Trust

EVENTS, ENTRIES, OPENINGS = "events.jsonl", "entries.bin", "openings.jsonl"


class Verdict(enum.StrEnum):
    """What a check comes to."""

    VERIFIED = "verified"
    REFUSED = "refused"
    UNREADABLE = "unreadable"
    PRACTICE = "practice"
    PENDING = "pending"

    @property
    def exit_status(self) -> int:
        """The exit status of a program that says so."""
        return _EXIT_STATUS[self]


_EXIT_STATUS = {
    Verdict.VERIFIED: 0,
    Verdict.REFUSED: 1,
    Verdict.UNREADABLE: 2,
    Verdict.PRACTICE: 3,
    Verdict.PENDING: 4,
}


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a reader should know and that refuses nothing."""

    code: str
    text: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a check found. None where there is no such fact; hashes in hex."""

    verdict: Verdict
    reason: str | None = None
    """Stable code of what is refused or unreadable."""
    message: str | None = None
    """The same as a sentence."""
    where: str | None = None
    """A file name, with the line, from 1, where there is one."""
    practice: bool = False
    """Whether the draw proves nothing about chance because its beacon is a practice one."""
    grade: Grade | None = None
    outcome: str | None = None
    """`result`, `void`, `frozen` or `running`."""
    contest: str | None = None
    freeze_hash: str | None = None
    round: int | None = None
    randomness: str | None = None
    initial: tuple[tuple[Slot, ...], ...] | None = None
    final: tuple[tuple[Slot, ...], ...] | None = None
    findings: tuple[Finding, ...] = ()
    receipt: Held | None = None
    """Of a promise or a receipt that was given."""


class Refusal(Exception):  # noqa: N818 - an outcome of a check, not an error of the program
    """What does not hold, and where."""

    def __init__(self, error: ProofError, where: str | None) -> None:
        super().__init__(error.message)
        self.error = error
        self.where = where


_GRADE_CODES = {
    Grade.A: "shown_by_witnesses",
    Grade.B: "times_on_two_authorities",
    Grade.C: "times_on_one_authority",
    Grade.D: "times_on_operators_word",
}
_TERMS_UNKNOWN = Finding(
    code="terms_not_checked",
    text="A bare proof holds no terms: what the contest promised cannot be checked here.",
)
_NOTHING_ABOUT_CHANCE = Finding(
    code="practice",
    text="This is a practice draw. It proves nothing about chance.",
)


def check(
    events: bytes,
    entries: bytes | memoryview,
    openings: Iterable[bytes] | None = None,
    *,
    practice: bool = False,
    trust: Trust = NOBODY,
    receipt: bytes | None = None,
) -> Report:
    """Check a bare proof. `openings` are the chunks of openings.jsonl; None if there is none.

    `practice` allows a practice beacon; a chain on the pinned one is checked all the same. A
    `receipt`, or a promise, is compared with what holds; `trust` says whose.
    """
    chain, made = _checked(events, entries, openings, practice=practice)
    return with_receipt(made, chain, receipt=receipt, trust=trust)


def _checked(
    events: bytes,
    entries: bytes | memoryview,
    openings: Iterable[bytes] | None,
    *,
    practice: bool,
) -> tuple[Chain | None, Report]:
    chain = None
    try:
        listed = parse_events(events)
        chain = begin(listed, practice=practice)
        fold(chain, listed, entries)
        if openings is not None:
            open_entries(chain, openings)
    except Refusal as refusal:
        return None, refused(refusal, chain)
    return chain, report(chain, (_TERMS_UNKNOWN,))


def with_receipt(
    report: Report,
    chain: Chain | None,
    *,
    receipt: bytes | None,
    trust: Trust,
    root: bytes | None = None,
) -> Report:
    """Add what a promise or a receipt comes to beside a chain, None for one that does not hold.

    `root` is the bundle's own at the size of the receipt's checkpoint, if its log reaches that.
    """
    if receipt is None:
        return report
    held, message = held_beside(receipt, chain, trust, root=root)
    findings = report.findings
    if message is not None:
        findings = (*findings, Finding(code="receipt_does_not_hold", text=message))
    return msgspec.structs.replace(report, receipt=held, findings=findings)


@contextmanager
def locate(where: str | None) -> Iterator[None]:
    """Say where (None: in the file as a whole): a ProofError within becomes a Refusal."""
    try:
        yield
    except ProofError as error:
        line = "" if error.line is None or where is None else f":{error.line}"
        raise Refusal(error, where and where + line) from error


def parse_events(data: bytes) -> list[tuple[Event, bytes]]:
    """Read a whole events.jsonl: each event with its hash, at least one. Raises Refusal."""
    listed = []
    with locate(EVENTS):
        numbered = list(enumerate(lines([data]), 1))
        if not numbered:
            raise ChainError("no_events", "There is no event.")
    for number, line in numbered:
        with locate(f"{EVENTS}:{number}"):
            listed.append((parse(line), hash_of_line(line)))
    return listed


def begin(listed: list[tuple[Event, bytes]], *, practice: bool) -> Chain:
    """Return the chain, still without an event, for the contest of these events."""
    return Chain(
        listed[0][0].contest,
        practice=practice,
        later_dqs=sum(event.type is EventType.DQ for event, _ in listed),
    )


def fold(chain: Chain, listed: list[tuple[Event, bytes]], entries: bytes | memoryview) -> None:
    """Append events to a fresh chain, over their list of entries. Raises Refusal."""
    freezes = [event.body for event, _ in listed if event.type is EventType.FREEZE]
    with locate(ENTRIES):
        if freezes:
            _require_size(freezes[0], len(entries))
            chain.entries = EntryList.parse(entries)
        elif len(entries):
            raise ChainError("entries_without_freeze", "There are entries, and no freeze of them.")
    for number, (event, hash_) in enumerate(listed, 1):
        with locate(f"{EVENTS}:{number}"):
            chain.extend_parsed(event, hash_)


def open_entries(chain: Chain, openings: Iterable[bytes]) -> None:
    """Check openings.jsonl against a folded chain. Raises Refusal."""
    with locate(OPENINGS):
        check_openings(openings, contest=chain.contest, entries=chain.entries)


def refused(refusal: Refusal, chain: Chain | None) -> Report:
    """Say what does not hold, of a chain that was begun or of none."""
    is_unreadable = isinstance(refusal.error, UnreadableError)
    return Report(
        verdict=Verdict.UNREADABLE if is_unreadable else Verdict.REFUSED,
        reason=refusal.error.code,
        message=refusal.error.message,
        where=refusal.where,
        practice=chain is not None and chain.is_practice,
        contest=None if chain is None else chain.contest,
        findings=(_NOTHING_ABOUT_CHANCE,) if chain is not None and chain.is_practice else (),
    )


def report(chain: Chain, findings: Iterable[Finding] = (), *, grade: Grade = Grade.D) -> Report:
    """Say what a sound chain comes to; `findings` follow this module's own.

    `grade` is the evidence's, for a chain of which one is given at all.
    """
    verdict, outcome = _verdict(chain)
    own = [_NOTHING_ABOUT_CHANCE] if chain.is_practice else []
    if verdict is Verdict.VERIFIED:
        own.append(Finding(code=_GRADE_CODES[grade], text=WORDS[grade]))
    return Report(
        verdict=verdict,
        practice=chain.is_practice,
        grade=grade if verdict is Verdict.VERIFIED else None,
        outcome=outcome,
        contest=chain.contest,
        freeze_hash=chain.freeze_hash.hex() if chain.freeze_hash else None,
        round=chain.freeze.round if chain.freeze else None,
        randomness=chain.result.randomness if chain.result else None,
        initial=chain.initial,
        final=chain.final,
        findings=(*own, *findings),
    )


def _verdict(chain: Chain) -> tuple[Verdict, str]:
    done = Verdict.PRACTICE if chain.is_practice else Verdict.VERIFIED
    if chain.result:
        return done, "result"
    if chain.void:
        return done, "void"
    return Verdict.PENDING, "frozen" if chain.freeze else "running"


def _require_size(freeze: Freeze, size: int) -> None:
    # Before anything is hashed: a list of another size need not be read at all.
    if size != freeze.entries.count * LEAF_SIZE or freeze.entries.count > MAX_TICKETS:
        raise ChainError("other_entries", "The list has another size than the freeze says.")
