"""Pictures as nobody should send them."""

import io
import struct
import zlib

from PIL import Image

JPEG_ORIENTATION, GPS, LATITUDE = 0x0112, 0x8825, 2


def picture(
    format_: str = "PNG", *, size: tuple[int, int] = (64, 48), mode: str = "RGB", **how: object
) -> bytes:
    """An ordinary one: its left half is red, where there are colours."""
    made = Image.new(mode, size)
    left = Image.new(mode, (size[0] // 2, size[1]), _red(mode))
    made.paste(left)
    out = io.BytesIO()
    made.save(out, format_, **how)
    return out.getvalue()


def _red(mode: str) -> int | tuple[int, ...]:
    return {
        "RGB": (220, 20, 20),
        "RGBA": (220, 20, 20, 128),
        "CMYK": (0, 230, 230, 10),
        "I;16": 60_000,
        "L": 200,
    }[mode]


def told() -> bytes:
    """Turned by its metadata, which says where it was taken and what somebody wrote."""
    exif = Image.Exif()
    exif[JPEG_ORIENTATION] = 6
    exif[0x010E] = "Written by somebody"
    exif[GPS] = {LATITUDE: (55.0, 45.0, 0.0)}
    return picture("JPEG", exif=exif, comment=b"A comment")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(width: int = 50_000, height: int = 50_000) -> bytes:
    """A PNG of a few bytes that says it has 2.5 thousand million pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", body)


def text_bomb() -> bytes:
    """A PNG whose text is small and would become 256 MB."""
    data = zlib.compress(bytes(256 * 1024 * 1024), 9)
    whole = picture()
    at = whole.index(b"IDAT") - 4
    return whole[:at] + _chunk(b"zTXt", b"Comment\0\0" + data) + whole[at:]


def animated(format_: str = "WEBP") -> bytes:
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("#d01010", "#10d010", "#1010d0")]
    out = io.BytesIO()
    frames[0].save(out, format_, save_all=True, append_images=frames[1:], duration=100)
    return out.getvalue()


def polyglot() -> bytes:
    """A picture that is a page with a script as well."""
    return picture("JPEG", comment=b"<script>alert(1)</script>") + b"<script>alert(2)</script>"
