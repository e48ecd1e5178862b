"""Numbers that look like chance and follow from a seed: the same names give the same numbers.

For what has to be reproducible in the practice world. Nothing that decides a draw comes from here.
"""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

_BITS = 53
"""Of a float's mantissa: a number of so many bits below one is exact, and never rounds up to it."""


class Chance:
    """One series of numbers, told from all others by its names."""

    def __init__(self, *names: object) -> None:
        self._name = "|".join(map(str, names)).encode()
        self._drawn = 0

    def share(self) -> float:
        """Return the next number, at least 0 and below 1."""
        digest = hashlib.sha256(b"%b|%d" % (self._name, self._drawn)).digest()
        self._drawn += 1
        return (int.from_bytes(digest[:8], "big") >> (64 - _BITS)) / (1 << _BITS)

    def happens(self, per_cent: float) -> bool:
        """Tell whether something happens that does so in so many cases of a hundred."""
        return self.share() * 100 < per_cent

    def below(self, count: int) -> int:
        """Return a whole number, at least 0 and below `count`."""
        return int(self.share() * count)

    def one_of(self, things: Sequence[T]) -> T:
        """Return one of some things; there has to be one."""
        return things[self.below(len(things))]
