"""A workspace with one of everything, and a request for every operation on it."""

from typing import Any
from uuid import uuid4

import httpx
import msgspec

from api.answers import created
from api.operations import Operation
from api.staged import Stage, definition
from contest_service.flows.notify import enqueue_notices
from contest_service.store import announcements, channels, notices, proof, targets
from contest_service.store.channels import ChannelKind

ACCOUNT = {"platform": "bluesky", "id": "did:plc:a"}
_HASHES = ("file", "sha256")
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
    "add_list_accounts": {"accounts": [ACCOUNT], "reason": "staff"},
    "remove_list_accounts": {"accounts": [ACCOUNT]},
    "change_contest": {"definition": {"title": "Another"}},
    "cancel_contest": {"reason": "mistake"},
    "start_dry_run": {},
    "proceed_contest": {"reason": "the counter is wrong"},
}


class World(msgspec.Struct, frozen=True, kw_only=True):
    """Ids by the names that paths have for them, and others for what the editor takes away."""

    ids: dict[str, str]
    editor_ids: dict[str, str]
    draft: str

    def path(self, operation: Operation, role: str | None) -> str:
        """The operation's path as `role` asks for it; without one, with ids that never were."""
        ids = dict(self.ids)
        if operation.id == "delete_contest":
            ids["contest_id"] = self.draft
        if role == "editor" and operation.id.startswith("delete_"):
            ids |= self.editor_ids
        if role is None:
            ids = {name: "0" * 64 if name in _HASHES else str(uuid4()) for name in ids}
        return operation.path.format_map(ids)

    def options(self, operation: Operation, role: str) -> dict[str, Any]:
        """The rest of a request that is in order; what has to be unique names the role."""
        body = BODIES.get(operation.id)
        match operation.id:
            case "create_list":
                body = {"name": f"List of {role}"}
            case "create_contest" | "replace_contest":
                body = {"definition": definition()}
            case "amend_contest":
                body = {"definition": definition(), "reason": "weather"}
            case "disqualify_entry":
                body = {"entry": self.ids["entrant_id"], "reason": "staff"}
            case "attach_post":
                body = {"community_id": self.ids["community_id"], "url": "https://x.test/"}
        return {} if body is None else {"json": body}


async def make_world(owner: httpx.AsyncClient, stage: Stage) -> World:
    """Make one of everything in the owner's workspace; the contest there is drawn."""
    person = created(await owner.post("/v1/persons", json={"name": "Bob", "role": "editor"}))
    token = created(await owner.post("/v1/tokens", json={"name": "t", "role": "auditor"}))
    lists = [
        created(await owner.post("/v1/lists", json={"name": name}))["id"] for name in ("A", "B")
    ]
    community = await stage.community()
    drafts = [await stage.draft(community) for _ in range(3)]
    contest = await stage.start(drafts[0])
    entrant, *_ = await stage.judged(contest, "ann", "bob")
    contest = await stage.draw(await stage.freeze(contest))
    key = (contest.workspace_id, contest.id)
    async with stage.rt.pool.acquire() as conn:
        await channels.renew(conn, key[0], community, ChannelKind.LONG_POLL, now=stage.rt.clock())
        announcement, *_ = await announcements.of_contest(conn, *key)
        post, *_ = await targets.posts(conn, *key)
        terms, *_ = await proof.terms(conn, *key)
        won = {entrant: ["A mug"]}
        await enqueue_notices(conn, stage.rt, contest, won, seq=2, now=stage.rt.clock())
        (notice,) = await notices.list_page(conn, *key, after=None, limit=2)
        verifier = await conn.fetchval("SELECT encode(sha256, 'hex') FROM verifiers")
    return World(
        ids={
            "workspace_id": str(contest.workspace_id),
            "person_id": person["id"],
            "token_id": token["token"]["id"],
            "list_id": lists[0],
            "community_id": str(community),
            "contest_id": str(contest.id),
            "entrant_id": str(entrant),
            "target_id": str(post.id),
            "announcement_id": str(announcement.id),
            "notice_id": str(notice.id),
            "file": f"{terms.sha256.hex()}.json",
            "sha256": verifier,
        },
        editor_ids={"list_id": lists[1], "contest_id": str(drafts[1].id)},
        draft=str(drafts[2].id),
    )
