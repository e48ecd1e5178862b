"""Records: the evidence record of a verdict, straight as the canonical bytes that are sealed.

A million verdicts are mostly alike, and nothing in them can break the strict JSON profile, so their
bytes are written at once. Whatever is not for sure like that goes through `proof.canonical`, which
gives the same bytes, or says what is wrong. Findings that many verdicts share are written once, and
are the pieces by which records are folded (`store.folded`).
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import itemgetter

import msgspec

from contest_service.domain.case import GoneWhy, Presence, Verdict
from contest_service.domain.conditions import Condition
from contest_service.domain.evidence import Action
from contest_service.domain.judging import EntrantState, Judgement, evidence_record
from contest_service.domain.rules import Judged
from contest_service.proof import canonical
from contest_service.store import folded

_encode = msgspec.json.Encoder().encode
_BEGIN, _THEN = b'{"bonuses":[', b'],"conditions":['
_NOTHING = (b"", b"")
_FEW = 1000
"""Numbers below it are common."""

_Written = tuple[bytes, bytes]
"""The canonical bytes of a finding, and what is kept instead."""
_text, _kept = itemgetter(0), itemgetter(1)

_MOST_REMEMBERED = 4096
_remembered: dict[Judged, _Written] = {}
"""Findings that are shared."""


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
    """Writes records of one contest, and remembers what they have in common."""

    def __init__(self, *, contest: str, terms_version: int) -> None:
        self._contest = contest
        self._terms_version = terms_version
        self._names = b'],"contest":%b,"entry":' % _encode(contest)
        self._shared: dict[Judged, _Written] = {}

    @property
    def pieces(self) -> dict[bytes, bytes]:
        """All pieces, by the references to them that may stand in records written here."""
        return {kept: text for text, kept in self._shared.values() if kept is not text}

    def write(self, judgement: Judgement, *, entry: str, subject: str) -> tuple[bytes, bytes]:
        """Write the record of a verdict, in canonical bytes and as it is kept, folded.

        Raises CanonicalError.
        """
        try:
            bonuses, found = self._join(judgement.bonuses), self._join(judgement.findings)
        except _InDoubtError:
            return self._write_by_parts(judgement, entry=entry, subject=subject)
        end = b"".join(
            (
                self._names,
                _encode(entry),
                _decided(judgement.reason, judgement.state),
                _encode(subject),
                _weighed(judgement.terms_version or self._terms_version, judgement.tickets),
            )
        )
        text = b"".join((_BEGIN, bonuses[0], _THEN, found[0], end))
        # No string in it is too long unless all of it is.
        if judgement.override or len(text) > canonical.MAX_STRING:
            return self._write_by_parts(judgement, entry=entry, subject=subject)
        return text, b"".join((_BEGIN, bonuses[1], _THEN, found[1], end))

    def _write_by_parts(
        self, judgement: Judgement, *, entry: str, subject: str
    ) -> tuple[bytes, bytes]:
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
            text = _encoded(judged)
            return text, text
        written = self._shared[judged] = _remembered.get(judged) or _remember(judged)
        return written


def _remember(judged: Judged) -> _Written:
    text = _encoded(judged)
    kept = folded.reference(text) if _is_common(judged) else text
    if len(_remembered) >= _MOST_REMEMBERED:
        _remembered.clear()
    written = _remembered[judged] = text, kept
    return written


@lru_cache(maxsize=1024)
def _decided(reason: str, state: EntrantState) -> bytes:
    return b',"reason":%b,"state":%b,"subject":' % (_encode(reason), _encode(state))


@lru_cache(maxsize=1024)
def _weighed(terms_version: int, tickets: int) -> bytes:
    return b',"terms_version":%d,"tickets":%d}' % (terms_version, tickets)


def _encoded(judged: Judged) -> bytes:
    finding = judged.finding
    evidence = [_presence(seen) for seen in finding.evidence]
    if not _are_plain(finding.facts):
        raise _InDoubtError
    begin, end = _frame(judged.at, type(judged.condition), finding.reason, finding.verdict)
    facts = _encode(finding.facts) if finding.facts else b"{}"
    return b"".join((begin, _encode(evidence), b',"facts":', facts, end))


def _are_plain(facts: Mapping[str, int | bool | str]) -> bool:
    """Whether no number is below 0 or too large, and there is no order to keep."""
    return not facts or (
        len(facts) == 1
        and all(
            isinstance(value, str) or 0 <= value <= canonical.MAX_INT for value in facts.values()
        )
    )


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


@lru_cache(maxsize=1024)
def _frame(at: str, kind: type[Condition], reason: str, verdict: Verdict) -> tuple[bytes, bytes]:
    """What stands before the evidence of a finding, and behind its facts."""
    begin = b'{"at":%b,"condition":%b,"evidence":'
    end = b',"reason":%b,"verdict":%b,"version":%d}'
    name = str(kind.__struct_config__.tag)
    return (
        begin % (_encode(at), _encode(name)),
        end % (_encode(reason), _encode(verdict), kind.version),
    )


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
