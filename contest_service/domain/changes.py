"""What an amendment changed, in words: from the definition before and the one after it. Pure.

Every field of a definition has its words, in both languages side by side.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from contest_service.domain.change import Change, Noun
from contest_service.domain.changed_rules import rules_changed, tickets_changed
from contest_service.domain.conditions import Language
from contest_service.domain.contest import Definition
from contest_service.domain.coverage import say_threshold
from contest_service.domain.dates import say_duration, say_time
from contest_service.domain.holding import Holding
from contest_service.domain.money import say_money
from contest_service.domain.particulars import particulars_paragraphs
from contest_service.domain.plain_text import size_of
from contest_service.domain.prizes import Tier
from contest_service.domain.rules import Unverified

_LONGEST = 2000
"""Bytes of one line."""
_MOST_BYTES = 32 * 1024
"""Of all lines in one language."""
_WINNERS: Noun = ("winner", ("победитель", "победителя", "победителей"))
_CHANGES: Noun = ("more change", ("изменение", "изменения", "изменений"))


def changes(before: Definition, after: Definition, language: Language) -> list[str]:
    """Say everything that changed, one change a line; nothing where nothing did.

    Long lines are cut, and of very many changes the last ones are counted, so that terms stay
    small enough: the rules before and after stand whole in their versions.
    """
    change = Change(before=before, after=after, language=language)
    lines = [_cut(line) for say in _PARTS.values() for line in say(change)]
    if size_of(lines) <= _MOST_BYTES:
        return lines
    kept: list[str] = []
    while size_of([*kept, lines[len(kept)]]) <= _MOST_BYTES:
        kept.append(lines[len(kept)])
    more = change.counted(len(lines) - len(kept), _CHANGES)
    return [*kept, change.say(en=f"And {more}.", ru=f"И ещё {more}.")]


def _cut(line: str) -> str:
    if size_of([line]) <= _LONGEST:
        return line
    return line.encode()[:_LONGEST].decode(errors="ignore").rstrip() + " …"


def _title(change: Change) -> Iterator[str]:
    before, after = (change.quoted(each.title) for each in (change.before, change.after))
    yield from change.instead(("Title", "Название"), before, after)


def _organiser(change: Change) -> Iterator[str]:
    before, after = (change.quoted(each.organiser) for each in (change.before, change.after))
    yield from change.instead(("Organiser", "Организатор"), before, after)


def _schedule(change: Change) -> Iterator[str]:
    before, after = change.before.schedule, change.after.schedule
    times = (
        (("Opens", "Открытие"), before.opens_at, after.opens_at),
        (("Closes", "Закрытие"), before.closes_at, after.closes_at),
        (("The list is fixed", "Список фиксируется"), before.frozen_at, after.frozen_at),
        (("Draw", "Розыгрыш"), before.draw_at, after.draw_at),
    )
    for what, old, new in times:
        if old != new:
            yield from change.instead(what, _time(old, change), _time(new, change))
    yield from change.instead(("Time zone", "Часовой пояс"), before.zone, after.zone)
    was, lead = (say_duration(each.min_lead, change.language) for each in (before, after))
    if was != lead:
        yield change.say(
            en=f"The list is fixed at least {lead} before the draw (before: {was})",
            ru=f"Список фиксируется не позднее чем за {lead} до розыгрыша (раньше: за {was})",
        )


def _time(at: datetime, change: Change) -> str:
    return say_time(at, change.after.schedule.zone, change.language)


def _draws(change: Change) -> Iterator[str]:
    before, after = (list(_tiers(each)) for each in (change.before, change.after))
    old, new = dict(before), dict(after)
    for key, tier in after:
        if key not in old:
            said = _prize(tier, change)
            yield change.say(en=f"New prize: {said}", ru=f"Новый приз: {said}")
        else:
            what = ("Prize", "Приз")
            yield from change.instead(what, _prize(old[key], change), _prize(tier, change))
            yield from _picture(old[key], tier, change)
    for key, tier in before:
        if key not in new:
            said = _prize(tier, change)
            yield change.say(en=f"No prize any more: {said}", ru=f"Приза больше нет: {said}")
    if old == new and before != after:
        yield change.say(
            en="The prizes are drawn in another order.", ru="Призы разыгрываются в другом порядке."
        )


def _tiers(definition: Definition) -> Iterator[tuple[tuple[int, str], Tier]]:
    """Every tier with its draw's place and its id, in the order in which prizes are drawn."""
    for place, draw in enumerate(definition.draws):
        for tier in draw.tiers:
            yield (place, tier.id), tier


def _prize(tier: Tier, change: Change) -> str:
    worth = "" if tier.value is None else f" ({say_money(tier.value, change.language)})"
    return f"{tier.prize}{worth} – {change.counted(tier.winners, _WINNERS)}"


def _picture(before: Tier, after: Tier, change: Change) -> Iterator[str]:
    if before.picture == after.picture:
        return
    if after.picture is None:
        yield change.say(
            en=f"No picture any more: {after.prize}", ru=f"Картинки больше нет: {after.prize}"
        )
    else:
        yield change.say(en=f"Another picture: {after.prize}", ru=f"Другая картинка: {after.prize}")


