"""QR codes: rows of dark and light, and the path by which an SVG draws them."""

import msgspec
import segno


class QrCode(msgspec.Struct, frozen=True, kw_only=True):
    """A square, row by row, with the quiet zone that readers need; 1 is dark."""

    rows: tuple[bytes, ...]

    @property
    def size(self) -> int:
        """Of a side, in units."""
        return len(self.rows)

    @property
    def path(self) -> str:
        """All dark units as the path of an SVG."""
        return "".join(
            f"M{x} {y}h1v1h-1z"
            for y, row in enumerate(self.rows)
            for x, dark in enumerate(row)
            if dark
        )


def qr_of(text: str) -> QrCode:
    """Make the QR code of a text."""
    code = segno.make(text, error="m", micro=False)
    return QrCode(rows=tuple(bytes(row) for row in code.matrix_iter(border=4)))
