"""Containers that hide something: every one of them is refused for its one defect."""

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from proof.generated import Made, load_verifier, write_folder
from proof.packed import Packed, members, zipped

verifier = load_verifier()
FILES = Made().files()
ENTRIES = FILES["entries.bin"]


def checked(path: Path) -> tuple[str, str | None]:
    facts = verifier.verify(str(path)).facts()
    return facts["verdict"], facts["reason"]


def checked_zip(tmp_path: Path, data: bytes) -> tuple[str, str | None]:
    path = tmp_path / "bundle.zip"
    path.write_bytes(data)
    return checked(path)


def with_member(name: str = "entries.bin", **changes: Any) -> list[Packed]:
    """The honest members, but one of them with one thing changed."""
    packed = members(FILES)
    number = next(k for k, item in enumerate(packed) if item.name == name.encode())
    packed[number] = Packed(name.encode(), FILES[name], **changes)
    return packed


def test_stored_deflated_and_described_members_are_read(tmp_path: Path) -> None:
    assert checked_zip(tmp_path, zipped(members(FILES))) == ("verified", None)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_of_the_standard_library_is_read(tmp_path: Path, method: int) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in FILES.items():
            archive.writestr(name, data)
    assert checked_zip(tmp_path, buffer.getvalue()) == ("verified", None)


def test_a_long_member_is_read_in_pieces(tmp_path: Path) -> None:
    made = Made()
    made.extra["README.txt"] = os.urandom(300_000) + bytes(3_000_000)
    for packed in (members(made.files()), [Packed(n.encode(), d) for n, d in made.files().items()]):
        assert checked_zip(tmp_path, zipped(packed)) == ("verified", None)


def test_empty_members_are_read(tmp_path: Path) -> None:
    files = Made(upto="rules").files()
    for method in (0, 8):
        packed = [Packed(name.encode(), data, method) for name, data in files.items()]
        assert checked_zip(tmp_path, zipped(packed)) == ("pending", None)


