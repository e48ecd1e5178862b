"""`/v1/contests/{id}/posts`: the posts whose likes, reposts and comments count."""

from uuid import UUID

import msgspec
from litestar import Response, delete, get, post
from litestar.params import FromPath, JSONBody

from contest_service.api.describe import read, write
from contest_service.api.given import GivenActor, GivenRuntime, GivenWrite
from contest_service.api.languages import VARIES, language_of
from contest_service.api.pages import Page
from contest_service.api.writes import AnyRequest
from contest_service.domain.errors import Fault, InvalidError
from contest_service.flows import define
from contest_service.flows.foresee import Foreseen, foresee
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.store import contests, targets
from contest_service.store.targets import StoredTarget

_NOT_A_POST = frozenset({FailureKind.GONE, FailureKind.MALFORMED})


class NewPost(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A post of a community, by its address as a browser shows it."""

    community_id: UUID
    url: str


class PostPage(Page[StoredTarget], frozen=True, kw_only=True):
    """All posts of a contest."""


@get("/contests/{contest_id:uuid}/posts", **read("list_posts", "List a contest's posts", 404))
async def list_posts(contest_id: FromPath[UUID], actor: GivenActor, rt: GivenRuntime) -> PostPage:
    async with rt.pool.acquire() as conn:
        await contests.read(conn, actor.workspace_id, contest_id)
        found = await targets.posts(conn, actor.workspace_id, contest_id)
    return PostPage(items=found, next=None)


class ForeseenPage(Page[Foreseen], frozen=True, kw_only=True):
    """Everything that cannot be known, in the order of posts and conditions."""


@get(
    "/contests/{contest_id:uuid}/blind-spots",
    **read("list_blind_spots", "Say what of the rules cannot be verified, before the start", 404),
)
async def list_blind_spots(
    contest_id: FromPath[UUID], request: AnyRequest, actor: GivenActor, rt: GivenRuntime
) -> Response[ForeseenPage]:
    """Follows from the posts' platforms and the credentials; `mend` names what would help.

    The language is that of the request or of the contest.
    """
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, actor.workspace_id, contest_id)
        language = language_of(request, contest)
        found = await foresee(conn, rt, contest, language=language)
    return Response(ForeseenPage(items=found, next=None), headers=VARIES)


@post(
    "/contests/{contest_id:uuid}/posts",
    **write("attach_post", "Attach a post by its address", 404, 502, 503),
)
async def attach_post(
    contest_id: FromPath[UUID], data: JSONBody[NewPost], write: GivenWrite
) -> Response[StoredTarget]:
    """The post is looked up on its platform, and pinned to its present version."""
    async with write.rt.pool.acquire() as conn:
        await contests.read(conn, write.actor.workspace_id, contest_id)
    try:
        found = await define.look_up_post(write.rt, write.actor, data.community_id, data.url)
    except PlatformError as error:
        if error.kind not in _NOT_A_POST:
            raise
        raise InvalidError([Fault(pointer="/url", detail=error.message)]) from None
    async with write.transaction() as tx:
        target = await define.attach_post(tx.conn, write.actor, contest_id, found, now=tx.now)
        return await tx.reply(target)


@delete(
    "/contests/{contest_id:uuid}/posts/{target_id:uuid}",
    **write("detach_post", "Take a post off a contest that has not started", 404),
)
async def detach_post(
    contest_id: FromPath[UUID], target_id: FromPath[UUID], write: GivenWrite
) -> Response[None]:
    async with write.transaction() as tx:
        await define.detach_post(tx.conn, write.actor, contest_id, target_id, now=tx.now)
        return await tx.reply(None)
