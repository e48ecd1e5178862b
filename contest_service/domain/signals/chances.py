"""How unlikely a count is: the tail of the Poisson distribution, as a power of ten.

Pure arithmetic, shared by the signals that look for more than chance.
"""

import math

SURE = 6.0
"""Powers of ten below which a count is beyond chance: among a million accounts one in a million
stands out by chance alone."""
CERTAIN = 10.0
"""Powers of ten from which nothing is left to doubt."""


def rarity(count: int, expected: float) -> float:
    """Return -log10 of the chance of at least `count` where `expected` are usual; 0 or more.

    It is a bound (Chernoff's), so never more than the truth. Nothing is rare that is not more than
    expected.
    """
    if count <= expected:
        return 0.0
    if expected <= 0:
        return math.inf
    return (count * math.log(count / expected) - count + expected) / math.log(10)


def strength_of(rare: float) -> float:
    """Make a strength, from 0 to 100, of a rarity: nothing below `SURE`, all from `CERTAIN` on."""
    if rare < SURE:
        return 0.0
    return min(100.0, 60.0 + 40.0 * (rare - SURE) / (CERTAIN - SURE))
