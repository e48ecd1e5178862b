"""The tables in `data`: for every kind of condition, cases and what has to be found in them.

A file names the kinds that it is about, and one case a line: the parameters of the condition where
they are not the usual ones, and what is known of the entrant. Actions are of the kind's own action
on the first post, or community, seen at 1300, unless a row says otherwise.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from contest_service.domain.accounts import Profile, Standing
from contest_service.domain.case import Case, Presence, Verdict
from contest_service.domain.conditions import AnyCondition
from contest_service.domain.evidence import Action
from domain.cases import COMMUNITY, EVERYTHING, ME, OTHER_POST, POST, case, did

DATA = Path(__file__).parent / "data"
OTHER_COMMUNITY = "did:plc:other"
_NAMED = {
    "me": ME,
    "community": COMMUNITY,
    "other community": OTHER_COMMUNITY,
    "post": POST,
    "other post": OTHER_POST,
}


class Known(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of an entrant, as a row says it."""

    did: list[dict[str, Any]] = []
    unread: list[Action] | str = []
    untold: list[Action] = []
    standing: Standing = Standing.VISIBLE
    profile: dict[str, Any] | None = None
    lists: list[str] = []
    is_staff: bool | None = None
    won_at: tuple[int, ...] = ()
    copied: frozenset[str] = frozenset()
    overnamed: list[str] = []
    quizzes: dict[str, tuple[str, ...]] = {}


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row as it is written."""

    name: str
    found: tuple[Verdict, str]
    condition: dict[str, Any] = {}
    case: Known = Known()


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file."""

    kinds: list[str]
    rows: list[Line]


class Row(msgspec.Struct, frozen=True):
    """A condition, a case, and what has to be found in it."""

    kind: str
    name: str
    condition: AnyCondition
    case: Case
    verdict: Verdict
    reason: str


def read_rows() -> Iterator[Row]:
    """All rows of all tables, for each kind that they are about."""
    for path in sorted(DATA.glob("*.json")):
        table = msgspec.json.decode(path.read_bytes(), type=Table)
        for kind in table.kinds:
            yield from (_row(kind, line) for line in table.rows)


def _row(kind: str, line: Line) -> Row:
    given = {"kind": kind, **line.condition}
    for each in given.get("communities", ()):
        each["id"] = _NAMED.get(each["id"], each["id"])
    condition = msgspec.convert(given, AnyCondition)
    verdict, reason = line.found
    return Row(kind, line.name, condition, _case(condition.action, line.case), verdict, reason)


def _case(own: Action | None, known: Known) -> Case:
    made = case(
        *(_presence(own, dict(each)) for each in known.did),
        complete=EVERYTHING - _unread(own, known),
        standing=known.standing,
        profile=known.profile
        if known.profile is None
        else Profile(account="me", handle="me.example", **known.profile),
        lists=known.lists,
    )
    return msgspec.structs.replace(
        made,
        is_staff=known.is_staff,
        won_at=known.won_at,
        copied=known.copied,
        overnamed=frozenset(map(_account, known.overnamed)),
        quizzes=known.quizzes,
        untold=frozenset(known.untold),
    )


def _unread(own: Action | None, known: Known) -> frozenset[Action]:
    match known.unread:
        case "all":
            return EVERYTHING
        case "it":
            assert own is not None
            return frozenset({own})
    return frozenset(map(Action, known.unread))


def _presence(own: Action | None, told: dict[str, Any]) -> Presence:
    action = Action(told.pop("action", own))
    usual = COMMUNITY if action is Action.FOLLOW else POST
    target = told.pop("target", usual)
    is_heard = told.pop("heard", False)
    mentions = [_account(name) for name in told.pop("mentions", ())]
    made = did(action, target=_NAMED.get(target, target), mentions=mentions, **told)
    return msgspec.structs.replace(made, is_heard=is_heard)


def _account(name: str) -> str:
    return _NAMED.get(name, f"did:plc:{name}")
