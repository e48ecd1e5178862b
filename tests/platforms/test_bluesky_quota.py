"""Servers' limits: kept within, and never run into twice."""

import time

import pytest

from contest_service.domain.evidence import Action
from contest_service.platforms.bluesky import quota
from contest_service.platforms.errors import FailureKind, PlatformError
from platforms.facing import POST, facing, likes
from platforms.loopback import Answer, Asked, as_json


@pytest.mark.parametrize(
    ("headers", "at_least", "at_most"),
    [
        ({"Retry-After": "17"}, 17, 17),
        ({"RateLimit-Reset": "{in_40}"}, 38, 41),
        ({"RateLimit-Reset": "1000", "Date": "Thu, 01 Jan 1970 00:15:00 GMT"}, 100, 100),
        ({"RateLimit-Reset": "12"}, 1, 1),
        ({"Retry-After": "soon"}, 60, 60),
        ({}, 60, 60),
    ],
)
async def test_a_limit_that_is_reached_says_when_to_come_back(
    headers: dict[str, str], at_least: float, at_most: float
) -> None:
    def refuse(_: Asked) -> Answer:
        in_40 = str(int(time.time()) + 40)
        told = {name: value.replace("{in_40}", in_40) for name, value in headers.items()}
        return as_json({"error": "RateLimitExceeded"}, status=429, headers=told)

    async with facing(refuse) as (adapter, server):
        with pytest.raises(PlatformError) as failure:
            await likes(adapter)
    assert failure.value.kind is FailureKind.RATE_LIMITED
    assert not failure.value.is_permanent
    assert at_least <= (failure.value.retry_after or 0) <= at_most
    assert len(server.asked) == 1


def limit(remaining: int, *, seconds: int, policy: str = "100;w=300") -> dict[str, str]:
    return {
        "RateLimit-Limit": "100",
        "RateLimit-Remaining": str(remaining),
        "RateLimit-Reset": str(int(time.time()) + seconds),
        "RateLimit-Policy": policy,
    }


async def test_nothing_is_asked_of_a_server_whose_limit_is_used_up() -> None:
    answer = as_json({"likes": []}, headers=limit(0, seconds=100))
    async with facing(lambda _: answer) as (adapter, server):
        await likes(adapter)
        with pytest.raises(PlatformError) as failure:
            await likes(adapter)
        assert failure.value.kind is FailureKind.RATE_LIMITED
        assert 90 < (failure.value.retry_after or 0) <= 100
        assert len(server.asked) == 1


async def test_requests_slow_down_before_the_limit_is_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(quota, "LONGEST_PAUSE", 1.0)
    left = iter([50, 5, 4])

    def respond(_: Asked) -> Answer:
        return as_json({"likes": []}, headers=limit(next(left), seconds=100))

    async with facing(respond) as (adapter, _):
        paces = []
        for _ in range(3):
            began = time.monotonic()
            await likes(adapter)
            paces.append(time.monotonic() - began)
    assert paces[1] < 1.0
    assert paces[2] >= 1.0


async def test_each_limit_of_a_server_counts_for_itself() -> None:
    def respond(asked: Asked) -> Answer:
        if asked.path.endswith("getLikes"):
            return as_json({"likes": []}, headers=limit(0, seconds=100, policy="1;w=1"))
        return as_json({"repostedBy": []}, headers=limit(50, seconds=100))

    async with facing(respond) as (adapter, _):
        await likes(adapter)
        for _ in range(2):
            assert [page async for page in adapter.scan(POST, Action.REPOST, None)]
