"""Cases and definitions made for tests.

The contest opens at 1000 and closes at 2000. The closing scan began at 2050; whatever it missed is
gone at 2100.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from contest_service.domain.accounts import Platform, Profile, Standing
from contest_service.domain.case import Case, GoneWhy, Presence, Verdict
from contest_service.domain.conditions import Liked
from contest_service.domain.contest import Definition
from contest_service.domain.evidence import Action, Target, TargetKind
from contest_service.domain.prizes import Draw, Tier
from contest_service.domain.rules import AllOf
from contest_service.domain.schedule import Schedule

OPENS, CLOSES = 1000, 2000
ME, COMMUNITY = "did:plc:me", "did:plc:community"
POST, OTHER_POST = "at://post/1", "at://post/2"
EVERYTHING = frozenset(Action)


def did(
    action: Action = Action.LIKE,
    *,
    at: int | None = None,
    absent: int | None = None,
    seen: int = 1300,
    withdrawn: int | None = None,
    hidden: int | None = None,
    ref: str = "at://action/1",
    target: str = POST,
    text: str = "",
    tags: Iterable[str] = (),
    mentions: Iterable[str] = (),
) -> Presence:
    """An action; `withdrawn` or `hidden` say when a scan no longer showed it."""
    why = GoneWhy.HIDDEN if hidden is not None else None
    return Presence(
        action=action,
        target=target,
        ref=ref,
        at=at,
        absent_at=absent,
        seen_at=seen,
        gone_at=hidden if withdrawn is None else withdrawn,
        gone_why=why if withdrawn is None else GoneWhy.WITHDRAWN,
        text=text,
        tags=tuple(tags),
        mentions=tuple(mentions),
    )


def case(
    *presences: Presence,
    complete: frozenset[Action] = EVERYTHING,
    standing: Standing = Standing.VISIBLE,
    profile: Profile | None = None,
    lists: Iterable[str] = (),
) -> Case:
    sorted_out: dict[Action, tuple[Presence, ...]] = {}
    for seen in presences:
        sorted_out[seen.action] = (*sorted_out.get(seen.action, ()), seen)
    return Case(
        account=ME,
        opens_at=OPENS,
        closes_at=CLOSES,
        presences=sorted_out,
        complete=complete,
        profile=profile,
        standing=standing,
        lists=frozenset(lists),
        communities=frozenset({COMMUNITY}),
        posts=(frozenset({POST, OTHER_POST}),),
    )


class Row(msgspec.Struct, frozen=True):
    """A case, and what a condition has to find in it."""

    name: str
    case: Case
    verdict: Verdict
    reason: str


NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)


def schedule(**changes: Any) -> Schedule:
    return msgspec.structs.replace(
        Schedule(
            opens_at=NOON,
            closes_at=NOON + timedelta(days=7),
            draw_at=NOON + timedelta(days=7, hours=2),
            zone="Europe/Moscow",
        ),
        **changes,
    )


def definition(**changes: Any) -> Definition:
    return msgspec.structs.replace(
        Definition(
            title="Spring cakes",
            organiser="Corner Bakery",
            schedule=schedule(),
            rules=AllOf((Liked(),)),
            draws=(Draw(tiers=(Tier(id="main", prize="A cake", winners=1),)),),
        ),
        **changes,
    )


def post(number: int = 1) -> Target:
    return Target(
        platform=Platform.BLUESKY,
        instance="",
        kind=TargetKind.POST,
        ref=f"at://did:plc:community/app.bsky.feed.post/{number}",
        pin=f"bafy{number}",
        author=COMMUNITY,
        url=f"https://bsky.app/profile/bakery.example/post/{number}",
    )
