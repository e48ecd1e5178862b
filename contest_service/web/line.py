"""The line as it is drawn: places in per cent, so that dots and words keep their size anywhere."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from contest_service.domain.conditions import Language
from contest_service.flows.announce import Slot
from contest_service.flows.line import DrawLine
from contest_service.proof.line import Line, Mark, Near, Own, Stretch
from contest_service.web.language import Words

_MARGIN = 1.5
"""Per cent, on both sides."""
_HIGHEST = 40
"""Pixels of the fullest band."""
_MIDDLE = 52
"""Pixels from the top to the line."""
_LISTED = 60
"""Places in words."""


class DotPicture(msgspec.Struct, frozen=True, kw_only=True):
    x: float
    look: str
    text: str


class BandPicture(msgspec.Struct, frozen=True, kw_only=True):
    x: float
    width: float
    y: float
    height: float


class MarkPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A place with a label; `anchor` keeps the label within the picture."""

    x: float
    anchor: str
    text: str


class StretchPicture(msgspec.Struct, frozen=True, kw_only=True):
    """One stretch: its caption, what stands at its ends, and what is drawn."""

    caption: str
    left: str
    right: str
    note: str
    dots: list[DotPicture]
    bands: list[BandPicture]
    won: float | None
    cut: MarkPicture | None
    own: MarkPicture | None


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """A place near the left end in words."""

    look: str
    text: str


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """The line of one draw: pictures, and the same in words."""

    summary: str
    own: str
    stretches: list[StretchPicture]
    items: list[Item]
    more: int
    looks: list[Item]


def picture_of(drawn: DrawLine, words: Words) -> Picture:
    """Lay the line of a draw out."""
    line, own = drawn.line, drawn.own
    items = [
        Item(look=near.mark.value, text=_say_near(near, drawn.names, words)) for near in line.near
    ]
    stretches = [
        _stretch(line.whole, line, own, items=items, words=words, is_whole=True),
        *(
            [_stretch(line.enlarged, line, own, items=items, words=words, is_whole=False)]
            if line.enlarged
            else []
        ),
    ]
    return Picture(
        summary=_summary(line, words),
        own="" if own is None else _say_own(line, own, words),
        stretches=stretches,
        items=items[:_LISTED],
        more=line.count - min(len(items), _LISTED),
        looks=_looks(line, words),
    )


def name_of(commitment: str, names: Mapping[str, Slot], words: Words) -> str:
    """Call an entry by its holder's name where that may be shown, else by its commitment."""
    slot = names.get(commitment)
    if slot is not None and (slot.label or slot.subject):
        return slot.label or slot.subject
    return words.gettext("entry %(short)s…", short=commitment[:8])


def _stretch(
    stretch: Stretch,
    line: Line,
    own: Own | None,
    *,
    items: Sequence[Item],
    words: Words,
    is_whole: bool,
) -> StretchPicture:
    _ = words.gettext
    across = _across(stretch.end)
    cut = own_mark = None
    if line.cut is not None and line.cut <= stretch.end:
        cut = _mark(across(line.cut), _("the cut-off"))
    if own is not None and own.share <= stretch.end:
        own_mark = _mark(across(own.share), _("you"))
    times = round(1 / stretch.end)
    return StretchPicture(
        caption=(
            words.ngettext(
                "The whole line with %(num)s entry",
                "The whole line with all %(num)s entries",
                stretch.count,
            )
            if is_whole
            else words.ngettext(
                "Its left end, %(num)s time as large",
                "Its left end, %(num)s times as large",
                times,
            )
        ),
        left=_("0: the lowest number wins"),
        right=(
            _("the highest number there is")
            if is_whole
            else _("1/%(times)s of the line", times=words.number(times))
        ),
        note=_density_note(stretch, words),
        dots=_dots(stretch, items, across),
        bands=_bands(stretch),
        won=None if line.cut is None else across(min(line.cut, stretch.end)) - _MARGIN,
        cut=cut,
        own=own_mark,
    )


def _density_note(stretch: Stretch, words: Words) -> str:
    if not stretch.bands:
        return ""
    return words.ngettext(
        "The height shows how many of %(num)s entry stand where.",
        "The height shows how many of the %(num)s entries stand where.",
        stretch.count,
    )


