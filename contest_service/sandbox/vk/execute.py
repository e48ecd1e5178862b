"""The method `execute`: up to 25 calls in one request.

A call inside that fails yields `false` in its place, and an entry of `execute_errors`, in the order
of the calls. What the calls cost in time is told to whoever answers.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from contest_service.sandbox.vk.errors import VkError
from contest_service.sandbox.vk.params import Params, written
from contest_service.sandbox.vk.script import compiled
from contest_service.sandbox.vk.script_code import CompileError, RunError

MOST_CALLS = 25

Inner = Callable[[str, dict[str, str]], Any]
"""Carries out one method for the token that asked. Raises VkError."""


class Executed(msgspec.Struct, kw_only=True):
    """What a program returned."""

    response: msgspec.Raw
    errors: list[dict[str, Any]]
    calls: int


def execute(params: Params, inner: Inner) -> Executed:
    """Run the program in `code`. Raises VkError 12 and 13, as a whole."""
    try:
        program = compiled(params.needed("code"))
    except CompileError as error:
        raise VkError(12, str(error)) from error
    errors: list[dict[str, Any]] = []
    calls = 0

    def call(method: str, given: dict[str, Any]) -> Any:
        nonlocal calls
        calls += 1
        if calls > MOST_CALLS:
            raise VkError(13, "Too many API calls")
        try:
            return inner(method, written(given))
        except VkError as error:
            failed = {"method": method, "error_code": error.code, "error_msg": error.message}
            errors.append(failed)
            return False

    try:
        response = msgspec.Raw(msgspec.json.encode(program(call)))
    except RunError as error:
        raise VkError(13, str(error)) from error
    except (OverflowError, RecursionError, ValueError) as error:
        # Numbers beyond 64 bits, and what contains itself, have no JSON.
        raise VkError(13, "the result cannot be written") from error
    return Executed(response=response, errors=errors, calls=calls)
