"""What a rule can object to in what a contest promotes: whose goods, and which. Pure."""

from collections.abc import Iterator, Mapping

from contest_service.domain.lint.base import Objection, Spot, Threshold
from contest_service.domain.lint.said import is_said, texts_of, words_about
from contest_service.domain.lint.venues import Subject


def _prize_of(goods: str) -> Objection:
    """Prizes whose words are about certain goods."""

    def objection(subject: Subject, _: Threshold) -> Iterator[Spot]:
        for number, draw in enumerate(subject.definition.draws):
            for place, tier in enumerate(draw.tiers):
                if is_said(tier.prize, goods):
                    yield f"/draws/{number}/tiers/{place}/prize", {"prize": tier.prize}

    return objection


def _advertising_unmarked(subject: Subject, _: Threshold) -> Iterator[Spot]:
    """Texts that speak of somebody else's goods, where the label or the token is missing."""
    if is_said(subject, "label of advertising") and is_said(subject, "token of advertising"):
        return
    for at, text in texts_of(subject):
        if words := words_about(text, "sponsors"):
            yield at, {"words": words}


OBJECTIONS: Mapping[str, Objection] = {
    "prize_of_alcohol": _prize_of("alcohol"),
    "prize_of_tobacco": _prize_of("tobacco"),
    "prize_of_medicine": _prize_of("medicine"),
    "advertising_unmarked": _advertising_unmarked,
}
FACTS: Mapping[str, Mapping[str, type]] = {
    "prize_of_alcohol": {"prize": str},
    "prize_of_tobacco": {"prize": str},
    "prize_of_medicine": {"prize": str},
    "advertising_unmarked": {"words": str},
}
