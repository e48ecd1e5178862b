"""`/v1/persons`: who belongs to a workspace, and in which role."""

from uuid import UUID

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody

from contest_service.api.describe import read, write
from contest_service.api.given import GivenActor, GivenRuntime, GivenWrite
from contest_service.api.pages import After, Limit, Page, by_id, page_of
from contest_service.domain.people import Role
from contest_service.flows import people as flow
from contest_service.store import members
from contest_service.store.people import Member


class NewPerson(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    role: Role
    email: str | None = None


class NewRole(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    role: Role


class PersonPage(Page[Member], frozen=True, kw_only=True):
    """A page of persons."""


@get("/persons", **read("list_persons", "List the persons of the workspace"))
async def list_persons(
    actor: GivenActor,
    rt: GivenRuntime,
    limit: Limit = 50,
    after: After = None,
) -> PersonPage:
    async with rt.pool.acquire() as conn:
        found = await members.list_members(conn, actor.workspace_id, after=after, limit=limit + 1)
    return page_of(PersonPage, found, limit=limit, cursor=by_id)


@post("/persons", **write("add_person", "Add a person to the workspace"))
async def add_person(data: JSONBody[NewPerson], write: GivenWrite) -> Response[Member]:
    """Somebody with this address in another workspace that you own is the same person."""
    async with write.transaction() as tx:
        member = await flow.add_person(
            tx.conn, write.actor, data.name, email=data.email, role=data.role, now=tx.now
        )
        return await tx.reply(member)


@patch("/persons/{person_id:uuid}", **write("change_role", "Change a person's role", 404))
async def change_role(
    person_id: FromPath[UUID], data: JSONBody[NewRole], write: GivenWrite
) -> Response[Member]:
    """Their tokens may at most what the role may, from now on."""
    async with write.transaction() as tx:
        member = await flow.change_role(tx.conn, write.actor, person_id, data.role, now=tx.now)
        return await tx.reply(member)


@delete("/persons/{person_id:uuid}", **write("remove_person", "Remove a person", 404))
async def remove_person(person_id: FromPath[UUID], write: GivenWrite) -> Response[None]:
    """Their tokens end at once. The last owner stays."""
    async with write.transaction() as tx:
        await flow.remove_person(tx.conn, write.actor, person_id, now=tx.now)
        return await tx.reply(None)
