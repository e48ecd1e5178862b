"""What a condition is: one small pure thing with a name, a version, a sentence and a judgement."""

import enum
from typing import ClassVar

import msgspec

from contest_service.domain.accounts import Standing
from contest_service.domain.case import Case, Finding, GoneWhy, Presence, Verdict
from contest_service.domain.errors import Fault
from contest_service.domain.evidence import Action


class Language(enum.StrEnum):
    ENGLISH = "en"
    RUSSIAN = "ru"


class Condition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One requirement of the rules. Subclasses are its kinds.

    A change of meaning is a new `version`: terms name it, so that an old contest is judged, and
    checked, by what the words meant when it started.
    """

    version: ClassVar[int] = 1
    action: ClassVar[Action | None] = None
    """The action that it asks about; None if it looks at the profile or at lists."""
    fact: ClassVar[str] = ""
    """The field of the profile that it looks at; empty if it looks at none."""

    def judge(self, case: Case) -> Finding:
        raise NotImplementedError

    def sentence(self, language: Language) -> str:
        """Say the requirement to an entrant, as a sentence without its full stop."""
        raise NotImplementedError

    def faults(self) -> list[Fault]:
        """What is wrong with the parameters; pointers are relative to the condition."""
        return []


def known(case: Case, action: Action) -> list[Presence]:
    """All presences of an action, oldest first, each joined across the times it was hidden.

    When an account can be seen again, the platform shows the very same action. It was not done
    anew, so it keeps the beginning that was known before.
    """
    presences = case.presences.get(action, ())
    if len(presences) < 2:
        return list(presences)
    joined: list[Presence] = []
    latest: dict[tuple[str, str], int] = {}
    for seen in sorted(presences, key=_order):
        key = (seen.target, seen.ref)
        if key in latest and joined[latest[key]].gone_why is GoneWhy.HIDDEN:
            first = joined[latest[key]]
            joined[latest[key]] = msgspec.structs.replace(
                seen,
                at=seen.at if first.at is None else first.at,
                absent_at=first.absent_at,
                seen_at=first.seen_at,
            )
        else:
            latest[key] = len(joined)
            joined.append(seen)
    return joined


def _order(seen: Presence) -> tuple[int, bool, int, str, str]:
    return seen.seen_at, seen.gone_at is None, seen.gone_at or 0, seen.target, seen.ref


def counted(case: Case, action: Action) -> list[Presence]:
    """The actions that fall into the contest's time, still present or not.

    Without a platform time the bounds decide in the entrant's favour: only what was surely there
    before the opening, or surely not yet there at the close, does not count.
    """
    return [
        seen
        for seen in known(case, action)
        if _begins_in_time(case, seen) and not is_late(case, seen)
    ]


def _begins_in_time(case: Case, seen: Presence) -> bool:
    return case.opens_at <= (seen.seen_at if seen.at is None else seen.at)


def is_late(case: Case, seen: Presence) -> bool:
    """Tell whether an action was surely done after the close."""
    if seen.at is not None:
        return seen.at > case.closes_at
    return seen.absent_at is not None and seen.absent_at >= case.closes_at


def is_present(seen: Presence) -> bool:
    return seen.gone_at is None


def absence(case: Case, action: Action, gone: list[Presence]) -> Finding:
    """Say why nothing that counts is present: undone, hidden from us, unread, or never done.

    `gone` are the actions that would have been enough, had they stayed.
    """
    if case.standing is not Standing.VISIBLE:
        return Finding(verdict=Verdict.UNKNOWN, reason=case.standing.value, evidence=tuple(gone))
    if hidden := _lost_from_sight(case, action):
        return Finding(verdict=Verdict.UNKNOWN, reason="was_hidden", evidence=hidden)
    if action not in case.complete:
        return Finding(verdict=Verdict.UNKNOWN, reason="not_read_yet", evidence=tuple(gone))
    if gone:
        return Finding(verdict=Verdict.WITHDRAWN, reason="undone", evidence=tuple(gone))
    outside = tuple(filter(is_present, known(case, action)))
    if outside:
        return Finding(verdict=Verdict.FAILS, reason="outside_contest_time", evidence=outside)
    return Finding(verdict=Verdict.FAILS, reason="not_seen")


def _lost_from_sight(case: Case, action: Action) -> tuple[Presence, ...]:
    """Presences that vanished because their account was hidden, with no later word on their target.

    A later word is an action that was seen, or seen to be undone, after that: the account could be
    seen again by then, and what had been lost did not come back.
    """
    last_word: dict[str, int] = {}
    for seen in case.presences.get(action, ()):
        undone_at = seen.gone_at if seen.gone_why is GoneWhy.WITHDRAWN else None
        latest = max(seen.seen_at, undone_at or 0, last_word.get(seen.target, 0))
        last_word[seen.target] = latest
    return tuple(
        seen
        for seen in known(case, action)
        if seen.gone_why is GoneWhy.HIDDEN and (seen.gone_at or 0) > last_word[seen.target]
    )
