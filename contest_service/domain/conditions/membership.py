"""Conditions over communities: follows, at some moment or the whole time, and joined since."""

from collections.abc import Collection, Hashable, Sequence
from typing import Annotated, ClassVar

import msgspec

from contest_service.domain.case import Case, Finding, Presence, Verdict
from contest_service.domain.conditions.base import (
    ABSENCE,
    Language,
    Timed,
    Unit,
    When,
    absence,
    alike,
    begin_of,
    is_late,
    is_present,
    known,
    reasons,
)
from contest_service.domain.conditions.limits import some, text
from contest_service.domain.conditions.moments import at_moment, lost_by
from contest_service.domain.errors import Fault
from contest_service.domain.evidence import Action

MOST_COMMUNITIES = 20


class NamedCommunity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of the contest's communities, by its stable id, and what the terms call it."""

    id: Annotated[str, text(200)]
    name: Annotated[str, text(100)]


class _OfCommunities(Timed, frozen=True, kw_only=True):
    """Something that is asked of communities of the contest.

    Where none is named, any of the contest's is enough. Of those that are named one is enough, or
    with `every` each of them is needed.
    """

    action: ClassVar[Action] = Action.FOLLOW
    units: ClassVar = (Unit.COMMUNITY,)
    later: ClassVar = frozenset({"moment", "communities", "every"})
    communities: Annotated[tuple[NamedCommunity, ...], some(MOST_COMMUNITIES)] = ()
    every: bool = False

    def rests_on(self, case: Case) -> Hashable:
        """What was done, where others did just the same."""
        return alike(case, self.action)

    def judge(self, case: Case) -> Finding:
        ids = [each.id for each in self.communities]
        if not ids:
            return self.judge_one(case)
        if not self.every:
            return self.judge_one(_within(case, ids))
        return _all([self.judge_one(_within(case, [id_])) for id_ in ids])

    def judge_one(self, case: Case) -> Finding:
        """Judge a case as if all its communities were one."""
        raise NotImplementedError

    def faults(self) -> list[Fault]:
        faults = super().faults()
        ids = [each.id for each in self.communities]
        if len(set(ids)) < len(ids):
            faults.append(Fault(pointer="/communities", detail="names a community twice"))
        if self.every and len(ids) < 2:
            detail = "needs at least two communities: name them, or leave this out"
            faults.append(Fault(pointer="/every", detail=detail))
        return faults

    def object_of(self, language: Language) -> str:
        """Say which communities, in the accusative."""
        names = [each.name for each in self.communities]
        if language is Language.RUSSIAN:
            if not names:
                return "сообщество"
            noun = "сообщества" if self.every else "сообщество"
            quoted = [f"«{name}»" for name in names]
            return f"{noun} {_listed(quoted, 'и' if self.every else 'или')}"
        return _listed(names, "and" if self.every else "or") if names else "the community"


def _listed(names: Sequence[str], last: str) -> str:
    *first, end = names
    return f"{', '.join(first)} {last} {end}" if first else end


class Follows(_OfCommunities, frozen=True, kw_only=True, tag="follows", tag_field="kind"):
    """The account follows the community at the close, since whenever.

    A follow that ended before the contest opened has nothing to do with it. For the whole time it
    has to be there from the opening; whoever stood on the first list that was read is taken to have
    been there.
    """

    label: ClassVar = {Language.ENGLISH: "Follow", Language.RUSSIAN: "Подписка"}
    reasons: ClassVar = reasons(
        {
            Verdict.HOLDS: ("seen",),
            Verdict.WITHDRAWN: ("interrupted",),
            Verdict.FAILS: ("not_from_the_opening",),
        },
        ABSENCE,
    )

    def judge_one(self, case: Case) -> Finding:
        follows = [
            seen
            for seen in known(case, Action.FOLLOW)
            if not is_late(case, seen) and (seen.gone_at is None or seen.gone_at >= case.opens_at)
        ]
        counting, gone = at_moment(follows, self.moment)
        too_late: list[Presence] = []
        if self.moment is When.WHOLE_TIME:
            old = _followed_from_the_opening(case, follows)
            too_late = [seen for seen in counting if _place(seen) not in old]
            counting = [seen for seen in counting if _place(seen) in old]
            gone = [seen for seen in gone if _place(seen) in old]
        if counting:
            return Finding(verdict=Verdict.HOLDS, reason="seen", evidence=tuple(counting))
        finding = absence(case, Action.FOLLOW, gone, lost=lost_by(gone))
        if finding.verdict is Verdict.FAILS and too_late:
            return Finding(
                verdict=Verdict.FAILS, reason="not_from_the_opening", evidence=tuple(too_late)
            )
        return finding

    def sentence(self, language: Language) -> str:
        return _FOLLOW[language][self.moment].format(self.object_of(language))


_FOLLOW = {
    Language.ENGLISH: {
        When.ONCE: "Follow {} at some time before the close",
        When.CLOSE: "Follow {} at the close",
        When.WHOLE_TIME: "Follow {} the whole time from the opening to the close",
        When.DRAW: "Follow {} at the close, and still when the winners are checked after the draw",
    },
    Language.RUSSIAN: {
        When.ONCE: "Хотя бы раз до закрытия подпишитесь на {}",
        When.CLOSE: "Будьте подписаны на {} в момент закрытия",
        When.WHOLE_TIME: "Будьте подписаны на {} всё время от открытия до закрытия",
        When.DRAW: "Будьте подписаны на {} в момент закрытия и во время проверки победителей "
        "после розыгрыша",
    },
}


