"""What the proof of time is worth, in words: the four grades, and practice."""

import msgspec

from contest_service.proof.grade import Grade
from contest_service.web.language import Words


class GradeSaid(msgspec.Struct, frozen=True, kw_only=True):
    """What shows when the list existed: a look (macros/state), a word and a sentence."""

    look: str
    word: str
    text: str


def say_practice(words: Words) -> GradeSaid:
    """Of an exercise nothing is graded."""
    return GradeSaid(
        look="warn",
        word=words.gettext("Practice"),
        text=words.gettext("This draw is an exercise and proves nothing about chance."),
    )


def say_grade(grade: Grade, words: Words) -> GradeSaid:
    """Say a grade to whoever may trust those who saw the list in time."""
    _ = words.gettext
    match grade:
        case Grade.A:
            return GradeSaid(
                look="good",
                word=_("Grade A: witnessed by several"),
                text=_(
                    "For whoever trusts these witnesses: the list existed before the draw, and was "
                    "the only one."
                ),
            )
        case Grade.B:
            return GradeSaid(
                look="good",
                word=_("Grade B: timestamped by several"),
                text=_(
                    "For whoever trusts these authorities: the list existed before the draw. "
                    "Nothing shows that it was the only one."
                ),
            )
        case Grade.C:
            return GradeSaid(
                look="unknown",
                word=_("Grade C: on one word from outside"),
                text=_(
                    "One witness or authority says that the list existed before the draw. Nothing "
                    "shows that it was the only one."
                ),
            )
        case Grade.D:
            return GradeSaid(
                look="unknown",
                word=_("Grade D: on our own word"),
                text=_(
                    "Anybody can compute the same winners. That the list was fixed before the draw "
                    "is the service's own word."
                ),
            )
