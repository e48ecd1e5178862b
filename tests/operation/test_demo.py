"""`contest-service demo`: the whole life of a contest without a person, and its exit status."""

import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from operation.program import children, run, running, surroundings

pytestmark = pytest.mark.xdist_group("up")

LONGEST = 170
"""Seconds for a demo of half a minute, on a machine that does other things too."""
STEPS = (
    r"Everything runs\.$",
    r"A contest is defined: “.*”\.$",
    r"Its dry run has begun, with 60 people around http://127\.0\.0\.1:\d+/wall-501_1; ",
    r"On the wall: \d+ likes, .* The service knows, from \d+ scans: ",
    r"Closed: ",
    r"Frozen: \d+ entries ",
    r"Drawn from round \d+: ",
    r"The result is published under the post\.$",
    r"All 60 verdicts are what people really did: ",
    r"(@id\d+ wins|Nobody is left to win): ",
    r"Under the post stand \d announcements, marked as practice\.$",
    r"The winners were told: (\d by (message|mention)(, )?)+\.$",
    r"The audit bundle \(\d+ KiB\) holds, checked by verify\.py alone\.$",
    r"All is as it should be\.$",
)


@pytest.fixture
def place() -> Iterator[Path]:
    """Where a demo puts its folder; nobody else does."""
    with tempfile.TemporaryDirectory(prefix="contest-") as folder:
        # For PostgreSQL's own account, which has to pass through.
        Path(folder).chmod(0o711)
        yield Path(folder)


def left_in(place: Path) -> list[str]:
    return sorted(str(path.relative_to(place)) for path in place.rglob("*"))


def test_a_few_people_live_through_a_contest_and_everything_is_checked(place: Path) -> None:
    words = ("demo", "--people", "60", "--seconds", "30", "--seed", "few")
    with running(*words, environment=surroundings(TMPDIR=str(place))) as program:
        deadline = time.monotonic() + LONGEST
        while program.process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.2)
        assert program.wait() == 0, program.output
    lines = iter(program.output.splitlines())
    for step in STEPS:
        pattern = re.compile(rf"^ *\d+\.\d s  {step}")
        assert any(pattern.search(line) for line in lines), (step, program.output)
    assert left_in(place) == []


def test_ctrl_c_stops_everything_and_leaves_nothing(place: Path) -> None:
    environment = surroundings(TMPDIR=str(place))
    with running("demo", "--people", "50", environment=environment) as program:
        program.wait_for(r"Its dry run has begun")
        started = list(children(program.process.pid).values())
        assert len(started) == 5  # PostgreSQL, Valkey, the API, a worker, the sandbox
        assert program.interrupt() == 130
    assert program.output.endswith("Stopped before the end.\n")
    assert not any(Path(f"/proc/{pid}/exe").exists() for pid in started)
    assert left_in(place) == []


@pytest.mark.parametrize("words", [("--people", "0"), ("--seconds", "1")])
def test_what_cannot_be_is_told_before_anything_starts(words: tuple[str, str]) -> None:
    done = run("demo", *words, environment=surroundings())
    assert done.returncode == 1
    assert words[0] in done.stderr
    assert done.stdout == ""
