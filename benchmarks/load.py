"""A load on loopback: a few connections that ask for one address again and again.

As a program it asks a bounded number of times and tells how long each answer took. Speaks just
enough HTTP/1.1 to keep up with a server on the same machine.
"""

import asyncio
import time

from benchmarks import fresh

CONNECTIONS = 8
PATIENCE = 60.0
"""Seconds after which a load is given up."""
_LENGTH = b"content-length:"


async def ask(port: int, path: str, token: str, count: int) -> list[float]:
    """Ask `count` times over one connection; returns seconds. Raises LookupError if refused."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n\r\n"
    ).encode()
    seconds = []
    for _ in range(count):
        start = time.perf_counter()
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        at = head.index(_LENGTH) + len(_LENGTH)
        await reader.readexactly(int(head[at : head.index(b"\r\n", at)]))
        seconds.append(time.perf_counter() - start)
        if not head.startswith(b"http/1.1 200"):
            raise LookupError(f"{path}: {head[:100]!r}")
    writer.close()
    await writer.wait_closed()
    return seconds


async def _main() -> None:
    given = fresh.arguments()
    port, path, token = given["port"], given["path"], given["token"]
    each = max(1, given["count"] // CONNECTIONS)
    async with asyncio.timeout(PATIENCE):
        await ask(port, path, token, each // 4)
        start = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(ask(port, path, token, each)) for _ in range(CONNECTIONS)]
        elapsed = time.perf_counter() - start
    taken = sorted(seconds for task in tasks for seconds in task.result())
    fresh.answer(
        mean=elapsed / len(taken),
        p50=taken[len(taken) // 2],
        p95=taken[len(taken) * 95 // 100],
    )


if __name__ == "__main__":
    asyncio.run(_main())
