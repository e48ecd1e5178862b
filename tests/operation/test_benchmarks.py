"""The benchmarks as a person runs them, on a small part of their sizes: they must not rot unseen.

How fast anything is says nothing here, where other tests run beside it.
"""

import os
import re
import signal
import subprocess
import sys

import pytest
from operation.program import ROOT, surroundings

from benchmarks.__main__ import BENCHMARKS

PART = "0.002"
PATIENCE = 240.0
"""Seconds; they need a tenth of that."""
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


def rows(printed: str) -> list[str]:
    """The rows of all tables: each from the line below its headings to the empty line after it."""
    lines = iter(printed.splitlines())
    return [
        row for line in lines if line.startswith("---") for row in iter(lambda: next(lines, ""), "")
    ]


@pytest.mark.parametrize("name", BENCHMARKS)
def test_every_benchmark_measures_something_and_prints_its_table(name: str) -> None:
    done = run("--runs", "1", "--part", PART, name)
    assert done.returncode == 0, done.stderr
    assert re.findall(r"^(\w+): \d+ s$", done.stderr, re.MULTILINE) == [name]
    table = rows(done.stdout)
    assert table
    assert [row for row in table if not DURATION.search(row)] == []


def test_several_benchmarks_are_run_one_after_the_other() -> None:
    done = run("--runs", "1", "--part", PART, "judge", "draw")
    assert done.returncode == 0, done.stderr
    assert re.findall(r"^(\w+): \d+ s$", done.stderr, re.MULTILINE) == ["judge", "draw"]


def test_a_benchmark_that_does_not_exist_is_told_before_anything_starts() -> None:
    done = run("--part", PART, *BENCHMARKS, "nothing")
    assert done.returncode == 2
    assert "there is no nothing" in done.stderr
    assert done.stdout == ""
