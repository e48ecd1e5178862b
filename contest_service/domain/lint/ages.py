"""What a rule can object to in whom a contest is for: by their age. Pure."""

from collections.abc import Iterator, Mapping

from contest_service.domain.lint.base import Objection, Spot, Threshold
from contest_service.domain.lint.said import is_said
from contest_service.domain.lint.venues import Subject

_AT = "/particulars/minimum_age"
_ADULT = 18


def _minimum(subject: Subject) -> int | None:
    particulars = subject.definition.particulars
    return None if particulars is None else particulars.minimum_age


def _younger_than(age: int) -> Objection:
    """A contest that says from which age it is, and lets in who may have no account yet."""

    def objection(subject: Subject, _: Threshold) -> Iterator[Spot]:
        least = _minimum(subject)
        if least is not None and least < age:
            yield _AT, {"asked": least}

    return objection


def _children_let_in(subject: Subject, _: Threshold) -> Iterator[Spot]:
    """Nothing keeps children below 13 out."""
    if (_minimum(subject) or 0) < 13 and not is_said(subject, "parents"):
        yield _AT, {}


def _minors_unsaid(subject: Subject, _: Threshold) -> Iterator[Spot]:
    if (_minimum(subject) or 0) < _ADULT and not is_said(subject, "parents"):
        yield _AT, {}


def _age_mark_unsaid(subject: Subject, _: Threshold) -> Iterator[Spot]:
    """A prize that the law wants marked by age, of which no text has a mark."""
    if is_said(subject, "age mark"):
        return
    for number, draw in enumerate(subject.definition.draws):
        for place, tier in enumerate(draw.tiers):
            if is_said(tier.prize, "shows and media") and not is_said(tier.prize, "age mark"):
                yield f"/draws/{number}/tiers/{place}/prize", {"prize": tier.prize}


OBJECTIONS: Mapping[str, Objection] = {
    "younger_than_13": _younger_than(13),
    "younger_than_14": _younger_than(14),
    "children_let_in": _children_let_in,
    "minors_unsaid": _minors_unsaid,
    "age_mark_unsaid": _age_mark_unsaid,
}
FACTS: Mapping[str, Mapping[str, type]] = {
    "younger_than_13": {"asked": int},
    "younger_than_14": {"asked": int},
    "age_mark_unsaid": {"prize": str},
}
