"""One token's lane: calls travel together, within its pace, and none is lost or mixed up."""

import asyncio
import json
import time
from typing import Any

import pytest
from redis.asyncio import Redis

from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.transport import Transport
from contest_service.platforms.vk.calls import Call
from contest_service.platforms.vk.credential import Kind
from contest_service.platforms.vk.errors import VkError
from contest_service.platforms.vk.lane import Lane
from contest_service.platforms.vk.lanes import INTERVALS, Lanes
from contest_service.platforms.vk.waiting import Answer as Told
from contest_service.quota import RedisLimiter
from platforms.loopback import Answer, Asked, as_json, serving
from platforms.vk_facing import HOSTS, Gates, Refused, Vk, lane_to


def call(number: int, method: str = "users.get") -> Call:
    return Call(method=method, parameters={"n": number})


def echo(parameters: dict[str, str]) -> Any:
    return {"n": int(parameters["n"])}


async def ask_all(lane: Lane, numbers: range, method: str = "users.get") -> list[Any]:
    told = await asyncio.gather(*(lane.ask(call(n, method)) for n in numbers))
    return [json.loads(each.body)["n"] for each in told]


async def test_one_call_travels_as_itself() -> None:
    vk = Vk(users__get=echo)
    async with lane_to(vk) as (lane, _):
        assert await ask_all(lane, range(1)) == [0]
    assert vk.requests == [("secret", "users.get")]


async def test_many_calls_travel_together_twenty_five_at_a_time() -> None:
    vk = Vk(users__get=echo)
    async with lane_to(vk) as (lane, _):
        assert await ask_all(lane, range(60)) == list(range(60))
    assert vk.requests == [("secret", "execute")] * 3
    assert sorted(int(parameters["n"]) for _, _, parameters in vk.calls) == list(range(60))


async def test_a_call_in_an_idle_lane_waits_for_those_that_come_right_after_it() -> None:
    vk = Vk(users__get=echo)
    async with lane_to(vk, interval=INTERVALS[Kind.USER]) as (lane, _):
        first = asyncio.ensure_future(ask_all(lane, range(1)))
        for _ in range(5):
            await asyncio.sleep(0)
        assert await ask_all(lane, range(1, 3)) == [1, 2]
        assert await first == [0]
    assert vk.requests == [("secret", "execute")]


async def test_no_more_leave_within_a_second_than_may_whatever_the_limiter_says() -> None:
    vk = Vk(users__get=echo)
    left: list[float] = []

    def respond(asked: Asked) -> Answer:
        left.append(time.monotonic())
        return vk(asked)

    async with lane_to(respond, interval=INTERVALS[Kind.USER]) as (lane, _):
        assert await ask_all(lane, range(100)) == list(range(100))
    assert len(left) == 4
    assert left[3] - left[0] > 0.9


async def test_no_text_becomes_code() -> None:
    text = '"}),API.wall.delete({"a":"\\\n</script>\u2028"'
    vk = Vk(wall__get=lambda parameters: parameters["q"])
    async with lane_to(vk) as (lane, server):
        ask = Call(method="wall.get", parameters={"q": text})
        told = await asyncio.gather(lane.ask(ask), lane.ask(ask))
    assert [json.loads(each.body) for each in told] == [text, text]
    assert b"%3C%2Fscript" not in server.asked[0].body


async def test_answers_tell_which_was_made_before_which() -> None:
    vk = Vk(users__get=echo)
    async with lane_to(vk) as (lane, _):
        first, second = await asyncio.gather(lane.ask(call(1)), lane.ask(call(2)))
        later = await lane.ask(call(3))
    assert first.is_surely_before(second)
    assert second.is_surely_before(later)
    assert not second.is_surely_before(first)
    assert not later.is_surely_before(first)


async def test_what_fails_within_a_bundle_fails_alone() -> None:
    def odd(parameters: dict[str, str]) -> Any:
        number = int(parameters["n"])
        if number % 3 == 1:
            raise Refused(100 + number % 2 * 13)
        return False if number == 3 else 0

    vk = Vk(users__get=odd)
    async with lane_to(vk) as (lane, _):
        told = await asyncio.gather(*(lane.ask(call(n)) for n in range(8)), return_exceptions=True)
    codes = [
        each.code if isinstance(each, VkError) else getattr(each, "body", each) for each in told
    ]
    # A call may answer `false` itself: then it is asked by itself once more.
    assert codes == [b"0", 113, b"0", b"false", 100, b"0", b"0", 113]


async def test_a_bundle_that_is_too_much_is_halved() -> None:
    sizes: list[int] = []

    def respond(asked: Asked) -> Answer:
        vk = Vk(users__get=echo)
        answer = vk(asked)
        sizes.append(len(vk.calls))
        if len(vk.calls) > 6:
            return as_json({"error": {"error_code": 13, "error_msg": "too big"}})
        return answer

    async with lane_to(respond) as (lane, _):
        assert await ask_all(lane, range(25)) == list(range(25))
    assert sizes[0] == 25
    assert max(sizes[1:]) <= 12
    assert sizes.count(25) == 1


