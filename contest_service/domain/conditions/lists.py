"""The condition over the workspace's lists: staff, past winners, blocked accounts."""

from uuid import UUID

from contest_service.domain.case import Case, Finding, Verdict
from contest_service.domain.conditions.base import Condition, Language
from contest_service.domain.errors import Fault
from contest_service.domain.plain_text import text_faults


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
        return [
            *([] if _is_canonical(self.list_id) else [_BAD_ID]),
            *text_faults(self.name, "/name", longest=200),
        ]


_BAD_ID = Fault(pointer="/list_id", detail="give the id of one of your lists, in lower case")


def _is_canonical(list_id: str) -> bool:
    """Tell whether this is a list's id as it is stored: any other spelling would match no list."""
    try:
        return str(UUID(list_id)) == list_id
    except ValueError:
        return False
