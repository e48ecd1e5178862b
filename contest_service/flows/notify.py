"""Notify: tell each holder of a prize personally, once, whatever crashes.

The row is written in the transaction that announces the event, and told when the announcements of
that event are published or given up: then it is a fact whether one of them mentions the person.
First comes a message to the person alone. Whoever cannot be written to is told by the announcement
where that mentions them, else by a comment of their own under the contest post, which the platform
may turn into a post on the wall. Whoever may not be named in public is told by message or not at
all, and then the notice waits for a person.

Whoever linked accounts has a notice for each, and is told through the one that entered first. Only
where it is sure that nothing reached them there the next comes, by message alone, so that nobody
else learns which accounts are one person's; after the last one it waits for a person.

Before anything is said in public, the row says that the person cannot be written to, so that nobody
is told in both ways because of a crash. A message or publication of which nobody learned is found
again by its key: adapters look before they send.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import structlog

from contest_service.domain import texts
from contest_service.domain.errors import NotFoundError
from contest_service.flows.health import note_failure
from contest_service.flows.outgoing import next_attempt, under_post_or_alone
from contest_service.flows.runtime import Runtime, adapter_for
from contest_service.platforms.base import Draft, PlatformAdapter
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.registry import press
from contest_service.store import announcements, notices, targets, work
from contest_service.store.announcements import Announcement
from contest_service.store.contests import Contest
from contest_service.store.notices import Holder, How, NewNotice, Notice, NoticeState
from contest_service.store.rows import Connection
from contest_service.store.targets import StoredTarget
from contest_service.store.work import Work

log = structlog.get_logger(__name__)

LOOK_AGAIN = timedelta(minutes=5)
"""When a notice that an announcement should bring forward is looked at anyway."""

_CLOSED_TO_US = frozenset({FailureKind.FORBIDDEN, FailureKind.UNSUPPORTED})
"""Refusals of messages that are about the community: then it can write to nobody."""
_UNREACHABLE = (
    "This person cannot be written to, and cannot be named in public: reach them in another way."
)


class _Said(msgspec.Struct, frozen=True, kw_only=True):
    """How somebody was told, and by which publication."""

    how: How
    ref: str | None = None
    url: str | None = None


async def enqueue_notices(
    conn: Connection,
    rt: Runtime,
    contest: Contest,
    prizes: Mapping[UUID, Sequence[str]],
    *,
    seq: int,
    now: datetime,
) -> None:
    """Write a notice for each account of entries; `prizes` are what they hold by the event `seq`.

    The first that a post's network has is due, and the others wait for it. Entries without an
    account, or whose people were erased, are not told.
    """
    posts = await targets.posts(conn, contest.workspace_id, contest.id)
    new: list[NewNotice] = []
    due: set[UUID] = set()
    for holder in await notices.holders(conn, contest, prizes):
        network = holder.platform, holder.instance
        target = next((post for post in posts if (post.platform, post.instance) == network), None)
        if target is not None:
            won = prizes[holder.entrant_id]
            written = _written(rt, contest, holder, target, prizes=won, now=now)
            if holder.entrant_id in due:
                written = msgspec.structs.replace(written, state=NoticeState.ELSEWHERE)
            due.add(holder.entrant_id)
            new.append(written)
    made = await notices.add(conn, contest, new, seq=seq, at=now)
    # The announcement brings them forward.
    await work.plan_all(conn, contest.workspace_id, work.Kind.NOTIFY, made, due_at=now + LOOK_AGAIN)


def _written(
    rt: Runtime,
    contest: Contest,
    holder: Holder,
    target: StoredTarget,
    *,
    prizes: Sequence[str],
    now: datetime,
) -> NewNotice:
    style, link = press(target.platform), rt.contest_link(contest.id)
    language, title = contest.definition.language, contest.definition.title
    text = texts.message_text(
        language,
        title=title,
        organiser=contest.definition.organiser,
        prizes=prizes,
        practice=contest.practice,
        claim_within=contest.definition.claim_within,
    )
    # A later account is never named: the public name is the first one's.
    label = holder.label if contest.definition.naming and holder.place == 0 else ""
    mention = texts.mention_text(
        language,
        label=label,
        title=title,
        prizes=prizes,
        practice=contest.practice,
        claim_within=contest.definition.claim_within,
    )
    return NewNotice(
        entrant_id=holder.entrant_id,
        state=NoticeState.DUE,
        place=holder.place,
        target_id=target.id,
        platform=holder.platform,
        instance=holder.instance,
        account=holder.account,
        label=label,
        key=style.publication_key(now, secrets.token_bytes(8)),
        text=style.fit(text, link),
        mention=style.fit(mention, link) if label else "",
        link=link,
    )


async def run_notify(rt: Runtime, job: Work) -> None:
    """Tell somebody, or note why not."""
    async with rt.pool.acquire() as conn:
        notice = await notices.read(conn, job.workspace_id, job.subject)
        target = await targets.read(conn, job.workspace_id, notice.target_id)
        announced = await announcements.of_event(conn, notice.contest_id, notice.seq, target)
    if notice.state is not NoticeState.DUE:
        await _finish(rt, job)
        return
    if any(each.state == "due" for each in announced):
        await _finish(rt, job, next_at=rt.clock() + LOOK_AGAIN)
        return
    try:
        await _tell(rt, notice, target, announced)
    except PlatformError as error:
        await _note_failure(rt, job, notice, target, error=error)
        return
    except NotFoundError as error:
        await _end(rt, notice, error.message, state=NoticeState.FAILED)
    await _finish(rt, job)


async def _tell(
    rt: Runtime, notice: Notice, target: StoredTarget, announced: Sequence[Announcement]
) -> None:
    """Climb down the ladder until somebody is told. Raises PlatformError and NotFoundError."""
    async with adapter_for(rt, notice.workspace_id, target.community_id) as adapter:
        refusal = _UNREACHABLE if notice.refused else await _message(adapter, notice)
        if refusal is None:
            said = _Said(how=How.MESSAGE)
        elif not notice.mention:
            await _end(rt, notice, refusal, state=NoticeState.UNREACHABLE)
            return
        else:
            async with rt.pool.acquire() as conn:
                await notices.set_refused(conn, notice)
            said = _in_announcement(notice, announced) or await _mention(adapter, notice, target)
    async with rt.pool.acquire() as conn, conn.transaction():
        await notices.set_told(conn, notice, said.how, ref=said.ref, url=said.url, at=rt.clock())
        await notices.spare_others(conn, notice)
    log.info("winner_told", how=said.how, url=said.url)


async def _message(adapter: PlatformAdapter, notice: Notice) -> str | None:
    """Write to the person alone; returns why that cannot be, or None when it is done."""
    try:
        is_told = await adapter.tell(
            notice.account, notice.text, key=notice.key, created_at=notice.created_at
        )
    except PlatformError as error:
        if error.kind not in _CLOSED_TO_US:
            raise
        return f"{_UNREACHABLE} {error.message}"
    return None if is_told else _UNREACHABLE


def _in_announcement(notice: Notice, announced: Sequence[Announcement]) -> _Said | None:
    """Find a publication that mentions the person: long texts are cut, and may name fewer."""
    for each in announced:
        if each.published_ref is not None and texts.places_of(notice.label, each.text):
            return _Said(how=How.MENTION, ref=each.published_ref, url=each.published_url)
    return None


async def _mention(adapter: PlatformAdapter, notice: Notice, target: StoredTarget) -> _Said:
    draft = Draft(
        key=notice.key,
        created_at=notice.created_at,
        text=notice.mention,
        link=notice.link,
        reply_to=target,
        mentions={notice.label: notice.account},
    )
    made = await under_post_or_alone(adapter, draft)
    how = How.POST if made.is_alone else How.MENTION
    return _Said(how=how, ref=made.ref, url=made.url)


async def _note_failure(
    rt: Runtime, job: Work, notice: Notice, target: StoredTarget, *, error: PlatformError
) -> None:
    now = rt.clock()
    retry_at = next_attempt(error, attempts=job.attempts, now=now)
    log.warning(
        "notice_failed", failure=error.kind, reason=error.message, is_final=retry_at is None
    )
    async with rt.pool.acquire() as conn, conn.transaction():
        await note_failure(conn, target, error, now=now)
        if retry_at is None:
            await notices.set_failure(conn, notice, error.message, state=NoticeState.FAILED)
            await _turn_to_next(conn, notice, now=now)
            await work.finish(conn, job)
        else:
            await notices.set_failure(conn, notice, error.message)
            await work.fail(conn, job, failure=error.message, retry_at=retry_at)


async def _end(rt: Runtime, notice: Notice, failure: str, *, state: NoticeState) -> None:
    """Turn to the person's next account; where there is none, a notice is left to a person."""
    log.warning("winner_not_told", state=state, reason=failure)
    async with rt.pool.acquire() as conn, conn.transaction():
        await notices.set_failure(conn, notice, failure, state=state)
        await _turn_to_next(conn, notice, now=rt.clock())


async def _turn_to_next(conn: Connection, notice: Notice, *, now: datetime) -> None:
    """Let the person be told through the account that entered after this one, if there is one.

    After a failure that passed nobody knows whether something arrived after all: a person decides.
    """
    if notice.failure is not None:
        return
    if woken := await notices.wake_next(conn, notice):
        await work.plan(conn, notice.workspace_id, work.Kind.NOTIFY, woken, due_at=now)


async def _finish(rt: Runtime, job: Work, *, next_at: datetime | None = None) -> None:
    async with rt.pool.acquire() as conn:
        await work.finish(conn, job, next_at=next_at)