@pytest.mark.parametrize("code", [10, 1, 36])
async def test_a_bundle_that_fails_is_tried_again_in_parts(code: int) -> None:
    failed: list[int] = []

    def respond(asked: Asked) -> Answer:
        vk = Vk(users__get=echo)
        answer = vk(asked)
        if len(vk.calls) > 10:
            failed.append(len(vk.calls))
            return as_json({"error": {"error_code": code, "error_msg": "oh"}})
        return answer

    async with lane_to(respond) as (lane, _):
        assert await ask_all(lane, range(25)) == list(range(25))
    assert failed[0] == 25
    assert 12 in failed


async def test_an_answer_that_is_too_long_is_asked_for_in_parts() -> None:
    long = "x" * 3_000_000
    vk = Vk(users__get=lambda parameters: {"n": int(parameters["n"]), "long": long})
    async with lane_to(vk) as (lane, _):
        assert await ask_all(lane, range(12)) == list(range(12))
    assert vk.requests.count(("secret", "execute")) >= 3


@pytest.mark.parametrize("code", [3, 12, 15, 27, 28])
async def test_where_bundles_are_refused_each_call_goes_alone(code: int) -> None:
    def refuse(_: dict[str, str]) -> Any:
        raise Refused(code)

    vk = Vk(users__get=echo, execute=refuse)
    async with lane_to(vk) as (lane, _):
        assert await ask_all(lane, range(5)) == list(range(5))
        assert await ask_all(lane, range(5)) == list(range(5))
    assert vk.requests.count(("secret", "execute")) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=502, body=b"<html>"),
        Answer(status=200, body=b"<html>oops</html>"),
        Answer(status=200, body=b'{"response": '),
        as_json({"error": {"error_code": 10, "error_msg": "internal"}}),
        as_json({"error": {"error_code": 1, "error_msg": "unknown"}}),
    ],
)
async def test_a_server_that_is_out_of_order_is_asked_again(answer: Answer) -> None:
    left = [answer] * 5

    def respond(asked: Asked) -> Answer:
        return left.pop() if left else Vk(users__get=echo)(asked)

    async with lane_to(respond) as (lane, _):
        assert await ask_all(lane, range(1)) == [0]


async def test_a_server_that_stays_out_of_order_is_unreachable_in_the_end() -> None:
    async with lane_to(lambda _: Answer(status=500)) as (lane, server):
        with pytest.raises(PlatformError) as failure:
            await lane.ask(call(1))
    assert failure.value.kind is FailureKind.UNREACHABLE
    assert len(server.asked) == 6


async def test_a_write_is_not_sent_again_unless_it_was_certainly_not_done() -> None:
    answers = [{"error": {"error_code": 6, "error_msg": "fast"}}] * 3
    answers.append({"error": {"error_code": 10, "error_msg": "who knows"}})
    async with lane_to(lambda _: as_json(answers.pop(0))) as (lane, server):
        with pytest.raises(VkError) as failure:
            await lane.ask(call(1), once=True)
    assert failure.value.code == 10
    assert len(server.asked) == 4


async def test_being_too_fast_is_no_failure_within_a_bundle_either() -> None:
    refusals = 20

    def fast(parameters: dict[str, str]) -> Any:
        nonlocal refusals
        refusals -= 1
        if refusals >= 0:
            raise Refused(6)
        return echo(parameters)

    async with lane_to(Vk(users__get=fast)) as (lane, _):
        assert await ask_all(lane, range(7)) == list(range(7))


async def test_somebody_else_who_uses_the_token_up_is_waited_for_not_for_ever() -> None:
    def fast(_: dict[str, str]) -> Any:
        raise Refused(6)

    async with lane_to(Vk(users__get=fast)) as (lane, server):
        with pytest.raises(VkError) as failure:
            await lane.ask(call(1))
    assert failure.value.kind is FailureKind.RATE_LIMITED
    assert failure.value.retry_after
    assert len(server.asked) == 40


async def test_flood_and_amounts_rest_the_method_in_all_processes() -> None:
    gates = Gates()

    def used_up(_: dict[str, str]) -> Any:
        raise Refused(29)

    vk = Vk(users__get=echo, likes__getList=used_up)
    async with lane_to(vk, gates=gates) as (lane, _):
        with pytest.raises(VkError) as failure:
            await lane.ask(call(1, "likes.getList"))
        assert failure.value.kind is FailureKind.RATE_LIMITED
        assert failure.value.retry_after == 3 * 3600
        assert list(gates.paused.values()) == [3 * 3600]
        # Whatever else waits beside it is not held up, and what is paused is not sent.
        told = await asyncio.gather(
            *(lane.ask(call(n)) for n in range(3)),
            lane.ask(call(9, "likes.getList")),
            *(lane.ask(call(n)) for n in range(3)),
            return_exceptions=True,
        )
    assert [isinstance(each, Told) for each in told] == [True] * 3 + [False] + [True] * 3
    assert isinstance(told[3], PlatformError)
    assert told[3].kind is FailureKind.RATE_LIMITED
    assert told[3].retry_after == 3 * 3600
    assert len(vk.asked("likes.getList")) == 1


