"""The loop that a process of ours runs: uvloop's, on systems that it knows."""

import sys
from collections.abc import Coroutine
from typing import Any

if sys.platform == "win32":
    from asyncio import run
else:
    from uvloop import run


def run_loop(main: Coroutine[Any, Any, None]) -> None:
    """Run a process's work to its end."""
    run(main)
