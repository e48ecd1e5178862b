"""`/v1/workspaces`: the workspaces of a person. A token reaches the one that it was made in."""

from uuid import UUID

import msgspec
from litestar import Response, get, patch, post
from litestar.params import FromPath, JSONBody

from contest_service.api.describe import read, write
from contest_service.api.given import GivenActor, GivenRuntime, GivenWrite
from contest_service.api.pages import After, Limit, Page, by_id, page_of
from contest_service.api.tokens import CreatedToken, created, without_secret
from contest_service.domain.errors import NotFoundError
from contest_service.flows import people as flow
from contest_service.store import people
from contest_service.store.people import Workspace


class WorkspaceName(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str


class CreatedWorkspace(msgspec.Struct, frozen=True, kw_only=True):
    """A new workspace with its owner's first token."""

    workspace: Workspace
    token: CreatedToken


class WorkspacePage(Page[Workspace], frozen=True, kw_only=True):
    """A page of workspaces."""


@get("/workspaces", **read("list_workspaces", "List the workspaces of the token's person"))
async def list_workspaces(
    actor: GivenActor,
    rt: GivenRuntime,
    limit: Limit = 50,
    after: After = None,
) -> WorkspacePage:
    """A token that another person issued shows its own workspace only."""
    async with rt.pool.acquire() as conn:
        found = await people.list_workspaces(conn, actor, after=after, limit=limit + 1)
    return page_of(WorkspacePage, found, limit=limit, cursor=by_id)


@post("/workspaces", **write("create_workspace", "Create a workspace and own it"))
async def create_workspace(
    data: JSONBody[WorkspaceName], write: GivenWrite
) -> Response[CreatedWorkspace]:
    """The token in the answer reaches the new workspace; its secret is shown this once."""
    async with write.transaction() as tx:
        made = await flow.create_workspace(
            tx.conn,
            data.name,
            owner=write.person_id,
            request_id=write.actor.request_id,
            now=tx.now,
        )
        token = created(made.issued)
        reply = CreatedWorkspace(workspace=made.workspace, token=token)
        stored = CreatedWorkspace(workspace=made.workspace, token=without_secret(token))
        return await tx.reply(reply, stored=stored)


@patch(
    "/workspaces/{workspace_id:uuid}",
    **write("rename_workspace", "Rename the token's workspace", 404),
)
async def rename_workspace(
    workspace_id: FromPath[UUID], data: JSONBody[WorkspaceName], write: GivenWrite
) -> Response[Workspace]:
    if workspace_id != write.actor.workspace_id:
        raise NotFoundError("The token does not reach such a workspace.")
    async with write.transaction() as tx:
        renamed = await flow.rename_workspace(tx.conn, write.actor, data.name, now=tx.now)
        return await tx.reply(renamed)
