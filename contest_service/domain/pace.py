"""How soon to look again: by how much a target moves, and how near the close is.

Everything in seconds.
"""

SHORTEST = 20.0
LONGEST = 1800.0
FIRST = 60.0


def next_interval(last: float | None, *, changed: int, seen: int, until_close: float) -> float:
    """Seconds until the next scan of a target.

    `last` is the interval before (None after the first scan); `changed` of `seen` actions appeared
    or vanished in it. Towards the close the interval shrinks to a tenth of what is left.
    """
    before = FIRST if last is None else last
    share = changed / max(seen, 1)
    if share > 0.02:
        interval = before / 2
    elif changed:
        interval = before
    else:
        interval = before * 1.5
    interval = min(interval, LONGEST, max(until_close, 0.0) / 10)
    return max(interval, SHORTEST)
