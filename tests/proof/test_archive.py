"""Zips in which every byte is accounted for."""

import io
import struct
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_service.proof.archive import ZipArchive, ZipWriter
from contest_service.proof.errors import BundleError, UnreadableError
from proof.bundles import zipped

FILES = {"a.txt": b"alpha " * 100, "terms/b.json": b"{}", "empty": b""}


def opened(data: bytes) -> dict[str, bytes]:
    archive = ZipArchive(io.BytesIO(data))
    return {name: b"".join(archive.chunks(name)) for name in archive.names()}


def written(files: dict[str, bytes], step: int = 7) -> bytes:
    writer, out = ZipWriter(), b""
    for name, content in files.items():
        out += writer.begin(name)
        for at in range(0, len(content), step):
            out += writer.write(content[at : at + step])
        out += writer.end()
    return out + writer.finish()


class Unseekable(io.RawIOBase):
    """Where the standard library has to write data descriptors."""

    def __init__(self) -> None:
        self.data = b""

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override] # of bytes alone, which is all that it is given
        self.data += data
        return len(data)


def streamed_by_the_standard_library(files: dict[str, bytes]) -> bytes:
    out = Unseekable()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.data


@pytest.mark.parametrize("deflate", [True, False])
def test_reads_what_the_standard_library_writes(deflate: bool) -> None:
    assert opened(zipped(FILES, deflate=deflate)) == FILES
    assert opened(streamed_by_the_standard_library(FILES)) == FILES


@given(st.dictionaries(st.text("abc/.", min_size=1, max_size=9), st.binary(max_size=300)))
def test_the_standard_library_reads_what_is_written(files: dict[str, bytes]) -> None:
    data = written(files)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert {info.filename: archive.read(info) for info in archive.infolist()} == files
    if files:
        assert opened(data) == files


def test_a_large_member_is_read_in_chunks() -> None:
    content = bytes(5_000_000)
    archive = ZipArchive(io.BytesIO(written({"zeros": content}, step=1 << 20)))
    chunks = list(archive.chunks("zeros"))
    assert archive.size("zeros") == len(content)
    assert b"".join(chunks) == content
    assert max(map(len, chunks)) <= 1 << 16


@pytest.mark.parametrize("data", [b"", b"PK", b"not a zip at all, but long enough to be one"])
def test_something_else_is_unreadable(data: bytes) -> None:
    with pytest.raises(UnreadableError):
        ZipArchive(io.BytesIO(data))


PLAIN = zipped(FILES, deflate=False)
STREAMED = written(FILES)
DIRECTORY = PLAIN.index(b"PK\x01\x02")


@given(st.integers(0, len(PLAIN)), st.binary(min_size=1, max_size=40))
def test_refuses_bytes_that_belong_to_no_member(at: int, extra: bytes) -> None:
    data = PLAIN[:at] + extra + PLAIN[at:]
    with pytest.raises(BundleError):
        opened(data)


@given(st.sampled_from([PLAIN, STREAMED]), st.data())
def test_refuses_a_zip_that_is_cut(whole: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(whole) - 1))
    size = data.draw(st.integers(1, len(whole) - start))
    with pytest.raises(BundleError):
        opened(whole[:start] + whole[start + size :])


# What a reader does not look at: versions, dates and most attributes.
IGNORED_LOCAL = {4, 5, 10, 11, 12, 13}
IGNORED_CENTRAL = {4, 5, 6, 7, 12, 13, 14, 15, 36, 37, *range(38, 42)}


@pytest.mark.parametrize("whole", [PLAIN, STREAMED], ids=["stored", "streamed"])
def test_a_flipped_bit_is_refused_or_means_nothing(whole: bytes) -> None:
    ignored = set()
    for signature, offsets in ((b"PK\3\4", IGNORED_LOCAL), (b"PK\1\2", IGNORED_CENTRAL)):
        at = -1
        while (at := whole.find(signature, at + 1)) >= 0:
            ignored |= {at + offset for offset in offsets}
    for position in range(len(whole)):
        for bit in (0, 3, 7):
            damaged = bytearray(whole)
            damaged[position] ^= 1 << bit
            try:
                content = opened(bytes(damaged))
            except BundleError:
                continue
            assert position in ignored or list(content.values()) == list(FILES.values())