async def test_a_captcha_rests_the_token_and_names_where_to_solve_it() -> None:
    gates = Gates()

    def captcha(_: dict[str, str]) -> Any:
        raise Refused(14, redirect_uri="https://id.vk.ru/captcha?session=1")

    vk = Vk(users__get=captcha, wall__get=echo)
    async with lane_to(vk, gates=gates) as (lane, _):
        with pytest.raises(VkError, match=r"https://id\.vk\.ru/captcha") as failure:
            await lane.ask(call(1))
        assert failure.value.kind is FailureKind.RATE_LIMITED
        with pytest.raises(PlatformError, match=r"https://id\.vk\.ru/captcha"):
            await lane.ask(call(1, "wall.get"))
        assert len(vk.requests) == 1
        # Somebody says that it is solved, and it is not.
        await gates.resume(list(gates.paused))
        with pytest.raises(VkError):
            await lane.ask(call(1))
        assert len(gates.paused) == 1


async def test_without_the_limiter_nothing_is_sent() -> None:
    async with (
        Redis.from_url("redis://127.0.0.1:9") as redis,
        serving(Vk(users__get=echo)) as server,
        Transport(HOSTS) as transport,
    ):
        limiter = RedisLimiter(redis)
        lane = Lane(transport, limiter, api=server.url, token="secret", interval=0.01)
        with pytest.raises(PlatformError) as failure:
            await lane.ask(call(1))
        await lane.close()
    assert failure.value.kind is FailureKind.UNREACHABLE
    assert server.asked == []


async def test_whoever_waits_no_more_is_not_asked_for() -> None:
    vk = Vk(users__get=echo)
    async with lane_to(vk) as (lane, _):
        first = asyncio.ensure_future(lane.ask(call(1)))
        second = asyncio.ensure_future(lane.ask(call(2)))
        await asyncio.sleep(0)
        first.cancel()
        assert json.loads((await second).body) == {"n": 2}
    assert [parameters["n"] for _, _, parameters in vk.calls] == ["2"]


async def test_a_lane_that_closes_leaves_nobody_waiting() -> None:
    async def respond(_: Asked) -> Answer:
        await asyncio.sleep(60)
        return Answer()

    async with lane_to(respond) as (lane, _):
        asked = [asyncio.ensure_future(lane.ask(call(n))) for n in range(40)]
        await asyncio.sleep(0.05)
        await lane.close()
        done = await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), 5)
    assert all(isinstance(each, asyncio.CancelledError) for each in done)


async def test_the_pace_of_a_token_is_kept_by_all_its_lanes_together(redis_url: str) -> None:
    arrived: list[float] = []
    vk = Vk(users__get=echo)

    def respond(asked: Asked) -> Answer:
        arrived.append(time.monotonic())
        return vk(asked)

    interval = INTERVALS[Kind.COMMUNITY]
    async with Redis.from_url(redis_url) as redis, serving(respond) as server:
        lanes = [Lanes(RedisLimiter(redis), HOSTS) for _ in range(2)]  # two processes

        async def use(mine: Lanes) -> None:
            async with mine.entered(server.url) as entrance:
                lane = await entrance.lane("secret", Kind.COMMUNITY)
                for number in range(5):
                    await asyncio.gather(*(lane.ask(call(number)) for _ in range(26)))

        await asyncio.gather(*map(use, lanes))
    assert len(vk.calls) == 2 * 5 * 26
    assert 11 <= len(arrived) <= 20
    assert arrived[-1] - arrived[0] > (len(arrived) - 3) * interval


async def test_adapters_of_one_token_share_its_lane_and_the_last_one_closes_it() -> None:
    vk = Vk(users__get=echo)
    async with serving(vk) as server:
        lanes = Lanes(Gates(), HOSTS)
        async with lanes.entered(server.url) as one:
            lane = await one.lane("secret", Kind.USER)
            async with lanes.entered(server.url) as other:
                assert await other.lane("secret", Kind.USER) is lane
                assert await other.lane("another", Kind.USER) is not lane
            await lane.ask(call(1))
        async with lanes.entered(server.url) as late:
            assert await late.lane("secret", Kind.USER) is not lane


async def test_a_token_shows_nowhere() -> None:
    def echoing(_: dict[str, str]) -> Any:
        raise Refused(5, error_msg="invalid access_token secret", redirect_uri="http://x/?secret")

    gates = Gates()
    async with lane_to(Vk(users__get=echoing), gates=gates) as (lane, server):
        with pytest.raises(VkError) as failure:
            await lane.ask(call(1))
        assert "secret" not in f"{failure.value!r} {failure.value.message} {lane!r} {gates.entered}"
    assert "secret" not in server.asked[0].path
    assert b"secret" not in server.asked[0].body
