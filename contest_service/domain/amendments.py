"""Amendments: by which version of the rules somebody is judged, where a contest has several.

Either the newest version counts for everybody, or everybody keeps the conditions and tickets under
which they entered. When somebody entered follows from evidence; the schedule is always the newest.
"""

import enum
from collections.abc import Iterable, Sequence

import msgspec

from contest_service.domain.case import Case, Presence
from contest_service.domain.conditions.base import Language, counted
from contest_service.domain.evidence import Action
from contest_service.domain.judging import EntrantState, Judgement, judge_entrant
from contest_service.domain.rules import Rule, Tickets, Unverified


class Amendments(enum.StrEnum):
    """For whom an amendment of conditions and tickets counts."""

    NEWEST = "newest"
    """For everybody."""
    AS_ENTERED = "as_entered"
    """For whoever enters from then on."""


def say_amendments(amendments: Amendments, language: Language) -> str:
    """Say for whom a change of the rules counts, as the terms promise it from the start."""
    match amendments:
        case Amendments.NEWEST:
            en = (
                "The rules can be changed until the list is fixed: in public, with a reason, as a "
                "new version. The newest version counts for everybody."
            )
            ru = (
                "До фиксации списка правила могут измениться: публично, с объяснением причины, "
                "новой версией. Для всех действует самая новая версия."
            )
        case Amendments.AS_ENTERED:
            en = (
                "The rules can be changed until the list is fixed: in public, with a reason, as a "
                "new version. Whoever entered before a change keeps the conditions and the tickets "
                "under which they entered. One enters with the first action in the contest's "
                "time; a follow is such an action only if there is no other. Where its time "
                "is not known for sure, the version that is better for the entrant counts. Times "
                "and prizes are those of the newest version for everybody."
            )
            ru = (
                "До фиксации списка правила могут измениться: публично, с объяснением причины, "
                "новой версией. Кто начал участвовать до изменения, для того остаются условия и "
                "билеты, при которых он начал. Участие начинается с первого действия за время "
                "конкурса; подписка считается таким действием, только если других нет. Если время "
                "действия точно не известно, выбирается версия, более выгодная участнику. Сроки и "
                "призы для всех берутся из самой новой версии."
            )
    return ru if language is Language.RUSSIAN else en


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """What a version of the terms says of who counts; in force from a time in unix seconds."""

    version: int
    in_force_at: int
    rules: Rule
    tickets: Tickets
    unverified: Unverified


def judge_by_version(case: Case, versions: Sequence[Applied]) -> Judgement:
    """Judge a case by the version in force when its entrant entered.

    `versions` are those that count, oldest first: only the newest where that counts for everybody.
    Where the evidence leaves open which of several was in force, the one that is best for the
    entrant counts, and of several equally good ones the oldest.
    """
    if len(versions) == 1:
        return _judge(case, versions[0])
    judged = [
        msgspec.structs.replace(_judge(case, each), terms_version=each.version)
        for each in in_force_for(case, versions)
    ]
    return max(judged, key=_goodness)  # the first of the best


def in_force_for(case: Case, versions: Sequence[Applied]) -> list[Applied]:
    """The versions of which one was in force when the entrant entered; at least one."""
    entered = entered_between(case)
    if entered is None:
        return [versions[-1]]
    earliest, latest = entered
    ends = [each.in_force_at for each in versions[1:]]
    return [
        each
        for each, end in zip(versions, [*ends, None], strict=True)
        if (each.in_force_at <= latest or each is versions[0]) and (end is None or earliest <= end)
    ]


def entered_between(case: Case) -> tuple[int, int] | None:
    """The bounds of when somebody entered, in unix seconds; None if nothing of theirs counts.

    It is their first action in the contest's time, whatever became of it. A follow counts only
    where there is nothing else, since whoever follows need not have heard of the contest.
    """
    done = [
        seen
        for action in case.presences
        if action is not Action.FOLLOW
        for seen in counted(case, action)
    ]
    if not done:
        done = counted(case, Action.FOLLOW)
    if not done:
        return None
    return min(_earliest(case, each) for each in done), min(_latest(done))


def _earliest(case: Case, seen: Presence) -> int:
    if seen.at is not None:
        return seen.at
    # Whatever counts was not there before the opening.
    return case.opens_at if seen.absent_at is None else max(seen.absent_at, case.opens_at)


def _latest(done: Iterable[Presence]) -> Iterable[int]:
    return (seen.seen_at if seen.at is None else seen.at for seen in done)


def _judge(case: Case, applied: Applied) -> Judgement:
    return judge_entrant(
        case, rules=applied.rules, tickets=applied.tickets, unverified=applied.unverified
    )


_WORST_FIRST = (
    EntrantState.INVALID,
    EntrantState.CANNOT_VERIFY,
    EntrantState.QUARANTINED,
    EntrantState.VALID,
)


def _goodness(judgement: Judgement) -> tuple[int, int]:
    return _WORST_FIRST.index(judgement.state), judgement.tickets
