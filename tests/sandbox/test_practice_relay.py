"""The practice relay answers as drand's do: paths, fields, statuses and cache headers."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from patience import PATIENCE

from contest_service.beacon_client import fetch_round, open_client
from contest_service.proof.beacon import QUICKNET, verify
from contest_service.proof.errors import BeaconError
from contest_service.sandbox.beacon import SandboxBeacon, open_beacon
from contest_service.sandbox.relay import BEACON_ID, serve
from sandbox.clock import Clock

_GENESIS = 1_800_000_000
_PERIOD = 3
_LATEST = 5
_DRAND = json.loads((Path(__file__).parent.parent / "data/drand.json").read_bytes())["quicknet"]
_FOREVER = "public, max-age=604800, immutable"


@pytest.fixture
def beacon(tmp_path: Path) -> SandboxBeacon:
    return open_beacon(tmp_path, period=_PERIOD, genesis=_GENESIS)


@pytest.fixture
def clock() -> Clock:
    """Held one second after round 5."""
    return Clock(_GENESIS + (_LATEST - 1) * _PERIOD + 1)


@pytest.fixture
async def relay(beacon: SandboxBeacon, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        serve(beacon, clock=clock) as url,
        httpx.AsyncClient(base_url=url, timeout=PATIENCE) as client,
    ):
        yield client


def _v2(beacon: SandboxBeacon) -> list[str]:
    return [f"/v2/chains/{beacon.public.chain}", f"/v2/beacons/{BEACON_ID}"]


def _v1(beacon: SandboxBeacon) -> list[str]:
    return [f"/{beacon.public.chain}", ""]


async def _body(relay: httpx.AsyncClient, path: str) -> Any:
    answer = await relay.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


async def test_info_has_the_fields_of_the_real_one(
    relay: httpx.AsyncClient, beacon: SandboxBeacon
) -> None:
    public = beacon.public
    shared = {
        "public_key": public.public_key,
        "period": _PERIOD,
        "genesis_time": _GENESIS,
    }
    for base in _v1(beacon):
        info = await _body(relay, f"{base}/info")
        assert list(info) == list(_DRAND["info_v1"])
        assert info["metadata"] == {"beaconID": BEACON_ID}
        assert (info["hash"], info["schemeID"]) == (public.chain, public.scheme)
        assert info.items() >= shared.items()
    for base in _v2(beacon):
        info = await _body(relay, f"{base}/info")
        assert list(info) == list(_DRAND["info_v2"])
        assert info["beacon_id"] == BEACON_ID
        assert (info["chain_hash"], info["scheme"]) == (public.chain, public.scheme)
        assert info.items() >= shared.items()


async def test_chains_and_beacons_are_listed(
    relay: httpx.AsyncClient, beacon: SandboxBeacon
) -> None:
    assert await _body(relay, "/chains") == [beacon.public.chain]
    assert await _body(relay, "/v2/chains") == [beacon.public.chain]
    assert await _body(relay, "/v2/beacons") == [BEACON_ID]


async def test_a_published_round_verifies_and_may_be_kept(
    relay: httpx.AsyncClient, beacon: SandboxBeacon
) -> None:
    for path in [f"{base}/public/{_LATEST}" for base in _v1(beacon)]:
        answer = await relay.get(path)
        body = answer.json()
        assert list(body) == ["round", "randomness", "signature"]
        hashed = verify(beacon.public, _LATEST, body["signature"])
        assert body["randomness"] == hashed.hex()
        assert answer.headers["cache-control"] == _FOREVER
        with pytest.raises(BeaconError):
            verify(QUICKNET, _LATEST, body["signature"])
    for path in [f"{base}/rounds/{_LATEST}" for base in _v2(beacon)]:
        answer = await relay.get(path)
        assert answer.json() == {"round": _LATEST, "signature": body["signature"]}
        assert answer.headers["cache-control"] == _FOREVER


async def test_the_latest_round_may_be_kept_until_the_next(
    relay: httpx.AsyncClient, beacon: SandboxBeacon
) -> None:
    paths = [f"{base}/public/latest" for base in _v1(beacon)]
    paths += [f"{base}/rounds/latest" for base in _v2(beacon)]
    paths += [f"{base}/public/0" for base in _v1(beacon)]  # 0 means the latest in drand
    for path in paths:
        answer = await relay.get(path)
        assert answer.json()["round"] == _LATEST
        assert answer.headers["cache-control"] == "public, must-revalidate, max-age=2"


@pytest.mark.parametrize(("round_", "seconds"), [(_LATEST + 2, 5), (_LATEST + 1000, 2999)])
async def test_a_future_round_is_404_in_v1_and_caches_may_keep_that(
    relay: httpx.AsyncClient, beacon: SandboxBeacon, round_: int, seconds: int
) -> None:
    for base in _v1(beacon):
        answer = await relay.get(f"{base}/public/{round_}")
        assert (answer.status_code, answer.content) == (404, b"")
        assert answer.headers["cache-control"] == f"public, must-revalidate, max-age={seconds}"


async def test_the_next_round_is_404_in_v1_and_no_cache_may_keep_that(
    relay: httpx.AsyncClient, beacon: SandboxBeacon
) -> None:
    answer = await relay.get(f"/{beacon.public.chain}/public/{_LATEST + 1}")
    assert answer.status_code == 404
    assert "no-cache" in answer.headers["cache-control"]


async def test_a_future_round_is_425_in_v2_and_caches_may_keep_that_for_a_round(
    relay: httpx.AsyncClient, beacon: SandboxBeacon
) -> None:
    for base in _v2(beacon):
        answer = await relay.get(f"{base}/rounds/{_LATEST + 2}")
        assert answer.status_code == 425
        assert answer.text == "Requested future beacon\n"
        assert answer.headers["cache-control"] == "must-revalidate, public, max-age=2"


@pytest.mark.parametrize("name", ["next", str(_LATEST + 1)])
async def test_the_next_round_is_held_in_v2_until_it_is_out(
    relay: httpx.AsyncClient, beacon: SandboxBeacon, clock: Clock, name: str
) -> None:
    asking = asyncio.create_task(relay.get(f"/v2/beacons/{BEACON_ID}/rounds/{name}"))
    await asyncio.sleep(0.3)
    assert not asking.done()
    clock.now += _PERIOD
    answer = await asking
    assert answer.json()["round"] == _LATEST + 1
    assert answer.headers["cache-control"] == "no-cache"


async def test_a_clock_that_stands_still_holds_nobody_for_ever(tmp_path: Path) -> None:
    beacon = open_beacon(tmp_path / "quick", period=1, genesis=_GENESIS)
    async with (
        serve(beacon, clock=Clock(_GENESIS)) as url,
        httpx.AsyncClient(timeout=PATIENCE) as client,
    ):
        answer = await client.get(f"{url}/v2/beacons/{BEACON_ID}/rounds/next")
    assert answer.status_code == 500
    assert answer.headers["cache-control"] == "no-cache"


async def test_a_jump_of_the_clock_publishes_every_round_up_to_it(
    relay: httpx.AsyncClient, beacon: SandboxBeacon, clock: Clock
) -> None:
    path = f"/{beacon.public.chain}/public/"
    assert (await relay.get(f"{path}900")).status_code == 404
    clock.now = beacon.public.time_of(900)
    assert (await _body(relay, f"{path}900"))["round"] == 900
    assert (await _body(relay, f"{path}6"))["round"] == 6
    assert (await _body(relay, f"{path}latest"))["round"] == 900


async def test_a_round_is_out_at_its_second_and_not_before(
    relay: httpx.AsyncClient, beacon: SandboxBeacon, clock: Clock
) -> None:
    path = f"/{beacon.public.chain}/public/{_LATEST}"
    clock.now = beacon.public.time_of(_LATEST) - 0.001
    assert (await relay.get(path)).status_code == 404
    clock.now = beacon.public.time_of(_LATEST)
    assert (await relay.get(path)).status_code == 200


async def test_nothing_is_out_before_the_genesis(
    relay: httpx.AsyncClient, beacon: SandboxBeacon, clock: Clock
) -> None:
    clock.now = _GENESIS - 1000
    assert (await relay.get("/public/latest")).status_code == 500
    assert (await relay.get("/public/1")).status_code == 404
    assert (await relay.get(f"/v2/beacons/{BEACON_ID}/rounds/2")).status_code == 425
    assert await _body(relay, "/health") == {"current": 0, "expected": 0}
    clock.now = _GENESIS
    assert (await _body(relay, "/public/latest"))["round"] == 1


async def test_health_tells_the_round_and_is_never_kept(
    relay: httpx.AsyncClient, beacon: SandboxBeacon
) -> None:
    for base in _v1(beacon) + _v2(beacon):
        answer = await relay.get(f"{base}/health")
        assert answer.json() == {"current": _LATEST, "expected": _LATEST}
        assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("text", ["x", "-1", "1.5", "٣", str(2**64), "9" * 5000, "%20", ""])
async def test_what_is_no_round_is_refused(
    relay: httpx.AsyncClient, beacon: SandboxBeacon, text: str
) -> None:
    for path in [f"/{beacon.public.chain}/public/", f"/v2/beacons/{BEACON_ID}/rounds/"]:
        assert (await relay.get(path + text)).status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        f"/{QUICKNET.chain}/info",
        f"/{QUICKNET.chain}/public/1",
        f"/v2/chains/{QUICKNET.chain}/rounds/1",
        "/v2/beacons/quicknet/info",
        "/",
        "/nothing",
        f"/v2/beacons/{BEACON_ID}/nothing",
        f"/v2/beacons/{BEACON_ID}/rounds/1/more",
    ],
)
async def test_another_chain_and_unknown_paths_are_not_answered(
    relay: httpx.AsyncClient, path: str
) -> None:
    assert (await relay.get(path)).status_code in (404, 500)


async def test_it_can_only_be_read(relay: httpx.AsyncClient) -> None:
    assert (await relay.post("/chains")).status_code == 405
    head = await relay.head("/chains")
    assert (head.status_code, head.content) == (200, b"")


async def test_a_browser_on_any_page_may_read_it(relay: httpx.AsyncClient) -> None:
    assert (await relay.get("/chains")).headers["access-control-allow-origin"] == "*"


async def test_the_service_s_client_fetches_from_it_when_the_round_is_out(
    beacon: SandboxBeacon, clock: Clock
) -> None:
    async with serve(beacon, clock=clock) as url, open_client() as client:
        early = await fetch_round(beacon.public, _LATEST + 2, [url], client=client)
        assert early is None
        clock.now = beacon.public.time_of(_LATEST + 2)
        fetched = await fetch_round(beacon.public, _LATEST + 2, [url], client=client)
        assert fetched is not None
        assert fetched.signature == beacon.sign(_LATEST + 2)
        assert await fetch_round(QUICKNET, _LATEST, [url], client=client) is None


async def test_another_practice_chain_under_the_same_number_is_refused(
    beacon: SandboxBeacon, clock: Clock, tmp_path: Path
) -> None:
    other = open_beacon(tmp_path / "other", period=_PERIOD, genesis=_GENESIS)
    async with serve(other, clock=clock) as url, open_client() as client:
        assert await fetch_round(beacon.public, 1, [url], client=client) is None


async def test_a_restart_on_the_same_port_serves_the_same_rounds(tmp_path: Path) -> None:
    async def ask(port: int) -> tuple[int, str]:
        beacon = open_beacon(tmp_path, period=1, genesis=_GENESIS)
        clock = Clock(_GENESIS + 10)
        async with (
            serve(beacon, port=port, clock=clock) as url,
            httpx.AsyncClient(timeout=PATIENCE) as client,
        ):
            answer = await client.get(f"{url}/{beacon.public.chain}/public/3")
            return httpx.URL(url).port or 0, answer.json()["signature"]

    port, signature = await ask(0)
    assert await ask(port) == (port, signature)


async def test_a_taken_port_is_an_error_at_once(beacon: SandboxBeacon) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        async with serve(beacon, port=taken.getsockname()[1]):
            pass


async def test_it_stops_in_spite_of_held_requests_and_open_connections(
    beacon: SandboxBeacon, clock: Clock
) -> None:
    async with httpx.AsyncClient(timeout=PATIENCE) as client:
        async with serve(beacon, clock=clock) as url:
            await client.get(f"{url}/chains")
            asking = asyncio.create_task(client.get(f"{url}/v2/beacons/{BEACON_ID}/rounds/next"))
            await asyncio.sleep(0.2)
            started = time.monotonic()
        assert time.monotonic() - started < 2.5
        await asyncio.gather(asking, return_exceptions=True)


async def test_what_goes_wrong_inside_the_block_comes_out_as_it_is(beacon: SandboxBeacon) -> None:
    with pytest.raises(LookupError):
        async with serve(beacon):
            raise LookupError
