"""Which language a client prefers, of those that the service speaks."""

from contest_service.domain.conditions import Language

_MOST = 20
"""Languages of a request that are looked at."""


def preferred(field: str, *, otherwise: Language) -> Language:
    """The best of our languages in `Accept-Language` (RFC 9110, 12.5.4), or another."""
    known = {each.value: each for each in Language}
    wanted = [
        (-weight, place, known[name])
        for place, (name, weight) in enumerate(_accepted(field))
        if name in known and weight > 0
    ]
    return min(wanted)[2] if wanted else otherwise


def _accepted(field: str) -> list[tuple[str, float]]:
    found = []
    for each in field.split(",")[:_MOST]:
        range_, _, parameter = each.partition(";")
        name = range_.strip().lower().partition("-")[0]
        found.append((name, _weight(parameter.strip().lower())))
    return found


def _weight(parameter: str) -> float:
    if not parameter.startswith("q="):
        return 1.0
    try:
        return float(parameter[2:])
    except ValueError:
        return 0.0
