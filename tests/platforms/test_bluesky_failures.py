"""Servers that fail, in every way that servers do: each becomes one of a handful of kinds."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from contest_service.domain.evidence import Action
from contest_service.platforms.base import Draft
from contest_service.platforms.errors import FailureKind, PlatformError
from platforms.facing import LIKE, POST, SESSION, facing, likes
from platforms.loopback import Answer, Asked, as_json


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
