"""Lists of accounts."""

from typing import Any

import asyncpg
import httpx

from api.answers import created, done, faults, items, problem


def account(number: int, **more: str) -> dict[str, str]:
    return {"platform": "bluesky", "id": f"did:plc:{number:04}"} | more


async def test_accounts_stand_on_a_list_once_with_their_first_reason(
    owner: httpx.AsyncClient, editor: httpx.AsyncClient
) -> None:
    made = created(await editor.post("/v1/lists", json={"name": "Staff"}))
    where = f"/v1/lists/{made['id']}/accounts"
    added = done(
        await owner.post(where, json={"accounts": [account(1), account(2)], "reason": "staff"})
    )
    assert added["accounts"] == 2
    again = {"accounts": [account(2), account(2), account(3)], "reason": "family"}
    assert done(await editor.post(where, json=again))["accounts"] == 3
    found = {each["account"]: each for each in items(await owner.get(where))}
    assert found["did:plc:0002"]["reason"] == "staff"
    assert found["did:plc:0003"]["reason"] == "family"
    me = done(await editor.get("/v1/me"))["person"]["id"]
    assert found["did:plc:0003"]["added_by"] == me


async def test_an_account_of_a_practice_network_is_another_one(owner: httpx.AsyncClient) -> None:
    made = created(await owner.post("/v1/lists", json={"name": "Staff"}))
    where = f"/v1/lists/{made['id']}/accounts"
    both = [account(1), account(1, instance="localhost:2582")]
    assert done(await owner.post(where, json={"accounts": both, "reason": "x"}))["accounts"] == 2
    gone = {"accounts": [account(1)]}
    assert done(await owner.post(f"{where}/remove", json=gone))["accounts"] == 1
    assert [each["instance"] for each in items(await owner.get(where))] == ["localhost:2582"]


async def test_a_long_list_comes_in_pages(owner: httpx.AsyncClient) -> None:
    made = created(await owner.post("/v1/lists", json={"name": "Staff"}))
    where = f"/v1/lists/{made['id']}/accounts"
    many = [account(number) for number in range(1000)]
    done(await owner.post(where, json={"accounts": many, "reason": "x"}))
    seen: list[str] = []
    query: dict[str, str] = {"limit": "200"}
    while True:
        page = done(await owner.get(where, params=query))
        seen += [each["account"] for each in page["items"]]
        if page["next"] is None:
            break
        query["after"] = page["next"]
    assert seen == [each["id"] for each in many]
    problem(await owner.get(where, params={"after": "nonsense"}), 400, "malformed")


async def test_what_is_wrong_with_accounts_is_told(owner: httpx.AsyncClient) -> None:
    made = created(await owner.post("/v1/lists", json={"name": "Staff"}))
    where = f"/v1/lists/{made['id']}/accounts"
    wrong = {"accounts": [{"platform": "myspace", "id": 3}, {"handle": "a"}], "reason": ""}
    assert set(faults(await owner.post(where, json=wrong))) == {
        "/accounts/0/platform",
        "/accounts/0/id",
        "/accounts/1/platform",
        "/accounts/1/id",
        "/accounts/1/handle",
    }
    assert set(faults(await owner.post(where, json={"accounts": [], "reason": ""}))) == {
        "/accounts",
        "/reason",
    }
    far_too_many = {"accounts": [account(number) for number in range(1001)], "reason": "x"}
    assert set(faults(await owner.post(where, json=far_too_many))) == {"/accounts"}


async def test_the_audit_log_tells_how_many_and_not_who(owner: httpx.AsyncClient) -> None:
    made = created(await owner.post("/v1/lists", json={"name": "Staff"}))
    where = f"/v1/lists/{made['id']}/accounts"
    done(await owner.post(where, json={"accounts": [account(1)], "reason": "x"}))
    newest, *_ = items(await owner.get("/v1/audit", params={"subject": made["id"]}))
    assert newest["action"] == "list.accounts_added"
    assert newest["detail"] == {"accounts_before": 0, "accounts": 1}


INSERT_CONTEST = """
INSERT INTO contests (workspace_id, practice, status, definition, title, opens_at, closes_at,
    freeze_at, draw_at, created_by)
SELECT workspace_id, false, $1, $2, 'Spring', now(), now(), now(), now(), person_id
FROM memberships
"""


async def test_a_list_that_a_contest_needs_stays(
    owner: httpx.AsyncClient, connection: "asyncpg.Connection[Any]"
) -> None:
    made = created(await owner.post("/v1/lists", json={"name": "Staff"}))
    asked = {"kind": "not_listed", "list_id": made["id"], "name": "staff"}
    definition = {"rules": {"kind": "all_of", "of": [{"kind": "liked"}, asked]}}
    await connection.execute(INSERT_CONTEST, "running", definition)
    answer = await owner.delete(f"/v1/lists/{made['id']}")
    assert "Spring" in problem(answer, 409, "list_in_use")["detail"]
    await connection.execute("UPDATE contests SET status = 'completed'")
    assert (await owner.delete(f"/v1/lists/{made['id']}")).status_code == 204
