"""A second judge, as plain as can be: written from what the conditions promise, not from how.

It tries every way in which what is unknown may be, and shares nothing with the first judge but the
shapes of cases and rules.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from contest_service.domain.accounts import Standing
from contest_service.domain.case import Case, GoneWhy, Presence, Verdict
from contest_service.domain.conditions import Condition
from contest_service.domain.evidence import Action
from domain.trees import Given, Tree, naive_verdict

HOLDS, FAILS, UNKNOWN = Verdict.HOLDS, Verdict.FAILS, Verdict.UNKNOWN
WITHDRAWN = Verdict.WITHDRAWN
END = 4000
"""A second after everything that tests make happen."""


class Stay(NamedTuple):
    """One time during which an action was there, as far as that is known."""

    target: str
    ref: str
    at: int | None
    absent: int | None
    seen: int
    gone: int | None
    why: GoneWhy | None
    heard: bool
    said: Presence

    @property
    def begin(self) -> int:
        return self.seen if self.at is None else self.at

    def is_there(self, second: int) -> bool:
        return self.begin <= second and (self.gone is None or second < self.gone)


def stays_of(case: Case, action: Action) -> list[Stay]:
    """The stays of an action; one that was only hidden from us in between is one stay."""
    chains: dict[tuple[str, str], list[Stay]] = {}
    for each in sorted(case.presences.get(action, ()), key=lambda seen: seen.seen_at):
        chain = chains.setdefault((each.target, each.ref), [])
        stay = Stay(
            each.target,
            each.ref,
            each.at,
            each.absent_at,
            each.seen_at,
            each.gone_at,
            each.gone_why,
            each.is_heard,
            each,
        )
        if chain and chain[-1].why is GoneWhy.HIDDEN:
            before = chain.pop()
            at = stay.at if before.at is None else before.at
            stay = stay._replace(at=at, absent=before.absent, seen=before.seen)
        chain.append(stay)
    return [stay for chain in chains.values() for stay in chain]


def is_late(case: Case, stay: Stay) -> bool:
    if stay.at is not None:
        return stay.at > case.closes_at
    return stay.absent is not None and stay.absent >= case.closes_at


def is_surely_new(case: Case, stay: Stay) -> bool:
    if stay.at is not None:
        return stay.at >= case.opens_at
    if stay.heard and stay.seen >= case.opens_at:
        return True
    return stay.absent is not None and stay.absent >= case.opens_at


def has_gap(stays: Iterable[Stay]) -> bool:
    """Whether at some second something was undone and nothing was there."""
    there = list(stays)
    ends = [s.gone for s in there if s.gone is not None and s.why is GoneWhy.WITHDRAWN]
    return any(not any(s.is_there(second) for s in there) for second in ends)


def comment_id(ref: str) -> str:
    found = re.fullmatch(r"(.*)\.([^./]*)", ref)
    return found[1] if found else ref


def standing_now(stays: list[Stay], moment: str, place: Any) -> list[Stay]:
    """Of the stays in time, those that count at the moment."""
    if moment == "once":
        return stays
    still = [stay for stay in stays if stay.gone is None]
    if moment != "whole_time":
        return still
    return [s for s in still if not has_gap(o for o in stays if place(o) == place(s))]


def missing(case: Case, action: Action, *, was_enough: bool) -> Verdict:
    """What is known of something that is not there."""
    if action in case.untold or case.standing is not Standing.VISIBLE:
        return UNKNOWN
    seen = case.presences.get(action, ())
    for each in seen:
        words = [o.seen_at for o in seen if o.target == each.target]
        words += [
            o.gone_at or 0
            for o in seen
            if o.target == each.target and o.gone_why is GoneWhy.WITHDRAWN
        ]
        if each.gone_why is GoneWhy.HIDDEN and all((each.gone_at or 0) > w for w in words):
            return UNKNOWN
    if action not in case.complete:
        return UNKNOWN
    return WITHDRAWN if was_enough else FAILS


def judge(condition: Any, case: Case) -> tuple[Verdict, list[Stay]]:
    """The verdict of one condition, and what counts for it where that is something done."""
    kind = str(type(condition).__struct_config__.tag)
    match kind:
        case "liked" | "reposted" | "quoted":
            return on_posts(condition, case, kind)
        case "commented":
            return commented(condition, case)
        case "follows" | "joined":
            return membership(condition, case, kind)
        case "entered":
            entries = in_time(case, Action.ENTRY)
            still = [stay for stay in entries if stay.gone is None]
            if still:
                return HOLDS, still
            return missing(case, Action.ENTRY, was_enough=bool(entries)), []
        case "not_listed":
            return yes(condition.list_id not in case.lists), []
        case "not_staff":
            return UNKNOWN if case.is_staff is None else yes(not case.is_staff), []
        case "not_past_winner":
            end = END if condition.moment == "draw" else case.closes_at
            begin = case.closes_at - condition.days * 24 * 60 * 60
            return yes(not any(begin <= won <= end for won in case.won_at)), []
    return of_profile(condition, case, kind), []


def yes(fact: bool) -> Verdict:
    return HOLDS if fact else FAILS


def in_time(case: Case, action: Action) -> list[Stay]:
    return [
        stay
        for stay in stays_of(case, action)
        if stay.begin >= case.opens_at and not is_late(case, stay)
    ]


def on_posts(condition: Any, case: Case, kind: str) -> tuple[Verdict, list[Stay]]:
    action = {"liked": Action.LIKE, "reposted": Action.REPOST, "quoted": Action.QUOTE}[kind]
    done = in_time(case, action)

    def place(stay: Stay) -> Any:
        return (stay.target, stay.ref) if kind == "quoted" else stay.target

    def enough(stays: list[Stay]) -> bool:
        places = {stay.target for stay in stays}
        if condition.every:
            return any(all(post in places for post in posts) for posts in case.posts if posts)
        return len(places) >= condition.posts

    now = standing_now(done, condition.moment, place)
    if enough(now):
        return HOLDS, now
    verdict = missing(case, action, was_enough=enough(done))
    is_closed = case.profile is not None and case.profile.is_closed
    nothing_else = bool(now) or not any(s.gone is None for s in stays_of(case, action))
    if kind == "reposted" and is_closed and (verdict is WITHDRAWN or nothing_else):
        return UNKNOWN, []
    return verdict, []


def fits(condition: Any, case: Case, stay: Stay) -> bool:
    text = stay.said.text
    if len([w for w in text.split() if re.search(r"[^\W_]", w)]) < condition.words:
        return False
    if condition.hashtag and condition.hashtag.lower() not in stay.said.tags:
        return False
    plain = " " + " ".join(re.findall(r"[^\W_]+", text.lower().replace("ё", "е"))) + " "
    if condition.contains and not any(f" {c.lower()} " in plain for c in condition.contains):
        return False
    if condition.equals and plain.strip() not in [e.lower() for e in condition.equals]:
        return False
    numbers = re.findall(r"\d+", text)
    if condition.number is not None and {int(n) for n in numbers} != {condition.number}:
        return False
    return not (condition.original and stay.ref in case.copied)


def mentioned(condition: Any, case: Case, stays: Iterable[Stay]) -> set[str]:
    names = {name for stay in stays for name in stay.said.mentions}
    ours = {case.account, *case.communities, *(case.overnamed if condition.uncommon else ())}
    return {name for name in names if name not in ours}


def commented(condition: Any, case: Case) -> tuple[Verdict, list[Stay]]:
    fitting = [s for s in in_time(case, Action.COMMENT) if fits(condition, case, s)]

    def enough(stays: list[Stay]) -> bool:
        if not condition.every:
            return alone(stays)
        places = [posts for posts in case.posts if posts]
        return any(all(alone([s for s in stays if s.target == p]) for p in ps) for ps in places)

    def alone(stays: list[Stay]) -> bool:
        return (
            len({(s.target, comment_id(s.ref)) for s in stays}) >= condition.times
            and len({s.target for s in stays}) >= condition.posts
            and len(mentioned(condition, case, stays)) >= condition.mentions
        )

    now = standing_now(fitting, condition.moment, lambda s: (s.target, comment_id(s.ref)))
    if enough(now):
        return HOLDS, now
    return missing(case, Action.COMMENT, was_enough=enough(fitting)), []


def membership(condition: Any, case: Case, kind: str) -> tuple[Verdict, list[Stay]]:
    """Of several communities that are all asked for, each is judged as if it were alone."""
    one = follows if kind == "follows" else joined
    names = [each.id for each in condition.communities]
    if not condition.every:
        return one(condition, only_at(case, names) if names else case)
    parts = [one(condition, only_at(case, [name])) for name in names]
    verdicts = [verdict for verdict, _ in parts]
    for verdict in (FAILS, WITHDRAWN, UNKNOWN):
        if verdict in verdicts:
            return verdict, []
    return HOLDS, [stay for _, stays in parts for stay in stays]


def only_at(case: Case, names: list[str]) -> Case:
    kept = tuple(s for s in case.presences.get(Action.FOLLOW, ()) if s.target in names)
    return msgspec.structs.replace(case, presences={**case.presences, Action.FOLLOW: kept})


def follows(condition: Any, case: Case) -> tuple[Verdict, list[Stay]]:
    there = [
        stay
        for stay in stays_of(case, Action.FOLLOW)
        if not is_late(case, stay) and (stay.gone is None or stay.gone >= case.opens_at)
    ]
    if condition.moment == "whole_time":
        there = [
            stay
            for stay in there
            if any(
                o.target == stay.target and (o.begin <= case.opens_at or not is_surely_new(case, o))
                for o in there
            )
        ]
    now = standing_now(there, condition.moment, lambda s: s.target)
    was_enough = bool(there)
    if now:
        return HOLDS, now
    return missing(case, Action.FOLLOW, was_enough=was_enough), []


def joined(condition: Any, case: Case) -> tuple[Verdict, list[Stay]]:
    there = [stay for stay in stays_of(case, Action.FOLLOW) if not is_late(case, stay)]
    new = [stay for stay in there if is_surely_new(case, stay)]
    now = [stay for stay in there if stay.gone is None]
    if condition.moment == "once":
        now = new or [s for s in there if s.gone is None or s.gone >= case.opens_at]
    if condition.moment == "whole_time":
        kept = standing_now(new, "whole_time", lambda s: s.target)
        now = [stay for stay in now if stay not in new or stay in kept]
    if not now:
        return missing(case, Action.FOLLOW, was_enough=bool(new)), []
    if any(stay in new for stay in now):
        return HOLDS, now
    return (FAILS if all(s.begin < case.opens_at for s in now) else UNKNOWN), []


def of_profile(condition: Any, case: Case, kind: str) -> Verdict:
    me = case.profile
    if me is None:
        return UNKNOWN
    match kind:
        case "has_picture":
            return UNKNOWN if me.has_picture is None else yes(me.has_picture)
        case "profile_open":
            return UNKNOWN if me.is_closed is None else yes(not me.is_closed)
        case "active":
            return UNKNOWN if me.is_active is None else yes(me.is_active)
        case "followers_at_least":
            return UNKNOWN if me.followers is None else yes(me.followers >= condition.least)
        case "account_age":
            if me.created_at is None:
                return UNKNOWN
            opened = datetime.fromtimestamp(case.opens_at, UTC)
            made = datetime.fromtimestamp(me.created_at, UTC)
            return yes(opened - made >= timedelta(days=condition.days))
        case "city":
            return any_of([named(condition.names, me.city)])
        case "region":
            places = [(condition.cities, me.city), (condition.countries, me.country)]
            return any_of([named(names, told) for names, told in places if names])
        case "age":
            return UNKNOWN if not me.born else yes(is_of_age(condition, case, me.born))
    raise AssertionError(f"nobody told the second judge of {kind}")


def named(names: Iterable[str], told: str) -> Verdict:
    alike = [name.lower().replace("ё", "е") for name in names]
    return UNKNOWN if not told else yes(told.lower().replace("ё", "е") in alike)


def any_of(verdicts: list[Verdict]) -> Verdict:
    return next((each for each in (HOLDS, UNKNOWN) if each in verdicts), FAILS)


def is_of_age(condition: Any, case: Case, born: str) -> bool:
    day = datetime.fromtimestamp(case.opens_at, UTC).date()
    birthday = date.fromisoformat(born)
    years = 0
    while (birthday.year + years + 1, birthday.month, birthday.day) <= (
        day.year,
        day.month,
        day.day,
    ):
        years += 1
    return years >= condition.least and (not condition.most or years <= condition.most)


def judge_tree(rule: Any, case: Case) -> Verdict:
    """The verdict of a tree, by trying everything that may be."""
    return naive_verdict(_given(rule, case))


def _given(rule: Any, case: Case) -> Tree:
    if isinstance(rule, Condition):
        return Given(verdict=judge(rule, case)[0])
    parts = tuple(_given(branch, case) for branch in rule.of)
    return type(rule)(rule.n, parts) if hasattr(rule, "n") else type(rule)(parts)  # type: ignore[no-any-return] # whichever group it is


def tickets(given: Any, case: Case) -> int:
    """The tickets of somebody who takes part."""
    held = given.base
    for bonus in given.bonuses:
        if judge_tree(bonus.rule, case) is HOLDS:
            times = 1 if bonus.per is None else min(bonus.most, units(bonus, case))
            held += bonus.tickets * times
    return min(held, given.cap)


def units(bonus: Any, case: Case) -> int:
    _, counting = judge(bonus.rule, case)
    match bonus.per:
        case "mention":
            return len(mentioned(bonus.rule, case, counting))
        case "comment":
            return len({(s.target, comment_id(s.ref)) for s in counting})
    return len({s.target for s in counting})
