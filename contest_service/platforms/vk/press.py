"""What a publication on VK has to look like: its length, and the key that makes it happen once."""

from datetime import UTC, datetime

from contest_service.platforms.errors import FailureKind, PlatformError

MOST_CHARACTERS = 4096
"""VK names no limit for posts and comments; for messages it is 9000. An announcement needs less."""

_ELLIPSIS = "…"


def shorten(text: str, link: str) -> str:
    """Shorten `text` to the limit, at a word: what fits, then the link on a line of its own.

    A text that holds the link and fits stays as it is. Raises PlatformError UNSUPPORTED for a link
    that alone is too long.
    """
    text = text.strip()
    whole = text if not link or link in text else f"{text}\n{link}".lstrip()
    if length(whole) <= MOST_CHARACTERS:
        return whole
    tail = f"\n{link}" if link else ""
    room = MOST_CHARACTERS - length(tail) - 1
    if room < 0:
        raise PlatformError(FailureKind.UNSUPPORTED, f"This link is too long for VK: {link[:80]}…")
    words = text.replace(link, "").rstrip() if link else text
    return (_cut(words, room) + _ELLIPSIS + tail).lstrip()


def publication_key(at: datetime, entropy: bytes) -> str:
    """Make a `guid`: one publication's for the hour in which VK remembers it."""
    return f"{at.astimezone(UTC):%Y%m%d%H%M%S}-{entropy.hex()}"


def length(text: str) -> int:
    """Count in UTF-16, where most emoji are two: no less than by any other way to count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _cut(text: str, room: int) -> str:
    """Cut at the last word's end, or within a word that is longer than half of the room."""
    kept = text.encode("utf-16-le", "surrogatepass")[: 2 * room].decode("utf-16-le", "ignore")
    if len(kept) < len(text) and not text[len(kept)].isspace():
        place = max(kept.rfind(sign) for sign in " \n\t")
        if place > len(kept) // 2:
            kept = kept[:place]
    return kept.rstrip(" \t\r\n.,;:–—-…")
