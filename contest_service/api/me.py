"""`/v1/me`: who the token speaks for."""

import msgspec
from litestar import get

from contest_service.api.describe import read
from contest_service.api.gate import person_of
from contest_service.api.given import GivenActor, GivenRuntime
from contest_service.domain.people import Role
from contest_service.store import members, people
from contest_service.store.people import Member, Workspace


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """The person and the workspace of a token. `role` is what it may do there."""

    person: Member
    workspace: Workspace
    role: Role


@get("/me", **read("read_me", "Say who the token speaks for"))
async def read_me(actor: GivenActor, rt: GivenRuntime) -> Me:
    async with rt.pool.acquire() as conn:
        workspace = await people.read_workspace(conn, actor.workspace_id)
        person = await members.read_member(conn, actor.workspace_id, person_of(actor))
    return Me(person=person, workspace=workspace, role=actor.role)
