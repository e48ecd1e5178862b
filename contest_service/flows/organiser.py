"""Organiser: what everybody may know of all contests that one workspace made public.

What was promised, drawn on time, handed over and taken back, over all of them and of each. Only
real contests count; practice is listed apart, and nothing is counted of it.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.contest import Status
from contest_service.domain.errors import NotFoundError
from contest_service.domain.schedule import moment
from contest_service.proof.beacon import QUICKNET
from contest_service.proof.grade import Evidence, Grade, Means, grade_of
from contest_service.store import organisers as store
from contest_service.store.contests import Contest
from contest_service.store.log import Log
from contest_service.store.organisers import Ending, Facts, Lost, Seen
from contest_service.store.rows import Connection

LATE_AFTER = 3600
"""Seconds after its first promised time for which a draw is still on time."""
_WITHOUT_WINNERS = frozenset({Status.CANCELLED, Status.VOID})
_DRAWN = frozenset({Status.DRAWN, Status.ANNOUNCED, Status.COMPLETED})


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """A published reason code, and how often it was given."""

    reason: str
    times: int


class RecordNumbers(msgspec.Struct, frozen=True, kw_only=True):
    """All real contests of an organiser. `announced` is the sum of `open`, `drawn` and `ended`.

    `on_time` were drawn within an hour of what their first terms promised, `changed` have more than
    one version of their rules, and `ended` are without winners, by `endings`. `winners` were
    announced, `claimed` accepted what they won, and `delivered` have it; `lost` their place, by
    `losses`.
    """

    announced: int
    open: int
    drawn: int
    on_time: int
    ended: int
    endings: list[Reason]
    changed: int
    winners: int
    claimed: int
    delivered: int
    lost: int
    losses: list[Reason]


class RecordedContest(msgspec.Struct, frozen=True, kw_only=True):
    """One contest on the record. `drawn_at` and `is_on_time` are null without a draw.

    `grade` says how well it is shown, to whoever trusts the witnesses, that the list existed before
    the draw; null without a draw, and of practice. `versions` counts those of the rules.
    """

    id: UUID
    title: str
    organiser: str
    status: Status
    void_reason: str
    zone: str
    draw_at: datetime
    promised_draw_at: datetime
    drawn_at: datetime | None
    is_on_time: bool | None
    versions: int
    winners: int
    claimed: int
    delivered: int
    losses: list[Reason]
    grade: Grade | None


class OrganiserRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An organiser's contests, newest first. `practice` counts exercises, which nothing else does.

    `name` is what the newest contest calls its organiser. `next` is `before` of the next page, null
    on the last.
    """

    organiser: UUID
    name: str
    numbers: RecordNumbers
    practice: int
    contests: list[RecordedContest]
    next: UUID | None


async def read_record(
    conn: Connection,
    workspace_id: UUID,
    *,
    practice: bool = False,
    before: UUID | None = None,
    limit: int,
) -> OrganiserRecord:
    """Read the numbers and a page of contests. Raises NotFoundError where none became public."""
    endings = await store.endings(conn, workspace_id)
    if not endings:
        raise NotFoundError("There is no such organiser, or none of their contests is public yet.")
    losses = await store.lost(conn, workspace_id)
    found = await store.list_public(
        conn, workspace_id, practice=practice, before=before, limit=limit + 1
    )
    page = found[:limit]
    return OrganiserRecord(
        organiser=workspace_id,
        name=await _name(conn, workspace_id, endings),
        numbers=await _numbers(conn, workspace_id, endings, losses),
        practice=sum(each.contests for each in endings if each.practice),
        contests=await _recorded(conn, workspace_id, page, losses),
        next=page[-1].id if len(found) > limit else None,
    )