def _followed_from_the_opening(case: Case, follows: Sequence[Presence]) -> set[tuple[str, str]]:
    """By account and community: what is not known to have begun after the opening only."""
    return {
        _place(seen)
        for seen in follows
        if begin_of(seen) <= case.opens_at or not _is_new(case, seen)
    }


def _place(seen: Presence) -> tuple[str, str]:
    return seen.account, seen.target


class Joined(_OfCommunities, frozen=True, kw_only=True, tag="joined", tag_field="kind"):
    """The account became a follower of the community after the contest opened, and still is one.

    It is known by the platform's time, by a live event, or by a complete list since the opening on
    which the account did not stand yet. Whoever stood on the first list may have been there before.
    """

    label: ClassVar = {
        Language.ENGLISH: "New follower",
        Language.RUSSIAN: "Новый подписчик",
    }
    reasons: ClassVar = reasons(
        {
            Verdict.HOLDS: ("joined_since",),
            Verdict.UNKNOWN: ("joined_when_unknown",),
            Verdict.WITHDRAWN: ("interrupted",),
            Verdict.FAILS: ("joined_before",),
        },
        ABSENCE,
    )

    def judge_one(self, case: Case) -> Finding:
        follows = [seen for seen in known(case, Action.FOLLOW) if not is_late(case, seen)]
        new = [each for each in follows if _is_new(case, each)]
        counting = self._counting(case, follows, new)
        if not counting:
            return absence(case, Action.FOLLOW, new, lost=lost_by(new))
        evidence = tuple(counting)
        if any(_is_new(case, seen) for seen in counting):
            return Finding(verdict=Verdict.HOLDS, reason="joined_since", evidence=evidence)
        if all(_is_old(case, seen) for seen in counting):
            return Finding(verdict=Verdict.FAILS, reason="joined_before", evidence=evidence)
        return Finding(verdict=Verdict.UNKNOWN, reason="joined_when_unknown", evidence=evidence)

    def _counting(
        self, case: Case, follows: Sequence[Presence], new: Sequence[Presence]
    ) -> list[Presence]:
        match self.moment:
            case When.ONCE:
                return list(new) or [
                    seen
                    for seen in follows
                    if seen.gone_at is None or seen.gone_at >= case.opens_at
                ]
            case When.WHOLE_TIME:
                # What there was before they joined leaves no gap.
                whole, _ = at_moment(new, self.moment)
                before = [seen for seen in follows if is_present(seen) and seen not in new]
                return [*before, *whole]
        return list(filter(is_present, follows))

    def sentence(self, language: Language) -> str:
        return _JOIN[language][self.moment].format(self.object_of(language))


_JOIN = {
    Language.ENGLISH: {
        When.ONCE: "Follow {} after the contest has opened; you may leave later",
        When.CLOSE: "Follow {} after the contest has opened, and stay",
        When.WHOLE_TIME: "Follow {} after the contest has opened, and do not leave until the "
        "close, not even for a while",
        When.DRAW: "Follow {} after the contest has opened, and stay until the winners are "
        "checked after the draw",
    },
    Language.RUSSIAN: {
        When.ONCE: "Подпишитесь на {} после открытия конкурса; потом можно отписаться",
        When.CLOSE: "Подпишитесь на {} после открытия конкурса и оставайтесь подписаны",
        When.WHOLE_TIME: "Подпишитесь на {} после открытия конкурса и не отписывайтесь до "
        "закрытия даже на время",
        When.DRAW: "Подпишитесь на {} после открытия конкурса и оставайтесь подписаны до "
        "проверки победителей после розыгрыша",
    },
}


def _is_new(case: Case, seen: Presence) -> bool:
    """Whether it surely began since the opening."""
    if seen.at is not None:
        return seen.at >= case.opens_at
    was_absent = seen.absent_at is not None and seen.absent_at >= case.opens_at
    return was_absent or (seen.is_heard and seen.seen_at >= case.opens_at)


def _is_old(case: Case, seen: Presence) -> bool:
    """Whether it surely began before the opening."""
    return begin_of(seen) < case.opens_at


def _within(case: Case, communities: Collection[str]) -> Case:
    """The case with what was done at some communities alone."""
    follows = tuple(
        seen for seen in case.presences.get(Action.FOLLOW, ()) if seen.target in communities
    )
    return msgspec.structs.replace(case, presences={**case.presences, Action.FOLLOW: follows})


_WORST_FIRST = (Verdict.FAILS, Verdict.WITHDRAWN, Verdict.UNKNOWN)


def _all(findings: Sequence[Finding]) -> Finding:
    """What is found of all communities together: the worst, or that each holds."""
    for verdict in _WORST_FIRST:
        worst = next((each for each in findings if each.verdict is verdict), None)
        if worst is not None:
            return worst
    evidence = tuple(seen for each in findings for seen in each.evidence)
    return msgspec.structs.replace(findings[0], evidence=evidence)
