"""The result as a picture: PNG in the shapes that posts, stories and links have.

The same facts give the same bytes on every machine: letters come from a font of the package, laid
out without the system's help. What the font cannot write (emoji among it) is left out of names.
"""

import enum
import functools
import io
from collections.abc import Mapping, Sequence
from importlib import resources

import msgspec
from PIL import Image, ImageDraw, ImageFont, ImageOps

from contest_service.domain.errors import ContestError
from contest_service.proof.line import Line, Mark
from contest_service.web.qr import QrCode

_PAPER, _CARD, _INK, _QUIET = "#f6f4ef", "#ffffff", "#1d2327", "#565f66"
_ACCENT, _GOOD, _BAND, _WARN, _WARN_SOFT = "#1f5f8b", "#1c6b3c", "#8fb0c8", "#7a5200", "#fdf1d6"
_REGULAR, _BOLD = "NotoSans_400Regular.ttf", "NotoSans_700Bold.ttf"


class Shape(enum.StrEnum):
    WIDE = "wide"
    SQUARE = "square"
    STORY = "story"


SIZES: Mapping[Shape, tuple[int, int]] = {
    Shape.WIDE: (1200, 630),
    Shape.SQUARE: (1080, 1080),
    Shape.STORY: (1080, 1920),
}
_NAMES: Mapping[Shape, int] = {Shape.WIDE: 3, Shape.SQUARE: 4, Shape.STORY: 12}
"""Most names that fit."""


class Winner(msgspec.Struct, frozen=True, kw_only=True):
    """A name as it may be shown, and what to call them where the font cannot write it."""

    name: str
    otherwise: str


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """All that a card says, in one language."""

    organiser: str
    title: str
    heading: str
    winners: tuple[Winner, ...]
    more: str
    when: str
    link: str
    practice: str
    line: Line | None
    qr: QrCode
    accent: str = _ACCENT
    logo: bytes = b""
    """A picture; empty where the workspace has none."""
    prize: bytes = b""
    """The first picture of a prize; empty where there is none."""


def names_on(shape: Shape) -> int:
    """How many winners a card names."""
    return _NAMES[shape]


def draw_card(said: Said, shape: Shape) -> bytes:
    """Draw a card; return it as PNG."""
    width, height = SIZES[shape]
    unit = 1.0 if shape is Shape.WIDE else 1.35
    sheet = _Sheet(width, height, unit=unit, accent=said.accent)
    if said.practice:
        sheet.banner(said.practice)
    if shape is Shape.STORY:
        sheet.skip(120)
    if said.logo:
        sheet.logo(said.logo)
    sheet.text(said.organiser, _REGULAR, 30, fill=_QUIET)
    sheet.text(said.title, _BOLD, 50, lines=3 if shape is Shape.STORY else 2)
    sheet.skip(14)
    sheet.text(said.heading, _REGULAR, 30, fill=_QUIET)
    names = [
        writable(winner.name, _BOLD) or writable(winner.otherwise, _BOLD)
        for winner in said.winners[: names_on(shape)]
    ]
    if shape is Shape.WIDE:
        sheet.text(" · ".join([*names, *filter(None, [said.more])]), _BOLD, 36, fill=_GOOD, lines=2)
    else:
        for name in names:
            sheet.text(name, _BOLD, 42, fill=_GOOD)
        sheet.text(said.more, _REGULAR, 28, fill=_QUIET)
    if said.prize:
        sheet.prize(said.prize)
    sheet.foot(said)
    return sheet.png()


def writable(text: str, font: str) -> str:
    """Leave out what the font has no letters for, and spaces that are too many."""
    return " ".join("".join(each for each in text if _has(font, each)).split())


