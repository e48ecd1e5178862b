"""Why an entry is taken out after the freeze: one published list of codes, with what each means.

The protocol allows any code; this service gives no others.
"""

import enum
from collections.abc import Mapping

from contest_service.domain.conditions import Language

DELAY = 24 * 3600
PRACTICE_DELAY = 60
"""Seconds for which a disqualification is public before it takes effect, where the organiser has
nobody who could approve it."""


class SystemReason(enum.StrEnum):
    """What the published rules decide without anybody."""

    CLAIM_EXPIRED = "claim-expired"
    CONDITIONS_NO_LONGER_HOLD = "conditions-no-longer-hold"


class PersonReason(enum.StrEnum):
    """What persons may give as a reason; the code becomes public."""

    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    DUPLICATE_PERSON = "duplicate-person"
    STAFF = "staff"
    FRAUD = "fraud"
    NOT_ELIGIBLE = "not-eligible"
    OWN_REQUEST = "own-request"


MEANINGS: Mapping[str, Mapping[Language, str]] = {
    code: {Language.ENGLISH: en, Language.RUSSIAN: ru}
    for code, en, ru in (
        (
            SystemReason.CLAIM_EXPIRED,
            "the prize was not claimed in time",
            "приз не забран в срок",
        ),
        (
            SystemReason.CONDITIONS_NO_LONGER_HOLD,
            "no longer meets the requirements",
            "условия больше не выполнены",
        ),
        (PersonReason.DECLINED, "the prize was declined", "отказ от приза"),
        (PersonReason.UNREACHABLE, "could not be reached", "связаться не удалось"),
        (
            PersonReason.DUPLICATE_PERSON,
            "the same person entered with several accounts",
            "один человек участвовал с нескольких аккаунтов",
        ),
        (PersonReason.STAFF, "works for the organiser", "работает у организатора"),
        (PersonReason.FRAUD, "cheated", "обман или накрутка"),
        (PersonReason.NOT_ELIGIBLE, "does not meet the requirements", "условия не выполнены"),
        (PersonReason.OWN_REQUEST, "asked to be taken out", "по собственной просьбе"),
    )
}


def delay_of(*, practice: bool) -> int:
    """How long, in seconds, an organiser who is alone has to wait in public."""
    return PRACTICE_DELAY if practice else DELAY


def meaning(code: str, language: Language) -> str:
    """Say what a code means; a code of another origin is said as it is."""
    return MEANINGS[code][language] if code in MEANINGS else code
