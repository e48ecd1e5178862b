"""The condition over the workspace's lists: staff, past winners, blocked accounts."""

from uuid import UUID

from contest_service.domain.case import Case, Finding, Verdict
from contest_service.domain.conditions.base import Condition, Language
from contest_service.domain.errors import Fault


class NotListed(Condition, frozen=True, kw_only=True, tag="not_listed", tag_field="kind"):
    """The account stands on no list named here.

    `list_id` is the list's id and `name` what the terms call it; who stands on it is never public.
    """

    list_id: str
    name: str

    def judge(self, case: Case) -> Finding:
        if self.list_id in case.lists:
            return Finding(verdict=Verdict.FAILS, reason="listed")
        return Finding(verdict=Verdict.HOLDS, reason="not_listed")

    def sentence(self, language: Language) -> str:
        if language is Language.RUSSIAN:
            return f"Не участвуют: {self.name}"
        return f"Not open to: {self.name}"

    def faults(self) -> list[Fault]:
        faults = []
        try:
            UUID(self.list_id)
        except ValueError:
            faults.append(Fault(pointer="/list_id", detail="give the id of one of your lists"))
        if not 1 <= len(self.name) <= 200:
            detail = "say in 1 to 200 characters who is on the list"
            faults.append(Fault(pointer="/name", detail=detail))
        return faults
