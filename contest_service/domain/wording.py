"""Counted nouns, as English and Russian decline them."""


def english(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def russian(count: int, one: str, few: str, many: str) -> str:
    """`one` goes with 1, 21, …; `few` with 2 to 4, 22, …; `many` with the rest (CLDR, ru)."""
    tens, units = count % 100, count % 10
    if units == 1 and tens != 11:
        return f"{count} {one}"
    if 2 <= units <= 4 and not 12 <= tens <= 14:
        return f"{count} {few}"
    return f"{count} {many}"
