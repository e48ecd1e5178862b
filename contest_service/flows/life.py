"""What persons decide about a contest's life: start, amend, cancel, complete.

Everything else happens by itself (`advance`).
"""

from datetime import datetime, timedelta
from uuid import UUID

from contest_service.domain.contest import (
    EDITABLE,
    ENDED,
    STARTED,
    Definition,
    Status,
)
from contest_service.domain.errors import ConflictError, Fault, InvalidError
from contest_service.domain.people import Actor
from contest_service.domain.schedule import moment
from contest_service.domain.terms import reason_faults
from contest_service.flows import announce, claims, quiz
from contest_service.flows.define import every_fault, read_editable, require_posts
from contest_service.flows.foresee import foresee, impossible
from contest_service.flows.ledger import append, load_chain
from contest_service.flows.lint import lint_on_record
from contest_service.flows.publish_terms import plan_scans, publish_terms, watch_evidence
from contest_service.flows.runtime import Runtime
from contest_service.proof.errors import ProofError
from contest_service.proof.events import EventType, Void
from contest_service.store import (
    appeals,
    audit,
    contests,
    disqualifications,
    evidence,
    overrides,
    proof,
    work,
)
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection

OBJECTION_DAYS = 30
"""Days after the result in which a winner can still be replaced."""


async def start_contest(
    conn: Connection,
    rt: Runtime,
    actor: Actor,
    contest_id: UUID,
    *,
    now: datetime,
    seen: str | None = None,
) -> Contest:
    """Lock and publish the rules. The contest runs at once, or from `opens_at` if that is later.

    `seen` is the hash, in hex, of the terms that somebody looked at and means to publish. Raises
    ConflictError if the close has passed, nothing is attached, or the terms would be others by now,
    and InvalidError for conditions that none of the attached posts' platforms can tell.
    """
    contest = await read_editable(conn, actor, contest_id)
    posts = await require_posts(conn, contest)
    if faults := impossible(await foresee(conn, rt, contest), len(posts)):
        raise InvalidError(faults)
    if contest.closes_at <= now:
        raise ConflictError("The contest's close has passed; set other times first.")
    event = await publish_terms(conn, rt, contest, reason="", now=now)
    if seen not in (None, event.body.terms_sha256):
        raise ConflictError(
            "The rules were changed since you looked at them, so their hash is another one. Read "
            "them once more, then start.",
            code="terms_changed",
        )
    await watch_evidence(conn, rt, contest, now=now)
    runs = contest.opens_at <= now
    status = Status.RUNNING if runs else Status.SCHEDULED
    if contest.status is not status:
        contest = await contests.move(conn, contest, status, now=now)
    due_at = contest.closes_at if runs else contest.opens_at
    await work.replan(conn, contest.workspace_id, work.Kind.ADVANCE, contest.id, due_at=due_at)
    await audit.record(
        conn,
        actor,
        "contest.started",
        subject=contest.id,
        at=now,
        detail={
            "terms_sha256": event.body.terms_sha256,
            "lint": await lint_on_record(conn, contest),
        },
    )
    return await contests.read(conn, contest.workspace_id, contest.id)


async def amend_contest(
    conn: Connection,
    rt: Runtime,
    actor: Actor,
    contest_id: UUID,
    definition: Definition,
    *,
    reason: str,
    now: datetime,
) -> Contest:
    """Change the locked rules in public, as a new version of the terms with a reason.

    Possible before the freeze and before the draw time in force, by the time at which nobody else
    changes the contest any more, and not before `now`. What was amended is announced.
    """
    contest = await contests.read_locked(conn, actor.workspace_id, contest_id)
    now = max(now, rt.clock())
    require_amendable(contest)
    if faults := await amendment_faults(conn, actor, contest, definition, reason=reason, now=now):
        raise InvalidError(faults)
    contest = await amend(conn, rt, contest, definition, reason=reason, now=now)
    await audit.record(
        conn,
        actor,
        "contest.amended",
        subject=contest.id,
        at=now,
        detail={"reason": reason, "lint": await lint_on_record(conn, contest)},
    )
    return contest


def require_amendable(contest: Contest) -> None:
    """Raise ConflictError unless a contest's rules are public and no list is fixed."""
    if contest.status not in STARTED and not contest.terms_version:
        raise ConflictError("The contest has not started; change it as it is.")
    if contest.status not in STARTED | EDITABLE:
        raise ConflictError("The list is frozen; rules cannot be amended any more.")


async def amendment_faults(
    conn: Connection,
    actor: Actor,
    contest: Contest,
    definition: Definition,
    *,
    reason: str,
    now: datetime,
) -> list[Fault]:
    """Everything that is wrong with an amendment, all at once; nothing is written."""
    faults = await every_fault(conn, actor, definition, practice=contest.practice)
    faults += await quiz.amendment_faults(conn, contest, definition)
    faults += reason_faults(reason)
    if definition.amendments is not contest.definition.amendments:
        detail = "is fixed at the start: it says for whom amendments count"
        faults.append(Fault(pointer="/amendments", detail=detail))
    if not faults and definition.schedule.latest_freeze <= now:
        detail = "is too soon: the freeze has to lie in the future"
        faults.append(Fault(pointer="/schedule/draw_at", detail=detail))
    return faults


