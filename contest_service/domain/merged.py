"""What is on record of accounts that were linked: of the one entry, and of those merged into it.

The record of a merged entrant says which entry it was merged into and by which consent, so that a
promise that was given for it is answered by a verdict with a reason, like any other.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from contest_service.domain.judging import EntrantState, Judgement, evidence_record
from contest_service.domain.linked import MERGED


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """Whose record it is, and by which version of the terms they were judged."""

    contest: str
    entry: str
    subject: str
    terms_version: int


class Agreed(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody agreed to: the text, which accounts they had shown, and when (unix seconds)."""

    text: str
    version: int
    language: str
    shown: tuple[str, ...]
    at: int


class Alone(msgspec.Struct, frozen=True, kw_only=True):
    """What a merged account would be judged by itself, which is what others may know of it."""

    state: str
    reason: str
    tickets: int


def entry_record(judgement: Judgement, named: Named, *, accounts: Sequence[str]) -> dict[str, Any]:
    """The record of an entry; of one that several accounts have, with their subjects."""
    several = {"accounts": list(accounts)} if accounts else {}
    return _record(judgement, named) | several


def merged_record(alone: Judgement, named: Named, *, into: str, agreed: Agreed) -> dict[str, Any]:
    """The record of an entrant whose account takes part in the entry `into`."""
    apart = Alone(state=alone.state, reason=alone.reason, tickets=alone.tickets)
    return _record(alone, named) | {
        "state": EntrantState.INVALID.value,
        "reason": MERGED,
        "tickets": 0,
        "bonuses": [],
        "merged": {
            "into": into,
            "alone": msgspec.to_builtins(apart),
            "consent": msgspec.to_builtins(agreed),
        },
    }


def alone_of(record: dict[str, Any]) -> Alone | None:
    """What a merged entrant's account would be judged by itself; None in any other record."""
    merged = record.get("merged")
    return None if merged is None else msgspec.convert(merged["alone"], Alone)


def _record(judgement: Judgement, named: Named) -> dict[str, Any]:
    return evidence_record(
        judgement,
        contest=named.contest,
        entry=named.entry,
        subject=named.subject,
        terms_version=named.terms_version,
    )
