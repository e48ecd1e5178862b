"""The log over HTTP, read as C2SP tlog-tiles says: by a reader that knows nothing of ours."""

import base64
import struct
from typing import Any

import httpx
import msgspec
import pytest

from api.conftest import Clients
from contest_service.flows.log import sign_head
from contest_service.proof import merkle
from contest_service.settings import Settings
from contest_service.store import log as store
from contest_service.store.log import Log

LOG = "/log/practice"
ADD = r"""
WITH new AS (
    INSERT INTO log_leaves (log, index, leaf, workspace_id, contest_id, seq)
    SELECT 'practice', i, sha256(i::text::bytea) || sha256('x') || '\x00000000'::bytea,
        gen_random_uuid(), gen_random_uuid(), 0
    FROM generate_series($1::bigint, $2::bigint - 1) i)
UPDATE log_heads SET size = $2 WHERE log = 'practice'
"""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With a key for the log."""
    log = msgspec.structs.replace(settings.log, key="ab" * 32, origin="log.test/contests")
    return msgspec.structs.replace(settings, log=log)


class Grown:
    """A log that is made of leaves without contests, and signed."""

    def __init__(self, app: Any) -> None:
        self.rt = app.state.rt
        self.size = 0

    async def to(self, size: int) -> None:
        async with self.rt.pool.acquire() as conn, conn.transaction():
            await conn.execute("SET LOCAL session_replication_role = replica")
            await conn.execute(ADD, self.size, size)
        self.size = size
        assert await sign_head(self.rt, Log.PRACTICE) is not None

    async def leaves(self) -> list[bytes]:
        async with self.rt.pool.acquire() as conn:
            return await store.leaves(conn, Log.PRACTICE, 0, self.size)


@pytest.fixture
def grown(app: Any) -> Grown:
    return Grown(app)


class Reader:
    """Reads a log over HTTP: the checkpoint, and the tiles that its size says there are."""

    def __init__(self, api: httpx.AsyncClient) -> None:
        self.api = api

    async def checkpoint(self) -> tuple[int, bytes]:
        answer = await self.api.get(f"{LOG}/checkpoint")
        assert answer.status_code == 200
        _origin, size, root = answer.text.split("\n\n")[0].splitlines()
        return int(size), base64.b64decode(root)

    async def level(self, name: str, count: int) -> bytes:
        """All full tiles of a level, and the partial one behind them."""
        full, rest = divmod(count, 256)
        paths = [f"{LOG}/tile/{name}/{number(index)}" for index in range(full)]
        if rest:
            paths.append(f"{LOG}/tile/{name}/{number(full)}.p/{rest}")
        answers = [await self.api.get(path) for path in paths]
        assert {answer.status_code for answer in answers} <= {200}
        return b"".join(answer.content for answer in answers)

    async def hashes(self, level: int, size: int) -> list[bytes]:
        content = await self.level(str(level), size >> 8 * level)
        return [content[at : at + 32] for at in range(0, len(content), 32)]

    async def entries(self, size: int) -> list[bytes]:
        content, found = await self.level("entries", size), []
        while content:
            (length,) = struct.unpack_from(">H", content)
            found.append(content[2 : 2 + length])
            content = content[2 + length :]
        return found


def number(index: int) -> str:
    """An index as the path has it: 1234067 is x001/x234/067."""
    groups = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03}")
    return "/".join(groups)


def fold(hashes: list[bytes]) -> bytes:
    """The root over full hashes of one level, as RFC 6962 defines it."""
    if len(hashes) == 1:
        return hashes[0]
    half = 1 << ((len(hashes) - 1).bit_length() - 1)
    return merkle.node_hash(fold(hashes[:half]), fold(hashes[half:]))


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 700])
async def test_tiles_and_entries_come_to_the_root_of_the_checkpoint(
    grown: Grown, api: httpx.AsyncClient, size: int
) -> None:
    await grown.to(size)
    reader = Reader(api)
    assert await reader.checkpoint() == (size, merkle.root(await grown.leaves()))
    hashes = await reader.hashes(0, size)
    assert fold(hashes) == (await reader.checkpoint())[1]
    assert [merkle.leaf_hash(entry) for entry in await reader.entries(size)] == hashes
    assert await reader.entries(size) == await grown.leaves()
    for level in (1, 2):
        below = await reader.hashes(level - 1, size)
        full = [fold(below[at : at + 256]) for at in range(0, len(below) - 255, 256)]
        assert await reader.hashes(level, size) == full


async def test_two_served_checkpoints_are_consistent(grown: Grown, api: httpx.AsyncClient) -> None:
    reader, served = Reader(api), {}
    for size in (3, 4, 100, 256, 300):
        await grown.to(size)
        found, root = await reader.checkpoint()
        served[found] = root
    hashes = await reader.hashes(0, 300)
    for old in served:
        for new in (size for size in served if size >= old):
            proof = merkle.consistency_proof(hashes[:new], old)
            assert merkle.verify_consistency(
                old_size=old, old_root=served[old], size=new, root=served[new], proof=proof
            )


async def test_partial_tiles_of_earlier_checkpoints_stay(
    grown: Grown, api: httpx.AsyncClient
) -> None:
    await grown.to(3)
    first = await api.get(f"{LOG}/tile/0/000.p/3")
    await grown.to(300)
    assert (await api.get(f"{LOG}/tile/0/000.p/3")).content == first.content
    assert len(first.content) == 3 * 32


async def test_what_nobody_may_change_is_kept_and_the_checkpoint_is_not(
    grown: Grown, api: httpx.AsyncClient
) -> None:
    await grown.to(1)
    tile = await api.get(f"{LOG}/tile/0/000.p/1")
    entries = await api.get(f"{LOG}/tile/entries/000.p/1")
    checkpoint = await api.get(f"{LOG}/checkpoint")
    for answer in (tile, entries):
        assert answer.headers["content-type"] == "application/octet-stream"
        assert "immutable" in answer.headers["cache-control"]
    assert checkpoint.headers["content-type"] == "text/plain; charset=utf-8"
    assert checkpoint.headers["cache-control"] == "public, max-age=1"
    for answer in (tile, entries, checkpoint):
        assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/000",  # not full yet
        "tile/0/000.p/4",  # wider than the log
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/03",
        "tile/1/000.p/1",  # no full tile below
        "tile/00/000.p/3",
        "tile/8/000.p/3",
        "tile/64/000.p/3",
        "tile/-1/000.p/3",
        "tile/0/0.p/3",
        "tile/0/x000/000.p/3",
        "tile/0/001.p/1",
        "tile/entries/001.p/1",
        "tile/entries/000",
        "tile/data/000.p/3",
        "tile/0/" + "x999/" * 40 + "999",
        "tile/",
        "other",
    ],
)
async def test_what_is_not_there_is_not_found(
    grown: Grown, api: httpx.AsyncClient, path: str
) -> None:
    await grown.to(3)
    assert (await api.get(f"{LOG}/{path}")).status_code == 404


async def test_events_without_a_signature_are_not_served(
    grown: Grown, api: httpx.AsyncClient
) -> None:
    await grown.to(3)
    async with grown.rt.pool.acquire() as conn, conn.transaction():
        await conn.execute("SET LOCAL session_replication_role = replica")
        await conn.execute(ADD, 3, 5)
    assert (await Reader(api).checkpoint())[0] == 3
    assert (await api.get(f"{LOG}/tile/entries/000.p/4")).status_code == 404


async def test_an_empty_or_unknown_log_is_not_found(api: httpx.AsyncClient) -> None:
    for log in ("real", "practice", "other"):
        assert (await api.get(f"/log/{log}/checkpoint")).status_code == 404


async def test_the_log_is_limited_by_address(grown: Grown, clients: Clients) -> None:
    await grown.to(1)
    api = await clients.open(address="203.0.113.50")
    answer = await api.get(f"{LOG}/checkpoint")
    assert int(answer.headers["ratelimit-remaining"]) > 0


async def test_the_operators_metrics_count_what_is_not_signed_and_what_failed(
    grown: Grown, api: httpx.AsyncClient
) -> None:
    await grown.to(3)
    async with grown.rt.pool.acquire() as conn, conn.transaction():
        await conn.execute("SET LOCAL session_replication_role = replica")
        await conn.execute(ADD, 3, 5)
        await conn.execute(
            """INSERT INTO work (workspace_id, kind, subject, due_at, failure)
            VALUES (gen_random_uuid(), 'sign', gen_random_uuid(), now(), 'It was put back.')"""
        )
    lines = (await api.get("/metrics")).text.splitlines()
    assert 'contest_log_unsigned_events{log="practice"} 2.0' in lines
    assert 'contest_log_unsigned_events{log="real"} 0.0' in lines
    assert 'contest_log_waiting{kind="sign"} 1.0' in lines
    assert 'contest_log_waiting{kind="vouch"} 0.0' in lines
