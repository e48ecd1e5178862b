"""The API under load: pages of contests and entrants, against the same app answering a constant.

As a program it is the API's process, as `contest-service api` runs it, with one more address that
answers a constant and asks nobody. It prints its port.
"""

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import uvicorn
from litestar import get

from benchmarks import drawing, fresh, load
from benchmarks.ground import Ground, connection, open_runtime
from benchmarks.scene import LIKED, Scene, definition, set_scene
from benchmarks.table import Line
from contest_service.api.gate import UNLIMITED
from contest_service.app import create_app
from contest_service.logs import configure_logs
from contest_service.loops import run_loop
from contest_service.settings import Settings
from contest_service.store import contests, entrants
from contest_service.vault import generate_key

FULL_SIZE = 100_000
CONTESTS = 60
REQUESTS = 2000
_UNBOUNDED = 10**9
_PATIENCE = 30.0


async def lines(ground: Ground, size: int) -> list[Line]:
    """Measure two pages and the constant."""
    async with ground.database() as url:
        async with open_runtime(url, ground.folder) as rt:
            scene = await set_scene(rt, (LIKED,))
        paths = await _fill(url, scene, size)
        async with _serving(ground, url) as port:
            count = REQUESTS if size >= FULL_SIZE else 40
            asked = {"port": port, "token": scene.token, "count": count}
            runs = {
                what: [await fresh.measure("load", path=path, **asked) for _ in range(ground.runs)]
                for what, path in paths.items()
            }
    constant = min(run.values["mean"] for run in runs["the app answers a constant"])
    return [_line(what, found, constant) for what, found in runs.items()]


def _line(what: str, runs: list[fresh.Measured], constant: float) -> Line:
    best = min((run.values for run in runs), key=lambda values: float(values["mean"]))
    return Line(
        what=what,
        size=f"{load.CONNECTIONS} connections",
        seconds=[run.values["mean"] for run in runs],
        floor=constant,
        floor_is="the constant of the same app",
        note=f"{1 / best['mean']:,.0f} requests a second, p50 {best['p50'] * 1000:.1f} ms, "
        f"p95 {best['p95'] * 1000:.1f} ms in the best run",
    )


async def _fill(url: str, scene: Scene, size: int) -> dict[str, str]:
    """Make entrants and contests; returns what to ask for."""
    async with connection(url) as conn:
        await drawing.judge(conn, scene, size)
        for _ in range(CONTESTS):
            await contests.create(
                conn, scene.workspace_id, definition((LIKED,)), practice=True, created_by=None
            )
        half = await entrants.list_page(conn, scene.workspace_id, scene.contest_id, limit=size // 2)
    page = f"/v1/contests/{scene.contest_id}/entrants?limit=50&after={half[-1].id}"
    return {
        "the app answers a constant": "/constant",
        f"50 contests of {CONTESTS}": "/v1/contests?limit=50",
        f"50 entrants of {size:,}": page,
    }


@contextlib.asynccontextmanager
async def _serving(ground: Ground, url: str) -> AsyncIterator[int]:
    """Run the API in a process of its own; gives its port."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.serving", url, ground.redis_url, ground.folder),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # a line for every request
        cwd=fresh.ROOT,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(_PATIENCE):
            port = int(await process.stdout.readline())
        yield port
    finally:
        process.terminate()
        await process.wait()


@get("/constant", opt={UNLIMITED: True}, include_in_schema=False)
async def _constant() -> dict[str, int]:
    return {"answer": 42}


async def _serve(database_url: str, redis_url: str, folder: str) -> None:
    settings = Settings(
        database_url=database_url,
        redis_url=redis_url,
        data=Path(folder),
        public_url="http://127.0.0.1",
        secret_keys=(generate_key(),),
        has_sandbox=False,
        rate_limit=_UNBOUNDED,
    )
    configure_logs(log_format=settings.log_format, level=settings.log_level)
    app = create_app(settings)
    app.register(_constant)
    config = uvicorn.Config(app, access_log=False, log_config=None, server_header=False, ws="none")
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        print(listener.getsockname()[1], flush=True)
        await uvicorn.Server(config).serve(sockets=[listener])


if __name__ == "__main__":
    run_loop(_serve(*sys.argv[1:]))
