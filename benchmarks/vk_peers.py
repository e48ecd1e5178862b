"""What VK's lists are measured against: bare loops that store nothing, and rows without a network.

As a program it runs one of them in a process of its own.

- `fetch`: httpx and msgspec, pages bundled by 25, eight requests in flight. Pages do not overlap,
  so it loses people where a list shifts; it is the least that a program can do.
- `vk_api`: `VkTools.get_all_iter` of the package vk_api, over the likes alone.
- `rows`: the same accounts by one COPY, and one merge into a table of the same columns and indexes
  as the service's own: first into an empty one, then, changed, with who left closed.
"""

import asyncio
import itertools
import time
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import httpx
import msgspec
import requests
from requests.adapters import HTTPAdapter
from vk_api import VkApi, VkTools, VkToolsException  # type: ignore[import-untyped]  # it has none

from benchmarks import fresh
from benchmarks.ground import connection
from benchmarks.vk_scan import CHANGED
from benchmarks.vk_town import Sizes, Town

AT_ONCE = 8
BUNDLE = 25
VERSION = "5.199"
_PATIENCE = 60.0

_ID = UUID(int=1)
_STAGING = "CREATE UNLOGGED TABLE floor_staging (account text, ref text, at bigint)"
_KEPT = "CREATE TABLE floor_kept (LIKE actions INCLUDING ALL)"
_ANTI_JOIN = """
INSERT INTO floor_kept (workspace_id, target_id, action, account, ref, seen_scan, at, absent_at,
    seen_at, text, tags, mentions)
SELECT $1, $1, 'like', s.account, s.ref, $1, to_timestamp(s.at), NULL, now(), '', '{}', '{}'
FROM floor_staging s
WHERE NOT EXISTS (SELECT FROM floor_kept k WHERE k.account = s.account AND k.ref = s.ref)
"""
_CLOSE = """
UPDATE floor_kept k SET gone_at = now(), gone_scan = $1, gone_why = 'withdrawn'
WHERE NOT EXISTS (SELECT FROM floor_staging s WHERE s.account = k.account AND s.ref = k.ref)
"""

Call = tuple[str, dict[str, Any]]


class _Thread(msgspec.Struct):
    count: int = 0


class _Item(msgspec.Struct):
    id: int
    from_id: int = 0
    thread: _Thread = msgspec.field(default_factory=_Thread)


class _Page(msgspec.Struct):
    count: int
    items: list[int | _Item]


class _Bundle(msgspec.Struct):
    response: list[_Page] = []


class Loop:
    """Asks in bundles, so many a second at most (0 for no limit)."""

    def __init__(self, client: httpx.AsyncClient, town: Town, rate: float) -> None:
        self._client = client
        self._town = town
        self._interval = 1 / rate if rate else 0.0
        self._next = time.perf_counter()
        self._places = asyncio.Semaphore(AT_ONCE)
        self._decode = msgspec.json.Decoder(_Bundle).decode

    async def ask(self, calls: Iterable[Call]) -> list[_Page]:
        """Carry calls out, in any order; pages come in theirs."""
        rest = iter(calls)
        waves = list(iter(lambda: list(itertools.islice(rest, BUNDLE)), []))
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._send(wave)) for wave in waves]
        return [page for task in tasks for page in task.result()]

    async def _send(self, calls: Sequence[Call]) -> list[_Page]:
        inside = ",".join(f"API.{name}({msgspec.json.encode(p).decode()})" for name, p in calls)
        data = {"code": f"return [{inside}];", "v": VERSION, "access_token": self._town.token}
        async with self._places:
            while True:
                self._next = max(self._next, time.perf_counter()) + self._interval
                await asyncio.sleep(max(0.0, self._next - self._interval - time.perf_counter()))
                reply = await self._client.post("/method/execute", data=data)
                # A request that came a little too early is refused, and asked again.
                if pages := self._decode(reply.content).response:
                    return pages


