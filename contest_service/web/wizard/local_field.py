"""A field of a date and a time as clocks on a wall show them, beside one that says which of two is
meant where clocks go back."""

from datetime import datetime
from typing import Any

from contest_service.domain.dates import say_time
from contest_service.domain.local_times import LocalTime, read_local, show_local
from contest_service.web.forms import Form
from contest_service.web.language import Words

FOLD = "_fold"
"""What the second field's name ends with: 0 for the earlier moment, 1 for the later one."""


def read_field(form: Form[Any], name: str, zone: str, *, words: Words) -> datetime | None:
    """The moment that a field means; None if it is empty or has a fault, which is noted then."""
    text = str(form.value(name)).strip()
    if not text:
        return None
    found = _found(text, zone)
    if found is None:
        form.add(name, words.gettext("Give a date and a time."))
        return None
    if found.skipped_to is not None:
        form.add(
            name,
            words.gettext(
                "Clocks there never show this time: they go forward over it. The next one is "
                "%(time)s.",
                time=say_time(found.skipped_to, zone, words.language),
            ),
        )
        return None
    if len(found.moments) == 1:
        return found.moments[0]
    chosen = str(form.value(f"{name}{FOLD}"))
    if chosen not in ("0", "1"):
        form.add(name, words.gettext("Clocks there show this time twice, as they go back. Choose."))
        return None
    return found.moments[int(chosen)]


def fold_choices(text: str, zone: str, words: Words) -> list[tuple[str, str, str]]:
    """The two moments that a text means, to choose from; empty if it means one, or none."""
    found = _found(text, zone)
    if found is None or len(found.moments) < 2:
        return []
    names = (words.gettext("The first time"), words.gettext("The second time"))
    return [
        (str(fold), names[fold], say_time(at, zone, words.language))
        for fold, at in enumerate(found.moments)
    ]


def folds_in(at: datetime, zone: str) -> int | None:
    """Which of two moments it is that clocks show alike; None where it is the only one."""
    found = read_local(show_local(at, zone), zone)
    return found.moments.index(at) if found is not None and len(found.moments) > 1 else None


def _found(text: str, zone: str) -> LocalTime | None:
    """What a text means; None if it is no date and time."""
    try:
        shown = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read_local(shown.replace(microsecond=0), zone) if shown.tzinfo is None else None
