"""What holds for the whole tree: boundaries between rooms, types, lint, sizes, words."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
OURS = ("contest_service", "workers", "migrations", "benchmarks", "tests")
PROGRAM = ("contest_service", "workers")
VERIFIER = ROOT / "contest_service" / "proof" / "verify.py"

MOST_LINES = 400
MOST_LINES_OF_A_FUNCTION = 45
"""A screen of 40, and a little: its signature and body, without its docstring."""
MOST_POSITIONAL = 3
OUTSIDE = {"self", "cls", "conn", "connection", "rt"}
GIVEN = {"connect_tcp"}
"""Functions whose signature a library fixes."""

NAMELESS = {"utils", "util", "helpers", "helper", "common", "manager", "service", "impl", "misc"}
OTHER_WORDS = re.compile(
    r"\b(tenants?|organi[sz]ations?_id|campaign_id|promos?|participants?|runners?_up|rerolls?|"
    r"redraws?|lottery)\b",
    re.IGNORECASE,
)
"""Words that docs/vocabulary.md replaces by ours and that mean nothing else in this program."""
LEFT_OPEN = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def python_files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def require(*command: str) -> None:
    """Run a checker; fail with what it says if it found something."""
    done = subprocess.run(
        [BIN / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        pytest.fail(done.stdout + done.stderr, pytrace=False)


def require_none(places: Iterable[object]) -> None:
    """Fail with the places where something is wrong."""
    if found := [str(place) for place in places]:
        pytest.fail("\n".join(found), pytrace=False)


def test_rooms_import_only_what_they_may() -> None:
    require("lint-imports", "--no-logo")


def test_types_are_strict() -> None:
    require("mypy")


def test_lint_finds_nothing() -> None:
    require("ruff", "check", *OURS)


def test_files_are_formatted() -> None:
    require("ruff", "format", "--check", *OURS)


def test_files_are_short() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in python_files(*OURS)
        if path != VERIFIER and (lines := len(path.read_text().splitlines())) > MOST_LINES
    }
    require_none(f"{place} has {lines} lines" for place, lines in long.items())


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = function.body[0]
    assert function.end_lineno is not None
    lines = function.end_lineno - function.lineno + 1
    if ast.get_docstring(function) is not None and first.end_lineno is not None:
        lines -= first.end_lineno - first.lineno + 1
    return lines


def test_functions_fit_a_screen() -> None:
    long = {
        f"{path.relative_to(ROOT)}:{function.lineno} {function.name}": length(function)
        for path in python_files(*PROGRAM, "benchmarks")
        for function in functions(path)
        if path != VERIFIER and length(function) > MOST_LINES_OF_A_FUNCTION
    }
    require_none(f"{place} has {lines} lines" for place, lines in long.items())


def test_many_arguments_are_named() -> None:
    """Beyond three; `self`, `cls` and the outside that comes first are not counted, nor are
    functions that a framework calls."""
    many = []
    for path in python_files(*PROGRAM):
        for function in functions(path):
            positional = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
            counted = [a for a in positional if a not in OUTSIDE]
            is_ours = (
                path != VERIFIER and not function.decorator_list and function.name not in GIVEN
            )
            if is_ours and len(counted) > MOST_POSITIONAL:
                many.append(f"{path.relative_to(ROOT)}:{function.lineno} {function.name}")
    require_none(many)


def test_imports_stand_at_the_top_except_in_the_command_line() -> None:
    hidden = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in python_files(*PROGRAM)
        if "cli" not in path.parts
        for function in functions(path)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    require_none(hidden)


def test_the_standalone_verifier_needs_the_standard_library_only() -> None:
    imported = set()
    for node in ast.walk(ast.parse(VERIFIER.read_text())):
        if isinstance(node, ast.Import):
            imported |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported.add((node.module or "").partition(".")[0])
    assert imported <= sys.stdlib_module_names


@pytest.mark.parametrize("folder", OURS)
def test_modules_say_what_they_own_and_are_named_for_it(folder: str) -> None:
    for path in python_files(folder):
        text = path.read_text()
        is_empty = path.name == "__init__.py" and not text.strip()
        assert is_empty or ast.get_docstring(ast.parse(text)), f"{path} has no docstring"
        assert path.stem not in NAMELESS


def test_nothing_is_left_open() -> None:
    open_ends = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in python_files(*OURS)
        if path != Path(__file__)
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if LEFT_OPEN.search(line)
    ]
    require_none(open_ends)


def test_ideas_go_by_the_words_of_the_vocabulary() -> None:
    strange = [
        f"{path.relative_to(ROOT)}:{number} {found.group()}"
        for path in (*python_files(*PROGRAM), *(ROOT / "migrations").glob("*.sql"))
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if (found := OTHER_WORDS.search(line))
    ]
    require_none(strange)


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_locks_pin_everything_by_digest_and_name_no_registry(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    pins = [line for line in text.splitlines() if re.match(r"[a-z0-9]", line)]
    assert pins
    assert all("==" in line and line.endswith("\\") for line in pins)


def test_what_runs_is_locked_alike_for_running_and_for_tests() -> None:
    pins = {
        name: set(re.findall(r"^(\S+==\S+)", (ROOT / name).read_text(), re.MULTILINE))
        for name in ("requirements.lock", "requirements-dev.lock")
    }
    assert pins["requirements.lock"] <= pins["requirements-dev.lock"]