DEFECTS: dict[str, tuple[Callable[[], bytes], str]] = {
    "a name twice": (
        lambda: zipped([*members(FILES), Packed(b"events.jsonl", b"{}\n")]),
        "name-twice",
    ),
    "a path out of the folder": (
        lambda: zipped([*members(FILES), Packed(b"../evil.txt", b"x")]),
        "name",
    ),
    "an absolute path": (lambda: zipped([*members(FILES), Packed(b"/etc/passwd", b"x")]), "name"),
    "a backslash": (lambda: zipped([*members(FILES), Packed(b"terms\\x.json", b"x")]), "name"),
    "an upper-case name": (lambda: zipped([*members(FILES), Packed(b"VERIFY.PY", b"x")]), "name"),
    "a NUL in a name": (lambda: zipped([*members(FILES), Packed(b"verify.py\0", b"x")]), "name"),
    "a name that is not ASCII": (
        lambda: zipped([*members(FILES), Packed("rеadme.txt".encode(), b"x", flags=0x800)]),
        "name",
    ),
    "an empty name": (lambda: zipped([*members(FILES), Packed(b"", b"x")]), "name"),
    "a folder of its own": (lambda: zipped([*members(FILES), Packed(b"log/x", b"x")]), "name"),
    "a member that is a folder": (
        lambda: zipped([*members(FILES), Packed(b"terms/", b"", method=0)]),
        "name",
    ),
    "a symbolic link": (
        lambda: zipped(with_member(attributes=0o120777 << 16)),
        "not-a-file",
    ),
    "the attribute of a folder": (lambda: zipped(with_member(attributes=0x10)), "not-a-file"),
    "a comment": (lambda: zipped(members(FILES), comment=b"hello"), "zip-end"),
    "a comment that looks like an end": (
        lambda: zipped(members(FILES), comment=zipped([])),
        "zip-end",
    ),
    "a comment of a member": (lambda: zipped(with_member(comment=b"hello")), "zip-comment"),
    "an extra field": (lambda: zipped(with_member(extra=b"\1\0\0\0")), "zip-extra"),
    "an extra field in the local header": (
        lambda: zipped(with_member(local_extra=b"\1\0\0\0")),
        "zip-header",
    ),
    "bytes before the first member": (
        lambda: zipped([Packed(b"", b"", listed=False, method=0), *members(FILES)]),
        "zip-stray-bytes",
    ),
    "bytes between two members": (
        lambda: zipped(with_member("events.jsonl", before=b"\0")),
        "zip-stray-bytes",
    ),
    "bytes after a member": (lambda: zipped(with_member(after=b"PK\3\4")), "zip-stray-bytes"),
    "bytes before the directory": (
        lambda: zipped(members(FILES), gap=b"hidden"),
        "zip-stray-bytes",
    ),
    "bytes after the end": (lambda: zipped(members(FILES), after=b"\0"), "zip-end"),
    "a member that the directory does not list": (
        lambda: zipped([*members(FILES), Packed(b"README.txt", b"x", listed=False)]),
        "zip-stray-bytes",
    ),
    "a second zip behind the first": (
        lambda: zipped(members(FILES)) + zipped(members(FILES)),
        "zip-end",
    ),
    "another local name": (
        lambda: zipped(with_member(local_name=b"entries.bim")),
        "zip-header",
    ),
    "another local size": (
        lambda: zipped(with_member(local_sums=(zlib.crc32(ENTRIES), 1, 2))),
        "zip-header",
    ),
    "sums in the local header are zero without a descriptor": (
        lambda: zipped(with_member(local_sums=(0, 0, 0))),
        "zip-header",
    ),
    "a wrong checksum": (lambda: zipped(with_member(crc=1)), "zip-crc"),
    "a wrong checksum of a stored member": (
        lambda: zipped(with_member(crc=1, method=0)),
        "zip-crc",
    ),
    "more data than declared": (lambda: zipped(with_member("manifest.json", size=9)), "zip-size"),
    "fewer data than declared": (
        lambda: zipped(with_member("manifest.json", size=9999)),
        "file-size",
    ),
    "a stored member whose sizes differ": (
        lambda: zipped(with_member(method=0, size=len(ENTRIES) - 1)),
        "zip-size",
    ),
    "bytes after the deflate stream": (
        lambda: zipped(with_member(stored=Packed(b"x", ENTRIES).body() + b"hidden")),
        "zip-size",
    ),
    "a deflate stream that is cut off": (
        lambda: zipped(with_member(stored=Packed(b"x", ENTRIES).body()[:-1])),
        "file-size",
    ),
    "no deflate stream": (lambda: zipped(with_member(stored=b"\xff" * 40)), "zip-data"),
    "an encrypted member": (lambda: zipped(with_member(flags=1)), "zip-flags"),
    "strong encryption": (lambda: zipped(with_member(flags=0x41)), "zip-flags"),
    "another compression": (lambda: zipped(with_member(method=14)), "zip-method"),
    "a bomb": (
        lambda: zipped([*members(FILES), Packed(b"README.txt", b"", size=2**32 - 1)]),
        "too-large",
    ),
    "a list that is too large": (
        lambda: zipped(with_member(size=360_000_036)),
        "file-too-large",
    ),
    "terms that are too large": (
        lambda: zipped([*members(FILES), Packed(b"terms/x.json", bytes(2**20 + 1))]),
        "file-too-large",
    ),
    "too many files": (
        lambda: zipped([Packed(b"%d" % number, b"") for number in range(1001)]),
        "too-many-files",
    ),
    "another number of members": (
        lambda: zipped(members(FILES), count=len(FILES) - 1),
        "zip-stray-bytes",
    ),
    "the directory elsewhere": (lambda: zipped(members(FILES), start=4), "zip-end"),
    "cut off": (lambda: zipped(members(FILES))[:-30], "zip-end"),
    "nothing but a signature": (lambda: b"PK\3\4", "zip-cut"),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_zip_with_a_defect_is_refused(defect: str, tmp_path: Path) -> None:
    make, code = DEFECTS[defect]
    assert checked_zip(tmp_path, make()) == ("refused", code)


def test_a_zip_in_front_of_which_something_stands_is_no_zip(tmp_path: Path) -> None:
    data = b"#!/bin/sh\n" + zipped(members(FILES))
    assert checked_zip(tmp_path, data) == ("unreadable", "not-a-zip")


def test_no_byte_of_a_zip_may_be_changed_unseen(tmp_path: Path) -> None:
    """What may differ is said: times, versions and attributes, none of which the proof rests on."""
    packed = [Packed(name.encode(), data) for name, data in sorted(FILES.items())]
    honest = zipped(packed)
    free = set()
    position = 0
    for item in packed:
        free |= {position + k for k in (4, 5, 10, 11, 12, 13)}
        position += len(item.local())
    for item in packed:
        free |= {position + k for k in (4, 5, 6, 7, 12, 13, 14, 15, 36, 37, *range(38, 42))}
        position += len(item.central(0))
    for place in range(0, len(honest), 7):
        if place in free:
            continue
        changed = bytearray(honest)
        changed[place] ^= 1
        assert checked_zip(tmp_path, bytes(changed))[0] in ("refused", "unreadable"), place


def test_a_bomb_is_not_expanded_beyond_what_it_declares(tmp_path: Path) -> None:
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = squeeze.compress(bytes(50_000_000)) + squeeze.flush()
    packed = with_member(stored=bomb)
    stream = verifier.ZippedFile(
        "x",
        verifier.Member(0, 8, 0, len(bomb), 10, 0, b"x"),
        io.BytesIO(bomb),
        0,
    )
    with pytest.raises(verifier.Refused):
        stream.read()
    assert checked_zip(tmp_path, zipped(packed)) == ("refused", "zip-size")


# --- folders ---


def test_a_folder_is_read(tmp_path: Path) -> None:
    assert checked(write_folder(tmp_path, FILES)) == ("verified", None)


def test_a_folder_with_something_else_is_refused(tmp_path: Path) -> None:
    write_folder(tmp_path, FILES)
    (tmp_path / ".DS_Store").write_bytes(b"")
    assert checked(tmp_path) == ("refused", "name")


@pytest.mark.parametrize("name", ["logs", "__MACOSX", "terms/more", "log/more", "evidence/more"])
def test_a_folder_with_another_folder_is_refused(name: str, tmp_path: Path) -> None:
    write_folder(tmp_path, FILES)
    (tmp_path / name).mkdir(parents=True)
    assert checked(tmp_path) == ("refused", "not-a-file")


@pytest.mark.parametrize("name", ["README.txt", "entries.bin", "terms"])
def test_a_folder_with_a_symbolic_link_is_refused(name: str, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "bundle", FILES)
    target = folder / name
    if target.exists():
        target.rename(tmp_path / "elsewhere")
    else:
        (tmp_path / "elsewhere").write_bytes(b"x")
    target.symlink_to(tmp_path / "elsewhere")
    assert checked(folder) == ("refused", "not-a-file")


def test_a_folder_with_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    write_folder(tmp_path, FILES)
    os.mkfifo(tmp_path / "README.txt")
    assert checked(tmp_path) == ("refused", "not-a-file")


@pytest.mark.parametrize("name", ["events.jsonl", "entries.bin"])
def test_what_nothing_goes_without_is_unreadable_when_missing(name: str, tmp_path: Path) -> None:
    files = {key: data for key, data in FILES.items() if key != name}
    assert checked(write_folder(tmp_path / "folder", files)) == ("unreadable", "missing")
    assert checked_zip(tmp_path, zipped(members(files))) == ("unreadable", "missing")


def test_a_zip_needs_a_manifest_and_a_folder_without_one_is_a_bare_proof(tmp_path: Path) -> None:
    bare = Made().bare()
    assert checked_zip(tmp_path, zipped(members(bare))) == ("unreadable", "missing")
    assert checked(write_folder(tmp_path / "bare", bare)) == ("verified", None)
    with_terms = {key: data for key, data in FILES.items() if key != "manifest.json"}
    assert checked(write_folder(tmp_path / "terms", with_terms)) == ("refused", "name")
    (tmp_path / "bare" / "dispute").mkdir()
    assert checked(tmp_path / "bare") == ("refused", "name")


def test_the_size_in_the_end_record_is_believed_only_if_it_fits(tmp_path: Path) -> None:
    data = bytearray(zipped(members(FILES)))
    struct.pack_into("<L", data, len(data) - 10, 2**32 - 1)
    assert checked_zip(tmp_path, bytes(data)) == ("refused", "zip-end")
