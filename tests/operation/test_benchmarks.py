"""The benchmarks as a person runs them, on a small part of their sizes: they must not rot unseen.

How fast anything is says nothing here, where other tests run beside it.
"""

import os
import re
import signal
import subprocess
import sys
from collections import Counter

import pytest
from operation.program import ROOT, surroundings

from benchmarks.__main__ import BENCHMARKS

PART = "0.002"
GROUPS = (
    ("vk",),
    ("visit", "grow"),
    ("live", "signals", "browse", "pages"),
    ("judge", "draw", "receipts", "erase", "serve", "scan"),
)
"""What is run at once, which starts the servers once; each takes about as long."""
PATIENCE = 240.0
"""Seconds; they need a quarter of that."""
DURATION = re.compile(r"\b\d+\.\d\d (?:s|ms)\b")


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run them to their end. If that does not come, they are told to stop, with their servers."""
    command = [sys.executable, "-W", "error", "-m", "benchmarks", *arguments]
    with subprocess.Popen(
        command,
        env=surroundings(),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    ) as process:
        try:
            printed, told = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGINT)
            raise
    return subprocess.CompletedProcess(command, process.returncode, printed, told)


def tables_in(printed: str) -> list[list[str]]:
    """The rows of each table, from the line below its headings to the empty line after it."""
    lines = iter(printed.splitlines())
    return [list(iter(lambda: next(lines, ""), "")) for line in lines if line.startswith("---")]


@pytest.mark.parametrize("names", GROUPS, ids=" ".join)
def test_benchmarks_measure_something_each_and_print_its_table(names: tuple[str, ...]) -> None:
    done = run("--runs", "1", "--part", PART, *names)
    assert done.returncode == 0, done.stderr
    assert re.findall(r"^(\w+): \d+ s$", done.stderr, re.MULTILINE) == [*names]
    tables = tables_in(done.stdout)
    assert len(tables) == len(names)
    assert all(tables)
    assert [row for table in tables for row in table if not DURATION.search(row)] == []


def test_no_benchmark_is_left_out() -> None:
    assert Counter(name for names in GROUPS for name in names) == Counter(BENCHMARKS.keys())


def test_a_benchmark_that_does_not_exist_is_told_before_anything_starts() -> None:
    done = run("--part", PART, *BENCHMARKS, "nothing")
    assert done.returncode == 2
    assert "there is no nothing" in done.stderr
    assert done.stdout == ""
