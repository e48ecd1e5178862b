"""Records: the evidence record of a verdict, straight as the canonical bytes that are sealed.

A million verdicts are mostly alike, and nothing in them can break the strict JSON profile, so their
bytes are written at once. Whatever is not for sure like that goes through `proof.canonical`, which
gives the same bytes, or says what is wrong. Findings that many verdicts share are written once.
They, and what stands around all others, are the pieces by which records are folded
(`store.folded`).
"""

from collections.abc import Hashable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter

import msgspec

from contest_service.domain.case import Finding, GoneWhy, Presence, Verdict
from contest_service.domain.conditions import Condition
from contest_service.domain.evidence import Action
from contest_service.domain.judging import Judgement, evidence_record
from contest_service.domain.rules import Judged
from contest_service.proof import canonical
from contest_service.store import folded

_encode = msgspec.json.Encoder().encode
_BEGIN, _THEN = b'{"bonuses":[', b'],"conditions":['
_NOTHING = (b"", b"")
_FEW = 1000
"""Numbers below it are common."""

_Written = tuple[bytes, bytes]
"""Canonical bytes, and what is kept instead."""
_text, _kept = itemgetter(0), itemgetter(1)
_Frame = tuple[str, type[Condition], str, Verdict, bool]
"""What a finding says beside its evidence and its facts, and whether it has none of these."""


class _InDoubtError(Exception):
    """What would be written at once may break the profile."""


