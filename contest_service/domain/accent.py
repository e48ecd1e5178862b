"""A workspace's own colour: whether it can be read, and what it becomes on light and dark pages.

Contrast is WCAG 2.2's (w3.org/TR/WCAG22, relative luminance and contrast ratio). The backgrounds
are those of the pages (`_light.css` and `_dark.css` there); a test holds one to the other.
"""

import re

import msgspec

LEAST = 4.5
"""The contrast that text needs (WCAG 2.2, 1.4.3, level AA)."""
DEFAULT = "#1f5f8b"
PAPER, CARD = "#f6f4ef", "#ffffff"
DARK_PAPER, DARK_CARD = "#14181b", "#1c2226"
_BLACK, _WHITE = "#000000", "#ffffff"
_INK = "#10202b"
"""Of letters on a pale button."""
_SOFT, _DARK_SOFT = 0.1, 0.2
"""How much of the colour is in the background of what is chosen."""
_STEPS = 256
_LONG = re.compile(r"#?([0-9a-f]{6})")
_SHORT = re.compile(r"#?([0-9a-f])([0-9a-f])([0-9a-f])")


class Shade(msgspec.Struct, frozen=True, kw_only=True):
    """The colour on one kind of background, each as `#rrggbb`.

    `on` is of letters on it, `soft` of a background that hints at it; `contrast` is the least that
    it has as letters on any of the backgrounds.
    """

    accent: str
    on: str
    soft: str
    contrast: float


class Shades(msgspec.Struct, frozen=True, kw_only=True):
    """The colour as it is shown on light and on dark pages."""

    light: Shade
    dark: Shade


def parse(text: str) -> str | None:
    """Read a colour as people write it, `#1F5F8B`, `1f5f8b` or `#abc`; None if it is none."""
    given = text.strip().lower()
    if found := _LONG.fullmatch(given):
        return f"#{found[1]}"
    if found := _SHORT.fullmatch(given):
        return "#" + "".join(digit * 2 for digit in found.groups())
    return None


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def fits(colour: str) -> bool:
    """Whether text in a colour can be read on light pages; dark ones get a lighter shade of it."""
    return _light(colour).contrast >= LEAST


def nearest(colour: str) -> str:
    """The colour itself if it fits, else the first shade on its way to black that does."""
    return next(
        mixed for step in range(_STEPS + 1) if fits(mixed := _mix(colour, _BLACK, step / _STEPS))
    )


def shades(colour: str) -> Shades:
    """What a colour becomes: itself on light pages, and the nearest that can be read on dark."""
    dark = next(
        shade
        for step in range(_STEPS + 1)
        if (shade := _dark(_mix(colour, _WHITE, step / _STEPS))).contrast >= LEAST
    )
    return Shades(light=_light(colour), dark=dark)


def _light(colour: str) -> Shade:
    return _shade(colour, soft=_mix(CARD, colour, _SOFT), grounds=(PAPER, CARD))


def _dark(colour: str) -> Shade:
    return _shade(colour, soft=_mix(DARK_CARD, colour, _DARK_SOFT), grounds=(DARK_PAPER, DARK_CARD))


def _shade(colour: str, *, soft: str, grounds: tuple[str, ...]) -> Shade:
    return Shade(
        accent=colour,
        on=max((_WHITE, _INK), key=lambda ink: contrast(ink, colour)),
        soft=soft,
        contrast=min(contrast(colour, ground) for ground in (*grounds, soft)),
    )


def _mix(one: str, other: str, share: float) -> str:
    """So much of the other in the one."""
    mixed = (
        round(first + (second - first) * share)
        for first, second in zip(_channels(one), _channels(other), strict=True)
    )
    return "#" + "".join(f"{each:02x}" for each in mixed)


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour.removeprefix("#")))


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(each / 255) for each in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