def _dots(
    stretch: Stretch, items: Sequence[Item], across: Callable[[float], float]
) -> list[DotPicture]:
    """The lowest come last, so that they lie on top."""
    return [
        DotPicture(x=across(share), look=item.look, text=item.text)
        for share, item in zip(stretch.dots, items, strict=False)
    ][::-1]


def _bands(stretch: Stretch) -> list[BandPicture]:
    if not stretch.bands:
        return []
    highest = max(stretch.bands)
    width = (100 - 2 * _MARGIN) / len(stretch.bands)
    return [
        BandPicture(
            x=round(_MARGIN + number * width, 3),
            width=round(width * 0.9, 3),
            y=round(_MIDDLE - count / highest * _HIGHEST, 1),
            height=round(count / highest * _HIGHEST, 1),
        )
        for number, count in enumerate(stretch.bands)
        if count
    ]


def _across(end: float) -> Callable[[float], float]:
    return lambda share: round(_MARGIN + share / end * (100 - 2 * _MARGIN), 3)


def _mark(x: float, text: str) -> MarkPicture:
    anchor = "start" if x < 15 else "end" if x > 85 else "middle"
    return MarkPicture(x=x, anchor=anchor, text=text)


def _summary(line: Line, words: Words) -> str:
    if line.cut is None:
        return words.gettext("The list is empty, so nobody won.")
    return words.gettext(
        "Every entry has a number that the public randomness gave it, and stands at that place. "
        "The lowest win: the cut-off stands at %(share)s of the line.",
        share=_say_share(line.cut, words),
    )


def _say_own(line: Line, own: Own, words: Words) -> str:
    said = words.gettext(
        "You are number %(place)s of %(count)s.",
        place=words.number(own.place),
        count=words.number(line.count),
    )
    if line.cut is None:
        return said
    where = words.gettext(
        "The cut-off is at %(cut)s of the line, you stand at %(own)s.",
        cut=_say_share(line.cut, words),
        own=_say_share(own.share, words),
    )
    return " ".join(filter(None, [_say_outcome(line, own, words), said, where]))


def _say_outcome(line: Line, own: Own, words: Words) -> str:
    """Whether somebody won; empty for whoever did not."""
    mark = next((near.mark for near in line.near if near.place == own.place), Mark.ALTERNATE)
    match mark:
        case Mark.WINNER:
            return words.gettext("You won.")
        case Mark.SUCCESSOR:
            return words.gettext("You won, in the place of another.")
        case Mark.OUT:
            return words.gettext("You were disqualified.")
        case Mark.ALTERNATE:
            return ""


def _say_near(near: Near, names: Mapping[str, Slot], words: Words) -> str:
    _ = words.gettext
    said = {
        Mark.WINNER: _("wins"),
        Mark.SUCCESSOR: _("wins in the place of another"),
        Mark.OUT: _("was disqualified"),
        Mark.ALTERNATE: _("next in order"),
    }
    return _(
        "Number %(place)s: %(who)s, %(what)s, at %(share)s",
        place=words.number(near.place),
        who=name_of(near.commitment, names, words),
        what=said[near.mark],
        share=_say_share(near.share, words),
    )


def _say_share(share: float, words: Words) -> str:
    """A share in per cent, with three digits that say something."""
    per_cent = share * 100
    digits = 2
    while digits < 12 and 0 < per_cent < 10 ** (1 - digits):
        digits += 1
    said = f"{per_cent:.{digits}f}"
    if words.language is Language.RUSSIAN:
        said = said.replace(".", ",")
    return f"{said}\u00a0%"


def _looks(line: Line, words: Words) -> list[Item]:
    """What each kind of dot means, of those that are there."""
    _ = words.gettext
    said = {
        Mark.WINNER: _("winner"),
        Mark.SUCCESSOR: _("took over"),
        Mark.OUT: _("disqualified"),
        Mark.ALTERNATE: _("the others, in their order"),
    }
    there = {near.mark for near in line.near}
    return [Item(look=mark.value, text=text) for mark, text in said.items() if mark in there]
