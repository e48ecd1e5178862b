"""How calls of VK's API are written and how what comes back is read: alone, or up to 25 at once.

Pure. A bundle is VKScript of one form only, `return [API.a({…}),API.b({…})];` with the parameters
as JSON, so that nothing that anybody wrote can ever become code.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar
from urllib.parse import urlencode

import msgspec

from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.transport import Reply
from contest_service.platforms.vk import wire
from contest_service.platforms.vk.errors import VkError, refusal

VERSION = "5.199"
MOST_AT_ONCE = 25
"""Calls in one `execute` (dev.vk.com, execute)."""

Parameters = Mapping[str, str | int]

_Kind = TypeVar("_Kind")


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One method with its parameters: numbers and text, lists joined by commas."""

    method: str
    parameters: Parameters

    def __repr__(self) -> str:
        # The parameters may hold the text of a message to one person.
        return f"Call({self.method})"


def form(parameters: Parameters) -> bytes:
    """Write parameters as a form, with the version."""
    return urlencode({**parameters, "v": VERSION}).encode()


def bundle(calls: Sequence[Call]) -> str:
    """Write calls as the code of an `execute`."""
    written = ",".join(f"API.{call.method}({_literal(call.parameters)})" for call in calls)
    return f"return [{written}];"


def read_alone(method: str, reply: Reply, *, secret: str) -> bytes:
    """Return the JSON of a single call's answer, as received. Raises VkError, PlatformError."""
    answer = _envelope(method, reply, wire.Envelope)
    if answer.error is not None:
        raise refusal(method, answer.error, secret=secret)
    body = bytes(answer.response)
    if not body:
        raise _malformed(method, reply, "it holds neither an answer nor an error")
    return body


def read_bundle(
    calls: Sequence[Call], reply: Reply, *, secret: str
) -> list[bytes | VkError | None]:
    """Return each call's answer or failure, in order; None where it cannot be told which.

    A call that failed left `false` in its place, and its error stands in a list of its own, in the
    order of the calls. A call may also answer `false`, so the two have to agree. Raises VkError if
    all failed together, PlatformError MALFORMED for an answer of another length.
    """
    answer = _envelope("execute", reply, wire.Executed)
    if answer.error is not None:
        raise refusal("execute", answer.error, secret=secret)
    bodies = [bytes(raw) for raw in answer.response]
    if len(bodies) != len(calls):
        raise _malformed("execute", reply, f"{len(bodies)} answers to {len(calls)} calls")
    empty = [place for place, body in enumerate(bodies) if body == b"false"]
    errors = answer.execute_errors
    if not empty and not errors:
        return list(bodies)
    outcomes: list[bytes | VkError | None] = list(bodies)
    agree = len(empty) == len(errors) and all(
        error.method in ("", calls[place].method)
        for place, error in zip(empty, errors, strict=True)
    )
    for number, place in enumerate(empty):
        method = calls[place].method
        outcomes[place] = refusal(method, errors[number], secret=secret) if agree else None
    return outcomes


def decode(method: str, body: bytes, kind: type[_Kind]) -> _Kind:
    """Read an answer leniently. Raises PlatformError MALFORMED that names the field."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PlatformError(
            FailureKind.MALFORMED,
            f"VK answered {method} in a form that is not understood: {error}",
        ) from None


def _literal(parameters: Parameters) -> str:
    # Where a server quotes the code within a page, nothing may end its script.
    return msgspec.json.encode(parameters).decode().replace("</", "<\\/")


def _envelope(method: str, reply: Reply, kind: type[_Kind]) -> _Kind:
    """Read the outermost layer; a page of HTML, whatever its status, is a failure that passes."""
    if reply.status == 200:
        try:
            return msgspec.json.decode(reply.body, type=kind)
        except msgspec.ValidationError as error:
            raise _malformed(method, reply, str(error)) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            pass
    raise PlatformError(
        FailureKind.UNREACHABLE,
        f"{reply.host} answered {method} with status {reply.status} and no JSON, as it does when "
        "it is out of order.",
    )


def _malformed(method: str, reply: Reply, what: str) -> PlatformError:
    return PlatformError(
        FailureKind.MALFORMED,
        f"{reply.host} answered {method} in a form that is not understood: {what}",
    )
