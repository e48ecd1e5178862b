"""Money: an amount in minor units with its currency, and how people read it. Pure."""

import re
from collections.abc import Mapping

import msgspec

from contest_service.domain.conditions import Language
from contest_service.domain.errors import Fault
from contest_service.domain.wording import number

MOST_AMOUNT = 10**15
"""In minor units."""

_AMOUNT = re.compile(r"(?P<whole>[0-9]{1,16})(?:[.,](?P<rest>[0-9]+))?")
_DIGITS: Mapping[str, int] = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF"), 0),
    **dict.fromkeys(("UGX", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
"""Decimals of the currencies that do not have two (ISO 4217)."""


class Money(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An amount in minor units (kopecks, cents) of a currency, by its three letters."""

    amount: int
    currency: str


def money_faults(money: Money, pointer: str) -> list[Fault]:
    """What is wrong with an amount that a person gave."""
    faults: list[Fault] = []
    if not 1 <= money.amount <= MOST_AMOUNT:
        detail = f"is in minor units (kopecks, cents) and must lie between 1 and {MOST_AMOUNT}"
        faults.append(Fault(pointer=f"{pointer}/amount", detail=detail))
    code = money.currency
    if len(code) != 3 or not (code.isascii() and code.isalpha() and code.isupper()):
        detail = "give the currency's three letters in upper case, such as RUB"
        faults.append(Fault(pointer=f"{pointer}/currency", detail=detail))
    return faults


def read_money(text: str, currency: str) -> Money | None:
    """Read an amount as people write it, as in `1 500,50`; None for what is none.

    What has more decimals than the currency is none. Limits are `money_faults`.
    """
    digits = _DIGITS.get(currency, 2)
    found = _AMOUNT.fullmatch("".join(text.split()))
    if found is None or len(found["rest"] or "") > digits:
        return None
    return Money(
        amount=int(found["whole"] + (found["rest"] or "").ljust(digits, "0")), currency=currency
    )


def write_amount(money: Money) -> str:
    """Write an amount without its currency so that `read_money` reads it."""
    digits = _DIGITS.get(money.currency, 2)
    whole, rest = divmod(money.amount, 10**digits)
    return f"{whole}.{rest:0{digits}d}" if rest else str(whole)


def say_money(money: Money, language: Language) -> str:
    """Write an amount with its currency; decimals only where there are some."""
    digits = _DIGITS.get(money.currency, 2)
    whole, rest = divmod(money.amount, 10**digits)
    mark = "," if language is Language.RUSSIAN else "."
    decimals = f"{mark}{rest:0{digits}d}" if rest else ""
    return f"{number(whole)}{decimals}\u00a0{money.currency}"
