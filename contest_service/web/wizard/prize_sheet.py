"""The prizes as a form has them: rows of what was typed, each a tier of one draw.

A row's fields are named by their place, as in `prize-0-2`: the third tier of the first draw.
"""

import re
from typing import Any

import msgspec

from contest_service.domain.conditions import Language
from contest_service.domain.contest import Definition
from contest_service.domain.money import read_money, write_amount
from contest_service.domain.prizes import (
    MOST_DRAWS,
    MOST_TIERS,
    Draw,
    PrizePicture,
    Tier,
)
from contest_service.web.forms import Form
from contest_service.web.language import Words

_FIELD = re.compile(r"/draws/(?P<draw>\d+)/tiers/(?P<tier>\d+)/(?P<rest>.+)")
_DIGITS = 6
"""Of the number of winners, at most."""
_NUMBER = re.compile(r"[0-9]{1,3}")
"""The place of a draw or a tier."""
_PLACED = re.compile(r"[a-z]+-\d+-\d+")
_NAMES = {
    "prize": "prize",
    "id": "prize",
    "winners": "winners",
    "value/amount": "value",
    "value/currency": "currency",
    "picture/sha256": "picture",
    "picture/text": "text",
}
"""The field that a part of a tier is typed into."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A tier as it was typed. `kept` is the SHA-256 of its picture in hex, empty if it has none."""

    id: str = ""
    prize: str = ""
    winners: str = "1"
    value: str = ""
    currency: str = ""
    kept: str = ""
    text: str = ""


Sheet = list[list[Row]]
"""Rows by draw, in order."""


def likely_currency(definition: Definition) -> str:
    """The currency of the last prize that has a worth, or one that fits the language."""
    worths = [tier.value for draw in definition.draws for tier in draw.tiers if tier.value]
    if worths:
        return worths[-1].currency
    return "RUB" if definition.language is Language.RUSSIAN else "EUR"


def sheet_of(draws: tuple[Draw, ...], currency: str) -> Sheet:
    """Write the prizes of a definition into rows; a prize without worth has the `currency`."""
    return [[_row(tier, currency) for tier in draw.tiers] for draw in draws]


def _row(tier: Tier, currency: str) -> Row:
    return Row(
        id=tier.id,
        prize=tier.prize,
        winners=str(tier.winners),
        value=write_amount(tier.value) if tier.value else "",
        currency=tier.value.currency if tier.value else currency,
        kept=tier.picture.sha256 if tier.picture else "",
        text=tier.picture.text if tier.picture else "",
    )


def read_sheet(form: Form[Any]) -> Sheet:
    """Read the rows of a form; what is not in it has come to its end."""
    sheet: Sheet = []
    for draw in range(MOST_DRAWS):
        rows = []
        for tier in range(MOST_TIERS):
            if f"winners-{draw}-{tier}" not in form.typed:
                break
            rows.append(_read_row(form, f"{draw}-{tier}"))
        if not rows:
            break
        sheet.append(rows)
    return sheet


def places_of(sheet: Sheet) -> list[str]:
    """The places of all rows, in order, as the names of their fields have them."""
    return [f"{draw}-{tier}" for draw, rows in enumerate(sheet) for tier in range(len(rows))]


def _read_row(form: Form[Any], place: str) -> Row:
    is_dropped = form.has(f"drop-{place}", "1")
    return Row(
        **{
            name: str(form.value(f"{name}-{place}")).strip()
            for name in ("id", "prize", "winners", "value", "currency")
        },
        kept="" if is_dropped else str(form.value(f"kept-{place}")).strip(),
        text="" if is_dropped else str(form.value(f"text-{place}")).strip(),
    )


def put(sheet: Sheet, form: Form[Any]) -> None:
    """Put rows into a form instead of those that it has; fields are named by their places."""
    for name in [each for each in form.typed if _PLACED.fullmatch(each)]:
        del form.typed[name]
    form.typed |= {
        f"{name}-{draw}-{tier}": [value]
        for draw, rows in enumerate(sheet)
        for tier, row in enumerate(rows)
        for name, value in msgspec.structs.asdict(row).items()
    }


def rearranged(sheet: Sheet, order: str, currency: str) -> Sheet:
    """Do what a button says: `add:0`, `draw`, `up:0:1`, `down:0:1`, `remove:0:1`.

    A new row has the last one's currency, or `currency`. What cannot be done changes nothing. A
    draw without tiers goes; the last tier of all stays.
    """
    action, *numbers = order.split(":")
    rows = [list(each) for each in sheet]
    match action, [int(each) for each in numbers if _NUMBER.fullmatch(each)]:
        case "draw", []:
            return [*rows, [_new(sheet, currency)]]
        case "add", [draw] if draw < len(rows):
            rows[draw].append(_new(sheet, currency))
        case "up" | "down", [draw, tier] if draw < len(rows) and tier < len(rows[draw]):
            other = tier + (1 if action == "down" else -1)
            if 0 <= other < len(rows[draw]):
                rows[draw][tier], rows[draw][other] = rows[draw][other], rows[draw][tier]
        case "remove", [draw, tier] if draw < len(rows) and tier < len(rows[draw]):
            del rows[draw][tier]
            rows = [each for each in rows if each]
    return rows or sheet


def _new(sheet: Sheet, currency: str) -> Row:
    used = [row.currency for rows in sheet for row in rows if row.currency]
    return Row(currency=used[-1] if used else currency)


def draws_of(sheet: Sheet, form: Form[Any], words: Words) -> tuple[Draw, ...]:
    """Make the draws of a definition; what cannot be read is a fault of the form."""
    draws = []
    for draw, rows in enumerate(sheet):
        taken = {row.id for row in rows}
        tiers = []
        for tier, row in enumerate(rows):
            id_ = row.id or _free(taken)
            taken.add(id_)
            _note_faults(row, f"{draw}-{tier}", form, words=words)
            tiers.append(_tier(row, id_))
        draws.append(Draw(tiers=tuple(tiers)))
    return tuple(draws)


def _tier(row: Row, id_: str) -> Tier:
    return Tier(
        id=id_,
        prize=row.prize,
        winners=int(row.winners) if _is_count(row.winners) else 0,
        value=read_money(row.value, row.currency) if row.value else None,
        picture=PrizePicture(sha256=row.kept, text=row.text) if row.kept else None,
    )


def _is_count(text: str) -> bool:
    return text.isdecimal() and len(text) <= _DIGITS


def _note_faults(row: Row, place: str, form: Form[Any], *, words: Words) -> None:
    """Note what cannot be read; what can, the domain judges."""
    if not _is_count(row.winners):
        form.add(f"winners-{place}", words.gettext("Give a whole number."))
    if row.value and read_money(row.value, row.currency) is None:
        form.add(
            f"value-{place}", words.gettext("Write an amount, as in 1500 or 1500.50, or nothing.")
        )


def _free(taken: set[str]) -> str:
    return next(
        each for number in range(1, MOST_TIERS + 2) if (each := f"prize-{number}") not in taken
    )


def field_of(pointer: str) -> str | None:
    """The field that a pointer into a definition is about; "" for the prizes as a whole."""
    if pointer.startswith("/claim_within"):
        return "claim_within"
    found = _FIELD.fullmatch(pointer)
    name = _NAMES.get(found["rest"]) if found else None
    if found and name:
        return f"{name}-{found['draw']}-{found['tier']}"
    return "" if pointer.startswith("/draws") else None
