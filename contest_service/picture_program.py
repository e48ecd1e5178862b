"""Makes an uploaded picture anew: a program of its own, since what it reads comes from anybody.

    python -m contest_service.picture_program EDGE < picture > answer

It reads at most MOST_BYTES, looks at the first bytes and the size before it decodes anything, and
limits its own memory and time. What it writes is a new picture of the pixels alone, turned upright,
without metadata, profile or second frame, no side longer than EDGE. The answer is one line of JSON,
then the bytes. Anything that is wrong with the picture is a line with a `fault`.
"""

import io
import json
import sys
import warnings
from typing import Any, BinaryIO

from PIL import Image, ImageOps

if sys.platform != "win32":
    import resource

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
LEAST_EDGE = 16
_MEMORY = 1024 * 1024 * 1024
_SECONDS = 15
_FORMATS = ("JPEG", "PNG", "WEBP")
_QUALITY = 84
_HEAD = 4096
"""Bytes in which an SVG says what it is."""


class PictureFaultError(Exception):
    """Why it is refused, as a code."""


def make_anew(data: bytes, edge: int) -> tuple[dict[str, Any], bytes]:
    """Return the facts of the new picture, and its bytes. Raises PictureFaultError."""
    if len(data) > MOST_BYTES:
        raise PictureFaultError("too_large")
    if not _is_known(data):
        raise PictureFaultError("vector" if _is_vector(data) else "not_a_picture")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd metadata, which is left behind
            opened = Image.open(io.BytesIO(data), formats=_FORMATS)
            _check_size(opened)
            upright = _pixels(opened, edge)
    except PictureFaultError:
        raise
    except Image.DecompressionBombError as error:  # beyond what the library itself looks at
        raise PictureFaultError("too_many_pixels") from error
    except Exception as error:  # decoders raise whatever they like at hostile bytes
        raise PictureFaultError("not_readable") from error
    out = io.BytesIO()
    upright.save(out, "WEBP", quality=_QUALITY, method=4)
    facts = {"media_type": "image/webp", "width": upright.width, "height": upright.height}
    return facts, out.getvalue()


def _is_known(data: bytes) -> bool:
    """By its first bytes; a name or a type that somebody gave says nothing."""
    return data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) or (
        data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    )


def _is_vector(data: bytes) -> bool:
    """Whether it looks like SVG, which is a program for a browser."""
    head = data[:_HEAD].removeprefix(b"\xef\xbb\xbf").lstrip()
    return head.startswith(b"<") and b"<svg" in head.lower()


def _check_size(picture: Image.Image) -> None:
    """Of what the header says, before any pixel is read."""
    if picture.width * picture.height > MOST_PIXELS:
        raise PictureFaultError("too_many_pixels")
    if min(picture.size) < LEAST_EDGE:
        raise PictureFaultError("too_small")


def _pixels(picture: Image.Image, edge: int) -> Image.Image:
    """The first frame, upright, in 8 bits, no larger than wanted, and nothing beside it."""
    if picture.format == "JPEG":
        picture.draft("RGB", (edge, edge))  # decodes a large one in a smaller scale at once
    picture.load()
    upright = ImageOps.exif_transpose(picture)
    if upright.mode.startswith(("I", "F")):  # 16 bits and more
        upright = upright.point(lambda value: value / 257).convert("L")
    has_alpha = "A" in upright.getbands() or "transparency" in upright.info
    plain = upright.convert("RGBA" if has_alpha else "RGB")
    plain.thumbnail((edge, edge), Image.Resampling.LANCZOS)
    bare = Image.new(plain.mode, plain.size)
    bare.paste(plain)
    return bare


def limit_self() -> None:
    """Bound memory and time of this process, where the system can."""
    if sys.platform == "win32":
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))


def main(edge: int, source: BinaryIO, answer: BinaryIO) -> None:
    """Read a picture and answer."""
    try:
        facts, made = make_anew(source.read(MOST_BYTES + 1), edge)
    except PictureFaultError as fault:
        facts, made = {"fault": str(fault)}, b""
    answer.write(json.dumps(facts).encode() + b"\n" + made)


if __name__ == "__main__":
    limit_self()
    main(int(sys.argv[1]), sys.stdin.buffer, sys.stdout.buffer)
