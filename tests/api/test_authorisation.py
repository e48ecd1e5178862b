"""Every operation × owner, editor, auditor, stranger, anonymous.

Operations come from the OpenAPI document, what is expected from the table here: a new operation
fails until it has a row. A stranger is the owner of another workspace, who knows all ids.
"""

from typing import Any

import asyncpg
import httpx
import pytest

from api.operations import OPERATIONS, Operation
from api.world import World, make_world

ROLES = ("owner", "editor", "auditor", "stranger", "anonymous")

OK, NO, GONE, LOGIN = "allowed", 403, 404, 401

EVERYBODY_OF_THE_WORKSPACE = (OK, OK, OK, OK, LOGIN)
"""For what names no id: a stranger does it in their own workspace."""
READERS = (OK, OK, OK, GONE, LOGIN)
EDITORS = (OK, OK, NO, GONE, LOGIN)
OWNERS = (OK, NO, NO, GONE, LOGIN)
EDITORS_ANYWHERE = (OK, OK, NO, OK, LOGIN)
OWNERS_ANYWHERE = (OK, NO, NO, OK, LOGIN)
ALL = (OK, OK, OK, OK, OK)

TABLE: dict[str, tuple[str | int, ...]] = {
    "livez": ALL,
    "readyz": ALL,
    "read_me": EVERYBODY_OF_THE_WORKSPACE,
    "list_workspaces": EVERYBODY_OF_THE_WORKSPACE,
    "create_workspace": OWNERS_ANYWHERE,
    "rename_workspace": OWNERS,
    "list_persons": EVERYBODY_OF_THE_WORKSPACE,
    "add_person": OWNERS_ANYWHERE,
    "change_role": OWNERS,
    "remove_person": OWNERS,
    "list_tokens": EVERYBODY_OF_THE_WORKSPACE,
    "create_token": OWNERS_ANYWHERE,
    "revoke_token": OWNERS,
    "list_communities": EVERYBODY_OF_THE_WORKSPACE,
    "connect_community": OWNERS_ANYWHERE,
    "read_community": READERS,
    "replace_credential": OWNERS,
    "check_community": EDITORS,
    "remove_community": OWNERS,
    "list_lists": EVERYBODY_OF_THE_WORKSPACE,
    "create_list": EDITORS_ANYWHERE,
    "read_list": READERS,
    "delete_list": EDITORS,
    "list_list_accounts": READERS,
    "add_list_accounts": EDITORS,
    "remove_list_accounts": EDITORS,
    "list_audit": EVERYBODY_OF_THE_WORKSPACE,
}


@pytest.fixture
async def world(owner: httpx.AsyncClient, connection: "asyncpg.Connection[Any]") -> World:
    return await make_world(owner, connection)


def test_every_operation_has_a_row() -> None:
    assert {operation.id for operation in OPERATIONS} == set(TABLE)


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
async def test_whoever_may_may_and_nobody_else(
    operation: Operation,
    world: World,
    api: httpx.AsyncClient,
    owner: httpx.AsyncClient,
    editor: httpx.AsyncClient,
    auditor: httpx.AsyncClient,
    stranger: httpx.AsyncClient,
) -> None:
    clients = (owner, editor, auditor, stranger, api)
    # The owner comes last, since what they do may take away what the others ask for.
    for role, client, expected in reversed(
        list(zip(ROLES, clients, TABLE[operation.id], strict=True))
    ):
        answer = await client.request(
            operation.method, world.path(operation, role), **world.options(operation, role)
        )
        if expected == OK:
            assert answer.status_code not in (401, 403, 404, 405, 500), (role, answer.text)
        else:
            assert answer.status_code == expected, (role, answer.text)
            assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "operation", [each for each in OPERATIONS if GONE in TABLE.get(each.id, ())], ids=str
)
async def test_an_id_of_another_workspace_looks_like_one_that_never_was(
    operation: Operation, world: World, stranger: httpx.AsyncClient
) -> None:
    options = world.options(operation, "stranger")
    theirs = await stranger.request(operation.method, world.path(operation, "owner"), **options)
    never = await stranger.request(operation.method, world.path(operation, None), **options)
    assert theirs.status_code == GONE
    assert theirs.json() | {"request_id": ""} == never.json() | {"request_id": ""}
