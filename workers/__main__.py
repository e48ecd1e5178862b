"""`python -m workers`: run a worker, or with `--check` say whether one is alive."""

import asyncio
import sys

from contest_service.assembly import open_redis
from contest_service.cli.surroundings import serving_settings
from contest_service.loops import run_loop
from workers.main import is_alive, serve


async def _check() -> int:
    redis = open_redis(serving_settings())
    try:
        return 0 if await is_alive(redis) else 1
    finally:
        await redis.aclose()


def main() -> int:
    if "--check" in sys.argv[1:]:
        return asyncio.run(_check())
    run_loop(serve(serving_settings()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
