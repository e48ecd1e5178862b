"""VK's adapter, and one lane of it, against a server that answers as a test says."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl

from contest_service.domain.accounts import Platform
from contest_service.domain.evidence import Target, TargetKind
from contest_service.platforms.base import Pause, PausedError, Usage
from contest_service.platforms.hosts import AllowedHosts
from contest_service.platforms.registry import open_adapter
from contest_service.platforms.transport import Transport
from contest_service.platforms.vk.adapter import VkAdapter
from contest_service.platforms.vk.credential import Kind
from contest_service.platforms.vk.lane import Lane
from contest_service.platforms.vk.lanes import Lanes
from platforms.conftest import Keeper
from platforms.loopback import Answer, Asked, Loopback, as_json, serving

HOSTS = AllowedHosts.parse(["127.0.0.1:*"])
SOON = 0.001
"""Seconds before a second try."""
BRISK = dict.fromkeys(Kind, 0.001)
"""Paces with a server that lets every token ask as often as it likes; VK's have tests of theirs."""
POST = Target(
    platform=Platform.VK,
    instance="x",
    kind=TargetKind.POST,
    ref="-1_2",
    author="-1",
    url="",
)
CREDENTIAL = {
    "community_token": "community-secret",
    "service_token": "service-secret",
    "user_token": "user-secret",
    "community": "1",
}

Method = Callable[[dict[str, str]], Any]
"""Answers a call's parameters: with what VK responds, or with `refused`."""


class Gates:
    """A limiter of one process that never waits, and remembers who passed and what was paused."""

    def __init__(self) -> None:
        self.entered: list[tuple[str, float, tuple[str, ...]]] = []
        self.paused: dict[str, float] = {}
        self.whys: dict[str, str] = {}
        self.noted: dict[str, Counter[str]] = {}

    async def enter(self, key: str, *, interval: float, gates: Sequence[str] = ()) -> None:
        for each in (key, *gates):
            if each in self.paused:
                raise PausedError(self.paused[each])
        self.entered.append((key, interval, tuple(gates)))
        await asyncio.sleep(0)

    async def pause(self, key: str, seconds: float, *, why: str = "") -> None:
        self.paused[key] = max(seconds, self.paused.get(key, 0.0))
        self.whys[key] = why

    async def resume(self, keys: Sequence[str]) -> None:
        for each in keys:
            self.paused.pop(each, None)

    async def note(self, key: str, calls: Mapping[str, int]) -> None:
        self.noted.setdefault(key, Counter()).update(calls)

    async def usage(self, key: str) -> Usage:
        return Usage(last_second=0, waiting=0, calls=self.noted.get(key, {}))

    async def pauses(self, keys: Sequence[str]) -> Mapping[str, Pause]:
        return {
            key: Pause(seconds=self.paused[key], why=self.whys[key])
            for key in keys
            if key in self.paused
        }


class Refused(Exception):  # noqa: N818 - it is VK's answer
    """An error of the API, as a method says it."""

    def __init__(self, code: int, **more: Any) -> None:
        super().__init__(code)
        self.error = {"error_code": code, "error_msg": f"reason {code}", **more}


class Vk:
    """A little server that speaks VK's envelope: methods as functions, and bundles of them."""

    def __init__(self, **methods: Method) -> None:
        self.methods = {name.replace("__", "."): method for name, method in methods.items()}
        self.requests: list[tuple[str, str]] = []
        """Token and method of each request, in order."""
        self.calls: list[tuple[str, str, dict[str, str]]] = []
        """Token, method and parameters of each call, those in bundles too."""

    def __call__(self, asked: Asked) -> Answer:
        form = dict(parse_qsl(asked.body.decode(), keep_blank_values=True))
        token = asked.headers.get("authorization", "").removeprefix("bearer ")
        method = asked.path.removeprefix("/method/")
        assert asked.method == "POST"
        assert not asked.parameters
        assert form.pop("v") == "5.199"
        self.requests.append((token, method))
        if method != "execute" or "execute" in self.methods:
            try:
                return as_json({"response": self.call(token, method, form)})
            except Refused as refused:
                return as_json({"error": refused.error})
        return as_json(self.bundle(token, form["code"]))

    def bundle(self, token: str, code: str) -> dict[str, Any]:
        results, errors = [], []
        for method, parameters in calls_in(code):
            try:
                results.append(self.call(token, method, parameters))
            except Refused as refused:
                results.append(False)
                errors.append({**refused.error, "method": method})
        return {"response": results, **({"execute_errors": errors} if errors else {})}

    def call(self, token: str, method: str, parameters: dict[str, Any]) -> Any:
        """Carry a call out; parameters are text, as in a form."""
        given = {name: str(value) for name, value in parameters.items()}
        self.calls.append((token, method, given))
        return self.methods[method]({**given, "token": token})

    def asked(self, method: str) -> list[str]:
        """Which tokens asked for a method, in order."""
        return [token for token, each, _ in self.calls if each == method]


def calls_in(code: str) -> list[tuple[str, dict[str, Any]]]:
    """Read a bundle, which has no other form than this."""
    assert code.startswith("return [")
    assert code.endswith("];")
    rest = code.removeprefix("return [").removesuffix("];")
    calls = []
    while rest:
        assert rest.startswith("API.")
        name, _, rest = rest.removeprefix("API.").partition("(")
        parameters, end = json.JSONDecoder().raw_decode(rest)
        assert rest[end] == ")"
        rest = rest[end + 1 :].removeprefix(",")
        calls.append((name, parameters))
    return calls


@asynccontextmanager
async def lane_to(
    respond: Callable[[Asked], Any], *, gates: Gates | None = None, interval: float = 0.0
) -> AsyncIterator[tuple[Lane, Loopback]]:
    """One lane, with the token `secret`."""
    async with serving(respond) as server, Transport(HOSTS) as transport:
        lane = Lane(
            transport,
            gates or Gates(),
            api=server.url,
            token="secret",
            interval=interval,
            first_pause=SOON,
        )
        try:
            yield lane, server
        finally:
            await lane.close()


@asynccontextmanager
async def vk_at(
    url: str, *, gates: Gates | None = None, keeper: Keeper | None = None, **credential: str
) -> AsyncIterator[VkAdapter]:
    """An adapter for a server, in a process of its own; all three tokens if none is given."""
    async with open_adapter(
        Platform.VK,
        endpoints={"api": url, "oauth": url},
        credential=json.dumps(credential or CREDENTIAL).encode(),
        session=keeper or Keeper(),
        hosts=HOSTS,
        lanes=Lanes(gates or Gates(), HOSTS, intervals=BRISK, first_pause=SOON),
    ) as adapter:
        assert isinstance(adapter, VkAdapter)
        yield adapter


@asynccontextmanager
async def facing_vk(
    respond: Callable[[Asked], Any],
    *,
    gates: Gates | None = None,
    keeper: Keeper | None = None,
    **credential: str,
) -> AsyncIterator[tuple[VkAdapter, Loopback]]:
    """An adapter whose servers answer with `respond`."""
    async with (
        serving(respond) as server,
        vk_at(server.url, gates=gates, keeper=keeper, **credential) as adapter,
    ):
        yield adapter, server
