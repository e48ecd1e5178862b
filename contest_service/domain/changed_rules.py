"""What an amendment changed of the requirements and of the tickets, in words. Pure.

Conditions are compared by their sentences, since that is what people were promised.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from contest_service.domain.change import Change, Noun
from contest_service.domain.conditions import Condition
from contest_service.domain.rules import AllOf, Rule, bonus_sentences, conditions, sentences

_TICKETS: Noun = ("ticket", ("билет", "билета", "билетов"))


def rules_changed(change: Change) -> Iterator[str]:
    """Say which requirements came, went or changed, and all of them where they are alternatives."""
    before, after = change.before.rules, change.after.rules
    yield from _conditions(change, before, after)
    said = [sentences(each, change.language) for each in (before, after)]
    if said[0] != said[1] and not (_is_plain(before) and _is_plain(after)):
        yield change.say(en="All requirements now:", ru="Все условия теперь:")
        yield from said[1]


def _conditions(change: Change, before: Rule, after: Rule) -> Iterator[str]:
    old, new = (list(conditions(each)) for each in (before, after))
    gone = _without(change, [each for _, each in old], [each for _, each in new])
    come = _without(change, [each for _, each in new], [each for _, each in old])
    reads_alike = not gone and not come
    for condition in come:
        said = change.quoted(condition.sentence(change.language))
        # Where one of a kind went and one came, the same requirement has other parameters.
        same = [each for each in gone if type(each) is type(condition)]
        if len(same) == 1 and sum(type(each) is type(condition) for each in come) == 1:
            was = change.quoted(same[0].sentence(change.language))
            yield change.say(
                en=f"Changed requirement: {said} (before: {was})",
                ru=f"Изменено условие: {said} (раньше: {was})",
            )
            gone.remove(same[0])
        else:
            yield change.say(en=f"New requirement: {said}", ru=f"Новое условие: {said}")
    for condition in gone:
        said = change.quoted(condition.sentence(change.language))
        yield change.say(en=f"No longer required: {said}", ru=f"Больше не нужно: {said}")
    if reads_alike and _parameters(old) != _parameters(new):
        yield change.say(
            en="A requirement changed in what its sentence does not say, such as a list.",
            ru="Условие изменилось в том, чего нет в его описании, например в списке.",
        )


def _parameters(found: Sequence[tuple[str, Condition]]) -> list[str]:
    return sorted(repr(condition) for _, condition in found)


def _without(
    change: Change, those: Sequence[Condition], others: Sequence[Condition]
) -> list[Condition]:
    """Conditions whose sentence the others do not have, or not as often."""
    left = Counter(each.sentence(change.language) for each in others)
    found = []
    for each in those:
        said = each.sentence(change.language)
        if left[said]:
            left[said] -= 1
        else:
            found.append(each)
    return found


def _is_plain(rule: Rule) -> bool:
    """Whether simply every condition has to hold."""
    is_one = isinstance(rule, Condition)
    return is_one or (
        isinstance(rule, AllOf) and all(isinstance(each, Condition) for each in rule.of)
    )


def tickets_changed(change: Change) -> Iterator[str]:
    before, after = change.before.tickets, change.after.tickets
    yield from change.instead(
        ("Tickets of every entry", "Билеты каждого участника"),
        change.counted(before.base, _TICKETS),
        change.counted(after.base, _TICKETS),
    )
    old, new = (
        [_joined(bonus_sentences(bonus, change.language)) for bonus in each.bonuses]
        for each in (before, after)
    )
    for said in new:
        if said not in old:
            yield change.say(en=f"New bonus: {said}", ru=f"Новый бонус: {said}")
    for said in old:
        if said not in new:
            yield change.say(en=f"No bonus any more: {said}", ru=f"Бонуса больше нет: {said}")
    if old or new:
        yield from change.instead(
            ("Most tickets of one entry", "Наибольшее число билетов участника"),
            change.counted(before.most, _TICKETS),
            change.counted(after.most, _TICKETS),
        )


def _joined(lines: Sequence[str]) -> str:
    return "; ".join(line.strip().removeprefix("– ") for line in lines)
