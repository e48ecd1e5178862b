"""Cuts out of a JSON text what is nested too deeply to be read.

Anybody may put a thousand lists within each other into a field of a post that nobody reads. Every
page that shows the post would be unreadable, and with it the scan of somebody else's contest.
"""

import re

DEEPEST = 120
"""Levels that are kept: more than an answer of the protocol has, less than a reader takes."""

_TOKENS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[{]|[\]}]', re.DOTALL)


def prune(text: bytes) -> bytes:
    """Replace by null each list or object that is within `DEEPEST` others."""
    kept: list[bytes] = []
    done = depth = 0
    for token in _TOKENS.finditer(text):
        sign = text[token.start()]
        if sign in b"[{":
            depth += 1
            if depth == DEEPEST + 1:
                kept += [text[done : token.start()], b"null"]
        elif sign in b"]}":
            if depth == DEEPEST + 1:
                done = token.end()
            depth -= 1
    return b"".join([*kept, text[done:]])
