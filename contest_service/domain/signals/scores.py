"""Scores: what all signals say together, from 0 to 100.

Each signal alone would leave the doubt of `1 - weight * strength`; together they leave the product
of their doubts. So a score never falls when another signal is added, and many weak ones weigh as
much as a strong one. The order of signals, and of the multiplication, is fixed: the database
computes the same number from the strengths that it keeps.
"""

import math
from collections.abc import Mapping, Sequence

import msgspec

from contest_service.domain.errors import Fault
from contest_service.domain.signals.account import AccountAge, AdjacentIds, EmptyProfile
from contest_service.domain.signals.base import Facts, Sign, Signal, Surroundings, Trace
from contest_service.domain.signals.deeds import (
    Burst,
    ContestReposts,
    CopiedComments,
    JoinedAndLeft,
    SamePattern,
)

VERSION = 1
"""Of the signals as a whole: of which there are, of what each says, and of how they add up."""
SIGNALS: tuple[Signal, ...] = (
    AccountAge(),
    EmptyProfile(),
    AdjacentIds(),
    ContestReposts(),
    CopiedComments(),
    Burst(),
    SamePattern(),
    JoinedAndLeft(),
)
"""Their order is that of stored strengths: new ones come last."""
BY_NAME: Mapping[str, Signal] = {signal.name: signal for signal in SIGNALS}
WEIGHTS: Mapping[str, int] = {signal.name: signal.weight for signal in SIGNALS}
THRESHOLD = 60
"""From this score on an account is flagged, unless a workspace says otherwise."""


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What all signals say of one account: strengths in the order of `SIGNALS`, facts by name."""

    strengths: tuple[int, ...]
    facts: Mapping[str, Facts]


def measure(trace: Trace, around: Surroundings) -> Measured:
    """Let all signals look at an account."""
    signs: list[Sign | None] = [signal.read(trace, around) for signal in SIGNALS]
    return Measured(
        strengths=tuple(0 if sign is None else sign.strength for sign in signs),
        facts={
            signal.name: sign.facts
            for signal, sign in zip(SIGNALS, signs, strict=True)
            if sign is not None
        },
    )


def score(strengths: Sequence[int], weights: Sequence[int]) -> int:
    """Add strengths up to a score from 0 to 100; both are in the order of `SIGNALS`."""
    doubt = 1.0
    for strength, weight in zip(strengths, weights, strict=True):
        doubt *= 1.0 - strength * weight / 10000.0
    return math.floor(100.0 * (1.0 - doubt) + 0.5)


def in_order(weights: Mapping[str, int]) -> list[int]:
    """Weights in the order of `SIGNALS`; one that is not given is the default."""
    return [weights.get(signal.name, signal.weight) for signal in SIGNALS]


def weight_faults(weights: Mapping[str, int], at: str) -> list[Fault]:
    """What is wrong with weights by name."""
    known = ", ".join(BY_NAME)
    return [
        Fault(pointer=f"{at}/{name}", detail=detail)
        for name, weight in weights.items()
        if (
            detail := f"is no signal; there are {known}"
            if name not in BY_NAME
            else ""
            if 0 <= weight <= 100
            else "must lie between 0 and 100; 0 leaves the signal out"
        )
    ]


def threshold_faults(threshold: int, at: str) -> list[Fault]:
    """What is wrong with a threshold."""
    if 1 <= threshold <= 100:
        return []
    return [Fault(pointer=at, detail="is a score: it must lie between 1 and 100")]
