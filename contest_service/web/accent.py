"""A workspace's accent as a small stylesheet, which is linked after those of all pages.

It follows from the colour alone, and its address holds a digest of what it says: browsers keep it
for ever, and nobody's workspace is named in it.
"""

import functools
import hashlib

from litestar import Response, get
from litestar.params import FromPath

from contest_service.domain import accent
from contest_service.domain.accent import Shade
from contest_service.domain.errors import NotFoundError

_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
}
_LENGTH = 16


def accent_address(colour: str) -> str:
    """The address of a colour's stylesheet."""
    return f"/accents/{colour.removeprefix('#')}-{_digest(colour)}.css"


@get("/accents/{file:str}", operation_id="read_accent", include_in_schema=False)
async def read_accent(file: FromPath[str]) -> Response[bytes]:
    """Send the stylesheet of a colour."""
    colour = accent.parse(f"#{file[:6]}") if file[:6].isalnum() else None
    if colour is None or accent_address(colour) != f"/accents/{file}":
        raise NotFoundError("There is no such colour.")
    return Response(_sheet(colour), media_type="text/css", headers=_HEADERS)


@functools.lru_cache(maxsize=1000)
def _sheet(colour: str) -> bytes:
    shades = accent.shades(colour)
    dark = f"@media (prefers-color-scheme: dark) {{\n{_rule(shades.dark)}}}\n"
    # A widget in a page of somebody else is light or dark as that page asks for.
    asked = _rule(shades.light, "[data-theme='light']") + _rule(shades.dark, "[data-theme='dark']")
    return f"{_rule(shades.light)}{dark}{asked}".encode()


def _rule(shade: Shade, where: str = "") -> str:
    return (
        f":root{where} {{ --accent: {shade.accent}; --on-accent: {shade.on}; "
        f"--accent-soft: {shade.soft}; }}\n"
    )


def _digest(colour: str) -> str:
    return hashlib.sha256(_sheet(colour)).hexdigest()[:_LENGTH]