class _Sheet:
    """A picture that is filled from the top, and from the bottom."""

    def __init__(self, width: int, height: int, *, unit: float, accent: str) -> None:
        self._image = Image.new("RGB", (width, height), _PAPER)
        self._draw = ImageDraw.Draw(self._image)
        self._width, self._height, self._unit = width, height, unit
        self._margin = round(60 * unit)
        self._y = float(self._margin)
        self._accent = accent
        self._draw.rectangle((0, 0, round(14 * unit), height), fill=accent)

    def skip(self, space: float) -> None:
        self._y += space * self._unit

    def banner(self, text: str) -> None:
        """Say on top, across the picture, that it is practice."""
        height = round(64 * self._unit)
        self._draw.rectangle((0, 0, self._width, height), fill=_WARN_SOFT)
        font = self._fitting(text, _BOLD, 30)
        place = (self._width / 2, height / 2)
        self._draw.text(place, text, font=font, fill=_WARN, anchor="mm")
        self._y = height + 24 * self._unit

    def logo(self, picture: bytes) -> None:
        """Show the organiser's logo on white, in at most the width of a half."""
        edge = round(8 * self._unit)
        drawn = Image.open(io.BytesIO(picture)).convert("RGBA")
        drawn.thumbnail((self._width // 2, round(84 * self._unit)))
        plate = Image.new("RGB", (drawn.width + 2 * edge, drawn.height + 2 * edge), _CARD)
        plate.paste(drawn, (edge, edge), drawn)
        self._image.paste(plate, (self._margin, round(self._y)))
        self._y += plate.height + 12 * self._unit

    def text(self, text: str, font: str, size: int, *, fill: str = _INK, lines: int = 1) -> None:
        """Write on up to so many lines; what is too long ends in dots."""
        face = _face(font, round(size * self._unit))
        for line in _wrapped(
            writable(text, font), face, self._width - 2 * self._margin, most=lines
        ):
            self._draw.text((self._margin, self._y), line, font=face, fill=fill, anchor="la")
            self._y += size * self._unit * 1.32

    def prize(self, picture: bytes) -> None:
        """Show a prize as large as it fits above the foot, and not where it would be tiny."""
        unit = self._unit
        foot = self._height - self._margin - 190 * unit
        top = self._y + 24 * unit
        if foot - top < 160 * unit:
            return
        shown = Image.open(io.BytesIO(picture)).convert("RGBA")
        shown = ImageOps.contain(shown, (self._width - 2 * self._margin, int(foot - top)))
        self._image.paste(shown, (self._margin, int(top)), shown)

    def foot(self, said: Said) -> None:
        """The line, when it was drawn, and where it can be checked."""
        side = round(150 * self._unit)
        bottom = self._height - self._margin
        self._code(said.qr, side, bottom)
        room = self._width - 2 * self._margin - side - round(30 * self._unit)
        for number, (text, fill) in enumerate(((said.link, self._accent), (said.when, _QUIET))):
            font = self._fitting(text, _REGULAR, 26, room=room)
            y = bottom - number * 38 * self._unit
            self._draw.text((self._margin, y), text, font=font, fill=fill, anchor="ls")
        if said.line is not None:
            self._line(said.line, bottom - 100 * self._unit, room)

    def _line(self, line: Line, y: float, room: float) -> None:
        """The left end where the winners can be seen, or the whole line."""
        stretch = line.enlarged or line.whole
        left, unit = self._margin, self._unit
        self._draw.line((left, y, left + room, y), fill=_QUIET, width=round(2 * unit))
        highest = max(stretch.bands, default=1)
        for number, count in enumerate(stretch.bands):
            x = left + number / len(stretch.bands) * room
            wide = room / len(stretch.bands) * 0.8
            self._draw.rectangle(
                (x, y - count / highest * 34 * unit, x + wide, y - unit), fill=_BAND
            )
        looks = [near.mark in (Mark.WINNER, Mark.SUCCESSOR) for near in line.near]
        for share, holds in list(zip(stretch.dots, looks, strict=False))[::-1]:
            radius = (9 if holds else 5) * unit
            x = left + share / stretch.end * room
            box = (x - radius, y - radius, x + radius, y + radius)
            self._draw.ellipse(box, fill=_GOOD if holds else _QUIET, outline=_PAPER)
        if line.cut is not None:
            x = left + line.cut / stretch.end * room
            self._draw.line((x, y - 24 * unit, x, y + 24 * unit), fill=_INK, width=round(3 * unit))

    def _code(self, qr: QrCode, side: int, bottom: int) -> None:
        size = max(1, side // len(qr.rows))
        left = self._width - self._margin - size * len(qr.rows)
        top = bottom - size * len(qr.rows)
        edge = size * len(qr.rows)
        self._draw.rectangle((left, top, left + edge - 1, top + edge - 1), fill="#ffffff")
        for y, row in enumerate(qr.rows):
            for x, dark in enumerate(row):
                if dark:
                    at = (left + x * size, top + y * size)
                    self._draw.rectangle((*at, at[0] + size - 1, at[1] + size - 1), fill="#000000")

    def _fitting(
        self, text: str, font: str, size: int, *, room: float = 0
    ) -> ImageFont.FreeTypeFont:
        """The font in the largest size, up to `size`, in which the text fits on one line."""
        room = room or self._width - 2 * self._margin
        for smaller in range(round(size * self._unit), 9, -1):
            face = _face(font, smaller)
            if face.getlength(text) <= room:
                return face
        return _face(font, 10)

    def png(self) -> bytes:
        out = io.BytesIO()
        self._image.save(out, "PNG", optimize=True)
        return out.getvalue()


def _wrapped(text: str, face: ImageFont.FreeTypeFont, room: float, *, most: int) -> Sequence[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and face.getlength(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    if len(lines) > most:
        lines = [*lines[: most - 1], " ".join(lines[most - 1 :])]
    return [_cut(line, face, room) for line in lines]


def _cut(text: str, face: ImageFont.FreeTypeFont, room: float) -> str:
    if face.getlength(text) <= room:
        return text
    while text and face.getlength(f"{text}…") > room:
        text = text[:-1]
    return f"{text.rstrip()}…"


@functools.cache
def _letters(font: str) -> bytes:
    try:
        folder = resources.files("contest_service.web").joinpath("static")
        return folder.joinpath(font).read_bytes()
    except FileNotFoundError as error:
        raise ContestError(
            "The letters of pictures are missing, which are built when the service is installed: "
            "install it again (in its source: make run)."
        ) from error


@functools.lru_cache(maxsize=128)
def _face(font: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(
        io.BytesIO(_letters(font)), size, layout_engine=ImageFont.Layout.BASIC
    )


@functools.lru_cache(maxsize=10_000)
def _has(font: str, letter: str) -> bool:
    """Whether the font can write a letter: what it cannot looks like what nobody can."""
    if letter.isspace():
        return True
    face = _face(font, 40)
    return bytes(face.getmask(letter)) != bytes(face.getmask("\U0010fffe"))