def directory_entry(data: bytes, at: int, value: bytes) -> bytes:
    """Return a zip whose first directory record has `value` at `at`."""
    start = data.index(b"PK\x01\x02") + at
    return data[:start] + value + data[start + len(value) :]


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (8, struct.pack("<H", 1)),  # encrypted
        (8, struct.pack("<H", 1 << 6)),
        (10, struct.pack("<H", 12)),  # bzip2
        (30, struct.pack("<H", 4)),  # extra field
        (32, struct.pack("<H", 4)),  # comment
        (34, struct.pack("<H", 1)),  # another disk
        (20, struct.pack("<I", 0xFFFFFFFF)),  # zip64
        (24, struct.pack("<I", 0xFFFFFFFF)),
        (42, struct.pack("<I", 4)),  # somewhere else
        (38, struct.pack("<I", 0o120777 << 16)),  # a symbolic link
        (38, struct.pack("<I", 0o040755 << 16)),  # a folder
        (38, struct.pack("<I", 0x10)),  # a folder, as DOS says it
    ],
)
def test_refuses_more_than_plain_members(at: int, value: bytes) -> None:
    with pytest.raises(BundleError):
        opened(directory_entry(PLAIN, at, value))


def test_refuses_a_name_twice_and_names_beyond_ascii() -> None:
    with pytest.raises(BundleError, match="twice"):
        opened(zipped({"a": b"1", "b": b"2"}).replace(b"b", b"a"))
    with pytest.raises(BundleError, match="ASCII"):
        opened(zipped({"é": b""}))


def test_refuses_a_comment_and_zip64() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a", b"1")
        archive.comment = b"hello"
    with pytest.raises(BundleError):
        opened(out.getvalue())
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w") as archive,
        archive.open("a", "w", force_zip64=True) as member,
    ):
        member.write(b"1")
    with pytest.raises(BundleError):
        opened(out.getvalue())


def test_never_expands_beyond_the_size_that_the_directory_gives() -> None:
    data = bytearray(written({"zeros": bytes(1 << 22)}, step=1 << 22))
    sums = struct.pack("<II", zlib.crc32(bytes(10)), 0)[:4]
    start = data.index(b"PK\x01\x02")
    for crc, size in ((start + 16, start + 24), (data.index(b"PK\x07\x08") + 4,) * 2):
        offset = 8 if crc == size else 0
        data[crc : crc + 4] = sums
        data[size + offset : size + offset + 4] = struct.pack("<I", 10)
    archive = ZipArchive(io.BytesIO(bytes(data)))
    with pytest.raises(BundleError, match="does not expand"):
        list(archive.chunks("zeros"))


def test_refuses_a_member_that_goes_on_after_its_deflate_stream() -> None:
    content = b"x" * 50
    deflater = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = deflater.compress(content) + deflater.flush() + b"hidden"
    sums = (zlib.crc32(content), len(packed), len(content))
    local = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 8, 0, 0, *sums, 1, 0) + b"a" + packed
    central = struct.pack(
        "<4sHHHHHHIIIHHHHHII", b"PK\1\2", 20, 20, 0, 8, 0, 0, *sums, 1, 0, 0, 0, 0, 0, 0
    )
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1, 1, len(central) + 1, len(local), 0)
    with pytest.raises(BundleError, match="follow"):
        opened(local + central + b"a" + end)


def test_the_writer_has_one_member_open_at_a_time() -> None:
    writer = ZipWriter()
    with pytest.raises(ValueError, match="no member"):
        writer.write(b"x")
    writer.begin("a")
    with pytest.raises(ValueError, match="not ended"):
        writer.begin("b")
