"""What a rule can object to: one small predicate each, over a definition and where it is shown.

Each yields the places that it objects to, as JSON pointers in the definition, with the facts that
the rule's words name. An empty pointer is the contest as a whole. Pure.
"""

from collections.abc import Iterator, Mapping

from contest_service.domain.case import Verdict
from contest_service.domain.conditions import (
    AnyCondition,
    Commented,
    Entered,
    Follows,
    Joined,
    Reposted,
    Unit,
)
from contest_service.domain.contest import every_condition
from contest_service.domain.lint import ages, amended, goods
from contest_service.domain.lint.base import Objection, Spot, Threshold
from contest_service.domain.lint.said import (
    asks_to_pay,
    is_said,
    names_day,
    takes_consent_along,
    texts_of,
    whole_text,
)
from contest_service.domain.lint.venues import Subject, Venue
from contest_service.domain.money import Money
from contest_service.domain.particulars import Particulars
from contest_service.domain.prizes import Tier
from contest_service.domain.rules import conditions, verdict_of

_MOST_MENTIONS = 1
_MADE = Particulars()


def _many_mentions(subject: Subject, _: Threshold) -> Iterator[Spot]:
    for at, condition in every_condition(subject.definition):
        if isinstance(condition, Commented) and condition.mentions > _MOST_MENTIONS:
            yield f"{at}/mentions", {"asked": condition.mentions}
    for place, bonus in enumerate(subject.definition.tickets.bonuses):
        if bonus.per is Unit.MENTION and bonus.most > _MOST_MENTIONS:
            yield f"/tickets/bonuses/{place}/most", {"asked": bonus.most}


def _forced_elsewhere(subject: Subject, _: Threshold) -> Iterator[Spot]:
    """Conditions without which nobody fulfils the rules, and that need another place than VK."""
    rules = subject.definition.rules
    away = [at for at, condition in conditions(rules) if _is_elsewhere(condition)]
    verdicts = {
        at: Verdict.FAILS if at in away else Verdict.HOLDS for at, _each in conditions(rules)
    }
    if away and verdict_of(rules, verdicts) is not Verdict.HOLDS:
        for at in away:
            yield f"/rules{at}", {}


def _is_elsewhere(condition: AnyCondition) -> bool:
    if isinstance(condition, Follows | Joined) and condition.communities:
        others = [each.id.startswith("did:") for each in condition.communities]
        return any(others) if condition.every else all(others)
    return isinstance(condition, Entered)


def _repeated(subject: Subject, _: Threshold) -> Iterator[Spot]:
    for at, condition in every_condition(subject.definition):
        if isinstance(condition, Commented) and condition.times > 1:
            yield f"{at}/times", {"asked": condition.times}
    for place, bonus in enumerate(subject.definition.tickets.bonuses):
        if bonus.per is Unit.COMMENT and bonus.most > 1:
            yield f"/tickets/bonuses/{place}/most", {"asked": bonus.most}


def _personal_timelines(subject: Subject, _: Threshold) -> Iterator[Spot]:
    for at, condition in every_condition(subject.definition):
        is_tagging = isinstance(condition, Commented) and condition.mentions > 0
        if isinstance(condition, Reposted) or is_tagging:
            yield at, {}


def _is_amended(subject: Subject, _: Threshold) -> Iterator[Spot]:
    if subject.is_amended:
        yield "", {}


def _result_undated(subject: Subject, _: Threshold) -> Iterator[Spot]:
    """A post's text that is known, and does not name the day of the draw."""
    schedule = subject.definition.schedule
    for text in subject.texts:
        if not names_day(text, schedule.draw_at, schedule.zone):
            yield "/schedule/draw_at", {}


def _several_accounts_unsaid(subject: Subject, _: Threshold) -> Iterator[Spot]:
    if not is_said(subject, "several accounts"):
        yield "/notes", {}


def _release_unsaid(subject: Subject, _: Threshold) -> Iterator[Spot]:
    """Notes that do not name the platform at all cannot release it."""
    said = whole_text(subject).casefold()
    for venue in (Venue.FACEBOOK, Venue.INSTAGRAM):
        if venue in subject.venues and venue.value not in said:
            yield "/notes", {"platform": venue.value.capitalize()}


def _countries_unsaid(subject: Subject, _: Threshold) -> Iterator[Spot]:
    if not (subject.definition.particulars or _MADE).countries:
        yield "/particulars/countries", {}


def _organiser_unsaid(subject: Subject, _: Threshold) -> Iterator[Spot]:
    given = subject.definition.particulars or _MADE
    missing = [field for field in ("legal_name", "address") if not getattr(given, field)]
    if missing:
        yield f"/particulars/{missing[0]}", {}


def _taxpayer_unsaid(subject: Subject, _: Threshold) -> Iterator[Spot]:
    given = subject.definition.particulars or _MADE
    if not (given.inn or given.ogrn):
        yield "/particulars/inn", {}


