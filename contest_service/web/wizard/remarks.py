"""What the linter says of a contest that is being made, and at which step it can be mended."""

from collections.abc import Mapping

import msgspec

from contest_service.domain.dates import month_of
from contest_service.domain.lint.linting import Lint, Remark
from contest_service.domain.lint.rules import Severity
from contest_service.flows.lint import lint_contest
from contest_service.web.gate import AnyRequest, runtime_of
from contest_service.web.language import Words, words_of
from contest_service.web.wizard.draft import Draft
from contest_service.web.wizard.steps import Step, titles

_STEPS: Mapping[str, Step] = {
    "rules": Step.CONDITIONS,
    "tickets": Step.CONDITIONS,
    "draws": Step.PRIZES,
    "claim_within": Step.PRIZES,
    "schedule": Step.TIME,
}


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """A remark, the day on which its source was read, and the step where its place is.

    What is about posts is read with the texts.
    """

    remark: Remark
    checked: str
    step: str
    address: str

    @property
    def is_warning(self) -> bool:
        return self.remark.severity is Severity.WARNING


async def lint_draft(request: AnyRequest, draft: Draft) -> Lint:
    """Lint a draft as it stands, in the visitor's language."""
    async with runtime_of(request).pool.acquire() as conn:
        return await lint_contest(conn, draft.contest, language=words_of(request).language)


async def remarks_about(request: AnyRequest, draft: Draft, pointer: str) -> list[Placed]:
    """The remarks about one part of the definition."""
    found = await lint_draft(request, draft)
    return [
        each
        for each in placed(found, draft, words_of(request))
        if each.remark.at.startswith(pointer)
    ]


def placed(found: Lint, draft: Draft, words: Words) -> list[Placed]:
    """Say of every remark at which step it can be mended."""
    return [_placed(remark, draft, words) for remark in found.remarks]


def _placed(remark: Remark, draft: Draft, words: Words) -> Placed:
    step = _STEPS.get(remark.at.strip("/").partition("/")[0], Step.TEXTS)
    day = remark.checked
    return Placed(
        remark=remark,
        checked=f"{day.day} {month_of(day, words.language)} {day.year}",
        step=titles(words)[step],
        address=draft.address(step),
    )
