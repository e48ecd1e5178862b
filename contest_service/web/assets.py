"""Scripts, styles and pictures of pages: built with the package, named by their content."""

import functools
import hashlib
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from contest_service.domain.errors import ContestError, NotFoundError

_FOR_EVER = "public, max-age=31536000, immutable"
_TYPES = {
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
    "png": "image/png",
}
_MADE_OF = (".py", ".html", ".po", "manifest.json")
_ENCODINGS = {"br": "br", "gzip": "gz"}
"""Each encoding with its files' ending, the smallest first."""


def asset(name: str) -> str:
    """The address of a built file, by the name of its source. Raises LookupError."""
    names = _built().names
    if name not in names:
        raise LookupError(f"no asset {name!r}: it may be {', '.join(sorted(names))}")
    return f"/static/{names[name]}"


@functools.cache
def edition() -> str:
    """A digest of all that pages are made of: what is kept of another one is asked for anew."""
    digest = hashlib.sha256()
    for path, data in _files(resources.files("contest_service.web")):
        digest.update(f"{path} {hashlib.sha256(data).hexdigest()}\n".encode())
    return digest.hexdigest()


def _files(folder: Traversable, path: str = "") -> Iterator[tuple[str, bytes]]:
    """Sources, templates, words, and the list of built files, which holds their hashes."""
    for each in sorted(folder.iterdir(), key=lambda each: each.name):
        if each.is_dir():
            yield from _files(each, f"{path}{each.name}/")
        elif each.name.endswith(_MADE_OF):
            yield f"{path}{each.name}", each.read_bytes()


@get("/static/{file:str}", operation_id="read_asset", include_in_schema=False)
async def read_asset(file: FromPath[str], request: Request[Any, Any, Any]) -> Response[bytes]:
    """Send a built file, packed as the browser accepts it; it never changes."""
    built = _built()
    if file not in built.names.values():
        raise NotFoundError("There is no such file.")
    accepted = {
        each.partition(";")[0].strip()
        for each in request.headers.get("accept-encoding", "").split(",")
    }
    headers = {
        "Cache-Control": _FOR_EVER,
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    body = built.files[file]
    for encoding, ending in _ENCODINGS.items():
        if encoding in accepted and f"{file}.{ending}" in built.files:
            body, headers["Content-Encoding"] = built.files[f"{file}.{ending}"], encoding
            break
    type_ = _TYPES[file.rpartition(".")[2]]
    return Response(body, media_type=type_, headers=headers)


class _Built(msgspec.Struct, frozen=True):
    """All that was built, read at once, so that what is built anew meanwhile does not mix in."""

    names: dict[str, str]
    files: dict[str, bytes]


@functools.cache
def _built() -> _Built:
    folder = resources.files("contest_service.web").joinpath("static")
    try:
        files = {each.name: each.read_bytes() for each in folder.iterdir()}
        names = msgspec.json.decode(files.pop("manifest.json"), type=dict[str, str])
    except (FileNotFoundError, KeyError) as error:
        raise ContestError(
            "The pages' scripts and styles are missing, which are built when the service is "
            "installed: install it again (in its source: make run)."
        ) from error
    return _Built(names, files)
