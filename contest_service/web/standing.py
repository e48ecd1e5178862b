"""Where a contest stands, in words for everybody: its state, its clocks, and what comes next."""

from datetime import datetime

import msgspec

from contest_service.domain.contest import Status
from contest_service.domain.texts import say_void_reason
from contest_service.store.contests import Contest
from contest_service.web.language import Words


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A state: its look (macros/state.html), a word, a sentence, and the time that it waits for."""

    look: str
    word: str
    text: str
    until: datetime | None = None
    until_word: str = ""


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """One of the three moments of a contest that everybody may hold it to."""

    name: str
    text: str
    at: datetime
    is_past: bool


def standing_of(contest: Contest, words: Words, now: datetime) -> Standing:
    """Say where a contest stands that has started."""
    _ = words.gettext
    match contest.status:
        case Status.DRAFT | Status.SCHEDULED | Status.RUNNING:
            return _open(contest, words, now)
        case Status.CLOSING:
            return Standing(
                look="wait",
                word=_("Closed"),
                text=_("Everything is read once more, and everybody is checked anew."),
                until=contest.freeze_at,
                until_word=_("until the list is fixed"),
            )
        case Status.FROZEN:
            return _frozen(contest, words, now)
        case Status.DRAWN:
            return Standing(
                look="good",
                word=_("Drawn"),
                text=_("The winners are known. The announcement is on its way."),
            )
        case Status.ANNOUNCED | Status.COMPLETED:
            return Standing(
                look="good", word=_("Drawn"), text=_("The winners are drawn and announced.")
            )
        case Status.CANCELLED:
            return Standing(
                look="bad",
                word=_("Cancelled"),
                text=_("The organiser cancelled this contest. Nobody wins."),
            )
        case Status.VOID:
            return _void(contest, words)


def _open(contest: Contest, words: Words, now: datetime) -> Standing:
    """By its status where that is known already: `now` may be of the last whole minute."""
    _ = words.gettext
    if contest.status is not Status.RUNNING and now < contest.opens_at:
        return Standing(
            look="wait",
            word=_("Not open yet"),
            text=_("The rules are fixed and public. You can take part from the opening on."),
            until=contest.opens_at,
            until_word=_("until it opens"),
        )
    return Standing(
        look="good",
        word=_("Open"),
        text=_("You can take part now."),
        until=contest.closes_at,
        until_word=_("left to take part"),
    )


def _frozen(contest: Contest, words: Words, now: datetime) -> Standing:
    _ = words.gettext
    if now < contest.draw_at:
        return Standing(
            look="frozen",
            word=_("List fixed"),
            text=_("Nobody can change the list any more. Chance decides, and it is public."),
            until=contest.draw_at,
            until_word=_("until the draw"),
        )
    return Standing(
        look="frozen",
        word=_("Waiting for the random number"),
        text=_("The list is fixed. The public random number is fetched and checked."),
    )


def _void(contest: Contest, words: Words) -> Standing:
    _ = words.gettext
    if contest.void_reason == "missed":
        return Standing(
            look="bad",
            word=_("Did not take place"),
            text=_("The list of entries was not fixed in time, so there was no draw. Nobody wins."),
        )
    why = say_void_reason(contest.void_reason or "", words.language)
    return Standing(
        look="bad",
        word=_("Did not take place"),
        text=_("The contest ended without winners: %(why)s.", why=why),
    )


def clocks_of(contest: Contest, words: Words, now: datetime) -> list[Clock]:
    """The three moments: it closes, the list is fixed, it is drawn."""
    _ = words.gettext
    said = [
        (_("Closes"), _("What is done later does not count."), contest.closes_at),
        (_("List is fixed"), _("Nobody can change it afterwards, us included."), contest.freeze_at),
        (_("Is drawn"), _("By a public random number that nobody knows before."), contest.draw_at),
    ]
    return [
        Clock(name=name, text=text, at=at, is_past=at <= now or contest.status is Status.COMPLETED)
        for name, text, at in said
    ]
