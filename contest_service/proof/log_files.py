"""A bundle's files about the log and what others saw of it (sections 7 and 8.1).

Which names there are, how they belong together, and what they come to: the evidence for the
contest's events, its grade, and what a reader should know of it.
"""

import re
from collections.abc import Iterator, Sequence

import msgspec

from contest_service.proof import grade, timestamps
from contest_service.proof.chain import Chain
from contest_service.proof.check import Finding, locate
from contest_service.proof.errors import BundleError, NoteError
from contest_service.proof.events import Event, log_leaf
from contest_service.proof.files import Files, content
from contest_service.proof.grade import EventGrade, Evidence, Grade, Means
from contest_service.proof.notes import (
    MAX_NOTE,
    Checkpoint,
    Note,
    find_cosignature,
    find_log_signature,
    parse_checkpoint,
    parse_note,
)
from contest_service.proof.slice import MAX_HEAD, MAX_SLICE, check_slice, parse_slice
from contest_service.proof.timestamps import MAX_TIMESTAMP
from contest_service.proof.trust import NOBODY, Trust

SLICE_HEAD, SLICE = "log/slice.json", "log/slice.bin"
MAX_STAMPS = 99
"""Timestamps of one checkpoint."""

_CHECKPOINT = re.compile(r"log/checkpoint-([1-9][0-9]{0,18})\.txt")
_STAMP = re.compile(r"evidence/checkpoint-([1-9][0-9]{0,18})\.([1-9][0-9]?)\.tsr")


def checkpoint_name(size: int) -> str:
    """Return the name of the checkpoint of this size."""
    return f"log/checkpoint-{size}.txt"


def timestamp_name(size: int, number: int) -> str:
    """Return the name of a checkpoint's timestamp, numbered from 1 to 99."""
    return f"evidence/checkpoint-{size}.{number}.tsr"


def size_limit(name: str) -> int | None:
    """Return how many bytes a file may have, None for a name that is not one of these."""
    if name in _SLICE_LIMITS:
        return _SLICE_LIMITS[name]
    if _CHECKPOINT.fullmatch(name):
        return MAX_NOTE
    return MAX_TIMESTAMP if _STAMP.fullmatch(name) else None