async def _name(conn: Connection, workspace_id: UUID, endings: Collection[Ending]) -> str:
    """The newest real contest's, or else the newest exercise's."""
    only_practice = all(each.practice for each in endings)
    (newest,) = await store.list_public(
        conn, workspace_id, practice=only_practice, before=None, limit=1
    )
    return newest.definition.organiser


async def _numbers(
    conn: Connection, workspace_id: UUID, endings: Iterable[Ending], losses: Collection[Lost]
) -> RecordNumbers:
    real = [each for each in endings if not each.practice]
    drawn = await store.drawn(conn, workspace_id, late_after=LATE_AFTER)
    handed = await store.handed(conn, workspace_id)
    announced = sum(each.contests for each in real)
    without = Counter[str]()
    for each in real:
        if each.status in _WITHOUT_WINNERS:
            without[each.void_reason or each.status.value] += each.contests
    lost = _summed(losses)
    return RecordNumbers(
        announced=announced,
        open=announced - drawn.drawn - without.total(),
        drawn=drawn.drawn,
        on_time=drawn.on_time,
        ended=without.total(),
        endings=[Reason(reason=why, times=times) for why, times in without.most_common()],
        changed=sum(each.changed for each in real),
        winners=handed.winners,
        claimed=handed.claimed,
        delivered=handed.delivered,
        lost=sum(each.times for each in lost),
        losses=lost,
    )


async def _recorded(
    conn: Connection, workspace_id: UUID, page: list[Contest], losses: Iterable[Lost]
) -> list[RecordedContest]:
    facts = await store.facts(conn, workspace_id, [each.id for each in page])
    grades = await _grades(conn, workspace_id, page)
    by_contest: dict[UUID, list[Lost]] = {}
    for each in losses:
        by_contest.setdefault(each.contest_id, []).append(each)
    return [
        _contest(
            each,
            facts[each.id],
            losses=_summed(by_contest.get(each.id, [])),
            grade=grades.get(each.id),
        )
        for each in page
    ]


def _contest(
    contest: Contest, facts: Facts, *, losses: list[Reason], grade: Grade | None
) -> RecordedContest:
    promised = facts.promised_draw_at or contest.draw_at
    drawn_at = None if facts.drawn_at is None else moment(facts.drawn_at)
    late = None if drawn_at is None else (drawn_at - promised).total_seconds()
    return RecordedContest(
        id=contest.id,
        title=contest.definition.title,
        organiser=contest.definition.organiser,
        status=contest.status,
        void_reason=contest.void_reason or "",
        zone=contest.definition.schedule.zone,
        draw_at=contest.draw_at,
        promised_draw_at=promised,
        drawn_at=drawn_at,
        is_on_time=None if late is None else late <= LATE_AFTER,
        versions=contest.terms_version,
        winners=facts.winners,
        claimed=facts.claimed,
        delivered=facts.delivered,
        losses=losses,
        grade=grade,
    )


async def _grades(
    conn: Connection, workspace_id: UUID, page: Iterable[Contest]
) -> dict[UUID, Grade]:
    """The grades of real contests that were drawn."""
    deadlines = {
        each.id: QUICKNET.time_of(each.round)
        for each in page
        if each.status in _DRAWN and each.round is not None and not each.practice
    }
    if not deadlines:
        return {}
    seen = await store.seen_in_time(conn, workspace_id, deadlines, Log.REAL)
    return {
        contest: grade_of(_evidence(each) for each in seen if each.contest_id == contest)
        for contest in deadlines
    }


def _evidence(seen: Seen) -> Evidence:
    """That it was in time is known; its size and time matter no more."""
    means = Means.COSIGNATURE if seen.is_witness else Means.TIMESTAMP
    return Evidence(operator=seen.by, means=means, size=0, time=0)


def _summed(losses: Iterable[Lost]) -> list[Reason]:
    """By reason, the most frequent first."""
    times = Counter[str]()
    for each in losses:
        times[each.reason] += each.winners
    return [Reason(reason=reason, times=count) for reason, count in times.most_common()]
