"""Free text from people: what of it can be put into terms, events and pages.

Terms and events are hashed for ever and shown to strangers, so a text that the strict JSON profile
cannot hold, or that could steer a page or a terminal, is refused while it can still be changed.
"""

import unicodedata
from collections.abc import Iterable

from contest_service.domain.errors import Fault

MOST_BYTES = 4096
"""Of UTF-8 in one string (drawproof/1, section 2)."""

_REFUSED = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Control characters, lone surrogates, line and paragraph separators."""
_TURNS_TEXT = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They reorder what stands after them, so that a page shows another text than was hashed."""


def text_faults(text: str, pointer: str, *, longest: int, lines: bool = False) -> list[Fault]:
    """What is wrong with a text of 1 to `longest` characters; `lines` permits line breaks in it."""
    faults: list[Fault] = []
    if not text.strip() or len(text) > longest:
        faults.append(Fault(pointer=pointer, detail=f"give 1 to {longest} characters"))
    size = size_of((text,))
    if size > MOST_BYTES:
        detail = f"is {size} bytes long in UTF-8; at most {MOST_BYTES} fit, so shorten or split it"
        faults.append(Fault(pointer=pointer, detail=detail))
    if refused := sorted({char for char in text if not _is_fit(char, lines=lines)}):
        named = ", ".join(f"U+{ord(char):04X}" for char in refused[:5])
        faults.append(Fault(pointer=pointer, detail=f"remove what cannot be printed: {named}"))
    return faults


def size_of(texts: Iterable[str]) -> int:
    """Bytes of UTF-8 in all texts together; a lone surrogate, which has none, counts as three."""
    return sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)


def _is_fit(char: str, *, lines: bool) -> bool:
    if char == "\n":
        return lines
    return unicodedata.category(char) not in _REFUSED and char not in _TURNS_TEXT
