"""Amounts as people write and read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_service.domain.money import MOST_AMOUNT, Money, read_money, write_amount

CURRENCIES = st.sampled_from(["RUB", "JPY", "KWD", "EUR"])


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("1500", "RUB", 150_000),
        ("1 500,5", "RUB", 150_050),
        ("1\u202f500.05", "EUR", 150_005),
        ("0.001", "KWD", 1),
        ("12", "JPY", 12),
        ("1.5", "JPY", None),
        ("1.505", "RUB", None),
        ("1,500.00", "EUR", None),
        ("-1", "RUB", None),
        ("1e3", "RUB", None),
        ("٣", "RUB", None),
        ("", "RUB", None),
        ("much", "RUB", None),
    ],
)
def test_an_amount_is_read_or_refused(text: str, currency: str, amount: int | None) -> None:
    expected = None if amount is None else Money(amount=amount, currency=currency)
    assert read_money(text, currency) == expected


@given(amount=st.integers(1, MOST_AMOUNT), currency=CURRENCIES)
def test_what_is_written_is_read(amount: int, currency: str) -> None:
    money = Money(amount=amount, currency=currency)
    assert read_money(write_amount(money), currency) == money
