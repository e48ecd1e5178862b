"""Arrays as one text each, as PostgreSQL reads them: `'{"a","b"}'::text[]`.

For many short elements this is several times cheaper than an array of asyncpg's, which encodes each
by itself, and costs the server nothing until somebody takes the array apart.
"""

from collections.abc import Sequence

import msgspec

_APART = "\0"
"""Stands in no text that PostgreSQL takes."""


def texts(elements: Sequence[str]) -> str:
    """Write an array of texts. Raises ValueError if one of them holds a NUL."""
    if not elements:
        return "{}"
    joined = _APART.join(elements)
    if joined.count(_APART) >= len(elements):
        raise ValueError("PostgreSQL holds no text with a NUL in it")
    if '"' in joined or "\\" in joined:
        joined = joined.replace("\\", "\\\\").replace('"', '\\"')
    return '{"' + joined.replace(_APART, '","') + '"}'


def texts_or_nulls(elements: Sequence[str | None]) -> str:
    """Write an array of texts in which some are missing."""
    written = ("NULL" if each is None else texts([each])[1:-1] for each in elements)
    return "{" + ",".join(written) + "}"


def numbers(elements: Sequence[int | None]) -> str:
    """Write an array of whole numbers in which some may be missing."""
    return "{" + msgspec.json.encode(elements).decode()[1:-1] + "}"
