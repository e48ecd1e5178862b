"""An organiser's record in words: the numbers, and a line for each contest."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from contest_service.domain.conditions import Language
from contest_service.domain.contest import Status
from contest_service.domain.reasons import meaning
from contest_service.domain.texts import say_void_reason
from contest_service.flows.organiser import OrganiserRecord, Reason, RecordedContest
from contest_service.web.contest_words import Said, say_status
from contest_service.web.grade_words import GradeSaid, say_grade, say_practice
from contest_service.web.language import Words

_OVER = frozenset({Status.CANCELLED, Status.VOID})
_DRAWN = frozenset({Status.DRAWN, Status.ANNOUNCED, Status.COMPLETED})


class Number(msgspec.Struct, frozen=True, kw_only=True):
    """One number of the record: what it counts, a sentence about it, and its reasons."""

    name: str
    count: int
    note: str
    reasons: list[str]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One contest of the record; `organiser` is empty where it is the record's own name.

    `when` is when it was drawn, or will be by `when_word`.
    """

    id: UUID
    title: str
    organiser: str
    status: Said
    when: datetime | None
    when_word: str
    notes: list[str]
    grade: GradeSaid | None
    has_certificate: bool
    zone: str


class RecordWords:
    """Says one record in one language."""

    def __init__(self, record: OrganiserRecord, words: Words, *, practice: bool) -> None:
        self._it = record
        self._words = words
        self._is_practice = practice

    def numbers(self) -> list[Number]:
        """All that is counted, in the order in which a contest lives."""
        _, it = self._words.gettext, self._it.numbers
        return [
            _number(
                _("Contests announced"), it.announced, _("The rules were public from the start.")
            ),
            _number(_("Contests not drawn yet"), it.open, _("Open, or waiting for the draw.")),
            _number(_("Contests drawn"), it.drawn, self._punctuality()),
            _number(
                _("Contests without winners"),
                it.ended,
                _("Cancelled, or the draw could not be held."),
                reasons=self._reasons(it.endings, say_void_reason),
            ),
            _number(
                _("Rules changed after the start"),
                it.changed,
                _("In public, with a reason; every version stays."),
            ),
            _number(_("Winners announced"), it.winners, self._handed()),
            _number(
                _("Winners replaced"),
                it.lost,
                _("Another one took the prize, in the order that was drawn."),
                reasons=self._reasons(it.losses, meaning),
            ),
        ]

    def summary(self) -> str:
        """The record in one sentence, for links to it."""
        words, it = self._words, self._it.numbers
        if not it.announced:
            return words.gettext("No contest yet in which something was to be won.")
        return words.gettext(
            "Contests announced: %(announced)s; drawn: %(drawn)s, of these on time: %(on_time)s; "
            "winners: %(winners)s",
            announced=words.number(it.announced),
            drawn=words.number(it.drawn),
            on_time=words.number(it.on_time),
            winners=words.number(it.winners),
        )

    def highlights(self) -> list[str]:
        """The numbers for a picture, the most telling first."""
        words, it = self._words, self._it.numbers
        said = [
            (words.gettext("Contests announced"), it.announced),
            (words.gettext("Contests drawn"), it.drawn),
            (words.gettext("Drawn on time"), it.on_time),
            (words.gettext("Winners announced"), it.winners),
            (words.gettext("Winners replaced"), it.lost),
            (words.gettext("Contests without winners"), it.ended),
            (words.gettext("Rules changed after the start"), it.changed),
        ]
        return [f"{name}: {words.number(count)}" for name, count in said]

    def lines(self) -> list[Line]:
        """The contests of this page, newest first."""
        return [self._line(each) for each in self._it.contests]

    def _punctuality(self) -> str:
        words, it = self._words, self._it.numbers
        if not it.drawn:
            return words.gettext("On time means: within an hour of what was first promised.")
        return words.ngettext(
            "%(num)s of them on time: within an hour of what was first promised.",
            "%(num)s of them on time: within an hour of what was first promised.",
            it.on_time,
        )

    def _handed(self) -> str:
        words, it = self._words, self._it.numbers
        return words.gettext(
            "Claimed by %(claimed)s. Handed over to %(delivered)s, as the organiser noted.",
            claimed=words.number(it.claimed),
            delivered=words.number(it.delivered),
        )

    def _line(self, contest: RecordedContest) -> Line:
        _ = self._words.gettext
        is_own_name = contest.organiser == self._it.name
        has_result = contest.drawn_at is not None
        return Line(
            id=contest.id,
            title=contest.title,
            organiser="" if is_own_name else contest.organiser,
            status=self._status(contest.status),
            when=contest.drawn_at or (None if contest.status in _OVER else contest.draw_at),
            when_word="" if has_result else _("draw planned for"),
            notes=[*self._course(contest), *self._ends(contest)],
            grade=self._grade(contest),
            has_certificate=has_result,
            zone=contest.zone,
        )

    def _status(self, status: Status) -> Said:
        """For everybody it is one, whether it was just announced or is completed."""
        if status in _OVER:
            return Said(look="bad", word=self._words.gettext("Ended without winners"))
        if status in _DRAWN:
            return Said(look="good", word=self._words.gettext("Drawn"))
        return say_status(status, self._words)

    def _course(self, contest: RecordedContest) -> Iterable[str]:
        words = self._words
        if contest.is_on_time:
            yield words.gettext("on time")
        elif contest.drawn_at is not None:
            late = contest.drawn_at - contest.promised_draw_at
            yield words.gettext("late by %(span)s", span=words.span(late))
        elif contest.status in _OVER:
            why = say_void_reason(contest.void_reason, words.language)
            yield words.gettext("no winners: %(why)s", why=why)
        elif contest.draw_at - contest.promised_draw_at > timedelta(hours=1):
            yield words.gettext("postponed")
        if contest.versions > 1:
            changes = contest.versions - 1
            yield words.ngettext("rules changed once", "rules changed %(num)s times", changes)

    def _ends(self, contest: RecordedContest) -> Iterable[str]:
        words = self._words
        if contest.winners:
            yield words.ngettext("%(num)s winner", "%(num)s winners", contest.winners)
        if contest.claimed:
            yield words.ngettext("%(num)s claimed", "%(num)s claimed", contest.claimed)
        if contest.delivered:
            yield words.ngettext("%(num)s has it", "%(num)s have it", contest.delivered)
        for text in self._reasons(contest.losses, meaning):
            yield words.gettext("replaced: %(why)s", why=text)

    def _grade(self, contest: RecordedContest) -> GradeSaid | None:
        if contest.grade is not None:
            return say_grade(contest.grade, self._words)
        return say_practice(self._words) if self._is_practice and contest.drawn_at else None

    def _reasons(self, reasons: Iterable[Reason], say: Callable[[str, Language], str]) -> list[str]:
        words = self._words
        return [
            f"{say(each.reason, words.language)} × {words.number(each.times)}" for each in reasons
        ]


def _number(name: str, count: int, note: str, *, reasons: Sequence[str] = ()) -> Number:
    return Number(name=name, count=count, note=note, reasons=list(reasons))
