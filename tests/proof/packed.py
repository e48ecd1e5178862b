"""Zips written byte by byte, so that each can lie in one place."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass
class Packed:
    """One member of a zip. What is None follows from the data."""

    name: bytes
    data: bytes
    method: int = 8
    flags: int = 0
    stored: bytes | None = None
    crc: int | None = None
    size: int | None = None
    local_name: bytes | None = None
    local_sums: tuple[int, int, int] | None = None
    extra: bytes = b""
    local_extra: bytes = b""
    comment: bytes = b""
    attributes: int = 0o100644 << 16
    before: bytes = b""
    after: bytes = b""
    listed: bool = True

    def body(self) -> bytes:
        if self.stored is not None:
            return self.stored
        if self.method != 8:
            return self.data
        squeeze = zlib.compressobj(6, zlib.DEFLATED, -15)
        return squeeze.compress(self.data) + squeeze.flush()

    def sums(self) -> tuple[int, int, int]:
        crc = zlib.crc32(self.data) if self.crc is None else self.crc
        return crc, len(self.body()), len(self.data) if self.size is None else self.size

    def local(self) -> bytes:
        sums = self.local_sums or self.sums()
        if self.flags & 8 and self.local_sums is None:
            sums = (0, 0, 0)
        name = self.name if self.local_name is None else self.local_name
        head = struct.pack("<4s5H3L2H", b"PK\3\4", 20, self.flags, self.method, 0, 33, *sums,
                           len(name), len(self.local_extra))  # fmt: skip
        tail = struct.pack("<4s3L", b"PK\7\10", *self.sums()) if self.flags & 8 else b""
        return head + name + self.local_extra + self.body() + tail

    def central(self, offset: int) -> bytes:
        head = struct.pack("<4s6H3L5H2L", b"PK\1\2", 788, 20, self.flags, self.method, 0, 33,
                           *self.sums(), len(self.name), len(self.extra), len(self.comment), 0, 0,
                           self.attributes, offset)  # fmt: skip
        return head + self.name + self.extra + self.comment


def members(files: dict[str, bytes]) -> list[Packed]:
    """Members in the order in which a producer would write them, in all permitted forms."""
    forms: Iterator[dict[str, int]] = iter([{"method": 0}, {"flags": 8}, {"flags": 0x808}] * 400)
    return [Packed(name.encode(), data, **next(forms)) for name, data in sorted(files.items())]


def zipped(packed: list[Packed], *, comment: bytes = b"", after: bytes = b"", gap: bytes = b"",
           count: int | None = None, start: int | None = None) -> bytes:  # fmt: skip
    """The bytes of a zip. `gap` stands before the directory, `after` behind everything."""
    out, directory = b"", b""
    listed = [item for item in packed if item.listed]
    for item in packed:
        out += item.before
        if item.listed:
            directory += item.central(len(out))
        out += item.local() + item.after
    out += gap
    number = len(listed) if count is None else count
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, number, number, len(directory),
                      len(out) if start is None else start, len(comment))  # fmt: skip
    return out + directory + end + comment + after
