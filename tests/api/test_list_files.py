"""Lists as files: brought in and handed out as CSV, and accounts that stay for a while."""

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from api.answers import created, done, faults, items, problem

CSV = {"Content-Type": "text/csv"}


async def a_list(owner: httpx.AsyncClient, name: str = "Блокировка") -> str:
    return f"/v1/lists/{created(await owner.post('/v1/lists', json={'name': name}))['id']}"


async def test_a_file_is_brought_in_and_comes_back_as_it_was(owner: httpx.AsyncClient) -> None:
    where = await a_list(owner)
    soon = (datetime.now(UTC) + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    file = (
        "account;platform;reason;expires_at\r\n"
        f'did:plc:a;;"=cmd|""/c calc""!A1";{soon}\r\n'
        "https://vk.com/id7;vk;\r\n"
        "-501;VK;чужая;\r\n"
        "did:plc:a;;again;\r\n"
    )
    answer = await owner.post(
        f"{where}/accounts/import", params={"reason": "spam"}, content=file.encode(), headers=CSV
    )
    assert done(answer)["accounts"] == 3
    listed = {each["account"]: each for each in items(await owner.get(f"{where}/accounts"))}
    assert listed["did:plc:a"]["reason"] == '=cmd|"/c calc"!A1'
    assert listed["did:plc:a"]["expires_at"] == soon
    assert (listed["7"]["reason"], listed["7"]["expires_at"]) == ("spam", None)

    out = await owner.get(f"{where}/accounts/export", params={"separator": "semicolon"})
    assert out.headers["content-type"].startswith("text/csv")
    assert "attachment" in out.headers["content-disposition"]
    text = out.content.decode()
    assert text.startswith('\ufeff"platform";"instance";"account";')
    assert '"\'=cmd|""/c calc""!A1"' in text
    assert '"\'-501"' in text
    other = await a_list(owner, "Copy")
    done(await owner.post(f"{other}/accounts/import", content=out.content, headers=CSV))
    copied = items(await owner.get(f"{other}/accounts"))
    assert [(each["account"], each["reason"], each["expires_at"]) for each in copied] == [
        (each["account"], each["reason"], each["expires_at"]) for each in listed.values()
    ]
    (newest, *_) = items(await owner.get("/v1/audit", params={"subject": where[-36:]}))
    assert (newest["action"], newest["detail"]["accounts"]) == ("list.imported", 3)


async def test_all_faults_of_a_file_are_told_by_line_and_column(owner: httpx.AsyncClient) -> None:
    where = await a_list(owner)
    file = (
        "account,platform,reason,expires_at\n"
        "did:plc:a,,x,\n"
        "durov,,x,\n"
        "a.b,,x,\n"
        "durov,vk,,yesterday\n"
        "anna.test,myspace,x,\n"
        "павел,vk,x,\n"
        '7,vk,x,,"more"\n'
    )
    answer = await owner.post(f"{where}/accounts/import", content=file.encode(), headers=CSV)
    problem(answer, 422, "invalid")
    told = faults(answer)
    assert list(told) == [
        "/lines/3/account",
        "/lines/4/platform",
        "/lines/5/expires_at",
        "/lines/5/reason",
        "/lines/6/platform",
        "/lines/7/account",
        "/lines/8",
    ]
    # A short name of VK, where no community is connected that could say whose.
    assert "no community on VK is connected" in told["/lines/3/account"]
    assert "bluesky or vk" in told["/lines/4/platform"]
    assert items(await owner.get(f"{where}/accounts")) == []
    many = "account,reason\n" + "".join(f"some_name_{n},x\n" for n in range(2001))
    answer = await owner.post(f"{where}/accounts/import", content=many.encode(), headers=CSV)
    assert "more than 2000 handles" in faults(answer)["/lines"]
    text = await owner.post(f"{where}/accounts/import", json={"accounts": []})
    problem(text, 415, "unsupported_media_type")
    ghost = "/v1/lists/00000000-0000-0000-0000-000000000000/accounts"
    problem(await owner.post(f"{ghost}/import", content=b"x", headers=CSV), 404, "not_found")
    problem(await owner.get(f"{ghost}/export"), 404, "not_found")
    far = await owner.post(f"{where}/accounts/import", content=b"x" * (17 << 20), headers=CSV)
    assert far.status_code == 413


async def test_a_file_of_a_key_is_brought_in_once(owner: httpx.AsyncClient) -> None:
    where = await a_list(owner)
    key = CSV | {"Idempotency-Key": "one"}
    file = b"account,reason\ndid:plc:a,x\n"
    first = await owner.post(f"{where}/accounts/import", content=file, headers=key)
    done(await owner.post(f"{where}/accounts/remove", json={"accounts": [ACCOUNT]}))
    again = await owner.post(f"{where}/accounts/import", content=file, headers=key)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == first.json()
    assert items(await owner.get(f"{where}/accounts")) == []
    another = await owner.post(f"{where}/accounts/import", content=file + b"\n", headers=key)
    problem(another, 422, "idempotency_key_reused")


ACCOUNT = {"platform": "bluesky", "id": "did:plc:a"}


async def test_what_stands_on_a_list_stays_until_the_later_end(
    owner: httpx.AsyncClient, connection: "asyncpg.Connection[Any]"
) -> None:
    where = await a_list(owner)
    now = datetime.now(UTC).replace(microsecond=0)

    async def add(days: int | None, reason: str) -> dict[str, Any]:
        ends = None if days is None else (now + timedelta(days=days)).isoformat()
        body = {"accounts": [ACCOUNT], "reason": reason, "expires_at": ends}
        done(await owner.post(f"{where}/accounts", json=body))
        (listed,) = items(await owner.get(f"{where}/accounts"))
        return listed

    def ends(listed: dict[str, Any]) -> timedelta:
        return datetime.fromisoformat(listed["expires_at"]) - now

    assert ends(await add(9, "first")) == timedelta(days=9)
    assert ends(await add(3, "second")) == timedelta(days=9)
    later = await add(20, "third")
    assert (ends(later), later["reason"]) == (timedelta(days=20), "first")
    # Once it has ended, it begins anew.
    past = now - timedelta(days=1)
    await connection.execute(
        "UPDATE list_accounts SET added_at = $1, expires_at = $2, lapsed_at = $3",
        past - timedelta(days=1),
        past,
        now,
    )
    anew = await add(5, "fourth")
    assert (ends(anew), anew["reason"]) == (timedelta(days=5), "fourth")
    assert await connection.fetchval("SELECT lapsed_at FROM list_accounts") is None
    forever = await add(None, "fifth")
    assert (forever["expires_at"], forever["reason"]) == (None, "fourth")
    assert (await add(5, "sixth"))["expires_at"] is None
    for wrong in ("2020-01-01T00:00:00Z", "2030-01-01T00:00:00", "9999-12-31T23:59:59-23:59"):
        body = {"accounts": [ACCOUNT], "reason": "x", "expires_at": wrong}
        assert list(faults(await owner.post(f"{where}/accounts", json=body))) == ["/expires_at"]


@pytest.mark.parametrize("separator", ["", "pipe"])
async def test_an_unknown_separator_is_refused(owner: httpx.AsyncClient, separator: str) -> None:
    where = await a_list(owner)
    answer = await owner.get(f"{where}/accounts/export", params={"separator": separator})
    assert answer.status_code == 422