async def amend(
    conn: Connection,
    rt: Runtime,
    contest: Contest,
    definition: Definition,
    *,
    reason: str,
    now: datetime,
    rescan: bool = False,
) -> Contest:
    """Write an amendment that a person or the service decided on. Raises ConflictError if late.

    Closing scans are made anew for another close, or with `rescan`.
    """
    # Whoever ends a scan holds its work, and touches the evidence after that: the same order here.
    await plan_scans(conn, contest, now=now)
    if rescan or definition.schedule.closes_at != contest.closes_at:
        await evidence.reset_closing(conn, contest)
    before = contest.definition
    contest = await contests.redefine(conn, contest, definition, now=now)
    try:
        event = await publish_terms(conn, rt, contest, reason=reason, now=now)
    except ProofError as error:
        raise ConflictError(
            "The draw time in force has come; nothing can be amended any more."
        ) from error
    await watch_evidence(conn, rt, contest, now=now)
    if contest.status is Status.CLOSING and contest.closes_at > now:
        contest = await contests.move(conn, contest, Status.RUNNING, now=now)
    await contests.set_closing_judged(conn, contest, None)
    await work.replan(conn, contest.workspace_id, work.Kind.ADVANCE, contest.id, due_at=now)
    contest = await contests.read(conn, contest.workspace_id, contest.id)
    await announce.enqueue_amendment(
        conn, rt, contest, before=before, reason=reason, seq=event.seq, now=now
    )
    return contest


async def cancel_contest(
    conn: Connection, rt: Runtime, actor: Actor, contest_id: UUID, *, reason: str, now: datetime
) -> Contest:
    """End a contest without a draw: silently before its start, publicly after it.

    After the freeze it is possible only until the round is out. `reason` is a code.
    """
    contest = await contests.read_locked(conn, actor.workspace_id, contest_id)
    if contest.status in ENDED or contest.status in {Status.DRAWN, Status.ANNOUNCED}:
        raise ConflictError("The contest is over; it cannot be cancelled any more.")
    if contest.terms_version:
        await void(conn, rt, contest, reason=reason, now=now)
    else:
        await contests.move(conn, contest, Status.CANCELLED, now=now)
        await work.drop(conn, contest.workspace_id, work.Kind.ADVANCE, contest.id)
    await audit.record(
        conn, actor, "contest.cancelled", subject=contest.id, at=now, detail={"reason": reason}
    )
    return await contests.read(conn, contest.workspace_id, contest.id)


async def void(
    conn: Connection, rt: Runtime, contest: Contest, *, reason: str, now: datetime
) -> None:
    """Write that there will be no result, and say so under the posts."""
    chain = await load_chain(conn, contest)
    try:
        event = await append(
            conn, contest, chain, EventType.VOID, body=Void(reason=reason), now=now
        )
    except ProofError as error:
        raise ConflictError(str(error)) from error
    await append(conn, contest, chain, EventType.CLOSE, body={}, now=now)
    moved = await contests.move(conn, contest, Status.VOID, now=now)
    await contests.set_void_reason(conn, moved, reason)
    await disqualifications.overtake(conn, contest, commitment=None, at=now)
    await overrides.lapse(conn, contest, at=now)
    await appeals.end(conn, contest, at=now)
    await work.drop(conn, contest.workspace_id, work.Kind.ADVANCE, contest.id)
    await announce.enqueue_void(conn, rt, moved, reason=reason, seq=event.seq, now=now)


async def complete_contest(
    conn: Connection, actor: Actor, contest_id: UUID, *, now: datetime
) -> Contest:
    """Close a contest whose result is announced: no winner can be replaced after this."""
    contest = await contests.read_locked(conn, actor.workspace_id, contest_id)
    if contest.status is not Status.ANNOUNCED:
        raise ConflictError("A contest is completed after its result was announced.")
    await _require_settled(conn, contest)
    await complete(conn, contest, now=now)
    await audit.record(conn, actor, "contest.completed", subject=contest.id, at=now)
    return await contests.read(conn, contest.workspace_id, contest.id)


async def _require_settled(conn: Connection, contest: Contest) -> None:
    """Raises ConflictError while somebody can still lose or claim a prize."""
    if await disqualifications.open_ones(conn, contest):
        raise ConflictError(
            "A disqualification is proposed; approve or withdraw it, or wait for it, first.",
            code="proposal_open",
        )
    if waiting := await claims.unclaimed(conn, contest):
        raise ConflictError(
            f"{len(waiting)} of the winners have neither claimed their prize nor lost it yet. Note "
            "their claims, or wait until the time for them is over.",
            code="claims_open",
        )


async def complete(conn: Connection, contest: Contest, *, now: datetime) -> None:
    chain = await load_chain(conn, contest)
    await append(conn, contest, chain, EventType.CLOSE, body={}, now=now)
    await contests.move(conn, contest, Status.COMPLETED, now=now)
    await work.drop(conn, contest.workspace_id, work.Kind.ADVANCE, contest.id)


async def completion_time(conn: Connection, contest: Contest) -> datetime:
    """When an announced contest completes by itself; a late beacon takes nobody's time."""
    result_at = moment(await proof.result_at(conn, contest))
    return max(contest.draw_at, result_at) + timedelta(days=OBJECTION_DAYS)
