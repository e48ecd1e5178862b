"""What a contest and its entrants are said to be, each with the look of a state (macros/state)."""

import functools
from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec

from contest_service.domain.case import Verdict
from contest_service.domain.catalogue import kinds
from contest_service.domain.conditions import Language
from contest_service.domain.contest import Status
from contest_service.domain.evidence import Action
from contest_service.domain.exported import say_reason
from contest_service.domain.judging import EntrantState
from contest_service.domain.reason_words import REASONS
from contest_service.store.contests import Contest
from contest_service.web.language import Words


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A state as people see it."""

    look: str
    word: str


class NextStep(msgspec.Struct, frozen=True, kw_only=True):
    """What is due next, and when."""

    what: str
    at: datetime


LOOKS: Mapping[Verdict, str] = {
    Verdict.HOLDS: "good",
    Verdict.FAILS: "bad",
    Verdict.WITHDRAWN: "bad",
    Verdict.UNKNOWN: "unknown",
}
"""How the verdict of one condition looks."""


def say_status(status: Status, words: Words) -> Said:
    look = _STATUS_LOOKS.get(status, "wait")
    return Said(look=look, word=_STATUSES[status](words))


def say_entrant(state: EntrantState, words: Words) -> Said:
    return Said(look=_STATE_LOOKS[state], word=_STATES[state](words))


def say_code(reason: str, words: Words) -> str:
    """Say a verdict's reason code, as in `liked.undone`; one that has no words as it is."""
    match reason:
        case "all_conditions_hold":
            return words.gettext("All conditions hold.")
        case "admitted_unverified":
            return words.gettext("Admitted, though something cannot be known.")
    kind, _, code = reason.rpartition(".")
    known = REASONS.get(code)
    if known is None:
        return say_reason(reason, words.language) or reason
    said = known[0][words.language is Language.RUSSIAN]
    label = _labels(words.language).get(kind)
    return f"{label}: {said[0].lower()}{said[1:]}" if label else said


@functools.cache
def _labels(language: Language) -> Mapping[str, str]:
    """What each kind of condition is called."""
    return {each.kind: each.label[language] for each in kinds()}


def say_action(action: Action, words: Words) -> str:
    """What was done, of many: `likes`."""
    match action:
        case Action.LIKE:
            return words.gettext("likes")
        case Action.REPOST:
            return words.gettext("reposts")
        case Action.QUOTE:
            return words.gettext("quotes")
        case Action.COMMENT:
            return words.gettext("comments")
        case Action.FOLLOW:
            return words.gettext("followers")
        case Action.ENTRY:
            return words.gettext("entries brought in")


def say_platform(platform: str, words: Words) -> str:
    match platform:
        case "import":
            return words.gettext("Brought in")
        case "vk":
            return words.gettext("VK")
        case _:
            return platform.capitalize()


def next_step(contest: Contest, words: Words) -> NextStep | None:
    """What happens to a contest next by its schedule; None if nothing is due."""
    match contest.status:
        case Status.DRAFT | Status.SCHEDULED:
            return NextStep(what=words.gettext("opens"), at=contest.opens_at)
        case Status.RUNNING:
            return NextStep(what=words.gettext("closes"), at=contest.closes_at)
        case Status.CLOSING:
            return NextStep(what=words.gettext("the list is fixed"), at=contest.freeze_at)
        case Status.FROZEN:
            return NextStep(what=words.gettext("the draw"), at=contest.draw_at)
        case _:
            return None


_Say = Callable[[Words], str]
_STATUSES: Mapping[Status, _Say] = {
    Status.DRAFT: lambda words: words.gettext("Draft"),
    Status.SCHEDULED: lambda words: words.gettext("Scheduled"),
    Status.RUNNING: lambda words: words.gettext("Running"),
    Status.CLOSING: lambda words: words.gettext("Closing"),
    Status.FROZEN: lambda words: words.gettext("List fixed"),
    Status.DRAWN: lambda words: words.gettext("Drawn"),
    Status.ANNOUNCED: lambda words: words.gettext("Announced"),
    Status.COMPLETED: lambda words: words.gettext("Completed"),
    Status.CANCELLED: lambda words: words.gettext("Cancelled"),
    Status.VOID: lambda words: words.gettext("Void"),
}
_STATUS_LOOKS: Mapping[Status, str] = {
    Status.RUNNING: "good",
    Status.FROZEN: "frozen",
    Status.DRAWN: "good",
    Status.ANNOUNCED: "good",
    Status.COMPLETED: "good",
    Status.CANCELLED: "bad",
    Status.VOID: "bad",
}
_STATES: Mapping[EntrantState, _Say] = {
    EntrantState.VALID: lambda words: words.gettext("Takes part"),
    EntrantState.INVALID: lambda words: words.gettext("Does not take part"),
    EntrantState.CANNOT_VERIFY: lambda words: words.gettext("Cannot be verified"),
    EntrantState.QUARANTINED: lambda words: words.gettext("Held for checking"),
}
_STATE_LOOKS: Mapping[EntrantState, str] = {
    EntrantState.VALID: "good",
    EntrantState.INVALID: "bad",
    EntrantState.CANNOT_VERIFY: "unknown",
    EntrantState.QUARANTINED: "private",
}
