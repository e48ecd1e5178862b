"""What stands on paper: the pages of a PDF as Chromium prints it, and their text.

Only as much of the format (ISO 32000) as Chromium writes: plain objects, packed streams, and fonts
that say which letter a glyph is.
"""

import re
import unicodedata
import zlib

_OBJECT = re.compile(rb"(\d+) 0 obj\s(.*?)endobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_FONT = re.compile(rb"/(F\d+) (\d+) 0 R")
_LETTERS = re.compile(rb"/ToUnicode (\d+) 0 R")
_SHOWN = re.compile(rb"/(F\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)>(?=[^<>\[\]]*(?:Tj|\]\s*TJ|<))|ET")


class Printed:
    """A printed page: `pages` is how many sheets it takes, `text` all letters without spaces."""

    def __init__(self, pdf: bytes) -> None:
        self._objects = {int(number): body for number, body in _OBJECT.findall(pdf)}
        fonts = {
            name: self._letters(self._objects[int(number)])
            for name, number in _FONT.findall(pdf)
            if int(number) in self._objects
        }
        self.pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
        self.text = _pressed(
            "".join(
                _read(content, fonts)
                for content in map(_unpacked, self._objects.values())
                if b"BT" in content and b"Tf" in content
            )
        )

    def says(self, text: str) -> bool:
        """Whether it stands there, however its lines are broken."""
        return _pressed(text) in self.text

    def _letters(self, font: bytes) -> dict[int, str]:
        """The letters of a font's glyphs."""
        found = _LETTERS.search(font)
        table = _unpacked(self._objects[int(found[1])]) if found else b""
        letters: dict[int, str] = {}
        for block in re.findall(rb"beginbfchar(.*?)endbfchar", table, re.DOTALL):
            for glyph, letter in re.findall(rb"<(\w+)> <(\w+)>", block):
                letters[int(glyph, 16)] = _decoded(letter)
        for block in re.findall(rb"beginbfrange(.*?)endbfrange", table, re.DOTALL):
            for first, last, letter in re.findall(rb"<(\w+)> <(\w+)> <(\w+)>", block):
                start = int(first, 16)
                for glyph in range(start, int(last, 16) + 1):
                    letters[glyph] = chr(ord(_decoded(letter)) + glyph - start)
        return letters


def _unpacked(body: bytes) -> bytes:
    found = _STREAM.search(body)
    if found is None:
        return b""
    return zlib.decompress(found[1]) if b"/FlateDecode" in body else found[1]


def _read(content: bytes, fonts: dict[bytes, dict[int, str]]) -> str:
    said, font = [], {}
    for name, glyphs in _SHOWN.findall(content):
        if name:
            font = fonts.get(name, {})
        said += [
            font.get(int(glyphs[place : place + 4], 16), "") for place in range(0, len(glyphs), 4)
        ]
    return "".join(said)


def _pressed(text: str) -> str:
    """Without spaces, and with each letter of a ligature."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def _decoded(hexed: bytes) -> str:
    return bytes.fromhex(hexed.decode()).decode("utf-16-be")
