"""What is wrong with a definition, and why it cannot be changed, in the visitor's words."""

import re
from datetime import timedelta

from contest_service.domain.errors import ConflictError
from contest_service.web.fault_words import say_fault
from contest_service.web.language import Words


def say_definition_fault(detail: str, words: Words) -> str:
    """Say a fault that the domain told in English, as a sentence beside its field."""
    _ = words.gettext
    patterns = (
        (r"must be after opens_at", _("The close has to be after the opening.")),
        (
            r"must be at least (\d+) seconds after closes_at",
            _("Leave at least %(span)s between the close and the draw."),
        ),
        (r"must not be before closes_at", _("The list cannot be fixed before the close.")),
        (
            r"must be at least (\d+) seconds before draw_at",
            _("The list has to be fixed at least %(span)s before the draw."),
        ),
    )
    for pattern, said in patterns:
        if found := re.fullmatch(pattern, detail):
            seconds = int(found[1]) if found.groups() else 0
            return said % {"span": words.span(timedelta(seconds=seconds))}
    said = say_fault(detail, words)
    return said[:1].upper() + said[1:] + ("" if said.endswith(".") else ".")


def say_refusal(error: ConflictError, words: Words) -> str:
    """Say why a contest cannot be changed as things stand."""
    match error.code:
        case "changed_meanwhile":
            return words.gettext(
                "Somebody changed this contest meanwhile, so nothing was saved. What you typed is "
                "still here: save once more to put it into the contest as it is now, or open the "
                "step anew to see what it holds."
            )
        case "rules_locked":
            return words.gettext(
                "The contest has started meanwhile, and its rules are locked. Nothing was saved."
            )
        case "opening_passed":
            return words.gettext(
                "The contest is scheduled, so its opening has to lie in the future. Set another "
                "time."
            )
    return words.refusal(error.message)
