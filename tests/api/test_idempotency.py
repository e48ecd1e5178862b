"""A write with an `Idempotency-Key` happens once, however often it is sent."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from api.answers import created, done, items, problem
from contest_service.store import idempotency

KEY = {"Idempotency-Key": "order-1"}
REPLAYED = "idempotency-replayed"


async def test_a_repeated_request_gets_the_same_reply_and_does_nothing(
    owner: httpx.AsyncClient,
) -> None:
    first = await owner.post("/v1/lists", json={"name": "Staff"}, headers=KEY)
    again = await owner.post("/v1/lists", json={"name": "Staff"}, headers=KEY)
    assert created(again) == created(first)
    assert REPLAYED not in first.headers
    assert again.headers[REPLAYED] == "true"
    assert again.headers["content-type"] == first.headers["content-type"]
    assert len(items(await owner.get("/v1/lists"))) == 1
    assert len(items(await owner.get("/v1/audit", params={"subject": first.json()["id"]}))) == 1


async def test_a_repeated_deletion_is_deleted_again(owner: httpx.AsyncClient) -> None:
    made = created(await owner.post("/v1/lists", json={"name": "Staff"}))
    for expected in (None, "true"):
        answer = await owner.delete(f"/v1/lists/{made['id']}", headers=KEY)
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers.get(REPLAYED) == expected


async def test_a_key_of_another_request_is_refused(owner: httpx.AsyncClient) -> None:
    created(await owner.post("/v1/lists", json={"name": "Staff"}, headers=KEY))
    code = "idempotency_key_reused"
    problem(await owner.post("/v1/lists", json={"name": "Other"}, headers=KEY), 422, code)
    problem(await owner.post("/v1/workspaces", json={"name": "Staff"}, headers=KEY), 422, code)
    assert len(items(await owner.get("/v1/lists"))) == 1


async def test_keys_are_a_person_s_own(
    owner: httpx.AsyncClient, editor: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    for number, client in enumerate((owner, editor, stranger)):
        answer = await client.post("/v1/lists", json={"name": f"List {number}"}, headers=KEY)
        created(answer)
        assert REPLAYED not in answer.headers


async def test_a_replayed_reply_holds_no_secret(
    owner: httpx.AsyncClient, connection: "asyncpg.Connection[Any]"
) -> None:
    for path, body, where in (
        ("/v1/tokens", {"name": "t", "role": "owner"}, []),
        ("/v1/workspaces", {"name": "Second"}, ["token"]),
    ):
        key = {"Idempotency-Key": path}
        first = created(await owner.post(path, json=body, headers=key))
        again = created(await owner.post(path, json=body, headers=key))
        for step in where:
            first, again = first[step], again[step]
        assert first["secret"].startswith("cst_")
        assert again["secret"] is None
        assert again["note"]
        assert again["token"] == first["token"]
        stored = await connection.fetchval(
            "SELECT string_agg(convert_from(reply, 'UTF8'), ' ') FROM idempotency_keys"
        )
        assert first["secret"] not in stored


async def test_a_failed_request_may_be_repeated(owner: httpx.AsyncClient) -> None:
    taken = created(await owner.post("/v1/lists", json={"name": "Staff"}))
    problem(await owner.post("/v1/lists", json={"name": "Staff"}, headers=KEY), 409, "name_taken")
    await owner.delete(f"/v1/lists/{taken['id']}")
    answer = await owner.post("/v1/lists", json={"name": "Staff"}, headers=KEY)
    created(answer)
    assert REPLAYED not in answer.headers


async def test_of_requests_at_once_one_does_the_work(owner: httpx.AsyncClient) -> None:
    body = {"name": "t", "role": "auditor"}
    answers = await asyncio.gather(
        *(owner.post("/v1/tokens", json=body, headers=KEY) for _ in range(8))
    )
    assert len({created(answer)["token"]["id"] for answer in answers}) == 1
    assert sum(answer.json()["secret"] is not None for answer in answers) == 1
    assert sum(REPLAYED not in answer.headers for answer in answers) == 1
    assert len(items(await owner.get("/v1/tokens"))) == 2


async def test_a_request_that_waits_too_long_for_its_twin_is_told_so(
    owner: httpx.AsyncClient,
    connection: "asyncpg.Connection[Any]",
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(idempotency, "WAIT_BRIEFLY", "SET LOCAL lock_timeout = '50ms'")
    me = done(await owner.get("/v1/me"))
    async with connection.transaction():
        await connection.execute(
            idempotency.CLAIM, me["workspace"]["id"], me["person"]["id"], "order-1", b"other"
        )
        problem(
            await owner.post("/v1/lists", json={"name": "Staff"}, headers=KEY), 409, "in_progress"
        )


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\there"])
async def test_a_key_has_to_be_short_and_printable(owner: httpx.AsyncClient, key: str) -> None:
    answer = await owner.post("/v1/lists", json={"name": "A"}, headers={"Idempotency-Key": key})
    problem(answer, 400, "malformed")


async def test_a_role_that_was_taken_away_replays_nothing(
    owner: httpx.AsyncClient, editor: httpx.AsyncClient
) -> None:
    created(await editor.post("/v1/lists", json={"name": "Staff"}, headers=KEY))
    person = done(await editor.get("/v1/me"))["person"]["id"]
    done(await owner.patch(f"/v1/persons/{person}", json={"role": "auditor"}))
    problem(await editor.post("/v1/lists", json={"name": "Staff"}, headers=KEY), 403, "forbidden")


async def test_keys_are_forgotten_after_their_time(
    owner: httpx.AsyncClient, connection: "asyncpg.Connection[Any]"
) -> None:
    created(await owner.post("/v1/lists", json={"name": "Staff"}, headers=KEY))
    now = datetime.now(UTC)
    assert await idempotency.forget(connection, before=now - timedelta(hours=24)) == 0
    assert await idempotency.forget(connection, before=now + timedelta(seconds=1)) == 1
    problem(await owner.post("/v1/lists", json={"name": "Staff"}, headers=KEY), 409, "name_taken")
