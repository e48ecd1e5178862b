"""What people write on VK: its hashtags, and whom it mentions. Pure.

A mention is `[id1|name]` or `[club1|name]`, as VK keeps it, or what was typed by hand: `@id1
(name)`, `@short_name` or the same with `*` (dev.vk.com, markup of mentions).
"""

import re

import msgspec

MOST_NAMES = 20
"""Short names of one text that are looked up: nobody tags more friends than that in earnest."""

_BRACKETS = re.compile(r"\[(id|club|public|event)([1-9][0-9]{0,17})\|[^\]]*\]")
_TYPED = re.compile(r"(?<![\w@*.\[|/])[@*]([A-Za-z][A-Za-z0-9_.]{1,31})(?<!\.)")
_NUMBERED = re.compile(r"(id|club|public|event)([1-9][0-9]{0,17})")
_TAG = re.compile(r"(?<![\w#&/])#(\w+)")


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A text, taken apart."""

    text: str
    tags: tuple[str, ...]
    """In lower case, without the sign."""
    named: tuple[str, ...]
    """Ids of accounts, and short names in lower case, each once, in order of appearance."""


def read_text(text: str) -> Said:
    """Take a text apart."""
    text = clean(text)
    found = [(each.start(), _id(each[1], each[2])) for each in _BRACKETS.finditer(text)]
    names = 0
    for each in _TYPED.finditer(text):
        name = each[1].lower()
        if numbered := _NUMBERED.fullmatch(name):
            found.append((each.start(), _id(numbered[1], numbered[2])))
        elif names < MOST_NAMES:
            names += 1
            found.append((each.start(), name))
    return Said(
        text=text,
        tags=tuple(dict.fromkeys(tag.lower() for tag in _TAG.findall(text))),
        named=tuple(dict.fromkeys(name for _, name in sorted(found))),
    )


def is_short_name(name: str) -> bool:
    """Whether a name is one that has to be looked up."""
    return not name.removeprefix("-").isdecimal()


def clean(text: str) -> str:
    """Replace the one character that a database cannot hold."""
    return text.replace("\x00", "\ufffd")


def _id(kind: str, digits: str) -> str:
    return digits if kind == "id" else f"-{digits}"
