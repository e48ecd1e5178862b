"""The log as C2SP tlog-tiles has it: tiles of hashes, bundles of entries, the newest checkpoint.

All of it follows from what was signed: whatever no checkpoint covers yet is not there.
"""

import re
import struct

import msgspec

from contest_service.domain.errors import NotFoundError
from contest_service.store import log as store
from contest_service.store import vouchers
from contest_service.store.log import Log, Signed
from contest_service.store.rows import Connection
from contest_service.store.vouchers import Cosignature

WIDTH = 256
"""Hashes of a full tile."""
HEIGHT = 8
"""Levels of the tree that a tile stands for."""
TOP = 7
"""The highest level of tiles of a log whose size has 63 bits."""
_PATH = re.compile(
    r"(?P<level>0|[1-9]\d?|entries)/(?P<index>(x\d{3}/)*\d{3})(\.p/(?P<width>[1-9]\d{0,2}))?",
    re.ASCII,
)
_LENGTH = struct.Struct(">H")
_LARGEST_INDEX = 1 << 62


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of a log: `level` is None for a bundle of entries."""

    level: int | None
    index: int
    width: int

    @property
    def first(self) -> int:
        """The first of its hashes, or entries, among those of its level."""
        return self.index * WIDTH

    @property
    def end(self) -> int:
        """The one after its last."""
        return self.first + self.width

    def is_within(self, size: int) -> bool:
        """Whether a log of `size` leaves has all of it."""
        height = HEIGHT * (self.level or 0)
        return self.end <= size >> height


def parse_tile(path: str) -> Tile:
    """Read what stands behind `tile/`. Raises NotFoundError."""
    found = _PATH.fullmatch(path)
    if found is None:
        raise NotFoundError("This is no tile's name.")
    groups = found["index"].split("/")
    index = int("".join(group.removeprefix("x") for group in groups))
    level = None if found["level"] == "entries" else int(found["level"])
    width = WIDTH if found["width"] is None else int(found["width"])
    # One spelling each: no further group of zeros, no partial tile that is full.
    is_plain = len(groups) == 1 or groups[0] != "x000"
    is_partial_fit = found["width"] is None or width < WIDTH
    if not (is_plain and is_partial_fit and index < _LARGEST_INDEX) or (level or 0) > TOP:
        raise NotFoundError("This is no tile's name.")
    return Tile(level=level, index=index, width=width)


async def read_tile(conn: Connection, log: Log, tile: Tile) -> bytes:
    """The bytes of a tile or a bundle. Raises NotFoundError for one that was not signed yet."""
    newest = await store.newest(conn, log)
    if newest is None or not tile.is_within(newest.size):
        raise NotFoundError("The log does not reach so far yet.")
    if tile.level is None:
        leaves = await store.leaves(conn, log, tile.first, tile.end)
        return b"".join(_LENGTH.pack(len(leaf)) + leaf for leaf in leaves)
    level = HEIGHT * tile.level
    return b"".join(await store.hash_row(conn, log, level, first=tile.first, end=tile.end))


async def read_checkpoint(conn: Connection, log: Log) -> bytes:
    """The newest checkpoint with its cosignatures. Raises NotFoundError for an empty log."""
    newest = await store.newest(conn, log)
    if newest is None:
        raise NotFoundError("This log is empty.")
    cosigned = await vouchers.cosignatures(conn, log, first=newest.size, last=newest.size)
    return cosigned_note(newest, cosigned)


def cosigned_note(signed: Signed, cosigned: list[Cosignature]) -> bytes:
    """A checkpoint with what witnesses said of it."""
    return signed.note + b"".join(f"{each.line}\n".encode() for each in cosigned)
