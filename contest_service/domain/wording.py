"""Numbers and counted nouns, as English and Russian decline them."""


def number(count: int) -> str:
    """Write a number with narrow spaces between its thousands, on which no line breaks."""
    return f"{count:,}".replace(",", "\u202f")


def english(count: int, noun: str) -> str:
    """Count a noun whose plural ends in -s, or in -ies after a consonant's -y."""
    if count == 1:
        return f"1 {noun}"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return f"{number(count)} {noun[:-1]}ies"
    return f"{number(count)} {noun}s"


def russian(count: int, forms: tuple[str, str, str]) -> str:
    """Count a noun given in the forms for 1, 21, …; for 2 to 4, 22, …; for the rest (CLDR, ru)."""
    one, few, many = forms
    tens, units = count % 100, count % 10
    if units == 1 and tens != 11:
        return f"{number(count)} {one}"
    if 2 <= units <= 4 and not 12 <= tens <= 14:
        return f"{number(count)} {few}"
    return f"{number(count)} {many}"
