"""The lane of one token: calls wait in it and travel together, as often as VK allows.

A departure takes a moment of the token from the limiter, which all processes share, and carries
every call that waits by then, up to 25 in one `execute`; a call that is alone goes as itself. The
only place that sends a token; it reaches no message, repr or address.
"""

import asyncio
import hashlib
import itertools
from collections import Counter, deque
from collections.abc import Callable, Collection, Sequence

from contest_service.platforms.base import Limiter, PausedError
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.transport import Reply, Transport
from contest_service.platforms.vk import errors
from contest_service.platforms.vk.calls import (
    MOST_AT_ONCE,
    Call,
    Parameters,
    bundle,
    form,
    read_alone,
    read_bundle,
)
from contest_service.platforms.vk.errors import VkError
from contest_service.platforms.vk.waiting import Answer, Flight, Waiting

FIRST_PAUSE = 0.5
"""Seconds before the second try; each next pause is twice as long."""
COMPANY = 0.1
"""Of an interval: so long the first call in an idle lane waits for others that may be coming."""
IN_FLIGHT = 12
"""Departures that wait for their answers at the same time; a transport has 16 connections."""

_SECOND = 1.005
"""A little more than that, since VK counts by when requests arrive."""
_OF_ALL_CALLS = (
    errors.REJECTED | errors.CAPTCHA | errors.AGAIN | {errors.TOO_FAST, errors.SCRIPT_FAILED}
)
"""An `execute` fails with these as any call does; with others it is refused as such."""


def digest(api: str, token: str) -> str:
    """Name a token without giving it away."""
    return hashlib.sha256(f"{api}\n{token}".encode()).hexdigest()[:32]


def key_of(api: str, token: str) -> str:
    """The limiter's name for a token."""
    return f"vk:{digest(api, token)}"


