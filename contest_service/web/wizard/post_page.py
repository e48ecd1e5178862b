"""Step 1: the posts whose likes, reposts and comments count."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from contest_service.domain.errors import ConflictError
from contest_service.domain.evidence import Action
from contest_service.flows import define
from contest_service.flows.define import MOST_POSTS, FoundPost
from contest_service.platforms.errors import PlatformError
from contest_service.store import targets
from contest_service.store.targets import Look, StoredTarget
from contest_service.web.contest_words import say_platform
from contest_service.web.forms import Form, blank, read_form
from contest_service.web.gate import AnyRequest, actor_of, runtime_of
from contest_service.web.language import Words, address, words_of
from contest_service.web.submissions import require_unsent, submission
from contest_service.web.wizard.draft import Draft, read_draft
from contest_service.web.wizard.fault_words import say_refusal
from contest_service.web.wizard.frame import leave_if_locked, lock_open, show_step
from contest_service.web.wizard.look_up import look_up
from contest_service.web.wizard.steps import Step

Address = Annotated[str, msgspec.Meta(max_length=2000)]


class PostForm(msgspec.Struct, frozen=True, kw_only=True):
    url: Address
    do: str = "look"


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A post as a page shows it. `counts` are names and numbers; `community` is empty if it is
    not connected any more."""

    target_id: UUID | None
    community: str
    platform: str
    url: str
    address: str
    text: str | None
    counts: list[tuple[str, int]]
    counted_at: datetime | None = None

    @property
    def is_connected(self) -> bool:
        return bool(self.community)


@get("/w/{workspace_id:uuid}/contests/{contest_id:uuid}/edit/post", operation_id="page_edit_post")
async def page_edit_post(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    draft = await read_draft(request, contest_id)
    return leave_if_locked(draft) or await _show(request, draft, blank())


@post(
    "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/edit/post",
    operation_id="edit_post",
    status_code=200,
)
async def edit_post(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    """Look at the post behind an address, or add it."""
    await require_unsent(request)
    form: Form[PostForm] = await read_form(request, PostForm)
    draft = await read_draft(request, contest_id)
    if form.filled is None:
        return await _show(request, draft, form, status_code=422)
    found = await look_up(request, form, form.filled.url, practice=draft.contest.practice)
    if found is None:
        return await _show(request, draft, form, status_code=422)
    if form.filled.do != "add":
        return await _show(request, draft, form, preview=found)
    try:
        async with submission(request) as sent:
            await lock_open(sent.conn, request, contest_id)
            await define.attach_post(sent.conn, actor_of(request), contest_id, found, now=sent.now)
            return await sent.go(f"{draft.address(Step.POST)}?note=post-added")
    except ConflictError as error:
        form.add("url", say_refusal(error, words_of(request)))
    return await _show(request, draft, form, status_code=409)


@post(
    "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/edit/post/{target_id:uuid}/remove",
    operation_id="remove_post",
    status_code=200,
)
async def remove_post(
    request: AnyRequest,
    workspace_id: FromPath[UUID],
    contest_id: FromPath[UUID],
    target_id: FromPath[UUID],
) -> Response[bytes]:
    draft = await read_draft(request, contest_id)
    form = blank()
    try:
        async with submission(request) as sent:
            await lock_open(sent.conn, request, contest_id)
            await define.detach_post(
                sent.conn, actor_of(request), contest_id, target_id, now=sent.now
            )
            return await sent.go(f"{draft.address(Step.POST)}?note=post-removed")
    except ConflictError as error:
        form.add("", say_refusal(error, words_of(request)))
    return await _show(request, draft, form, status_code=409)


@post(
    "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/edit/post/{target_id:uuid}/look",
    operation_id="look_at_post",
    status_code=200,
)
async def look_at_post(
    request: AnyRequest,
    workspace_id: FromPath[UUID],
    contest_id: FromPath[UUID],
    target_id: FromPath[UUID],
) -> Response[bytes]:
    """Read again what a post says and counts."""
    draft = await read_draft(request, contest_id)
    form = blank()
    try:
        seen, counters = await define.look_again(
            runtime_of(request), actor_of(request), contest_id, target_id
        )
    except PlatformError as error:
        form.add("", words_of(request).refusal(error.message))
        return await _show(request, draft, form, status_code=409)
    async with submission(request) as sent:
        await define.keep_look(sent.conn, seen, counters, now=sent.now)
        return await sent.go(f"{draft.address(Step.POST)}?note=post-looked-at")


async def _show(
    request: AnyRequest,
    draft: Draft,
    form: Form[Any],
    *,
    status_code: int = 200,
    preview: FoundPost | None = None,
) -> Response[bytes]:
    words, contest = words_of(request), draft.contest
    async with runtime_of(request).pool.acquire() as conn:
        looks = await targets.looks(conn, contest.workspace_id, contest.id)
    return show_step(
        request,
        draft,
        Step.POST,
        form=form,
        status_code=status_code,
        posts=[_shown(draft, each, looks.get(each.id), words=words) for each in draft.posts],
        preview=None if preview is None else _preview(draft, preview, words),
        most=MOST_POSTS,
    )


def _shown(draft: Draft, post: StoredTarget, look: Look | None, *, words: Words) -> Shown:
    community = draft.communities.get(post.community_id)
    return Shown(
        target_id=post.id,
        community="" if community is None else community.name,
        platform=say_platform(post.platform.value, words),
        url=post.url,
        address=address(post.url),
        text=None if look is None else look.text,
        counts=[] if look is None else _counts(look.counts, words),
        counted_at=None if look is None else look.counted_at,
    )


def _preview(draft: Draft, found: FoundPost, words: Words) -> Shown:
    return Shown(
        target_id=None,
        community=draft.communities[found.community_id].name,
        platform=say_platform(found.post.platform.value, words),
        url=found.post.url,
        address=address(found.post.url),
        text=found.text,
        counts=_counts(found.counts, words),
    )


def _counts(counts: dict[Action, int], words: Words) -> list[tuple[str, int]]:
    """A post's counters with their names, declined as the numbers want it."""
    said = {
        Action.LIKE: words.ngettext("like", "likes", counts.get(Action.LIKE, 0)),
        Action.REPOST: words.ngettext("repost", "reposts", counts.get(Action.REPOST, 0)),
        Action.QUOTE: words.ngettext("quote", "quotes", counts.get(Action.QUOTE, 0)),
        Action.COMMENT: words.ngettext("comment", "comments", counts.get(Action.COMMENT, 0)),
    }
    return [(name, counts[action]) for action, name in said.items() if action in counts]
