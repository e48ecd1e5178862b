"""The steps of making a contest, in order. A step is one line of the table."""

import enum
from collections.abc import Mapping
from uuid import UUID

from contest_service.web.language import Words


class Step(enum.StrEnum):
    """A step, by its part of the address."""

    POST = "post"
    CONDITIONS = "conditions"
    PRIZES = "prizes"
    TIME = "time"
    TEXTS = "texts"
    PRACTICE = "practice"
    START = "start"


def titles(words: Words) -> Mapping[Step, str]:
    """What each step is called."""
    return {
        Step.POST: words.gettext("Post"),
        Step.CONDITIONS: words.gettext("Conditions"),
        Step.PRIZES: words.gettext("Prizes"),
        Step.TIME: words.gettext("Time"),
        Step.TEXTS: words.gettext("Texts"),
        Step.PRACTICE: words.gettext("Practice run"),
        Step.START: words.gettext("Start"),
    }


def edit_root(workspace_id: UUID, contest_id: UUID) -> str:
    """Where a contest is made."""
    return f"/w/{workspace_id}/contests/{contest_id}/edit"


def step_after(step: Step) -> Step | None:
    """The step behind another one."""
    order = list(Step)
    place = order.index(step) + 1
    return order[place] if place < len(order) else None


def step_before(step: Step) -> Step | None:
    """The step in front of another one."""
    order = list(Step)
    place = order.index(step) - 1
    return order[place] if place >= 0 else None
