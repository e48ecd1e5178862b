"""Workspaces, persons and tokens."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from api.answers import created, done, faults, items, problem
from api.conftest import Clients, new_member
from contest_service.domain.errors import ConflictError
from contest_service.domain.people import Role
from contest_service.flows import people
from contest_service.flows.bootstrap import ensure_first_workspace
from contest_service.store import members
from contest_service.store.audit import Signing


async def test_me_says_who_the_token_speaks_for(editor: httpx.AsyncClient) -> None:
    me = done(await editor.get("/v1/me"))
    assert me["role"] == "editor"
    assert me["person"]["name"] == "An editor"
    assert me["workspace"]["name"] == "My workspace"


async def test_the_first_workspace_is_made_once(connection: "asyncpg.Connection[Any]") -> None:
    workspace, token = await ensure_first_workspace(connection)
    again, no_token = await ensure_first_workspace(connection)
    assert token is not None
    assert (again, no_token) == (workspace, None)


async def test_a_workspace_is_renamed_by_its_owner_only_within_it(
    owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    mine = done(await owner.get("/v1/me"))["workspace"]["id"]
    renamed = done(await owner.patch(f"/v1/workspaces/{mine}", json={"name": " Bakery "}))
    assert renamed["name"] == "Bakery"
    problem(await stranger.patch(f"/v1/workspaces/{mine}", json={"name": "Mine"}), 404, "not_found")


async def test_a_new_workspace_is_reached_by_its_own_token_only(
    owner: httpx.AsyncClient, clients: Clients
) -> None:
    made = created(await owner.post("/v1/workspaces", json={"name": "Second"}))
    there = await clients.open(made["token"]["secret"])
    assert done(await there.get("/v1/me"))["workspace"] == made["workspace"]
    assert done(await owner.get("/v1/me"))["workspace"]["name"] == "My workspace"
    assert {each["name"] for each in items(await owner.get("/v1/workspaces"))} == {
        "My workspace",
        "Second",
    }


async def test_a_token_from_somebody_else_does_not_tell_where_else_its_person_works(
    owner: httpx.AsyncClient, clients: Clients
) -> None:
    second = created(await owner.post("/v1/workspaces", json={"name": "Second"}))
    there = await clients.open(second["token"]["secret"])
    person = created(
        await owner.post("/v1/persons", json={"name": "Ann", "role": "owner", "email": "a@b.ex"})
    )
    again = created(
        await there.post("/v1/persons", json={"name": "x", "role": "owner", "email": "A@B.ex"})
    )
    assert again["id"] == person["id"]
    issued = created(
        await owner.post(
            "/v1/tokens", json={"name": "t", "role": "owner", "person_id": person["id"]}
        )
    )
    ann = await clients.open(issued["secret"])
    assert [each["name"] for each in items(await ann.get("/v1/workspaces"))] == ["My workspace"]
    own = created(await ann.post("/v1/tokens", json={"name": "mine", "role": "owner"}))
    herself = await clients.open(own["secret"])
    assert len(items(await herself.get("/v1/workspaces"))) == 2


async def test_an_address_of_another_workspace_is_not_told_about(
    owner: httpx.AsyncClient, clients: Clients, connection: "asyncpg.Connection[Any]"
) -> None:
    await owner.post("/v1/persons", json={"name": "Ann", "role": "owner", "email": "a@b.ex"})
    member = await clients.open(await new_member(owner, "owner"))
    elsewhere = created(await member.post("/v1/workspaces", json={"name": "Theirs"}))
    theirs = await clients.open(elsewhere["token"]["secret"])
    # The owner of both may; once they own only the new one, Ann is a stranger's person.
    me = done(await member.get("/v1/me"))["person"]["id"]
    assert (await owner.delete(f"/v1/persons/{me}")).status_code == 204
    answer = await theirs.post(
        "/v1/persons", json={"name": "Ann", "role": "editor", "email": "a@b.ex"}
    )
    problem(answer, 409, "email_taken")
    assert "Ann" not in answer.text


async def test_an_address_is_trusted_only_by_the_owner_who_gave_it(
    owner: httpx.AsyncClient, clients: Clients, connection: "asyncpg.Connection[Any]"
) -> None:
    """Whoever calls themselves by another's address must not get what is meant for the other."""
    second = created(await owner.post("/v1/workspaces", json={"name": "Second"}))
    there = await clients.open(second["token"]["secret"])
    boss = {"name": "Boss", "role": "owner", "email": "boss@b.ex"}
    spy = {"name": "Spy", "role": "auditor", "email": "spy@b.ex"}

    async def describe(person: dict[str, Any], email: str) -> None:
        signing = Signing(person_id=UUID(person["id"]), session_id=None, request_id="test")
        await people.describe_oneself(
            connection, signing, name=person["name"], email=email, now=datetime.now(UTC)
        )

    spying = created(await owner.post("/v1/persons", json=spy))
    await describe(spying, boss["email"])
    problem(await there.post("/v1/persons", json=boss), 409, "email_taken")
    problem(await owner.post("/v1/persons", json=boss), 409, "already_member")
    await describe(spying, spy["email"])
    problem(await there.post("/v1/persons", json=spy), 409, "email_taken")
    added = created(await owner.post("/v1/persons", json=boss))
    await describe(added, "BOSS@b.ex")
    assert created(await there.post("/v1/persons", json=boss))["id"] == added["id"]