class _Presence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Fields ascend, as canonical JSON wants them."""

    absent_at: int | None = None
    account: str = ""
    action: Action
    at: int | None = None
    gone_at: int | None = None
    gone_why: GoneWhy | None = None
    heard: bool = False
    ref: str
    seen_at: int
    target: str


class Writer:
    """Writes records of one contest, and remembers what they have in common.

    `pieces` are all by the references to them that may stand in records written here.
    """

    def __init__(self, *, contest: str, terms_version: int) -> None:
        self.pieces: dict[bytes, bytes] = {}
        self._contest = contest
        self._terms_version = terms_version
        self._names = self._piece(b'],"contest":%b,"entry":' % _encode(contest))
        self._shared: dict[Judged, _Written] = {}
        self._frames: dict[_Frame, tuple[_Written, _Written]] = {}
        self._decisions: dict[Hashable, tuple[_Written, _Written]] = {}

    def write(self, judgement: Judgement, *, entry: str, subject: str) -> _Written:
        """Write the record of a verdict. Raises CanonicalError."""
        try:
            bonuses, found = self._join(judgement.bonuses), self._join(judgement.findings)
        except _InDoubtError:
            return self._write_by_parts(judgement, entry=entry, subject=subject)
        names, (before, behind) = self._names, self._decision(judgement)
        id_, who = _encode(entry), _encode(subject)
        text = b"".join(
            (_BEGIN, bonuses[0], _THEN, found[0], names[0], id_, before[0], who, behind[0])
        )
        kept = b"".join(
            (_BEGIN, bonuses[1], _THEN, found[1], names[1], id_, before[1], who, behind[1])
        )
        # No string in it is too long unless all of it is.
        if judgement.override or len(text) > canonical.MAX_STRING:
            return self._write_by_parts(judgement, entry=entry, subject=subject)
        return text, kept

    def _write_by_parts(self, judgement: Judgement, *, entry: str, subject: str) -> _Written:
        record = evidence_record(
            judgement,
            contest=self._contest,
            entry=entry,
            subject=subject,
            terms_version=self._terms_version,
        )
        text = canonical.encode(record)
        return text, text

    def _join(self, findings: Sequence[Judged]) -> _Written:
        """Findings in canonical bytes and as they are kept. Raises _InDoubtError."""
        if not findings:
            return _NOTHING
        look = self._shared.get
        written = [look(each) or self._write(each) for each in findings]
        return b",".join(map(_text, written)), b",".join(map(_kept, written))

    def _write(self, judged: Judged) -> _Written:
        if not judged.is_shared:
            return self._framed(judged)
        common = _common(judged)
        written = self._shared[judged] = self._framed(judged) if common is None else common
        if common is not None:
            text, kept = common
            self.pieces[kept] = text
        return written

    def _framed(self, judged: Judged) -> _Written:
        """A finding whose evidence stands between what others have in common with it."""
        frame, evidence = _frame_of(judged), _evidence(judged.finding)
        begin, end = self._frames.get(frame) or self._keep_frame(frame)
        return begin[0] + evidence + end[0], begin[1] + evidence + end[1]

    def _keep_frame(self, frame: _Frame) -> tuple[_Written, _Written]:
        begin, end = _around(*frame)
        kept = self._frames[frame] = self._piece(begin), self._piece(end)
        return kept

    def _decision(self, judgement: Judgement) -> tuple[_Written, _Written]:
        """What stands before the subject, and behind it."""
        version = judgement.terms_version or self._terms_version
        key = judgement.reason, judgement.state, version, judgement.tickets
        decision = self._decisions.get(key)
        if decision is None:
            before = b',"reason":%b,"state":%b,"subject":' % (
                _encode(judgement.reason),
                _encode(judgement.state),
            )
            behind = b',"terms_version":%d,"tickets":%d}' % (version, judgement.tickets)
            decision = self._decisions[key] = self._piece(before), self._piece(behind)
        return decision

    def _piece(self, text: bytes) -> _Written:
        kept = folded.reference(text)
        self.pieces[kept] = text
        return text, kept


def _frame_of(judged: Judged) -> _Frame:
    finding = judged.finding
    return judged.at, type(judged.condition), finding.reason, finding.verdict, not finding.facts


@lru_cache(maxsize=1024)
def _around(
    at: str, kind: type[Condition], reason: str, verdict: Verdict, is_bare: bool
) -> tuple[bytes, bytes]:
    """What stands before the evidence of a finding, and behind its facts."""
    begin = b'{"at":%b,"condition":%b,"evidence":'
    end = b',"reason":%b,"verdict":%b,"version":%d}'
    name = str(kind.__struct_config__.tag)
    return (
        begin % (_encode(at), _encode(name)),
        (b',"facts":{}' if is_bare else b"")
        + end % (_encode(reason), _encode(verdict), kind.version),
    )


def _evidence(finding: Finding) -> bytes:
    """The evidence of a finding, and its facts if it has any. Raises _InDoubtError."""
    evidence = _encode([_presence(seen) for seen in finding.evidence])
    if not finding.facts:
        return evidence
    if not _are_plain(finding.facts):
        raise _InDoubtError
    return evidence + b',"facts":' + _encode(finding.facts)


def _are_plain(facts: Mapping[str, int | bool | str]) -> bool:
    """Whether no number is below 0 or too large, and there is no order to keep."""
    return len(facts) == 1 and all(
        isinstance(value, str) or 0 <= value <= canonical.MAX_INT for value in facts.values()
    )


@lru_cache(maxsize=4096)
def _common(judged: Judged) -> _Written | None:
    """A finding as a piece; None if anything in it may be one entrant's alone."""
    if not _is_common(judged):
        return None
    begin, end = _around(*_frame_of(judged))
    text = begin + _evidence(judged.finding) + end
    return text, folded.reference(text)


def _is_common(judged: Judged) -> bool:
    """Tell that nothing in a finding is one entrant's alone: it stays when they are erased."""
    said = _said(judged.condition)
    return all(
        value in said if isinstance(value, str) else value < _FEW
        for value in judged.finding.facts.values()
    ) and all(
        seen.at is None and not seen.ref and not seen.account for seen in judged.finding.evidence
    )


@lru_cache(maxsize=1024)
def _said(condition: Condition) -> frozenset[str]:
    return frozenset(condition.texts())


def _presence(seen: Presence) -> _Presence:
    """What a record says of it. Raises _InDoubtError if a time lies before 1970."""
    at, absent_at, seen_at, gone_at = seen.at, seen.absent_at, seen.seen_at, seen.gone_at
    if seen_at < 0 or (at or 0) < 0 or (absent_at or 0) < 0 or (gone_at or 0) < 0:
        raise _InDoubtError
    return _Presence(
        absent_at=absent_at,
        account=seen.account,
        action=seen.action,
        at=at,
        gone_at=gone_at,
        gone_why=seen.gone_why,
        heard=seen.is_heard,
        ref=seen.ref,
        seen_at=seen_at,
        target=seen.target,
    )
