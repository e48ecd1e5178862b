"""Self-check: say in words whether an account takes part, to everybody or to its owner.

Everybody is told the verdict, and what was found for conditions over actions, which are public
where they were done. An account that is unknown gets the same answer, for the same work, as one
that is known and did nothing here.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from contest_service.domain.amendments import Applied
from contest_service.domain.answers import (
    NOT_SEEN,
    Moment,
    is_public,
    say_private,
    say_reason,
    say_state,
)
from contest_service.domain.appeals import AppealOutcome, AppealState, say_appeal
from contest_service.domain.conditions import AnyCondition, Language
from contest_service.domain.conditions.answered import SEALED
from contest_service.domain.contest import Status
from contest_service.domain.merged import alone_of
from contest_service.domain.overrides import OverrideKind, say_decision
from contest_service.domain.rules import conditions
from contest_service.domain.schedule import moment
from contest_service.flows import own
from contest_service.flows.versions import counting
from contest_service.store import appeals, entrants
from contest_service.store.appeals import Appeal
from contest_service.store.contests import Contest
from contest_service.store.entrants import Entrant
from contest_service.store.rows import Connection

_VOID = frozenset({Status.CANCELLED, Status.VOID})
_OPEN = frozenset({Status.DRAFT, Status.SCHEDULED, Status.RUNNING, Status.CLOSING})


class CheckedCondition(msgspec.Struct, frozen=True, kw_only=True):
    """What was found for one condition of the rules.

    `verdict` is null where only the account's owner may know it. `seen` is when what it rests on
    was done, or first seen, and is empty for anybody but the owner.
    """

    condition: str
    verdict: str | None
    text: str
    next: str
    seen: list[datetime]


class ToldAppeal(msgspec.Struct, frozen=True, kw_only=True):
    """What the account's owner asked, how far that is (`said`, for people), and the answer."""

    id: UUID
    made_at: datetime
    text: str
    state: AppealState
    outcome: AppealOutcome | None
    said: str
    answer: str
    ended_at: datetime | None


class SelfCheck(msgspec.Struct, frozen=True, kw_only=True):
    """Whether an account takes part: in `state` for programs, in `text` and `next` for people.

    `judged_at` is when the verdict was given; for anybody but the owner when all were last judged.
    """

    state: str
    text: str
    next: str
    tickets: int
    judged_at: datetime | None
    conditions: list[CheckedCondition]


class OwnCheck(SelfCheck, frozen=True, kw_only=True):
    """What the account's owner is told beside it.

    `decision` is what persons decided about the verdict, if they did, and `appeals` what the owner
    asked.
    """

    decision: str
    appeals: list[ToldAppeal]


async def check_account(
    conn: Connection, contest: Contest, account: str, language: Language
) -> SelfCheck:
    """Say what everybody may know of an account, by an address, a handle or an id."""
    found = await own.find(conn, contest, account)
    subject = "" if found is None else found.key.subject
    entrant = await entrants.of_subject(conn, contest.workspace_id, contest.id, subject)
    return await _check(conn, contest, entrant, language, is_owner=False)


async def check_own(
    conn: Connection, contest: Contest, entrant_id: UUID, language: Language
) -> OwnCheck:
    """Say all that is known of an entrant, to nobody but them."""
    entrant = await entrants.read(conn, contest.workspace_id, contest.id, entrant_id)
    made = await appeals.of_entrant(conn, contest, entrant_id)
    check = await _check(conn, contest, entrant, language, is_owner=True)
    return OwnCheck(
        **{field: getattr(check, field) for field in SelfCheck.__struct_fields__},
        decision="" if entrant is None else _decision(entrant, language),
        appeals=[tell_appeal(each, language) for each in made],
    )


def tell_appeal(appeal: Appeal, language: Language) -> ToldAppeal:
    """Say to whoever made it how far an appeal is."""
    return ToldAppeal(
        id=appeal.id,
        made_at=appeal.made_at,
        text=appeal.text,
        state=appeal.state,
        outcome=appeal.outcome,
        said=say_appeal(appeal.state, appeal.outcome, language),
        answer=appeal.answer,
        ended_at=appeal.ended_at,
    )


def _decision(entrant: Entrant, language: Language) -> str:
    override = msgspec.json.decode(entrant.record).get("override")
    if override is None:
        return ""
    return say_decision(OverrideKind(override["kind"]), override["reason"], language)


async def _check(
    conn: Connection,
    contest: Contest,
    entrant: Entrant | None,
    language: Language,
    *,
    is_owner: bool,
) -> SelfCheck:
    versions = await counting(conn, contest)
    at = Moment(
        language=language,
        closes_at=contest.closes_at,
        zone=contest.definition.schedule.zone,
        is_fixed=contest.status not in _OPEN,
        is_void=contest.status in _VOID,
        is_owner=is_owner,
    )
    state, reason, tickets = _standing(entrant)
    is_sealed = reason.endswith(f".{SEALED}")
    said = say_state(SEALED if is_sealed else state, tickets, at)
    return SelfCheck(
        state=state,
        text=said.text,
        next=said.next,
        tickets=tickets,
        judged_at=_judged_at(contest, entrant, is_owner=is_owner),
        conditions=[] if entrant is None else _found(versions, entrant, at),
    )


def _judged_at(contest: Contest, entrant: Entrant | None, *, is_owner: bool) -> datetime | None:
    """When the verdict was given; for others when all were last judged.

    Accounts that are linked are judged in the same moment, which would tell of it.
    """
    if entrant is None:
        return None
    return entrant.judged_at if is_owner else contest.judged_at


def _standing(entrant: Entrant | None) -> tuple[str, str, int]:
    """State, reason and tickets; of an account that was linked those that it would have alone.

    Its owner asks about the one entry, and nobody else is to learn that there is one.
    """
    if entrant is None:
        return NOT_SEEN, "", 0
    stands = alone_of(msgspec.json.decode(entrant.record)) or entrant
    return stands.state, stands.reason, stands.tickets


def _found(versions: Sequence[Applied], entrant: Entrant, at: Moment) -> list[CheckedCondition]:
    record: dict[str, Any] = msgspec.json.decode(entrant.record)
    rules = {each.version: each.rules for each in versions}.get(record["terms_version"])
    if rules is None:
        return []  # judged by rules that do not count for anybody any more, and soon judged anew
    asked = dict(conditions(rules))
    return [_condition(asked[each["at"]], each, at) for each in record["conditions"]]


def _condition(asked: AnyCondition, found: Mapping[str, Any], at: Moment) -> CheckedCondition:
    may_know = at.is_owner or is_public(asked)
    said = say_reason(found["reason"], at) if may_know else say_private(at)
    seen = found["evidence"] if at.is_owner else ()
    return CheckedCondition(
        condition=asked.sentence(at.language),
        verdict=found["verdict"] if may_know else None,
        text=said.text,
        next=said.next,
        seen=[moment(each.get("at", each["seen_at"])) for each in seen],
    )