async def test_a_person_cannot_be_in_a_workspace_twice(owner: httpx.AsyncClient) -> None:
    body = {"name": "Ann", "role": "editor", "email": "ann@example.org"}
    created(await owner.post("/v1/persons", json=body))
    problem(await owner.post("/v1/persons", json=body), 409, "already_member")


@pytest.mark.parametrize("email", ["", "a", "a@b", "@b.c", "a b@c.d", "a@b.c" + "x" * 250])
async def test_an_address_has_to_look_like_one(owner: httpx.AsyncClient, email: str) -> None:
    answer = await owner.post("/v1/persons", json={"name": " ", "role": "editor", "email": email})
    problem(answer, 422, "invalid")
    assert set(faults(answer)) == {"/name", "/email"}


async def test_the_last_owner_stays(owner: httpx.AsyncClient) -> None:
    me = done(await owner.get("/v1/me"))["person"]["id"]
    problem(await owner.delete(f"/v1/persons/{me}"), 409, "last_owner")
    problem(await owner.patch(f"/v1/persons/{me}", json={"role": "editor"}), 409, "last_owner")
    await new_member(owner, "owner")
    assert done(await owner.patch(f"/v1/persons/{me}", json={"role": "editor"}))["role"] == "editor"


async def test_two_owners_cannot_take_the_role_from_each_other_at_once(
    owner: httpx.AsyncClient, pool: "asyncpg.Pool[Any]"
) -> None:
    await new_member(owner, "owner")
    persons = items(await owner.get("/v1/persons"))
    workspace = UUID(done(await owner.get("/v1/me"))["workspace"]["id"])
    one, other = (UUID(person["id"]) for person in persons)

    async def take_from(person: UUID) -> None:
        async with pool.acquire() as conn, conn.transaction():
            await members.set_role(conn, workspace, person, Role.AUDITOR)

    async with pool.acquire() as conn:
        async with conn.transaction():
            await members.set_role(conn, workspace, one, Role.AUDITOR)
            meanwhile = asyncio.create_task(take_from(other))
            await asyncio.wait([meanwhile], timeout=0.2)
            assert not meanwhile.done()
        with pytest.raises(ConflictError):
            await meanwhile


async def test_a_lesser_role_binds_tokens_at_once(
    owner: httpx.AsyncClient, clients: Clients
) -> None:
    other = await clients.open(await new_member(owner, "owner"))
    person = done(await other.get("/v1/me"))["person"]["id"]
    done(await owner.patch(f"/v1/persons/{person}", json={"role": "auditor"}))
    assert done(await other.get("/v1/me"))["role"] == "auditor"
    problem(await other.post("/v1/lists", json={"name": "A"}), 403, "forbidden")


async def test_a_removed_person_s_tokens_end(
    owner: httpx.AsyncClient, editor: httpx.AsyncClient
) -> None:
    person = done(await editor.get("/v1/me"))["person"]["id"]
    assert (await owner.delete(f"/v1/persons/{person}")).status_code == 204
    problem(await editor.get("/v1/me"), 401, "unauthenticated")
    problem(await owner.delete(f"/v1/persons/{person}"), 404, "not_found")


async def test_a_token_may_be_less_than_its_person(
    owner: httpx.AsyncClient, clients: Clients
) -> None:
    made = created(await owner.post("/v1/tokens", json={"name": "reader", "role": "auditor"}))
    assert made["secret"].startswith("cst_")
    reader = await clients.open(made["secret"])
    problem(await reader.post("/v1/lists", json={"name": "A"}), 403, "forbidden")


