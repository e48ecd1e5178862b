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

    def judge(self, case: Case) -> Finding:
        raise NotImplementedError

    def sentence(self, language: Language) -> str:
        """Say the requirement to an entrant, as a sentence without its full stop."""
        raise NotImplementedError

    def faults(self) -> list[Fault]:
        """What is wrong with the parameters; pointers are relative to the condition."""
        return []


def counted(case: Case, action: Action) -> list[Presence]:
    """The actions that fall into the contest's time, still present or not.

    Without a platform time the bounds decide in the entrant's favour: only what was surely there
    before the opening, or surely not yet there at the close, does not count.
    """
    return [seen for seen in case.presences.get(action, ()) if _falls_within(case, seen)]


def _falls_within(case: Case, seen: Presence) -> bool:
    if seen.at is not None:
        return case.opens_at <= seen.at <= case.closes_at
    surely_late = seen.absent_at is not None and seen.absent_at >= case.closes_at
    return seen.seen_at >= case.opens_at and not surely_late


def is_present(seen: Presence) -> bool:
    return seen.gone_at is None


def absence(case: Case, action: Action, gone: list[Presence]) -> Finding:
    """Say why nothing that counts is present: undone, hidden from us, unread, or never done.

    `gone` are the actions that would have counted, had they stayed.
    """
    if case.standing is not Standing.VISIBLE:
        return Finding(verdict=Verdict.UNKNOWN, reason=case.standing.value, evidence=tuple(gone))
    if any(seen.gone_why is GoneWhy.HIDDEN for seen in gone):
        return Finding(verdict=Verdict.UNKNOWN, reason="was_hidden", evidence=tuple(gone))
    if action not in case.complete:
        return Finding(verdict=Verdict.UNKNOWN, reason="not_read_yet", evidence=tuple(gone))
    if gone:
        return Finding(verdict=Verdict.WITHDRAWN, reason="undone", evidence=tuple(gone))
    outside = tuple(filter(is_present, case.presences.get(action, ())))
    if outside:
        return Finding(verdict=Verdict.FAILS, reason="outside_contest_time", evidence=outside)
    return Finding(verdict=Verdict.FAILS, reason="not_seen")