def _delivery_unsaid(subject: Subject, _: Threshold) -> Iterator[Spot]:
    if subject.definition.claim_within is None and not is_said(subject, "delivery"):
        yield "/notes", {}


def _asks_to_pay(subject: Subject, _: Threshold) -> Iterator[Spot]:
    for at, text in texts_of(subject):
        if words := asks_to_pay(text):
            yield at, {"words": words}


def _free_entry_unsaid(subject: Subject, _: Threshold) -> Iterator[Spot]:
    if not is_said(subject, "free"):
        yield "/notes", {}


def _privacy_unsaid(subject: Subject, _: Threshold) -> Iterator[Spot]:
    if not (subject.definition.particulars or _MADE).privacy_notice:
        yield "/particulars/privacy_notice", {}


def _consent_unsaid(subject: Subject, _: Threshold) -> Iterator[Spot]:
    if not is_said(subject, "consent"):
        yield "/notes", {}


def _consent_taken_along(subject: Subject, _: Threshold) -> Iterator[Spot]:
    """Texts by which whoever takes part has agreed to the processing of their data."""
    for at, text in texts_of(subject):
        if words := takes_consent_along(text):
            yield at, {"words": words}


def _naming_unobjectionable(subject: Subject, _: Threshold) -> Iterator[Spot]:
    if subject.definition.naming and not is_said(subject, "objection"):
        yield "/naming", {}


def _tiers(subject: Subject) -> Iterator[tuple[str, Tier]]:
    for number, draw in enumerate(subject.definition.draws):
        for place, tier in enumerate(draw.tiers):
            yield f"/draws/{number}/tiers/{place}/value", tier


def _value_unsaid(subject: Subject, threshold: Threshold) -> Iterator[Spot]:
    """Prizes whose value is missing, or in another currency than the threshold's."""
    if threshold is None:
        return
    for at, tier in _tiers(subject):
        if tier.value is None or tier.value.currency != threshold.currency:
            yield at, {"prize": tier.prize, "threshold": threshold}


def _prize_over(subject: Subject, threshold: Threshold) -> Iterator[Spot]:
    """Prizes over the threshold of which the particulars do not say who pays the tax."""
    if threshold is None or (subject.definition.particulars or _MADE).taxes is not None:
        return
    for at, tier in _tiers(subject):
        value = tier.value
        if value and value.currency == threshold.currency and value.amount > threshold.amount:
            yield at, {"prize": tier.prize, "value": value, "threshold": threshold}


def _total_over(subject: Subject, threshold: Threshold) -> Iterator[Spot]:
    if threshold is None:
        return
    total = sum(
        tier.value.amount * tier.winners
        for _at, tier in _tiers(subject)
        if tier.value and tier.value.currency == threshold.currency
    )
    if total > threshold.amount:
        value = Money(amount=total, currency=threshold.currency)
        yield "/draws", {"value": value, "threshold": threshold}


OBJECTIONS: Mapping[str, Objection] = {
    "many_mentions": _many_mentions,
    "forced_elsewhere": _forced_elsewhere,
    "repeated": _repeated,
    "personal_timelines": _personal_timelines,
    "amended": _is_amended,
    "result_undated": _result_undated,
    "several_accounts_unsaid": _several_accounts_unsaid,
    "release_unsaid": _release_unsaid,
    "countries_unsaid": _countries_unsaid,
    "organiser_unsaid": _organiser_unsaid,
    "taxpayer_unsaid": _taxpayer_unsaid,
    "delivery_unsaid": _delivery_unsaid,
    "asks_to_pay": _asks_to_pay,
    "free_entry_unsaid": _free_entry_unsaid,
    "privacy_unsaid": _privacy_unsaid,
    "consent_unsaid": _consent_unsaid,
    "consent_taken_along": _consent_taken_along,
    "naming_unobjectionable": _naming_unobjectionable,
    "value_unsaid": _value_unsaid,
    "prize_over": _prize_over,
    "total_over": _total_over,
    **ages.OBJECTIONS,
    **goods.OBJECTIONS,
    **amended.OBJECTIONS,
}

_COMPARED = {"value": Money, "threshold": Money}
FACTS: Mapping[str, Mapping[str, type]] = {
    **{name: {} for name in OBJECTIONS},
    "many_mentions": {"asked": int},
    "repeated": {"asked": int},
    "release_unsaid": {"platform": str},
    "asks_to_pay": {"words": str},
    "consent_taken_along": {"words": str},
    "value_unsaid": {"prize": str, "threshold": Money},
    "prize_over": {"prize": str, **_COMPARED},
    "total_over": _COMPARED,
    **ages.FACTS,
    **goods.FACTS,
}
"""The facts that the words about each objection can name."""
