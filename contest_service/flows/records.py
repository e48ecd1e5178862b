"""Records: the evidence record of a verdict, straight as the canonical bytes that are sealed.

A million verdicts are mostly alike, and nothing in them can break the strict JSON profile, so their
bytes are written at once. Whatever is not for sure like that goes through `proof.canonical`, which
gives the same bytes, or says what is wrong.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

import msgspec
from msgspec import UNSET, UnsetType

from contest_service.domain.case import GoneWhy, Presence, Verdict
from contest_service.domain.evidence import Action
from contest_service.domain.judging import EntrantState, Judgement, evidence_record
from contest_service.domain.rules import Judged
from contest_service.proof import canonical

_encode = msgspec.json.Encoder().encode
_spelled = lru_cache(maxsize=1024)(_encode)
"""For what stands in many records."""
_RECORD = b'{"bonuses":[%b],"conditions":[%b],"contest":%b,"entry":%b,%b,"subject":%b,%b}'
_IN_DOUBT = b'":-'
_is_in_doubt = re.compile(_IN_DOUBT).search
_MOST_REMEMBERED = 4096
_remembered: dict[int, tuple[Judged, bytes]] = {}
"""By the id of a finding: that finding, so that the id stays its own, and its canonical bytes."""


class _Presence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Fields ascend, here and below, as canonical JSON wants them."""

    absent_at: int | UnsetType = UNSET
    account: str = ""
    action: Action
    at: int | UnsetType = UNSET
    gone_at: int | UnsetType = UNSET
    gone_why: GoneWhy | UnsetType = UNSET
    heard: bool = False
    ref: str
    seen_at: int
    target: str


class _Finding(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    at: str
    condition: str
    evidence: list[_Presence]
    facts: Mapping[str, int | bool | str]
    reason: str
    verdict: Verdict
    version: int


def encode_record(
    judgement: Judgement, *, contest: str, entry: str, subject: str, terms_version: int
) -> bytes:
    """Return the canonical bytes of a verdict's record. Raises CanonicalError."""
    if not judgement.override:
        text = _RECORD % (
            _found(judgement.bonuses),
            _found(judgement.findings),
            _spelled(contest),
            _encode(entry),
            _decided(judgement.reason, judgement.state),
            _encode(subject),
            _weighed(judgement.terms_version or terms_version, judgement.tickets),
        )
        if _is_in_profile(text):
            return text
    return canonical.encode(
        evidence_record(
            judgement, contest=contest, entry=entry, subject=subject, terms_version=terms_version
        )
    )


def _is_in_profile(text: bytes) -> bool:
    """Tell at a glance that a record can break no rule of the profile.

    A string is too long, or an integer negative, only if this is to be seen in the whole; times are
    never too large, and what is in doubt of facts stands there as a negative integer.
    """
    return len(text) <= canonical.MAX_STRING and not _is_in_doubt(text)


@lru_cache(maxsize=1024)
def _decided(reason: str, state: EntrantState) -> bytes:
    return b'"reason":%b,"state":%b' % (_encode(reason), _encode(state))


@lru_cache(maxsize=1024)
def _weighed(terms_version: int, tickets: int) -> bytes:
    return b'"terms_version":%d,"tickets":%d' % (terms_version, tickets)


def _found(findings: Sequence[Judged]) -> bytes:
    """Findings in canonical bytes. What the judge remembers is written once."""
    look = _remembered.get
    return b",".join([kept[1] if (kept := look(id(each))) else _written(each) for each in findings])


def _written(judged: Judged) -> bytes:
    text = _encode(_finding(judged)) if _is_plain(judged) else _IN_DOUBT
    if judged.is_shared:
        if len(_remembered) >= _MOST_REMEMBERED:
            _remembered.clear()
        _remembered[id(judged)] = judged, text
    return text


def _is_plain(judged: Judged) -> bool:
    facts = judged.finding.facts
    if not facts:
        return True
    return len(facts) == 1 and not any(
        isinstance(value, int) and value > canonical.MAX_INT for value in facts.values()
    )


def _finding(judged: Judged) -> _Finding:
    finding = judged.finding
    return _Finding(
        at=judged.at,
        condition=_name_of(type(judged.condition)),
        evidence=[_presence(seen) for seen in finding.evidence],
        facts=finding.facts,
        reason=finding.reason,
        verdict=finding.verdict,
        version=judged.condition.version,
    )


@cache
def _name_of(kind: type[msgspec.Struct]) -> str:
    return str(kind.__struct_config__.tag)


def _presence(seen: Presence) -> _Presence:
    return _Presence(
        absent_at=UNSET if seen.absent_at is None else seen.absent_at,
        account=seen.account,
        action=seen.action,
        at=UNSET if seen.at is None else seen.at,
        gone_at=UNSET if seen.gone_at is None else seen.gone_at,
        gone_why=UNSET if seen.gone_why is None else seen.gone_why,
        heard=seen.is_heard,
        ref=seen.ref,
        seen_at=seen.seen_at,
        target=seen.target,
    )
