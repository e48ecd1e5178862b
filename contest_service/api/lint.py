"""`/v1/contests/{id}/lint` and `/v1/lint`: what platforms' rules and laws would object to."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from contest_service.api.contests import DEFINITION
from contest_service.api.describe import read, write
from contest_service.api.given import GivenActor, GivenRuntime, GivenWrite
from contest_service.api.languages import VARIES, language_asked
from contest_service.api.pointers import within
from contest_service.api.writes import AnyRequest
from contest_service.domain.contest import Definition, definition_faults
from contest_service.domain.errors import InvalidError
from contest_service.domain.lint.linting import Lint
from contest_service.domain.lint.venues import Venue
from contest_service.flows.lint import lint_contest, lint_definition
from contest_service.store import contests

AlsoOn = Annotated[
    list[Venue] | None,
    QueryParameter(description="Platforms where the contest is shown, beside those of its posts."),
]


_Text = Annotated[str, msgspec.Meta(max_length=20_000)]


class Draft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A definition to lint, which is not kept.

    `practice` is as for a contest to create. `platforms` are those where it will be shown, `texts`
    those of its posts, as far as they are written. `amends` says that it would change the rules of
    a contest that runs.
    """

    definition: Definition
    practice: bool = False
    platforms: tuple[Venue, ...] = ()
    texts: Annotated[tuple[_Text, ...], msgspec.Meta(max_length=20)] = ()
    amends: bool = False


@get(
    "/contests/{contest_id:uuid}/lint",
    **read("lint_contest", "Remind of platforms' rules and laws", 404),
)
async def lint_contest_of(
    contest_id: FromPath[UUID],
    request: AnyRequest,
    actor: GivenActor,
    rt: GivenRuntime,
    also_on: AlsoOn = None,
) -> Response[Lint]:
    """Warnings and hints, each with its source and the way out. They keep nobody from starting.

    Which rules are asked follows from the posts' platforms, the countries in the particulars, and
    the days of the contest. The language is that of the request or of the contest.
    """
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, actor.workspace_id, contest_id)
        language = language_asked(request, otherwise=contest.definition.language)
        found = await lint_contest(conn, contest, language=language, also_on=also_on or ())
    return Response(found, headers=VARIES)


@post(
    "/lint",
    status_code=200,
    **write("lint_definition", "Remind of platforms' rules and laws, of a definition"),
)
async def lint_draft(
    request: AnyRequest, data: JSONBody[Draft], write: GivenWrite
) -> Response[Lint]:
    """The same for a definition that is being written. Nothing is kept."""
    with within(DEFINITION):
        if faults := definition_faults(data.definition, practice=data.practice):
            raise InvalidError(faults)
    found = lint_definition(
        data.definition,
        venues=data.platforms,
        language=language_asked(request, otherwise=data.definition.language),
        texts=data.texts,
        is_amended=data.amends,
    )
    async with write.transaction() as tx:
        return await tx.reply_unkept(found)