def _particulars(change: Change) -> Iterator[str]:
    before, after = (
        list(particulars_paragraphs(each.particulars, change.language))
        for each in (change.before, change.after)
    )
    for line in after:
        if line not in before:
            yield change.say(en=f"Said now: {line}", ru=f"Теперь сказано: {line}")
    for line in before:
        if line not in after:
            yield change.say(en=f"Not said any more: {line}", ru=f"Больше не сказано: {line}")


def _unverified(change: Change) -> Iterator[str]:
    if change.before.unverified is change.after.unverified:
        return
    if change.after.unverified is Unverified.ADMIT:
        yield change.say(
            en="A requirement that cannot be verified does not keep anybody out any more.",
            ru="Условие, которое нельзя проверить, больше не мешает участию.",
        )
    else:
        yield change.say(
            en="Where a requirement cannot be verified, the account does not take part any more.",
            ru="Если условие нельзя проверить, аккаунт больше не участвует.",
        )


def _coverage(change: Change) -> Iterator[str]:
    nothing = change.say(en="nothing", ru="не задано")
    before, after = (
        say_threshold(each.coverage, change.language) or nothing
        for each in (change.before, change.after)
    )
    what = (
        "What the closing scan has to see of the posts' counters",
        "Сколько от счётчиков записей должно увидеть закрывающее чтение",
    )
    yield from change.instead(what, before, after)


def _naming(change: Change) -> Iterator[str]:
    if change.before.naming and not change.after.naming:
        yield change.say(
            en="Winners are announced by number, not by name any more.",
            ru="Победителей объявляют по номеру, а не по имени.",
        )
    elif change.after.naming and not change.before.naming:
        yield change.say(
            en="Winners are announced by name now.", ru="Победителей теперь объявляют по имени."
        )


def _recheck(change: Change) -> Iterator[str]:
    if change.before.recheck_winners and not change.after.recheck_winners:
        yield change.say(
            en="Winners are not checked once more after the draw.",
            ru="После розыгрыша победителей больше не проверяют ещё раз.",
        )
    elif change.after.recheck_winners and not change.before.recheck_winners:
        yield change.say(
            en="Winners are checked once more after the draw.",
            ru="После розыгрыша победителей проверяют ещё раз.",
        )


def _claims(change: Change) -> Iterator[str]:
    before, after = change.before.claim_within, change.after.claim_within
    if before == after:
        return
    if after is None:
        yield change.say(
            en="A prize does not have to be claimed by a time any more.",
            ru="Забрать приз к определённому сроку больше не нужно.",
        )
        return
    time = say_duration(after, change.language)
    was_en = was_ru = ""
    if before is not None:
        former = say_duration(before, change.language)
        was_en, was_ru = f" (before: {former})", f" (раньше: через {former})"
    yield change.say(
        en=f"A prize has to be claimed within {time} of the announcement{was_en}",
        ru=f"Забрать приз нужно не позже чем через {time} после объявления{was_ru}",
    )


def _holding(change: Change) -> Iterator[str]:
    before, after = change.before.holding, change.after.holding
    what = ("Holding accounts for checking", "Задержка аккаунтов для проверки")
    yield from change.instead(what, _held(before, change), _held(after, change))
    if before and after and before.all_weights != after.all_weights:
        yield change.say(
            en="The signs of fraud weigh differently.", ru="Изменился вес признаков накрутки."
        )


def _held(holding: Holding | None, change: Change) -> str:
    if holding is None:
        return change.say(en="none", ru="нет")
    if holding.threshold is None:
        return change.say(en="when the organiser decides so", ru="по решению организатора")
    return change.say(
        en=f"when the organiser decides so, and by itself from {holding.threshold} of 100 on",
        ru=f"по решению организатора, а начиная с {holding.threshold} из 100 без решения",
    )


def _amendments(change: Change) -> Iterator[str]:
    """Nothing: for whom amendments count is fixed at the start."""
    yield from ()


def _language(change: Change) -> Iterator[str]:
    if change.before.language is change.after.language:
        return
    if change.after.language is Language.RUSSIAN:
        yield change.say(
            en="Announcements are in Russian now.", ru="Объявления теперь на русском языке."
        )
    else:
        yield change.say(
            en="Announcements are in English now.", ru="Объявления теперь на английском языке."
        )


def _notes(change: Change) -> Iterator[str]:
    old, new = (each.notes.get(change.language, ()) for each in (change.before, change.after))
    if old == new:
        if change.before.notes != change.after.notes:
            yield change.say(
                en="Notes in another language changed.", ru="Изменились примечания на другом языке."
            )
        return
    for note in new:
        if note not in old:
            yield change.say(en=f"New note: {note}", ru=f"Новое примечание: {note}")
    for note in old:
        if note not in new:
            yield change.say(en=f"Note left out: {note}", ru=f"Примечание убрано: {note}")
    if sorted(old) == sorted(new):
        yield change.say(
            en="Notes stand in another order.", ru="Примечания стоят в другом порядке."
        )


_PARTS: dict[str, Callable[[Change], Iterator[str]]] = {
    "schedule": _schedule,
    "rules": rules_changed,
    "tickets": tickets_changed,
    "draws": _draws,
    "unverified": _unverified,
    "claim_within": _claims,
    "recheck_winners": _recheck,
    "naming": _naming,
    "coverage": _coverage,
    "holding": _holding,
    "title": _title,
    "organiser": _organiser,
    "particulars": _particulars,
    "notes": _notes,
    "language": _language,
    "amendments": _amendments,
}
"""By field of the definition, what matters most to entrants first."""
