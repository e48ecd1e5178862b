"""What compiled VKScript consists of: small functions of a run, put together by the parser.

Owns a run's variables and its limit of steps, and the errors of compiling and running.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from contest_service.sandbox.vk.script_values import (
    METHODS,
    add,
    compare,
    index,
    is_equal,
    member,
    truth,
)

MOST_STEPS = 10_000
"""Rounds of loops in one program."""
_LONGEST_NUMBER = 40

Api = Callable[[str, dict[str, Any]], Any]
"""Carries out a method with its parameters."""
Code = Callable[["Run"], Any]
Store = Callable[["Run", Any], Any]


class CompileError(Exception):
    """The source is no VKScript."""


class RunError(Exception):
    """The program went wrong while it ran."""


class Returned(Exception):  # noqa: N818 - it is how a program ends, not what went wrong
    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


class Run:
    """One run of a program: its variables, and what it may still do."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.variables: dict[str, Any] = {}
        self.steps = 0

    def step(self) -> None:
        """Count one round of a loop. Raises RunError after too many."""
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise RunError("Too many operations")


def variable_store(name: str) -> Store:
    def store(state: Run, value: Any) -> Any:
        state.variables[name] = value
        return value

    return store


def member_store(code: Code, name: str) -> Store:
    def store(state: Run, value: Any) -> Any:
        owner = code(state)
        if not isinstance(owner, dict):
            raise RunError("cannot set a field of what is no object")
        owner[name] = value
        return value

    return store


def joined(sign: str, left: Code, right: Code) -> Code:
    match sign:
        case "||":
            return lambda state: value if truth(value := left(state)) else right(state)
        case "&&":
            return lambda state: right(state) if truth(value := left(state)) else value
        case "==":
            return lambda state: is_equal(left(state), right(state))
        case "!=":
            return lambda state: not is_equal(left(state), right(state))
        case "+":
            return lambda state: add(left(state), right(state))
    return lambda state: compare(sign, left(state), right(state))


def indexed(code: Code, place: Code) -> Code:
    return lambda state: index(code(state), place(state))


def membered(code: Code, name: str) -> Code:
    return lambda state: member(code(state), name)


def plucked(code: Code, name: str) -> Code:
    def run(state: Run) -> Any:
        value = code(state)
        return [member(item, name) for item in value] if isinstance(value, list) else None

    return run


def invoked(code: Code, name: str, arguments: list[Code]) -> Code:
    def run(state: Run) -> Any:
        try:
            return METHODS[name](code(state), *(argument(state) for argument in arguments))
        except TypeError as error:
            raise RunError(str(error)) from error

    return run


def literal_number(text: str) -> int | float:
    if len(text) > _LONGEST_NUMBER:
        raise CompileError("a number is too long")
    return float(text) if "." in text else int(text)


def unquoted(text: str) -> str:
    if text.startswith("'"):
        text = '"' + text[1:-1].replace("\\'", "'").replace('"', '\\"') + '"'
    try:
        return msgspec.json.decode(text, type=str)
    except ValueError:
        raise CompileError(f"bad string {text[:20]}") from None
