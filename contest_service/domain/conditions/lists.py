"""Conditions over what the workspace knows: its lists, its staff, its winners, its own entries."""

from collections.abc import Hashable
from typing import Annotated, ClassVar
from uuid import UUID

import msgspec

from contest_service.domain.case import Case, Finding, Verdict
from contest_service.domain.conditions.base import (
    ABSENCE,
    STILL,
    Condition,
    Language,
    Timed,
    When,
    absence,
    counted,
    is_present,
    reasons,
)
from contest_service.domain.conditions.limits import text, whole
from contest_service.domain.errors import Fault
from contest_service.domain.evidence import Action
from contest_service.domain.wording import english, russian

_DAY = 86400


class _Excluding(Timed, frozen=True, kw_only=True):
    """Somebody does not take part: at the close, and if asked for, still after the draw."""

    moments: ClassVar[tuple[When, ...]] = (When.CLOSE, When.DRAW)


class NotListed(_Excluding, frozen=True, kw_only=True, tag="not_listed", tag_field="kind"):
    """The account stands on no list named here.

    `list_id` is the list's id and `name` what the terms call it; who stands on it is never public.
    """

    label: ClassVar = {Language.ENGLISH: "Not on a list", Language.RUSSIAN: "Нет в списке"}
    reasons: ClassVar = {Verdict.HOLDS: ("not_listed",), Verdict.FAILS: ("listed",)}
    list_id: Annotated[str, msgspec.Meta(extra_json_schema={"format": "uuid"})]
    name: Annotated[str, text(200)]

    def rests_on(self, case: Case) -> Hashable:
        """Whether the account stands on the list."""
        return self.list_id in case.lists

    def judge(self, case: Case) -> Finding:
        if self.list_id in case.lists:
            return Finding(verdict=Verdict.FAILS, reason="listed")
        return Finding(verdict=Verdict.HOLDS, reason="not_listed")

    def sentence(self, language: Language) -> str:
        start = "Не участвуют" if language is Language.RUSSIAN else "Not open to"
        return f"{start}: {self.name}{STILL[language][self.moment]}"

    def faults(self) -> list[Fault]:
        return [*([] if _is_canonical(self.list_id) else [_BAD_ID]), *super().faults()]


_BAD_ID = Fault(pointer="/list_id", detail="give the id of one of your lists, in lower case")


def _is_canonical(list_id: str) -> bool:
    """Tell whether this is a list's id as it is stored: any other spelling would match no list."""
    try:
        return str(UUID(list_id)) == list_id
    except ValueError:
        return False


class NotStaff(_Excluding, frozen=True, kw_only=True, tag="not_staff", tag_field="kind"):
    """The account does not help to run a community of the contest, as the platform tells."""

    label: ClassVar = {Language.ENGLISH: "Not staff", Language.RUSSIAN: "Не из команды"}
    asks_staff: ClassVar[bool] = True
    reasons: ClassVar = {
        Verdict.HOLDS: ("not_staff",),
        Verdict.UNKNOWN: ("staff_not_told",),
        Verdict.FAILS: ("is_staff",),
    }

    def judge(self, case: Case) -> Finding:
        match case.is_staff:
            case None:
                return Finding(verdict=Verdict.UNKNOWN, reason="staff_not_told")
            case True:
                return Finding(verdict=Verdict.FAILS, reason="is_staff")
            case False:
                return Finding(verdict=Verdict.HOLDS, reason="not_staff")

    def sentence(self, language: Language) -> str:
        if language is Language.RUSSIAN:
            said = "Не участвуют те, кто помогает вести сообщества конкурса"
        else:
            said = "Not open to those who help to run the contest's communities"
        return said + STILL[language][self.moment]


class NotPastWinner(_Excluding, frozen=True, kw_only=True, tag="not_past_winner", tag_field="kind"):
    """No other contest of the organiser gave the account a prize in the `days` before the close.

    The prize of a practice contest is none. If it has to hold still after the draw, a prize that
    was won until then counts, too.
    """

    label: ClassVar = {
        Language.ENGLISH: "Not a recent winner",
        Language.RUSSIAN: "Недавно не выигрывал",
    }
    reasons: ClassVar = {Verdict.HOLDS: ("not_past_winner",), Verdict.FAILS: ("past_winner",)}
    days: Annotated[int, whole(1, 3650)]

    def judge(self, case: Case) -> Finding:
        since = case.closes_at - self.days * _DAY
        is_open = self.moment is When.DRAW
        for won in case.won_at:
            if won >= since and (is_open or won <= case.closes_at):
                return Finding(verdict=Verdict.FAILS, reason="past_winner")
        return Finding(verdict=Verdict.HOLDS, reason="not_past_winner")

    def sentence(self, language: Language) -> str:
        if language is Language.RUSSIAN:
            days = russian(self.days, ("день", "дня", "дней"))
            said = (
                f"Не участвуют те, кто выиграл приз в другом конкурсе организатора за {days} "
                "до закрытия"
            )
            return said + (" или до проверки победителей" if self.moment is When.DRAW else "")
        days = english(self.days, "day")
        said = f"Not open to those who won a prize in another contest of ours in the {days} before "
        later = " or until the winners are checked" if self.moment is When.DRAW else ""
        return f"{said}the close{later}"


class Entered(Condition, frozen=True, kw_only=True, tag="entered", tag_field="kind"):
    """Entered with the organiser itself, in the contest's time: by its button, form or list.

    This is the free way of entering, which needs no account anywhere.
    """

    label: ClassVar = {
        Language.ENGLISH: "Entered with the organiser",
        Language.RUSSIAN: "Заявка организатору",
    }
    action: ClassVar[Action] = Action.ENTRY
    reasons: ClassVar = reasons({Verdict.HOLDS: ("entered",)}, ABSENCE)

    def judge(self, case: Case) -> Finding:
        entries = counted(case, Action.ENTRY)
        if present := tuple(filter(is_present, entries)):
            return Finding(verdict=Verdict.HOLDS, reason="entered", evidence=present)
        return absence(case, Action.ENTRY, entries)

    def sentence(self, language: Language) -> str:
        if language is Language.RUSSIAN:
            return "Подайте заявку самому организатору: кнопкой, формой или по списку"
        return "Enter with the organiser itself: by its button, its form or its list"
