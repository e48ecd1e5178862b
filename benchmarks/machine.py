"""What the figures were measured on."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from contest_service.store.rows import Connection

SETTINGS = (
    "fsync",
    "synchronous_commit",
    "full_page_writes",
    "shared_buffers",
    "work_mem",
    "max_wal_size",
)


async def describe(conn: Connection) -> str:
    """Name the machine, the programs and the settings that the figures depend on."""
    version = str(await conn.fetchval("SHOW server_version")).split(" ", maxsplit=1)[0]
    settings = [f"{name}={await conn.fetchval(f'SHOW {name}')}" for name in SETTINGS]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return "\n".join(
        (
            f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {platform.system()} {platform.machine()}",
            f"{_cpu()}, {cores} cores, {_memory()}, load {_load()} at the start",
            f"Python {platform.python_version()} ({platform.python_compiler()}), "
            f"PostgreSQL {version}: {', '.join(settings)}",
        )
    )


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown processor"


def _memory() -> str:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{total / (1 << 30):.0f} GiB"


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"