async def test_a_revoked_token_ends_at_once(owner: httpx.AsyncClient, clients: Clients) -> None:
    made = created(await owner.post("/v1/tokens", json={"name": "t", "role": "owner"}))
    other = await clients.open(made["secret"])
    done(await other.get("/v1/me"))
    revoked = done(await owner.delete(f"/v1/tokens/{made['token']['id']}"))
    assert revoked["revoked_at"] is not None
    problem(await other.get("/v1/me"), 401, "unauthenticated")
    again = done(await owner.delete(f"/v1/tokens/{made['token']['id']}"))
    assert again["revoked_at"] == revoked["revoked_at"]


async def test_an_expired_token_is_none(
    owner: httpx.AsyncClient, clients: Clients, connection: "asyncpg.Connection[Any]"
) -> None:
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    made = created(
        await owner.post("/v1/tokens", json={"name": "t", "role": "owner", "expires_at": soon})
    )
    other = await clients.open(made["secret"])
    done(await other.get("/v1/me"))
    await connection.execute(
        "UPDATE tokens SET expires_at = now() - interval '1 second' WHERE id = $1::text::uuid",
        made["token"]["id"],
    )
    problem(await other.get("/v1/me"), 401, "unauthenticated")


async def test_a_token_cannot_expire_before_it_begins(owner: httpx.AsyncClient) -> None:
    for moment in ("2020-01-01T00:00:00Z", "2099-01-01T00:00:00"):
        body = {"name": "t", "role": "owner", "expires_at": moment}
        assert set(faults(await owner.post("/v1/tokens", json=body))) == {"/expires_at"}


async def test_a_token_for_nobody_here_is_not_made(
    owner: httpx.AsyncClient, stranger: httpx.AsyncClient, clients: Clients
) -> None:
    editor = await clients.open(await new_member(owner, "editor"))
    person = done(await editor.get("/v1/me"))["person"]["id"]
    body = {"name": "t", "role": "owner", "person_id": person}
    problem(await stranger.post("/v1/tokens", json=body), 404, "not_found")


async def test_no_secret_and_no_digest_is_ever_stored_or_listed(
    owner: httpx.AsyncClient, connection: "asyncpg.Connection[Any]"
) -> None:
    made = created(await owner.post("/v1/tokens", json={"name": "t", "role": "owner"}))
    listed = await owner.get("/v1/tokens")
    assert made["secret"] not in listed.text
    assert "digest" not in listed.text
    row = await connection.fetchval("SELECT string_agg(t::text, ' ') FROM tokens t")
    audit = await connection.fetchval("SELECT string_agg(a::text, ' ') FROM audit_log a")
    assert made["secret"] not in row + audit


async def test_lists_come_in_pages(owner: httpx.AsyncClient) -> None:
    names = [f"token {number}" for number in range(7)]
    for name in names:
        created(await owner.post("/v1/tokens", json={"name": name, "role": "auditor"}))
    seen: list[str] = []
    after: str | None = None
    while True:
        query = {"limit": "3"} | ({"after": after} if after else {})
        page = done(await owner.get("/v1/tokens", params=query))
        seen += [item["name"] for item in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert seen == ["First token", *names]


async def test_the_audit_log_says_who_did_what(owner: httpx.AsyncClient) -> None:
    me = done(await owner.get("/v1/me"))["person"]["id"]
    person = created(await owner.post("/v1/persons", json={"name": "Ann", "role": "editor"}))
    answer = await owner.patch(
        f"/v1/persons/{person['id']}",
        json={"role": "auditor"},
        headers={"X-Request-Id": "desk-1"},
    )
    done(answer)
    newest, before = items(await owner.get("/v1/audit", params={"subject": person["id"]}))
    assert newest["action"] == "person.role_changed"
    assert newest["person_id"] == me
    assert newest["request_id"] == "desk-1"
    assert newest["detail"] == {"role": "auditor"}
    assert newest["token_id"] is not None
    assert before["action"] == "person.added"


async def test_a_refused_write_leaves_no_trace(owner: httpx.AsyncClient) -> None:
    before = items(await owner.get("/v1/audit"))
    me = done(await owner.get("/v1/me"))["person"]["id"]
    problem(await owner.delete(f"/v1/persons/{me}"), 409, "last_owner")
    assert items(await owner.get("/v1/audit")) == before