async def _fetch(town: Town, sizes: Sizes, rate: float) -> dict[str, Any]:
    """Read all lists by what is known of their sizes; threads after the comments."""
    like = {"type": "post", "owner_id": town.owner_id, "item_id": town.post_id, "count": 1000}
    said = {"owner_id": town.owner_id, "post_id": town.post_id, "count": 100, "sort": "asc"}
    calls: list[Call] = [
        ("likes.getList", {**like, "filter": kind, "offset": offset})
        for kind, size in (("likes", sizes.likes), ("copies", sizes.copies))
        for offset in range(0, size, 1000)
    ]
    calls += [
        ("wall.getComments", {**said, "thread_items_count": 10, "offset": offset})
        for offset in range(0, sizes.top_comments, 100)
    ]
    async with httpx.AsyncClient(base_url=town.url, timeout=_PATIENCE, trust_env=False) as client:
        loop = Loop(client, town, rate)
        start = time.perf_counter()
        pages = await loop.ask(calls)
        items = [item for page in pages for item in page.items if isinstance(item, _Item)]
        long_ = [item.id for item in items if item.thread.count > 10]
        threads = await loop.ask(
            ("wall.getComments", {**said, "comment_id": comment}) for comment in long_
        )
        seconds = time.perf_counter() - start
    read = sum(len(page.items) for page in (*pages, *threads))
    # Whoever takes a like back meanwhile may be missing from a list that shifts, nobody else.
    assert read >= 0.99 * (sizes.likes + sizes.copies + sizes.top_comments)
    return {"seconds": seconds, "read": read}


class _Loopback(HTTPAdapter):
    """Leads a client whose host is fixed to the practice VK."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        request.url = request.url.replace("https://api.vk.ru", self._url)
        return super().send(request, *args, **kwargs)


def _get_all(town: Town) -> dict[str, Any]:
    asked = {"type": "post", "owner_id": town.owner_id, "item_id": town.post_id}
    with requests.Session() as session:
        session.mount("https://api.vk.ru/", _Loopback(town.url))
        session.trust_env = False
        tools = VkTools(VkApi(token=town.token, session=session, api_version=VERSION))
        start = time.perf_counter()
        read: set[int] = set()
        failed = False
        try:
            read.update(tools.get_all_iter("likes.getList", 1000, asked))
        except VkToolsException:
            # Of a list that shrinks it asks for what stands before the beginning.
            failed = True
        return {"seconds": time.perf_counter() - start, "read": len(read), "failed": failed}


async def _rows(url: str, size: int) -> dict[str, Any]:
    seconds: dict[str, Any] = {}
    async with connection(url) as conn:
        await conn.execute(_STAGING)
        await conn.execute(_KEPT)
        for key, moved in (("first", 0), ("again", size // CHANGED)):
            rows = [(str(1002 + number), "", None) for number in range(moved, size + moved)]
            await conn.execute("TRUNCATE floor_staging")
            start = time.perf_counter()
            await conn.copy_records_to_table("floor_staging", records=rows)
            await conn.execute(_ANTI_JOIN, _ID)
            if moved:
                await conn.execute(_CLOSE, _ID)
            seconds[key] = time.perf_counter() - start
        await conn.execute("DROP TABLE floor_staging, floor_kept")
    return seconds


async def _main() -> None:
    given = fresh.arguments()
    if given["peer"] == "rows":
        fresh.answer(**await _rows(given["url"], given["size"]))
        return
    town = msgspec.convert(given["town"], Town)
    for path, body in given["settings"].items():
        await town.make(path, **body)
    await town.make("traffic")
    if given["peer"] == "fetch":
        found = await _fetch(town, msgspec.convert(given["sizes"], Sizes), given["rate"])
    else:
        found = await asyncio.to_thread(_get_all, town)
    fresh.answer(**found, traffic=await town.traffic())


if __name__ == "__main__":
    asyncio.run(_main())
