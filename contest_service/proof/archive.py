"""The zip of a bundle: exactly its members and nothing else (section 8.5).

A zip can hide bytes between its members, say one thing in a local header and another in the
directory, and expand without end. The reader accepts only files in which every byte is accounted
for; the writer makes such files from chunks as they come. Works on a file object or on bytes that
the caller has; which names may stand in a bundle is `bundle`'s question.
"""

import stat
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from contest_service.proof.errors import BundleError, UnreadableError

MAX_FILES = 1000
MAX_EXPANDED = 2**32
"""Bytes of all members together."""
SIGNATURE = b"PK\x03\x04"

_STORED, _DEFLATED = 0, 8
_FLAG_DESCRIPTOR, _FLAG_UTF8 = 1 << 3, 1 << 11
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_DESCRIPTOR = struct.Struct("<4sIII")
_END = struct.Struct("<4sHHHHIIH")
_CENTRAL_SIGNATURE, _DESCRIPTOR_SIGNATURE = b"PK\x01\x02", b"PK\x07\x08"
_END_SIGNATURE = b"PK\x05\x06"
_MAX_NAME = 255
_VERSION = 20
_EPOCH = 0x21
"""1980-01-01, so that equal contents give equal bytes."""
_MODE = 0o100644 << 16
_FOLDER = 0x10
_READ = 1 << 16


