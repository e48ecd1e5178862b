"""A round is believed for its signature alone, whatever the relays do."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from beacon.relays import (
    FAILURES,
    FORGERIES,
    ROUNDS,
    V1,
    Behaviour,
    Request,
    published,
    randomness,
    relay,
    response,
    sending,
    serving,
    silent,
)
from contest_service.beacon_client import (
    PUBLIC_RELAYS,
    Fetched,
    fetch_round,
    open_client,
    parse_relays,
)
from contest_service.domain.errors import ContestError
from contest_service.proof.beacon import QUICKNET

_ROUND = 1000
_GOOD = serving(ROUNDS)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with open_client() as opened:
        yield opened


async def _fetch(behaviours: list[Behaviour], *, round_: int = _ROUND) -> Fetched | None:
    """Run one relay for each behaviour and ask them in that order."""
    async with contextlib.AsyncExitStack() as stack:
        relays = [await stack.enter_async_context(relay(each)) for each in behaviours]
        client = await stack.enter_async_context(open_client())
        urls = [each.url for each in relays]
        return await fetch_round(QUICKNET, round_, urls, client=client, patience=0.6)


@pytest.mark.parametrize("round_", ROUNDS)
async def test_a_real_round_is_accepted(round_: int) -> None:
    fetched = await _fetch([_GOOD], round_=round_)
    assert fetched is not None
    assert fetched.signature == ROUNDS[round_]
    assert fetched.randomness.hex() == randomness(ROUNDS[round_])


@pytest.mark.parametrize("round_", ROUNDS)
async def test_a_relay_with_only_the_older_api_is_enough(round_: int) -> None:
    fetched = await _fetch([serving(ROUNDS, under=(V1,))], round_=round_)
    assert fetched is not None
    assert fetched.signature == ROUNDS[round_]


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda forgery: forgery["name"])
@pytest.mark.parametrize("with_randomness", [True, False])
async def test_a_forgery_is_refused_though_a_relay_serves_it(
    forgery: dict[str, str], with_randomness: bool
) -> None:
    number = int(forgery["round"])
    hashed = forgery["sha256"] if with_randomness else None
    lie = sending(published(number, forgery["signature"], randomness=hashed))
    with capture_logs() as logs:
        assert await _fetch([lie, lie], round_=number) is None
    assert {entry["event"] for entry in logs} == {"beacon_relay_failed"}


@pytest.mark.parametrize("kind", FAILURES)
async def test_a_failing_relay_alone_yields_nothing_and_the_log_says_why(kind: str) -> None:
    behaviour, reason = FAILURES[kind]
    with capture_logs() as logs:
        assert await _fetch([behaviour]) is None
    assert len(logs) == 2  # both APIs
    for entry in logs:
        if reason is None:
            assert (entry["event"], entry["log_level"]) == ("beacon_round_not_out", "debug")
        else:
            assert (entry["event"], entry["log_level"]) == ("beacon_relay_failed", "warning")
            assert entry["reason"] == reason
        assert "127.0.0.1" in entry["source"]
        assert entry["round"] == _ROUND


@pytest.mark.parametrize("kind", FAILURES)
async def test_one_good_relay_is_enough_before_and_after_a_failing_one(kind: str) -> None:
    behaviour, _ = FAILURES[kind]
    for order in ([behaviour, _GOOD], [_GOOD, behaviour]):
        fetched = await _fetch(order)
        assert fetched is not None
        assert fetched.signature == ROUNDS[_ROUND]


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(
    kinds=st.lists(st.sampled_from(sorted(FAILURES)), min_size=2, max_size=4),
    place=st.integers(0, 4),
)
def test_one_good_relay_is_enough_in_any_company(kinds: list[str], place: int) -> None:
    behaviours = [FAILURES[kind][0] for kind in kinds]
    behaviours.insert(place, _GOOD)
    fetched = asyncio.run(_fetch(behaviours))
    assert fetched is not None
    assert fetched.signature == ROUNDS[_ROUND]


@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
@given(kinds=st.lists(st.sampled_from(sorted(FAILURES)), max_size=4))
def test_failing_relays_together_yield_nothing(kinds: list[str]) -> None:
    assert asyncio.run(_fetch([FAILURES[kind][0] for kind in kinds])) is None


async def test_a_relay_that_is_down_costs_no_time(client: httpx.AsyncClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        gone = f"http://127.0.0.1:{closed.getsockname()[1]}"
    started = time.monotonic()
    async with relay(_GOOD) as good:
        fetched = await fetch_round(QUICKNET, _ROUND, [gone, good.url], client=client)
    assert fetched is not None
    assert fetched.source.startswith(good.url)
    assert time.monotonic() - started < 0.25


async def test_a_slow_relay_holds_up_nobody(client: httpx.AsyncClient) -> None:
    started = time.monotonic()
    async with relay(silent) as slow, relay(_GOOD) as good:
        fetched = await fetch_round(QUICKNET, _ROUND, [slow.url, good.url], client=client)
    assert fetched is not None
    assert time.monotonic() - started < 2


async def test_the_first_relay_is_the_only_one_asked_while_it_answers(
    client: httpx.AsyncClient,
) -> None:
    async with relay(_GOOD) as first, relay(_GOOD) as second:
        urls = [first.url + "/", second.url]
        assert await fetch_round(QUICKNET, _ROUND, urls, client=client) is not None
        assert len(first.asked) == 1
        assert second.asked == []


async def test_no_path_leaves_out_the_chain_and_no_round_but_this_one_is_asked_for(
    client: httpx.AsyncClient,
) -> None:
    async with relay(FAILURES["not_out_404"][0]) as first, relay(FAILURES["failing"][0]) as second:
        await fetch_round(QUICKNET, _ROUND, [first.url, second.url], client=client)
        for each in (first, second):
            assert sorted(request.path for request in each.asked) == sorted(
                [
                    f"/{QUICKNET.chain}/public/{_ROUND}",
                    f"/v2/chains/{QUICKNET.chain}/rounds/{_ROUND}",
                ]
            )


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(client: httpx.AsyncClient, status: int) -> None:
    async with relay(_GOOD) as elsewhere:
        target = f"Location: {elsewhere.url}{V1}{_ROUND}"
        with capture_logs() as logs:
            async with relay(sending(response(status, b"", target))) as first:
                assert await fetch_round(QUICKNET, _ROUND, [first.url], client=client) is None
        assert elsewhere.asked == []
    assert {entry["detail"] for entry in logs} == {status}


async def test_a_404_that_a_cache_has_kept_does_not_hide_the_round(
    client: httpx.AsyncClient,
) -> None:
    rounds: dict[int, str] = {}
    kept: set[str] = set()
    origin = serving(rounds)

    async def cache(request: Request, writer: asyncio.StreamWriter) -> None:
        # As stubborn as a cache may be: it minds the whole URL, and no header of ours.
        key = f"{request.path}?{request.query}"
        if key in kept:
            writer.write(response(404, b"", "Age: 5"))
            return
        if request.round not in rounds:
            kept.add(key)
        await origin(request, writer)

    async with relay(cache) as only:
        assert await fetch_round(QUICKNET, _ROUND, [only.url], client=client) is None
        rounds.update(ROUNDS)
        assert await fetch_round(QUICKNET, _ROUND, [only.url], client=client) is not None
        assert all(request.headers["cache-control"] == "no-cache" for request in only.asked)


async def test_addresses_that_are_none_are_a_failure_like_any_other(
    client: httpx.AsyncClient,
) -> None:
    wrong = ["", "ftp://127.0.0.1", "http://[", "127.0.0.1"]
    async with relay(_GOOD) as good:
        with capture_logs() as logs:
            found = await fetch_round(QUICKNET, _ROUND, [*wrong, good.url], client=client)
    assert found is not None
    assert [entry["reason"] for entry in logs] == ["unreachable"] * len(wrong)


async def test_a_relay_s_password_stays_out_of_logs_and_records(
    client: httpx.AsyncClient,
) -> None:
    async with relay(_GOOD) as good, relay(FAILURES["failing"][0]) as bad:
        urls = [each.url.replace("//", "//me:secret@") for each in (bad, good)]
        with capture_logs() as logs:
            fetched = await fetch_round(QUICKNET, _ROUND, urls, client=client)
    assert fetched is not None
    assert "authorization" in good.asked[0].headers
    assert "secret" not in f"{fetched}{logs}"


async def test_a_relay_cannot_fill_the_log(client: httpx.AsyncClient) -> None:
    async with relay(sending(b"x" * 50_000 + b"\r\n\r\n")) as only:
        with capture_logs() as logs:
            assert await fetch_round(QUICKNET, _ROUND, [only.url], client=client) is None
    assert len(str(logs)) < 2000


async def test_nobody_to_ask_is_no_round(client: httpx.AsyncClient) -> None:
    assert await fetch_round(QUICKNET, _ROUND, [], client=client) is None


async def test_a_relay_named_twice_is_asked_once(client: httpx.AsyncClient) -> None:
    async with relay(FAILURES["failing"][0]) as only:
        await fetch_round(QUICKNET, _ROUND, [only.url, only.url], client=client)
        assert len(only.asked) == 2


async def test_giving_up_the_call_ends_its_requests(client: httpx.AsyncClient) -> None:
    async with relay(silent) as first, relay(silent) as second:
        asking = asyncio.create_task(
            fetch_round(QUICKNET, _ROUND, [first.url, second.url], client=client)
        )
        async with asyncio.timeout(5):
            await second.was_asked.wait()
        before = len(asyncio.all_tasks())
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert len(asyncio.all_tasks()) < before - 1


def test_relays_are_read_from_one_line_in_their_order() -> None:
    assert parse_relays(", ".join(PUBLIC_RELAYS)) == PUBLIC_RELAYS
    assert parse_relays("http://127.0.0.1:8090\nhttps://relay.example:6875/drand") == (
        "http://127.0.0.1:8090",
        "https://relay.example:6875/drand",
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        " , ",
        "api.drand.sh",
        "ftp://api.drand.sh",
        "https://",
        "http://[",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:port",
        "https://api.drand.sh?chain=1",
        "https://api.drand.sh#v2",
        "https://api.drand.sh, api2.drand.sh",
    ],
)
def test_what_is_no_relay_is_refused_when_it_is_read(text: str) -> None:
    with pytest.raises(ContestError, match="CONTEST_BEACON_RELAYS") as refused:
        parse_relays(text)
    assert refused.value.code == "bad_relay"
