"""Servers that fail, in every way that servers do: each becomes one of a handful of kinds."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from contest_service.domain.accounts import Platform
from contest_service.domain.evidence import Action, Target, TargetKind
from contest_service.platforms.base import Draft, PlatformAdapter
from contest_service.platforms.bluesky import quota
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.hosts import AllowedHosts
from contest_service.platforms.registry import open_adapter
from platforms.conftest import Keeper
from platforms.loopback import Answer, Asked, Loopback, Respond, as_json, serving

POST = Target(
    platform=Platform.BLUESKY,
    instance="x",
    kind=TargetKind.POST,
    ref="at://did:plc:a/app.bsky.feed.post/3k",
    author="did:plc:a",
    url="",
)
SESSION = {"did": "did:plc:a", "handle": "a.test", "accessJwt": "token", "refreshJwt": "token"}
LIKE = {
    "actor": {"did": "did:plc:b", "handle": "b.test"},
    "indexedAt": "2026-05-01T10:00:00.000Z",
    "createdAt": "2026-05-01T10:00:00.000Z",
}


@asynccontextmanager
async def facing(
    respond: Respond,
) -> AsyncIterator[tuple[PlatformAdapter, Loopback]]:
    """An adapter whose every server answers with `respond`."""
    async with (
        serving(respond) as server,
        open_adapter(
            Platform.BLUESKY,
            endpoints={"pds": server.url, "appview": server.url, "plc": server.url},
            credential=b'{"identifier": "did:plc:a", "app_password": "secret"}',
            session=Keeper(),
            hosts=AllowedHosts.parse(["127.0.0.1:*"]),
        ) as adapter,
    ):
        yield adapter, server


async def likes(adapter: PlatformAdapter) -> list[str]:
    return [
        sighting.account
        async for page in adapter.scan(POST, Action.LIKE, None)
        for sighting in page.sightings
    ]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (as_json({"error": "AuthMissing"}, status=401), FailureKind.CREDENTIAL_REJECTED),
        (as_json({"error": "Forbidden"}, status=403), FailureKind.FORBIDDEN),
        (as_json({"error": "AccountTakedown"}, status=400), FailureKind.FORBIDDEN),
        (as_json({"error": "NotFound"}, status=400), FailureKind.GONE),
        (as_json({}, status=404), FailureKind.GONE),
        (as_json({"error": "MethodNotImplemented"}, status=501), FailureKind.UNSUPPORTED),
        (as_json({"error": "InvalidRequest"}, status=400), FailureKind.MALFORMED),
        (Answer(status=418, body=b"<html>"), FailureKind.MALFORMED),
        (Answer(body=b"<html>sorry</html>"), FailureKind.MALFORMED),
        (Answer(body=b""), FailureKind.MALFORMED),
        (Answer(body=b"[]"), FailureKind.MALFORMED),
        (Answer(body=b'{"likes": "\xff"}'), FailureKind.MALFORMED),
        (Answer(status=302, headers={"Location": "https://bsky.social"}), FailureKind.MALFORMED),
        (Answer(status=500), FailureKind.UNREACHABLE),
        (as_json({"error": "UpstreamFailure"}, status=502), FailureKind.UNREACHABLE),
        (Answer(headers={"Content-Length": "9"}), FailureKind.UNREACHABLE),
    ],
)
async def test_each_failure_is_of_one_kind(answer: Answer, kind: FailureKind) -> None:
    async with facing(lambda _: answer) as (adapter, _):
        with pytest.raises(PlatformError) as failure:
            await likes(adapter)
    assert failure.value.kind is kind
    assert "secret" not in str(failure.value)


@pytest.mark.parametrize(
    ("broken", "field"),
    [
        ({}, "likes"),
        ({"likes": [{**LIKE, "actor": {"handle": "b.test"}}]}, "did"),
        ({"likes": [{"actor": LIKE["actor"]}]}, "indexedAt"),
        ({"likes": [{**LIKE, "indexedAt": "yesterday"}]}, "indexedAt"),
        ({"likes": [{**LIKE, "indexedAt": "2026-05-01T10:00:00"}]}, "indexedAt"),
    ],
)
async def test_a_missing_field_is_named(broken: dict[str, Any], field: str) -> None:
    async with facing(lambda _: as_json(broken)) as (adapter, _):
        with pytest.raises(PlatformError, match=field) as failure:
            await likes(adapter)
    assert failure.value.kind is FailureKind.MALFORMED
    assert "getLikes" in failure.value.message


async def test_what_is_unknown_in_an_answer_is_ignored() -> None:
    like = {**LIKE, "new": {"$type": "x"}, "actor": {"did": "did:plc:b", "handle": "b", "x": []}}
    async with facing(lambda _: as_json({"likes": [like], "more": 1})) as (adapter, _):
        assert await likes(adapter) == ["did:plc:b"]


async def test_a_server_that_recovers_is_not_a_failure() -> None:
    answers = [Answer(status=503), Answer(status=500), as_json({"likes": [LIKE]})]
    async with facing(lambda _: answers.pop(0)) as (adapter, _):
        assert await likes(adapter) == ["did:plc:b"]
    assert not answers


async def test_a_server_that_keeps_failing_is_asked_a_handful_of_times() -> None:
    async with facing(lambda _: Answer(status=500)) as (adapter, server):
        with pytest.raises(PlatformError) as failure:
            await likes(adapter)
    assert len(server.asked) == 4
    assert not failure.value.is_permanent


async def test_an_empty_page_in_the_middle_does_not_end_a_scan() -> None:
    pages = {
        "": {"likes": [], "cursor": "1"},
        "1": {"likes": [LIKE], "cursor": "2"},
        "2": {"likes": []},
    }

    def respond(asked: Asked) -> Answer:
        return as_json(pages[asked.parameters.get("cursor", [""])[0]])

    async with facing(respond) as (adapter, _):
        assert await likes(adapter) == ["did:plc:b"]


async def test_a_cursor_that_leads_to_itself_does_not_run_forever() -> None:
    async with facing(lambda _: as_json({"likes": [LIKE], "cursor": "same"})) as (adapter, _):
        with pytest.raises(PlatformError, match="same") as failure:
            await likes(adapter)
    assert failure.value.kind is FailureKind.MALFORMED


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
    told = {
        name: value.replace("{in_40}", str(int(time.time()) + 40))
        for name, value in headers.items()
    }
    answer = as_json({"error": "RateLimitExceeded"}, status=429, headers=told)
    async with facing(lambda _: answer) as (adapter, server):
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


class Repository:
    """A PDS with one drawer of records, that can fail before or after it has put one in."""

    def __init__(self, *, fails: str) -> None:
        self._fails = fails
        self.records: list[str] = []

    def __call__(self, asked: Asked) -> Answer:
        if asked.path.endswith("createSession"):
            return as_json(SESSION)
        if asked.path == "/did:plc:a":
            return as_json({"id": "did:plc:a"})
        uri = "at://did:plc:a/app.bsky.feed.post/3k"
        if asked.path.endswith("getRecord"):
            if self.records:
                return as_json({"uri": uri, "cid": "c", "value": {}})
            return as_json({"error": "RecordNotFound"}, status=400)
        if self._fails == "before":
            return Answer(status=500)
        self.records.append(uri)
        return Answer(status=500) if self._fails == "after" else as_json({"uri": uri, "cid": "c"})


def draft() -> Draft:
    return Draft(
        key="3k",
        created_at=datetime.now(UTC),
        text="x",
        link="",
        reply_to=None,
    )


@pytest.mark.parametrize("fails", ["never", "after"])
async def test_a_publication_whose_answer_got_lost_is_found(fails: str) -> None:
    repository = Repository(fails=fails)
    async with facing(repository) as (adapter, _):
        made = [await adapter.publish(draft()) for _ in range(2)]
    assert len(repository.records) == 1
    assert made[0] == made[1]


async def test_a_publication_that_failed_is_tried_once_and_reported() -> None:
    repository = Repository(fails="before")
    async with facing(repository) as (adapter, server):
        with pytest.raises(PlatformError) as failure:
            await adapter.publish(draft())
    assert failure.value.kind is FailureKind.UNREACHABLE
    assert len([each for each in server.asked if each.path.endswith("createRecord")]) == 1


async def test_a_community_whose_account_is_gone_says_nothing_of_others() -> None:
    def respond(asked: Asked) -> Answer:
        if asked.path.endswith("getProfiles"):
            return as_json({"profiles": [{"did": "did:plc:b", "handle": "b.test"}]})
        unknown = [{"actor": did, "notFound": True} for did in asked.parameters["others"]]
        return as_json({"relationships": unknown})

    async with facing(respond) as (adapter, _):
        with pytest.raises(PlatformError) as failure:
            await adapter.standing(["did:plc:b"])
    assert failure.value.kind is FailureKind.GONE


async def test_an_account_that_is_not_answered_for_is_hidden() -> None:
    answer = as_json({"actor": "did:plc:a", "relationships": [{"did": "did:plc:b"}]})
    async with facing(lambda _: answer) as (adapter, _):
        target = await adapter.community_target()
        asked = [
            each async for each in adapter.ask(target, Action.FOLLOW, ["did:plc:b", "did:plc:c"])
        ]
    assert [(each.absent, each.hidden) for each in asked] == [(("did:plc:b",), ("did:plc:c",))]


async def test_a_scan_that_is_left_early_leaves_nothing_behind() -> None:
    async def respond(asked: Asked) -> Answer:
        cursor = int(asked.parameters.get("cursor", ["0"])[0])
        await asyncio.sleep(0 if cursor == 0 else 30)
        return as_json({"likes": [LIKE], "cursor": str(cursor + 1)})

    before = asyncio.all_tasks()
    async with facing(respond) as (adapter, _):
        async for page in adapter.scan(POST, Action.LIKE, None):
            assert page.next == "1"
            break
    for _ in range(10):
        await asyncio.sleep(0)
    assert asyncio.all_tasks() == before