class _Member(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    start: int
    """Offset of the local header."""

    @property
    def data(self) -> int:
        return self.start + _LOCAL.size + len(self.name)

    @property
    def end(self) -> int:
        descriptor = _DESCRIPTOR.size if self.flags & _FLAG_DESCRIPTOR else 0
        return self.data + self.packed + descriptor


class ZipArchive:
    """A zip's members by name, each readable as a stream of chunks."""

    def __init__(self, file: BinaryIO) -> None:
        """Read the directory and account for every byte.

        Raises UnreadableError if this is no zip, BundleError if it is not one of the strict kind.
        """
        self._file = file
        self._members = {member.name: member for member in self._directory()}

    def names(self) -> list[str]:
        """Return the members' names in the order of the file."""
        return list(self._members)

    def size(self, name: str) -> int:
        """Return a member's expanded size in bytes. Raises KeyError if there is none."""
        return self._members[name].size

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield a member's content.

        Raises BundleError if it does not expand to its size and CRC; then what was yielded counts
        for nothing. Raises KeyError if there is no such member.
        """
        member = self._members[name]
        stream = self._stored(member) if member.method == _STORED else self._inflated(member)
        size, crc = 0, 0
        for chunk in stream:
            size, crc = size + len(chunk), zlib.crc32(chunk, crc)
            if size > member.size:
                break
            yield chunk
        if (size, crc) != (member.size, member.crc):
            raise BundleError("bad_member", f"{name} does not expand to its size and checksum.")

    def _stored(self, member: _Member) -> Iterator[bytes]:
        at, end = member.data, member.data + member.packed
        while at < end:
            chunk = self._read(at, min(_READ, end - at))
            at += len(chunk)
            yield chunk

    def _inflated(self, member: _Member) -> Iterator[bytes]:
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            for packed in self._stored(member):
                rest = packed
                while rest and not inflater.eof:
                    yield inflater.decompress(rest, _READ)
                    rest = inflater.unconsumed_tail
                if inflater.unused_data:
                    raise BundleError("stray_bytes", f"Bytes follow the content of {member.name}.")
            while not inflater.eof and (more := inflater.decompress(b"", _READ)):
                yield more
        except zlib.error as error:
            raise BundleError("bad_member", f"{member.name} does not expand.") from error
        if not inflater.eof:
            raise BundleError("bad_member", f"The content of {member.name} is cut off.")

    def _directory(self) -> Iterator[_Member]:
        total = self._file.seek(0, 2)
        if total < _END.size or self._read(0, 4) != SIGNATURE:
            raise UnreadableError("not_a_zip", "This file is not a zip.")
        end = _END.unpack(self._read(total - _END.size, _END.size))
        signature, disk, first_disk, here, count, size, offset, comment = end
        if signature != _END_SIGNATURE or disk or first_disk or here != count or comment:
            raise BundleError("bad_zip", "The zip does not end in a plain end record.")
        if offset + size + _END.size != total:
            raise BundleError("stray_bytes", "The zip holds bytes that belong to no member.")
        if size > count * (_CENTRAL.size + _MAX_NAME):
            raise BundleError("bad_zip", "The zip's directory holds more than plain members.")
        if count > MAX_FILES:
            raise BundleError("too_many_files", f"There are more than {MAX_FILES} files.")
        directory = self._read(offset, size)
        at = position = expanded = 0
        names: set[str] = set()
        for _ in range(count):
            member, at = _central(directory, at)
            if member.name in names:
                raise BundleError("name_twice", "A name stands twice in the zip.")
            names.add(member.name)
            self._require_local(member, position)
            position, expanded = member.end, expanded + member.size
            if expanded > MAX_EXPANDED:
                raise BundleError("too_large", "The zip expands to more than 4 GiB.")
            yield member
        if position != offset or at != size:
            raise BundleError("stray_bytes", "The zip holds bytes that belong to no member.")

    def _require_local(self, member: _Member, position: int) -> None:
        if member.start != position:
            raise BundleError("stray_bytes", "The zip holds bytes that belong to no member.")
        local = _LOCAL.unpack(self._read(member.start, _LOCAL.size))
        signature, _, flags, method, _, _, *sums, name_size, extra = local
        same = [member.crc, member.packed, member.size]
        has_descriptor = bool(member.flags & _FLAG_DESCRIPTOR)
        if (
            (signature, flags, method, extra) != (SIGNATURE, member.flags, member.method, 0)
            or self._read(member.start + _LOCAL.size, name_size) != member.name.encode()
            or (sums != same and not (has_descriptor and sums == [0, 0, 0]))
        ):
            raise BundleError("bad_zip", "A member's header contradicts the directory.")
        if has_descriptor:
            data = self._read(member.end - _DESCRIPTOR.size, _DESCRIPTOR.size)
            if _DESCRIPTOR.unpack(data) != (_DESCRIPTOR_SIGNATURE, *same):
                raise BundleError("bad_zip", "A member's descriptor contradicts the directory.")

    def _read(self, at: int, size: int) -> bytes:
        self._file.seek(at)
        data = self._file.read(size)
        if len(data) != size:
            raise BundleError("bad_zip", "The zip is cut off.")
        return data


def _central(directory: bytes, at: int) -> tuple[_Member, int]:
    """Read one record of the directory; return it and where the next one begins."""
    if at + _CENTRAL.size > len(directory):
        raise BundleError("bad_zip", "The zip's directory is cut off.")
    fields = _CENTRAL.unpack_from(directory, at)
    signature, _, _, flags, method, _, _, crc, packed, size = fields[:10]
    name_size, extra, comment, disk, _, attributes, start = fields[10:]
    at += _CENTRAL.size + name_size
    if signature != _CENTRAL_SIGNATURE or extra or comment or disk or at > len(directory):
        raise BundleError("bad_zip", "The zip's directory holds more than plain members.")
    if flags & ~(_FLAG_DESCRIPTOR | _FLAG_UTF8) or method not in {_STORED, _DEFLATED}:
        raise BundleError("bad_zip", "A member is encrypted or packed in an unknown way.")
    if attributes & _FOLDER or stat.S_IFMT(attributes >> 16) not in {0, stat.S_IFREG}:
        raise BundleError("not_a_file", "A member is a link, a folder or another kind of file.")
    name = directory[at - name_size : at]
    if not name.isascii():
        raise BundleError("unknown_file", "A file name is not ASCII.")
    member = _Member(
        name=name.decode("ascii"),
        flags=flags,
        method=method,
        crc=crc,
        packed=packed,
        size=size,
        start=start,
    )
    return member, at


class ZipWriter:
    """Writes a zip as a stream: every call returns the bytes that come next."""

    def __init__(self) -> None:
        self._offset = 0
        self._expanded = 0
        self._directory: list[bytes] = []
        self._open: _Growing | None = None

    def begin(self, name: str) -> bytes:
        """Begin a member. The one before it has to be ended."""
        if self._open is not None:
            raise ValueError("the member before is not ended")
        self._open = _Growing(name.encode("ascii"), self._offset)
        return self._out(self._open.header())

    def write(self, chunk: bytes) -> bytes:
        """Add content to the member. Raises BundleError beyond what a reader would accept."""
        self._expanded += len(chunk)
        if self._expanded > MAX_EXPANDED:
            raise BundleError("too_large", "The bundle expands to more than 4 GiB.")
        return self._out(self._growing().write(chunk))

    def end(self) -> bytes:
        """End the member."""
        tail, record = self._growing().end()
        self._directory.append(record)
        self._open = None
        return self._out(tail)

    def finish(self) -> bytes:
        """End the zip."""
        directory = b"".join(self._directory)
        count = len(self._directory)
        end = (_END_SIGNATURE, 0, 0, count, count, len(directory), self._offset, 0)
        return directory + _END.pack(*end)

    def _growing(self) -> "_Growing":
        if self._open is None:
            raise ValueError("no member is begun")
        return self._open

    def _out(self, data: bytes) -> bytes:
        self._offset += len(data)
        return data


class _Growing:
    """A member whose size is not known yet."""

    def __init__(self, name: bytes, start: int) -> None:
        self._name = name
        self._start = start
        self._crc = self._size = self._packed = 0
        self._deflater = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)

    def header(self) -> bytes:
        head = (SIGNATURE, _VERSION, _FLAG_DESCRIPTOR, _DEFLATED, 0, _EPOCH, 0, 0, 0)
        return _LOCAL.pack(*head, len(self._name), 0) + self._name

    def write(self, chunk: bytes) -> bytes:
        self._crc = zlib.crc32(chunk, self._crc)
        self._size += len(chunk)
        return self._count(self._deflater.compress(chunk))

    def end(self) -> tuple[bytes, bytes]:
        rest = self._count(self._deflater.flush())
        sums = (self._crc, self._packed, self._size)
        head = (_CENTRAL_SIGNATURE, 3 << 8 | _VERSION, _VERSION, _FLAG_DESCRIPTOR, _DEFLATED)
        tail = (len(self._name), 0, 0, 0, 0, _MODE, self._start)
        record = _CENTRAL.pack(*head, 0, _EPOCH, *sums, *tail) + self._name
        return rest + _DESCRIPTOR.pack(_DESCRIPTOR_SIGNATURE, *sums), record

    def _count(self, packed: bytes) -> bytes:
        self._packed += len(packed)
        return packed
