"""What a condition is: one small pure thing with a name, a version, a sentence and a judgement."""

import enum
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import msgspec

from contest_service.domain.accounts import Standing
from contest_service.domain.case import Case, Finding, GoneWhy, Presence, Verdict
from contest_service.domain.conditions.limits import limit_faults
from contest_service.domain.errors import Fault
from contest_service.domain.evidence import Action


class Language(enum.StrEnum):
    ENGLISH = "en"
    RUSSIAN = "ru"


class When(enum.StrEnum):
    """At which moment a condition has to hold."""

    ONCE = "once"
    """Done in time; it may be undone later."""
    CLOSE = "close"
    """Done in time, and there at the close."""
    WHOLE_TIME = "whole_time"
    """There without a gap from when it was done until the close; for follows from the opening."""
    DRAW = "draw"
    """There at the close, and for winners still when they are checked after the draw."""


class Unit(enum.StrEnum):
    """What a bonus may count of an action."""

    POST = "post"
    COMMENT = "comment"
    MENTION = "mention"
    COMMUNITY = "community"


class Condition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One requirement of the rules. Subclasses are its kinds.

    A change of meaning is a new `version`: terms name it, so that an old contest is judged, and
    checked, by what the words meant when it started. A parameter that came later stands in `later`:
    its default is the old meaning, and terms leave it out there, so that their bytes stay.
    """

    version: ClassVar[int] = 1
    label: ClassVar[Mapping[Language, str]] = {}
    """What an editor calls the kind."""
    action: ClassVar[Action | None] = None
    """The action that it asks about; None if it looks at the profile or at lists."""
    fact: ClassVar[str] = ""
    """The field of the profile that it looks at; empty if it looks at none."""
    asks_staff: ClassVar[bool] = False
    """Whether it looks at who helps to run the communities."""
    reasons: ClassVar[Mapping[Verdict, tuple[str, ...]]] = {}
    """Every reason code that it can give, by verdict."""
    moments: ClassVar[tuple[When, ...]] = (When.CLOSE,)
    """The moments at which it can be asked to hold. Of several, `moment` chooses."""
    units: ClassVar[tuple[Unit, ...]] = ()
    """What a bonus may count of it."""
    later: ClassVar[frozenset[str]] = frozenset()

    @property
    def when(self) -> When:
        """The moment at which it has to hold."""
        return When.CLOSE

    def judge(self, case: Case) -> Finding:
        raise NotImplementedError

    def rests_on(self, case: Case) -> Hashable:
        """All of a case, beside its setting, that decides what `judge` finds.

        None where hardly any others are alike in it.
        """
        return None

    def sentence(self, language: Language) -> str:
        """Say the requirement to an entrant, as a sentence without its full stop."""
        raise NotImplementedError

    def count(self, case: Case, finding: Finding, unit: Unit) -> int:
        """How many units of what holds a bonus counts; `unit` is one of `units`."""
        return len(_UNITS[unit](finding.evidence))

    def parameters(self) -> dict[str, Any]:
        """The parameters as terms hold them."""
        given: dict[str, Any] = msgspec.to_builtins(self)
        given.pop(str(self.__struct_config__.tag_field), None)
        usual = {
            field.name: msgspec.to_builtins(field.default)
            for field in msgspec.structs.fields(self)
            if field.name in self.later
        }
        return {name: value for name, value in given.items() if usual.get(name, ...) != value}

    def texts(self) -> Iterator[str]:
        """Every text among the parameters."""
        return _texts(self.parameters())

    def faults(self) -> list[Fault]:
        """What is wrong with the parameters; pointers are relative to the condition."""
        return limit_faults(self)


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for each in value.values():
                yield from _texts(each)
        case list() | tuple():
            for each in value:
                yield from _texts(each)


class Timed(Condition, frozen=True, kw_only=True):
    """A condition of which the rules say when it has to hold."""

    moments: ClassVar[tuple[When, ...]] = tuple(When)
    later: ClassVar[frozenset[str]] = frozenset({"moment"})
    moment: When = When.CLOSE

    @property
    def when(self) -> When:
        """The moment at which it has to hold."""
        return self.moment

    def faults(self) -> list[Fault]:
        """What is wrong with the parameters; pointers are relative to the condition."""
        faults = super().faults()
        if self.moment not in self.moments:
            detail = f"must be one of {', '.join(self.moments)}"
            faults.append(Fault(pointer="/moment", detail=detail))
        return faults


STILL: Mapping[Language, Mapping[When, str]] = {
    Language.ENGLISH: {
        When.CLOSE: "",
        When.DRAW: ", also when the winners are checked after the draw",
    },
    Language.RUSSIAN: {
        When.CLOSE: "",
        When.DRAW: ", в том числе во время проверки победителей после розыгрыша",
    },
}
"""What is said of something that has to be so at the close, by moment."""


def known(case: Case, action: Action) -> Sequence[Presence]:
    """All presences of an action, oldest first, each joined across the times it was hidden.

    When an account can be seen again, the platform shows the very same action. It was not done
    anew, so it keeps the beginning that was known before.
    """
    presences = case.presences.get(action, ())
    if len(presences) < 2:
        return presences
    joined: list[Presence] = []
    latest: dict[tuple[str, str, str], int] = {}
    for seen in sorted(presences, key=_order):
        key = (seen.account, seen.target, seen.ref)
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


def _order(seen: Presence) -> tuple[int, bool, int, str, str, str]:
    ended = seen.gone_at or 0
    return seen.seen_at, seen.gone_at is None, ended, seen.target, seen.ref, seen.account


def counted(case: Case, action: Action) -> list[Presence]:
    """The actions that fall into the contest's time, still present or not.

    Without a platform time the bounds decide in the entrant's favour: only what was surely there
    before the opening, or surely not yet there at the close, does not count.
    """
    opens_at, closes_at = case.opens_at, case.closes_at
    presences: Sequence[Presence] = case.presences.get(action, ())
    if len(presences) > 1:
        presences = known(case, action)
    in_time = []
    for seen in presences:
        at, absent_at = seen.at, seen.absent_at
        if at is not None:
            is_in_time = opens_at <= at <= closes_at
        else:
            is_in_time = seen.seen_at >= opens_at and (absent_at is None or absent_at < closes_at)
        if is_in_time:
            in_time.append(seen)
    return in_time


def is_late(case: Case, seen: Presence) -> bool:
    """Tell whether an action was surely done after the close."""
    if seen.at is not None:
        return seen.at > case.closes_at
    return seen.absent_at is not None and seen.absent_at >= case.closes_at


def is_present(seen: Presence) -> bool:
    return seen.gone_at is None


def alike(case: Case, action: Action) -> Hashable:
    """All that was done that decides what is found of an action; None where few did alike.

    Alike are those who did nothing, or did it once, are still seen with it, and it has no name of
    its own: a like or a follow, where the platform tells no more of it than that it was seen.
    """
    presences = case.presences.get(action)
    if not presences:
        return ()
    seen = presences[0]
    if len(presences) > 1 or seen.ref or seen.gone_at is not None or seen.is_heard:
        return None
    return seen.target, seen.at, seen.absent_at, seen.seen_at


ABSENCE: Mapping[Verdict, tuple[str, ...]] = {
    Verdict.UNKNOWN: (
        "never_told",
        *(each.value for each in Standing if each is not Standing.VISIBLE),
        "was_hidden",
        "not_read_yet",
    ),
    Verdict.WITHDRAWN: ("undone",),
    Verdict.FAILS: ("outside_contest_time", "not_seen"),
}
"""What `absence` says."""


def absence(
    case: Case, action: Action, gone: Sequence[Presence], *, lost: str = "undone"
) -> Finding:
    """Say why nothing that counts is present: undone, hidden from us, unread, or never done.

    `gone` are the actions that would have been enough, had they stayed; `lost` says how they
    ceased to count.
    """
    if action in case.untold:
        return Finding(verdict=Verdict.UNKNOWN, reason="never_told")
    if case.standing is not Standing.VISIBLE:
        return Finding(verdict=Verdict.UNKNOWN, reason=case.standing.value, evidence=tuple(gone))
    if hidden := _lost_from_sight(case, action):
        return Finding(verdict=Verdict.UNKNOWN, reason="was_hidden", evidence=hidden)
    if action not in case.complete:
        return Finding(verdict=Verdict.UNKNOWN, reason="not_read_yet", evidence=tuple(gone))
    if gone:
        return Finding(verdict=Verdict.WITHDRAWN, reason=lost, evidence=tuple(gone))
    outside = tuple(filter(is_present, known(case, action)))
    if outside:
        return Finding(verdict=Verdict.FAILS, reason="outside_contest_time", evidence=outside)
    return Finding(verdict=Verdict.FAILS, reason="not_seen")


def _lost_from_sight(case: Case, action: Action) -> tuple[Presence, ...]:
    """Presences that vanished because their account was hidden, with no later word on their target.

    A later word is an action that was seen, or seen to be undone, after that: the account could be
    seen again by then, and what had been lost did not come back.
    """
    last_word: dict[tuple[str, str], int] = {}
    for seen in case.presences.get(action, ()):
        undone_at = seen.gone_at if seen.gone_why is GoneWhy.WITHDRAWN else None
        place = (seen.account, seen.target)
        last_word[place] = max(seen.seen_at, undone_at or 0, last_word.get(place, 0))
    return tuple(
        seen
        for seen in known(case, action)
        if seen.gone_why is GoneWhy.HIDDEN
        and (seen.gone_at or 0) > last_word[seen.account, seen.target]
    )


def begin_of(seen: Presence) -> int:
    """When it began: by the platform's time, else when it was first seen."""
    return seen.seen_at if seen.at is None else seen.at


def comment_of(seen: Presence) -> tuple[str, str]:
    """Which comment this is: one that was edited is still the same, whatever it says now.

    Where a platform tells them apart, the ref ends with a full stop and the version.
    """
    comment, dot, version = seen.ref.rpartition(".")
    return seen.target, comment if dot and "/" not in version else seen.ref


def posts_of(presences: Iterable[Presence]) -> set[str]:
    """The posts, or communities, at which actions were aimed."""
    return {seen.target for seen in presences}


def _comments_of(presences: Iterable[Presence]) -> set[tuple[str, str]]:
    return {comment_of(seen) for seen in presences}


_UNITS: Mapping[Unit, Any] = {
    Unit.POST: posts_of,
    Unit.COMMUNITY: posts_of,
    Unit.COMMENT: _comments_of,
}


def reasons(*parts: Mapping[Verdict, Collection[str]]) -> dict[Verdict, tuple[str, ...]]:
    """Put tables of reason codes together."""
    return {
        verdict: tuple(dict.fromkeys(code for part in parts for code in part.get(verdict, ())))
        for verdict in Verdict
        if any(verdict in part for part in parts)
    }
