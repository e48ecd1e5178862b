"""Which passwords are good enough: long ones that do not say who they belong to."""

LEAST, MOST = 12, 200
"""Characters."""
_FEWEST_DIFFERENT = 5


def password_fault(password: str, *, known: tuple[str | None, ...] = ()) -> str:
    """What is wrong with a password; empty if nothing. `known` is what everybody knows of them."""
    if not LEAST <= len(password) <= MOST:
        return f"give {LEAST} to {MOST} characters"
    if len(set(password)) < _FEWEST_DIFFERENT:
        return "repeats too few characters"
    bare = password.casefold()
    if any(each and bare in (each.casefold(), each.casefold() * 2) for each in known):
        return "is your name or your address"
    return ""