class Lane:
    """Calls methods with one token. Shared by all that use the token within a process."""

    def __init__(
        self,
        transport: Transport,
        limiter: Limiter,
        *,
        api: str,
        token: str,
        interval: float,
        first_pause: float = FIRST_PAUSE,
    ) -> None:
        """`interval` is the least number of seconds between two departures of this token."""
        self._transport = transport
        self._limiter = limiter
        self._api = api
        self._token = token
        self._interval = interval
        self._first_pause = first_pause
        self._key = key_of(api, token)
        self._queue: deque[Waiting] = deque()
        self._departures: deque[float] = deque(maxlen=round(1 / interval) if interval else 0)
        """When the last ones left, as many as may within a second."""
        self._running: asyncio.Task[None] | None = None
        self._flying: set[asyncio.Task[None]] = set()
        self._places = asyncio.Semaphore(IN_FLIGHT)
        self._bundles = True
        self._apart_until = 0.0
        self._reasons: dict[str, str] = {}

    async def ask(self, call: Call, *, once: bool = False) -> Answer:
        """Carry a call out. Raises VkError as VK refuses it, and PlatformError.

        With `once` it is sent again only if it was certainly not carried out; whether a failed
        attempt took effect is the caller's to find out.
        """
        waiting = Waiting(call, once=once)
        self._queue.append(waiting)
        self._start()
        return await waiting.future

    async def close(self) -> None:
        """Give up on everything that waits or flies."""
        tasks = [*self._flying, *([self._running] if self._running else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for waiting in self._queue:
            waiting.future.cancel()

    def _start(self) -> None:
        if self._running is None or self._running.done():
            self._running = asyncio.ensure_future(self._run())
            self._running.add_done_callback(_tell(self._queue))

    async def _run(self) -> None:
        """Let departures leave for as long as calls wait."""
        await asyncio.sleep(COMPANY * self._interval)
        while methods := self._next_methods():
            await self._places.acquire()
            try:
                gates = [self._gate(method) for method in methods]
                await self._limiter.enter(self._key, interval=self._interval, gates=gates)
            except PausedError as paused:
                self._places.release()
                self._hold_back(methods, paused)
            except PlatformError as error:
                self._places.release()
                self._fail(methods, error)
            except BaseException:
                self._places.release()
                raise
            else:
                await self._keep_distance()
                self._depart(self._board(methods))

    async def _keep_distance(self) -> None:
        """Wait until the last ones that fit a second are a second ago: what left late, since this
        process was busy, brings the next ones too close to it."""
        now = asyncio.get_running_loop().time
        if self._departures and len(self._departures) == self._departures.maxlen:
            await asyncio.sleep(self._departures[0] + _SECOND - now())
        self._departures.append(now())

    def _next_methods(self) -> list[str]:
        """Name the methods of those who could leave next; forget whoever waits no more."""
        for _ in range(len(self._queue)):
            waiting = self._queue.popleft()
            if not waiting.future.done():
                self._queue.append(waiting)
        soon = itertools.islice(self._queue, MOST_AT_ONCE)
        methods = list(dict.fromkeys(waiting.call.method for waiting in soon))
        is_apart = asyncio.get_running_loop().time() < self._apart_until
        return methods[:1] if is_apart else methods

    def _board(self, methods: Collection[str]) -> list[Waiting]:
        """Take as many calls as travel together, of these methods only, from the queue."""
        batch: list[Waiting] = []
        room = MOST_AT_ONCE if self._bundles else 1
        for waiting in list(self._queue):
            if waiting.future.done() or waiting.call.method not in methods:
                continue
            room = min(room, waiting.company)
            if len(batch) >= room:
                break
            batch.append(waiting)
            self._queue.remove(waiting)
        return batch

    def _depart(self, batch: list[Waiting]) -> None:
        if not batch:
            self._places.release()
            return
        task = asyncio.ensure_future(self._fly(batch))
        self._flying.add(task)
        task.add_done_callback(self._flying.discard)
        task.add_done_callback(_tell(batch))

    async def _fly(self, batch: list[Waiting]) -> None:
        """Carry a batch, and count it meanwhile: nobody waits for that."""
        methods = Counter(waiting.call.method for waiting in batch)
        counting = asyncio.ensure_future(self._limiter.note(self._key, methods))
        try:
            await self._carry(batch)
        finally:
            await counting

    async def _carry(self, batch: list[Waiting]) -> None:
        """Send a batch, hand the answers over, and see about what failed."""
        flight = Flight(asyncio.get_running_loop().time())
        try:
            try:
                outcomes = await self._send([waiting.call for waiting in batch])
            finally:
                self._places.release()
        except PlatformError as error:
            shared = None if self._refuses_bundles(error, len(batch)) else error
            await self._recover([(waiting, shared) for waiting in batch], size=len(batch))
            return
        flight.back_at = asyncio.get_running_loop().time()
        failed: list[tuple[Waiting, PlatformError | None]] = []
        for place, (waiting, outcome) in enumerate(zip(batch, outcomes, strict=True)):
            if isinstance(outcome, bytes):
                waiting.succeed(Answer(body=outcome, flight=flight, place=place))
            else:
                failed.append((waiting, outcome))
        await self._recover(failed, size=1)

    async def _send(self, calls: list[Call]) -> Sequence[bytes | VkError | None]:
        if len(calls) == 1:
            reply = await self._post(calls[0].method, calls[0].parameters)
            return [read_alone(calls[0].method, reply, secret=self._token)]
        reply = await self._post("execute", {"code": bundle(calls)})
        return read_bundle(calls, reply, secret=self._token)

    async def _post(self, method: str, parameters: Parameters) -> Reply:
        return await self._transport.request(
            "POST",
            f"{self._api}/method/{method}",
            body=form(parameters),
            headers={
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/x-www-form-urlencoded",
            },
        )

    def _refuses_bundles(self, error: PlatformError, size: int) -> bool:
        """Note that bundles are not for this token, so that from now on each call goes alone."""
        if size == 1 or not isinstance(error, VkError) or error.code in _OF_ALL_CALLS:
            return False
        self._bundles = False
        return True

    async def _recover(
        self, failed: list[tuple[Waiting, PlatformError | None]], *, size: int
    ) -> None:
        """Queue again, first in the line, what is worth another try; None is for what is alone."""
        again: list[Waiting] = []
        pauses = [0.0]
        for waiting, error in failed:
            pause: float | None = 0.0
            if error is None:
                waiting.company = 1
            else:
                pause = waiting.next_try(
                    error, size=size, interval=self._interval, first_pause=self._first_pause
                )
            if error is not None and pause is None:
                await self._rest(waiting.call, error)
                waiting.fail(error)
            else:
                again.append(waiting)
                pauses.append(pause or 0.0)
        if again:
            await asyncio.sleep(max(pauses))
            self._queue.extendleft(reversed(again))
            self._start()

    async def _rest(self, call: Call, error: PlatformError) -> None:
        """Let the method, or with a captcha the token, rest in all processes."""
        if isinstance(error, VkError) and error.pause:
            gate = self._key if error.code in errors.CAPTCHA else self._gate(call.method)
            self._reasons[gate] = error.message
            await self._limiter.pause(gate, error.pause, why=error.message)

    def _hold_back(self, methods: list[str], paused: PausedError) -> None:
        """Deal with a pause: which of several methods it is about shows when each goes alone."""
        seconds = paused.seconds
        if len(methods) > 1:
            self._apart_until = asyncio.get_running_loop().time() + seconds
            return
        known = self._reasons.get(self._gate(methods[0])) or self._reasons.get(self._key)
        otherwise = (
            f"VK allows no more of {methods[0]} with this token for now; it goes on by itself in "
            f"{seconds:.0f} s."
        )
        message = paused.why or known or otherwise
        self._fail(methods, PlatformError(FailureKind.RATE_LIMITED, message, retry_after=seconds))

    def _fail(self, methods: Collection[str], error: PlatformError) -> None:
        for waiting in self._queue:
            if waiting.call.method in methods:
                waiting.fail(error)

    def _gate(self, method: str) -> str:
        return f"{self._key}:{method}"


def _tell(waiting: Collection[Waiting]) -> Callable[[asyncio.Task[None]], None]:
    """Let nobody wait for a task that was cancelled, or that ended in a way nobody foresaw."""

    def tell(task: asyncio.Task[None]) -> None:
        if task.cancelled():
            for each in waiting:
                each.future.cancel()
        elif (error := task.exception()) is not None:
            for each in waiting:
                each.fail(error if isinstance(error, Exception) else RuntimeError(str(error)))

    return tell
