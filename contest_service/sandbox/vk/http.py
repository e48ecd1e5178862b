"""Requests and answers of the practice server: forms, files, JSON and pages, as plain records.

Owns reading a request out of ASGI (query, urlencoded and multipart bodies) and writing an answer
back. Knows no path and no method of VK.
"""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

import msgspec

LARGEST_BODY = 64 << 20
"""Bytes; VK takes pictures up to 50 MB."""

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


class TooLargeError(Exception):
    """A body is larger than the server takes."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One request. Of a parameter that comes twice, the last counts."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    files: dict[str, bytes]
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def given(self) -> dict[str, str]:
        """Parameters of the query and the body together; the body goes first."""
        return {**self.query, **self.form}


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One response."""

    status: int = 200
    body: bytes = b""
    kind: str = "application/json; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


def json(value: Any, status: int = 200) -> Answer:
    """Answer with JSON."""
    return Answer(status=status, body=msgspec.json.encode(value))


def page(html: str, status: int = 200) -> Answer:
    """Answer with a page."""
    return Answer(status=status, body=html.encode(), kind="text/html; charset=utf-8")


def text(words: str, status: int = 200) -> Answer:
    """Answer with plain text."""
    return Answer(status=status, body=words.encode(), kind="text/plain; charset=utf-8")


def redirect(url: str) -> Answer:
    """Send the browser elsewhere."""
    return Answer(status=302, headers=(("location", url),), kind="text/plain; charset=utf-8")


async def read(scope: Any, receive: Receive) -> Request:
    """Read a request to its end. Raises TooLargeError."""
    headers = {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
    }
    body = await _body(receive)
    kind, _, options = headers.get("content-type", "").partition(";")
    form: dict[str, str] = {}
    files: dict[str, bytes] = {}
    match kind.strip().lower():
        case "application/x-www-form-urlencoded":
            form = _pairs(body)
        case "multipart/form-data":
            form, files = _parts(body, _boundary(options))
    return Request(
        method=scope["method"],
        path=scope["path"],
        query=_pairs(scope["query_string"]),
        form=form,
        files=files,
        headers=headers,
        body=body,
    )


async def write(send: Send, answer: Answer) -> None:
    """Send an answer."""
    await send(start(answer))
    await send({"type": "http.response.body", "body": answer.body})


def start(answer: Answer) -> dict[str, Any]:
    """Make the ASGI message that begins an answer."""
    headers = [
        ("content-type", answer.kind),
        ("content-length", str(len(answer.body))),
        *answer.headers,
    ]
    return {
        "type": "http.response.start",
        "status": answer.status,
        "headers": [(name.encode(), value.encode()) for name, value in headers],
    }


async def _body(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(chunks)
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > LARGEST_BODY:
            raise TooLargeError
        if not message.get("more_body"):
            return b"".join(chunks)


def _pairs(data: bytes) -> dict[str, str]:
    return dict(parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True))


def _boundary(options: str) -> bytes:
    for option in options.split(";"):
        name, _, value = option.strip().partition("=")
        if name.lower() == "boundary":
            return value.strip('"').encode()
    return b""


def _parts(body: bytes, boundary: bytes) -> tuple[dict[str, str], dict[str, bytes]]:
    """Take a multipart body apart into its fields and its files (RFC 7578)."""
    form: dict[str, str] = {}
    files: dict[str, bytes] = {}
    if not boundary:
        return form, files
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary)[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        names = _names(head)
        if "filename" in names:
            files[names.get("name", "")] = content
        elif "name" in names:
            form[names["name"]] = content.decode("utf-8", "replace")
    return form, files


def _names(head: bytes) -> dict[str, str]:
    for line in head.decode("utf-8", "replace").split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-disposition":
            pairs = (option.strip().partition("=") for option in value.split(";")[1:])
            return {key.lower(): text.strip('"') for key, _, text in pairs}
    return {}
