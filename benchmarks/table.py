"""Lines of the table of results, and how they are printed. Measures nothing."""

import statistics
from collections.abc import Sequence

import msgspec

MIB = 1 << 20
_LEAST_TENTH = 10_000


def with_a_tenth(size: int) -> tuple[int, ...]:
    """A size and a tenth of it, by which growth shows; of small sizes a tenth shows nothing."""
    tenth = size // 10
    return (tenth, size) if tenth >= _LEAST_TENTH else (size,)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was measured, several times. Times in seconds, memory in bytes."""

    what: str
    size: str
    seconds: Sequence[float]
    peak: int | None = None
    """Resident memory at its highest, of the worst run."""
    target: float | None = None
    """At most so many seconds."""
    most_memory: int | None = None
    floor: float | None = None
    """Seconds of something bare that has to be done at least, or of a peer, in the same run."""
    floor_is: str = ""
    note: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def is_missed(self) -> bool:
        """Whether a target is set and was not reached."""
        is_slow = self.target is not None and self.median > self.target
        is_big = (
            self.most_memory is not None and self.peak is not None and self.peak > self.most_memory
        )
        return is_slow or is_big


_HEADINGS = ("what", "size", "median", "min", "max", "peak", "target", "", "floor", "ratio")


def render(lines: Sequence[Line]) -> str:
    """Print the table as text, with the notes below it."""
    rows = [_HEADINGS, *(_row(line) for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    text = ["  ".join(map(_cell, row, widths, range(len(row)))).rstrip() for row in rows]
    text.insert(1, "  ".join("-" * width for width in widths))
    notes = [
        f"{line.what}: {remark}"
        for line in lines
        for remark in (line.floor_is and f"floor is {line.floor_is}", line.note)
        if remark
    ]
    return "\n".join([*text, "", *notes])


def _cell(text: str, width: int, column: int) -> str:
    return text.ljust(width) if column in {0, 1} else text.rjust(width)


def _row(line: Line) -> tuple[str, ...]:
    targets = [
        *([] if line.target is None else [f"{line.target:g} s"]),
        *([] if line.most_memory is None else [f"{line.most_memory // MIB} MiB"]),
    ]
    is_judged = line.target is not None or line.most_memory is not None
    return (
        line.what,
        line.size,
        _time(line.median),
        _time(min(line.seconds)),
        _time(max(line.seconds)),
        "" if line.peak is None else f"{line.peak / MIB:.0f} MiB",
        ", ".join(targets),
        ("missed" if line.is_missed else "met") if is_judged else "",
        "" if line.floor is None else _time(line.floor),
        "" if line.floor is None else f"{line.median / line.floor:.1f}x",
    )


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 0.1 else f"{seconds * 1000:.2f} ms"
