"""Appeal: an account's owner asks to be checked again before the freeze, and is answered.

Whoever has shown that an account is theirs says why the verdict is wrong. The contest is judged
again at once; then a person answers, and only with what is so. At the freeze whatever is open stays
unanswered, on record.
"""

from datetime import datetime
from uuid import UUID

from contest_service.domain.appeals import (
    LONGEST_TEXT,
    MOST_APPEALS,
    AppealOutcome,
    AppealState,
)
from contest_service.domain.contest import STARTED, Status
from contest_service.domain.errors import ConflictError, InvalidError, NotFoundError
from contest_service.domain.people import Actor
from contest_service.domain.plain_text import text_faults
from contest_service.flows.runtime import Runtime
from contest_service.store import appeals, audit, contests, entrants, overrides, work
from contest_service.store.appeals import Appeal
from contest_service.store.contests import Contest
from contest_service.store.entrants import Entrant
from contest_service.store.ownerships import Ownership
from contest_service.store.rows import Connection


async def make_appeal(
    conn: Connection, rt: Runtime, contest: Contest, owned: Ownership, *, text: str, now: datetime
) -> Appeal:
    """Ask to be checked again, and have it done. Needs a transaction.

    Raises InvalidError for the text, and ConflictError where the ownership does not show that the
    account is theirs, after the freeze, while another appeal is open, and after some of them.
    """
    entrant_id = _shown(owned, now)
    if faults := text_faults(text, "/text", longest=LONGEST_TEXT, lines=True):
        raise InvalidError(faults)
    contest = await contests.read_locked(conn, contest.workspace_id, contest.id)
    now = max(now, rt.clock())
    if contest.status not in STARTED:
        raise ConflictError(
            "Nothing can be changed any more: the list is fixed, or the contest has ended. Write "
            "to the organiser.",
            code="too_late",
        )
    entrant = await entrants.read(conn, contest.workspace_id, contest.id, entrant_id)
    if entrant is None or entrant.erased_at is not None:
        raise NotFoundError("Nobody of this name takes part.")
    if len(await appeals.of_entrant(conn, contest, entrant_id)) >= MOST_APPEALS:
        raise ConflictError(
            f"You have asked {MOST_APPEALS} times in this contest, which is the most. Write to "
            "the organiser.",
            code="appeals_used_up",
        )
    appeal = await appeals.make(conn, contest, entrant, text=text, at=now)
    if contest.status is Status.RUNNING:
        await work.plan(conn, contest.workspace_id, work.Kind.JUDGE, contest.id, due_at=now)
    return appeal


def _shown(owned: Ownership, now: datetime) -> UUID:
    if owned.shown_at is None or owned.entrant_id is None or owned.expires_at <= now:
        raise ConflictError(
            "This does not show that the account is yours: its code has not been seen, or that "
            "was too long ago. Write the code with the account, or begin another one.",
            code="not_shown",
        )
    return owned.entrant_id


async def answer_appeal(
    conn: Connection,
    rt: Runtime,
    actor: Actor,
    contest_id: UUID,
    appeal_id: UUID,
    *,
    outcome: AppealOutcome,
    text: str,
    now: datetime,
) -> Appeal:
    """Answer an appeal, with an outcome that has to be so.

    Raises InvalidError for the text, and ConflictError if it is not open any more or the outcome
    is another.
    """
    if faults := text_faults(text, "/text", longest=LONGEST_TEXT, lines=True):
        raise InvalidError(faults)
    contest = await contests.read_locked(conn, actor.workspace_id, contest_id)
    now = max(now, rt.clock())
    appeal = await appeals.find(conn, contest, appeal_id)
    if appeal is None:
        raise NotFoundError("There is no such appeal in this contest.")
    if appeal.state is not AppealState.OPEN:
        raise ConflictError(f"This appeal is {appeal.state} already.", code="already_answered")
    entrant = await entrants.read(conn, contest.workspace_id, contest.id, appeal.entrant_id)
    if entrant is None:
        raise LookupError("an appeal is of an entrant")
    await _require_so(conn, contest, appeal, entrant, outcome=outcome)
    if actor.person_id is None:
        raise LookupError("an appeal is answered by a person")
    done = await appeals.answer(
        conn, contest, appeal, outcome=outcome, text=text, person_id=actor.person_id, at=now
    )
    if done is None:
        raise LookupError("an open appeal of a locked contest")
    await audit.record(
        conn,
        actor,
        "contest.appeal_answered",
        subject=contest.id,
        at=now,
        detail={"appeal": str(done.id), "entrant": str(done.entrant_id), "outcome": outcome},
    )
    return done


async def outcomes_that_are_so(
    conn: Connection, contest: Contest, appeal: Appeal, entrant: Entrant
) -> list[AppealOutcome]:
    """With what an appeal can be answered as things stand, in the order of the outcomes."""
    found = []
    for outcome in AppealOutcome:
        try:
            await _require_so(conn, contest, appeal, entrant, outcome=outcome)
        except ConflictError:
            continue
        found.append(outcome)
    return found


async def _require_so(
    conn: Connection,
    contest: Contest,
    appeal: Appeal,
    entrant: Entrant,
    *,
    outcome: AppealOutcome,
) -> None:
    """Raises ConflictError for an outcome that is not what became of the verdict."""
    if outcome is AppealOutcome.NOTHING_TO_DO:
        return
    if outcome is AppealOutcome.OVERRIDE_PROPOSED:
        if await overrides.of_entrant(conn, contest, entrant.id) is None:
            raise ConflictError(
                "Nobody has proposed to override this verdict. Propose it first.",
                code="no_override",
            )
        return
    if not _is_judged_since(contest, appeal):
        raise ConflictError(
            "This entrant was not judged again since they asked. Wait for the next judging, which "
            "is under way.",
            code="not_judged_yet",
        )
    former = (appeal.former_state, appeal.former_reason, appeal.former_tickets)
    is_same = former == (entrant.state, entrant.reason, entrant.tickets)
    if is_same != (outcome is AppealOutcome.UNCHANGED):
        so = "the same as" if is_same else "another than"
        raise ConflictError(
            f"The verdict is {so} when they asked; answer with that outcome.",
            code="other_outcome",
        )


def _is_judged_since(contest: Contest, appeal: Appeal) -> bool:
    """Whether the verdict is newer than the appeal, or the last one over the closing scans.

    Those do not change any more, so that asking again at the close would find the same.
    """
    if contest.status is Status.CLOSING:
        return contest.closing_judged_at is not None
    return contest.judged_at is not None and contest.judged_at > appeal.made_at
