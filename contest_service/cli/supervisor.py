"""Keeps the service's own processes running beside each other, and passes on what they say.

Knows processes, not what they do: which there are is the business of `up`.
"""

import asyncio
import signal
import time
from collections.abc import Callable, Mapping, Sequence

import msgspec

from contest_service.embedded.process import die_with_parent

STOP_PATIENCE = 30.0
"""Seconds that a process has to finish what it is doing."""

_FIRST_DELAY = 1.0
_LONGEST_DELAY = 30.0
_STEADY = 60.0  # seconds after which a process counts as having run well
_PIECE = 1 << 16


class Child(msgspec.Struct, frozen=True, kw_only=True):
    """A process to keep running. `sockets` are descriptors that it inherits."""

    name: str
    command: Sequence[str]
    sockets: Sequence[int] = ()


class Supervisor:
    """Runs the children until it is told to stop. Call it from the main thread."""

    def __init__(
        self,
        children: Sequence[Child],
        *,
        environment: Mapping[str, str],
        say: Callable[[str], None],
        hear: Callable[[str], None],
    ) -> None:
        """Tell `say` what happens to them, and `hear` what they say: whole lines, with names."""
        self._children = children
        self._environment = environment
        self._say = say
        self._hear = hear
        self._running: set[asyncio.subprocess.Process] = set()
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Ask all children to stop; called again, or after a while, insist."""
        wanted = signal.SIGKILL if self._stopping.is_set() else signal.SIGTERM
        if not self._stopping.is_set():
            asyncio.get_running_loop().call_later(STOP_PATIENCE, self.stop)
        self._stopping.set()
        for process in self._running:
            _send(process, wanted)

    async def wait_for_stop(self, seconds: float | None) -> bool:
        """Wait up to `seconds`, or as long as it takes; say whether it is time to stop."""
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return False
        return True

    async def run(self) -> None:
        """Keep every child running; return when all have stopped after `stop`."""
        width = max(len(child.name) for child in self._children)
        async with asyncio.TaskGroup() as group:
            for child in self._children:
                group.create_task(self._keep_running(child, f"{child.name:{width}} | "))

    async def _keep_running(self, child: Child, prefix: str) -> None:
        delay = _FIRST_DELAY
        while not self._stopping.is_set():
            began = time.monotonic()
            status = await self._run_once(child, prefix)
            if self._stopping.is_set():
                return
            if time.monotonic() - began > _STEADY:
                delay = _FIRST_DELAY
            self._say(
                f"{child.name} ended ({_in_words(status)}); it starts again in {delay:.0f} s."
            )
            await self.wait_for_stop(delay)
            delay = min(2 * delay, _LONGEST_DELAY)

    async def _run_once(self, child: Child, prefix: str) -> int:
        process = await asyncio.create_subprocess_exec(
            *child.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=dict(self._environment),
            pass_fds=child.sockets,
            # Ctrl-C reaches this process alone, which then stops the others in order.
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )
        self._running.add(process)
        try:
            if self._stopping.is_set():
                _send(process, signal.SIGTERM)
            assert process.stdout is not None  # noqa: S101 - it was asked for above
            await self._pass_on(process.stdout, prefix)
            return await process.wait()
        finally:
            self._running.discard(process)

    async def _pass_on(self, stream: asyncio.StreamReader, prefix: str) -> None:
        """Pass lines on, each with the name of who said it."""
        rest = b""
        while piece := await stream.read(_PIECE):
            *lines, rest = (rest + piece).split(b"\n")
            self._tell(prefix, lines)
        if rest:
            self._tell(prefix, [rest])

    def _tell(self, prefix: str, lines: Sequence[bytes]) -> None:
        if lines:
            self._hear("".join(f"{prefix}{line.decode(errors='replace')}\n" for line in lines))


def _send(process: asyncio.subprocess.Process, wanted: signal.Signals) -> None:
    try:
        process.send_signal(wanted)
    except ProcessLookupError:
        return


def _in_words(status: int) -> str:
    return f"status {status}" if status >= 0 else signal.Signals(-status).name