_SLICE_LIMITS = {SLICE_HEAD: MAX_HEAD, SLICE: MAX_SLICE}


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What the log and the evidence come to."""

    grade: Grade = Grade.D
    findings: tuple[Finding, ...] = ()
    root: bytes | None = None
    """At the further size that was asked for; None where the log does not reach it."""


def check_log(
    files: Files,
    chain: Chain,
    listed: Sequence[tuple[Event, bytes]],
    *,
    trust: Trust,
    also: int | None = None,
) -> Outcome:
    """Check everything about the log beside a sound chain. Raises Refusal.

    `listed` are the chain's events, each with its hash; `also` is a further size of the log at
    which its root is wanted.
    """
    names = sorted(name for name in files.names() if size_limit(name) is not None)
    if not names:
        return Outcome()
    _require_together(names)
    notes = dict(_notes(files, names))
    with locate(SLICE_HEAD):
        head = parse_slice(content(files, SLICE_HEAD))
    with locate(SLICE):
        checked = check_slice(
            head,
            files.chunks(SLICE),
            roots={size: checkpoint.root for size, (_, checkpoint) in notes.items()},
            events=[log_leaf(chain.contest, event.seq, hash_) for event, hash_ in listed],
            also=also,
        )
    seen = _Seen(trust)
    for size, (note, checkpoint) in notes.items():
        with locate(checkpoint_name(size)):
            seen.checkpoint(note, checkpoint)
    for name, size in _stamps(names):
        with locate(name):
            seen.timestamp(content(files, name), notes[size][0], name=name, size=size)
    graded = grade.grade_events(
        grade.deadlines(event for event, _ in listed), checked.indices, seen.evidence()
    )
    return Outcome(
        grade=grade.lowest(graded),
        findings=(*seen.findings(), *_below_the_best(chain, graded)),
        root=checked.root,
    )


class _Seen:
    """What others saw of the log, as far as they are trusted."""

    def __init__(self, trust: Trust) -> None:
        self._trust = trust
        self._evidence: list[Evidence] = []
        self._operators: set[str] = set()
        """Who runs the log, by its trusted keys."""
        self._findings: list[Finding] = []

    def checkpoint(self, note: Note, checkpoint: Checkpoint) -> None:
        """Take a checkpoint. Raises NoteError if a trusted key's line does not hold."""
        signers = [one for one in self._trust.logs if find_log_signature(note, one.key)]
        operators = {one.operator for one in signers if one.key.name == checkpoint.origin}
        self._operators |= operators
        for witness in self._trust.witnesses:
            time = find_cosignature(note, witness.key)
            if time is not None and operators:
                self._evidence.append(
                    Evidence(
                        operator=witness.operator,
                        means=Means.COSIGNATURE,
                        size=checkpoint.size,
                        time=time,
                    )
                )

    def timestamp(self, response: bytes, note: Note, *, name: str, size: int) -> None:
        """Take a timestamp of a checkpoint. Raises ProofError if it is none of this one."""
        stamp = timestamps.read(response, note.text)
        standing = timestamps.standing(stamp, self._trust.timestamps)
        if standing.reason is not None:
            text = f"{name} does not count ({standing.reason}): {standing.message}."
            self._findings.append(Finding(code="timestamp_does_not_count", text=text))
        if standing.operator is not None:
            self._evidence.append(
                Evidence(
                    operator=standing.operator, means=Means.TIMESTAMP, size=size, time=stamp.time
                )
            )

    def evidence(self) -> list[Evidence]:
        """Return what counts: nothing does for whoever runs the log."""
        return [one for one in self._evidence if one.operator not in self._operators]

    def findings(self) -> Iterator[Finding]:
        """Yield what a reader should know of it."""
        if self._trust == NOBODY:
            yield _NOBODY_TRUSTED
        elif not self._operators:
            yield _UNTRUSTED_LOG
        yield from self._findings
        for operator in sorted({one.operator for one in self._evidence} & self._operators):
            text = f"{operator} runs the log itself, so that its own evidence counts for nothing."
            yield Finding(code="own_evidence", text=text)


_NOBODY_TRUSTED = Finding(
    code="nobody_trusted",
    text="Nobody was named whom to trust, so that no evidence from outside counts.",
)
_UNTRUSTED_LOG = Finding(
    code="untrusted_log",
    text="The log is none of those that are trusted, so that no witness of it counts.",
)


def _require_together(names: Sequence[str]) -> None:
    """Check that what belongs together is there. Raises Refusal."""
    for name in (SLICE_HEAD, SLICE):
        with locate(name):
            if name not in names:
                raise BundleError("missing_slice", "There is evidence, and no slice of the log.")
    with locate(SLICE):
        if not any(_CHECKPOINT.fullmatch(name) for name in names):
            raise BundleError("missing_checkpoint", "There is a slice, and no checkpoint.")
    for name, size in _stamps(names):
        with locate(name):
            if checkpoint_name(size) not in names:
                raise BundleError("missing_checkpoint", "The stamped checkpoint is not there.")


def _notes(files: Files, names: Sequence[str]) -> Iterator[tuple[int, tuple[Note, Checkpoint]]]:
    sizes = [int(found[1]) for name in names if (found := _CHECKPOINT.fullmatch(name))]
    for size in sorted(sizes):
        with locate(checkpoint_name(size)):
            note = parse_note(content(files, checkpoint_name(size)))
            checkpoint = parse_checkpoint(note.text)
            if checkpoint.size != size:
                raise NoteError("other_size", "The checkpoint's size is not the one in its name.")
        yield size, (note, checkpoint)


def _stamps(names: Sequence[str]) -> Iterator[tuple[str, int]]:
    for name in names:
        if found := _STAMP.fullmatch(name):
            yield name, int(found[1])


def _below_the_best(chain: Chain, graded: Sequence[EventGrade]) -> Iterator[Finding]:
    """Name the events whose grade is not the best, of a chain that gets a grade."""
    if chain.is_practice or not (chain.result or chain.void):
        return
    for event in graded:
        if event.grade is not Grade.A:
            text = f"Event {event.seq} ({event.type}) has no better grade than {event.grade}."
            yield Finding(code="event_below_best", text=text)
