"""`/v1/templates` and `/v1/contests/{id}/clone`: new drafts from what was made before."""

from uuid import UUID

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody

from contest_service.api.contests import DEFINITION
from contest_service.api.describe import read, write
from contest_service.api.given import GivenActor, GivenRuntime, GivenWrite
from contest_service.api.pages import Page
from contest_service.api.pointers import within
from contest_service.domain.contest import Definition
from contest_service.domain.errors import Fault, InvalidError
from contest_service.flows import templates as flow
from contest_service.flows.templates import Anew
from contest_service.store import templates
from contest_service.store.contests import Contest
from contest_service.store.templates import Template


class NewTemplate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A template to keep: of a contest, or of a definition that is given, one of both.

    `practice` says what a definition is for; of a contest it is known.
    """

    name: str
    contest: UUID | None = None
    definition: Definition | None = None
    practice: bool = False


class TemplateName(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str


class TemplatePage(Page[Template], frozen=True, kw_only=True):
    """All templates of a workspace."""


@get("/templates", **read("list_templates", "List the templates, by name"))
async def list_templates(actor: GivenActor, rt: GivenRuntime) -> TemplatePage:
    async with rt.pool.acquire() as conn:
        found = await templates.list_all(conn, actor.workspace_id)
    return TemplatePage(items=found, next=None)


@post("/templates", **write("create_template", "Keep a definition as a template", 404))
async def create_template(data: JSONBody[NewTemplate], write: GivenWrite) -> Response[Template]:
    """Posts, and the answers to questions, are no part of it."""
    async with write.transaction() as tx:
        match data:
            case NewTemplate(contest=UUID() as contest_id, definition=None):
                kept = await flow.keep_contest(
                    tx.conn, write.actor, contest_id, data.name, now=tx.now
                )
            case NewTemplate(contest=None, definition=Definition() as definition):
                with within(DEFINITION, beside=("/name",)):
                    kept = await flow.keep_template(
                        tx.conn,
                        write.actor,
                        data.name,
                        definition,
                        practice=data.practice,
                        now=tx.now,
                    )
            case _:
                detail = "give either this or a definition"
                raise InvalidError([Fault(pointer="/contest", detail=detail)])
        return await tx.reply(kept)


@get("/templates/{template_id:uuid}", **read("read_template", "Read a template", 404))
async def read_template(
    template_id: FromPath[UUID], actor: GivenActor, rt: GivenRuntime
) -> Template:
    async with rt.pool.acquire() as conn:
        return await templates.read(conn, actor.workspace_id, template_id)


@patch("/templates/{template_id:uuid}", **write("rename_template", "Rename a template", 404))
async def rename_template(
    template_id: FromPath[UUID], data: JSONBody[TemplateName], write: GivenWrite
) -> Response[Template]:
    async with write.transaction() as tx:
        renamed = await flow.rename_template(
            tx.conn, write.actor, template_id, data.name, now=tx.now
        )
        return await tx.reply(renamed)


@delete("/templates/{template_id:uuid}", **write("delete_template", "Delete a template", 404))
async def delete_template(template_id: FromPath[UUID], write: GivenWrite) -> Response[None]:
    """Contests that were made from it stay as they are."""
    async with write.transaction() as tx:
        await flow.delete_template(tx.conn, write.actor, template_id, now=tx.now)
        return await tx.reply(None)


@post(
    "/templates/{template_id:uuid}/contests",
    **write("create_contest_from_template", "Create a draft from a template", 404),
)
async def create_contest_from(
    template_id: FromPath[UUID], data: JSONBody[Anew], write: GivenWrite
) -> Response[Contest]:
    """It has the template's definition with its times moved, and no posts yet."""
    async with write.transaction() as tx:
        made = await flow.contest_from_template(tx.conn, write.actor, template_id, data, now=tx.now)
        return await tx.reply(made)


@post(
    "/contests/{contest_id:uuid}/clone",
    **write("clone_contest", "Create a draft like another contest", 404),
)
async def clone_contest(
    contest_id: FromPath[UUID], data: JSONBody[Anew], write: GivenWrite
) -> Response[Contest]:
    """Of any contest, ended ones too, which is left as it is: its definition with its times moved,
    without posts and without the answers to questions."""
    async with write.transaction() as tx:
        made = await flow.clone_contest(tx.conn, write.actor, contest_id, data, now=tx.now)
        return await tx.reply(made)
