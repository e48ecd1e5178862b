"""A workspace with one of everything, and a request for every operation on it."""

from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import msgspec

from api.answers import created, done
from api.operations import Operation

BODIES: dict[str, Any] = {
    "create_workspace": {"name": "New"},
    "rename_workspace": {"name": "Other"},
    "add_person": {"name": "Ann", "role": "editor"},
    "change_role": {"role": "auditor"},
    "create_token": {"name": "t", "role": "auditor"},
    "connect_community": {
        "platform": "bluesky",
        "credential": {"identifier": "a.test", "app_password": "x"},
        "endpoints": {"pds": "https://forbidden.example"},
    },
    "replace_credential": {"credential": {}},
    "add_list_accounts": {
        "accounts": [{"platform": "bluesky", "id": "did:plc:a"}],
        "reason": "staff",
    },
    "remove_list_accounts": {"accounts": [{"platform": "bluesky", "id": "did:plc:a"}]},
}


class World(msgspec.Struct, frozen=True, kw_only=True):
    """Ids by the names that paths have for them, and others for what the editor takes away."""

    ids: dict[str, str]
    editor_ids: dict[str, str]

    def path(self, operation: Operation, role: str | None) -> str:
        """The operation's path as `role` asks for it; without one, with ids that never were."""
        ids = self.ids | (self.editor_ids if role == "editor" else {})
        if role is None:
            ids = {name: str(uuid4()) for name in ids}
        return operation.path.format_map(ids)

    def options(self, operation: Operation, role: str) -> dict[str, Any]:
        """The rest of a request that is in order; what has to be unique names the role."""
        if operation.id == "create_list":
            return {"json": {"name": f"List of {role}"}}
        body = BODIES.get(operation.id)
        return {} if body is None else {"json": body}


INSERT_COMMUNITY = """
INSERT INTO communities
    (workspace_id, platform, instance, account, handle, name, endpoints, credential)
VALUES ($1::text::uuid, 'bluesky', '', 'did:plc:shop', 'shop.test', 'Shop', '{}', 'sealed')
RETURNING id
"""


async def make_world(owner: httpx.AsyncClient, connection: "asyncpg.Connection[Any]") -> World:
    """Make one of everything in the owner's workspace."""
    workspace = done(await owner.get("/v1/me"))["workspace"]["id"]
    person = created(await owner.post("/v1/persons", json={"name": "Bob", "role": "editor"}))
    token = created(await owner.post("/v1/tokens", json={"name": "t", "role": "auditor"}))
    lists = [
        created(await owner.post("/v1/lists", json={"name": name}))["id"] for name in ("A", "B")
    ]
    community = await connection.fetchval(INSERT_COMMUNITY, workspace)
    return World(
        ids={
            "workspace_id": workspace,
            "person_id": person["id"],
            "token_id": token["token"]["id"],
            "list_id": lists[0],
            "community_id": str(community),
        },
        editor_ids={"list_id": lists[1]},
    )
