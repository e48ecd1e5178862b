"""The honest people of a town with bots, and what all have in common; for the rest see `bots`."""

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from contest_service.domain.signals.vk_ids import created_at
from contest_service.sandbox.vk.chance import Chance

DAY, HOUR, MINUTE = 86400, 3600, 60
OPENS_AT = 1_793_520_000
"""2026-11-01 00:00 UTC; the sixth contest lasts a week."""
LASTS = 7 * DAY
OTHERS = tuple(OPENS_AT - (number + 1) * 14 * DAY for number in range(5))
"""When the others opened; they lasted three days each, on the second page and the first in turn."""
OTHERS_LAST = 3 * DAY

Do = Literal["like", "repost", "comment", "join", "leave"]


class Deed(msgspec.Struct, frozen=True, order=True):
    """Something that somebody does in a contest: the sixth is 0, the others are 1 to 5."""

    at: int
    person: int
    do: Do
    contest: int = 0
    text: str = ""


class Somebody(msgspec.Struct, frozen=True, kw_only=True):
    """A person of the town; `kind` is empty for honest ones."""

    id: int
    kind: str
    has_photo: bool
    followers: int
    has_city: bool
    has_birthday: bool
    is_closed: bool
    is_member: bool = False


SAYINGS = (
    "Участвую!", "участвую", "Хочу!", "+", "Очень хочу выиграть", "Пусть повезёт", "Я с вами",
    "Спасибо за конкурс", "Всем удачи", "Готово!", "Всё выполнила", "Надеюсь на удачу", "Мечтаю",
    "Отличный приз", "Держу кулачки", "А вдруг повезёт", "Участвую первый раз", "Красота какая",
    "Хочу хочу хочу", "Иду за победой", "Всем привет, участвую", "Супер приз", "Ура, конкурс",
    "Удачи всем и мне", "Жду результатов", "Очень надеюсь", "Класс", "Я в деле", "Тоже хочу", "ок",
)  # fmt: skip
_BEGINNINGS = (
    "Мечтаю о",
    "Давно хочу",
    "Участвую ради",
    "Очень нужен",
    "Подарю маме",
    "Сестра просит",
)
_STOCK = (
    "дом", "кофе", "утро", "приз", "мама", "сестра", "работа", "отпуск", "зима", "кухня", "кот",
    "праздник", "друзья", "настроение", "неделя", "вечер", "семья", "подарок", "город", "осень",
    "чудо", "удача", "радость", "сын", "дочка", "бабушка", "море", "книга", "чай", "выходные",
    "мечта", "сюрприз", "жизнь", "счастье", "завтрак", "магазин", "страница", "победа", "случай",
    "вкус", "запах", "тепло", "лето", "весна", "дождь", "снег", "окно", "балкон", "дача", "сад",
)  # fmt: skip
_JOINTS = ("и", "а", "в", "на", "для", "чтобы", "потому что", "когда", "или", "с", "без", "как")


def number_at(time: int) -> int:
    """Estimate the newest id of VK at a time in unix seconds."""
    return bisect_left(range(1 << 31), time, lo=1, key=created_at)


def honest(seed: str, number: int, taken: set[int]) -> Somebody:
    """Make an honest person."""
    chance = Chance(seed, "honest", number)
    is_new = chance.happens(3)
    latest = number_at(OPENS_AT + LASTS)
    if is_new:
        days = 7 if chance.happens(100 / 6) else 120
        first, last = number_at(OPENS_AT - days * DAY), latest
    elif chance.happens(60):
        first, last = 1, 480_000_000
    else:
        first, last = 480_000_000, number_at(OPENS_AT - 120 * DAY)
    return somebody(chance, free(chance, first, last, taken), is_new=is_new)


def somebody(chance: Chance, id_: int, *, kind: str = "", is_new: bool = False) -> Somebody:
    """Make a person with a profile as honest ones have it."""
    return Somebody(
        id=id_,
        kind=kind,
        has_photo=not chance.happens(30 if is_new else 8),
        followers=_followers(chance, few=60 if is_new else 8),
        has_city=not chance.happens(25),
        has_birthday=not chance.happens(45),
        is_closed=chance.happens(20),
        is_member=chance.happens(35),
    )


def _followers(chance: Chance, *, few: float) -> int:
    return chance.below(10) if chance.happens(few) else 10 + chance.below(600)


def free(chance: Chance, first: int, last: int, taken: set[int]) -> int:
    """Find an id in a range that nobody has, above those of the practice network's own people."""
    first = max(first, 10_000)
    while (id_ := first + chance.below(max(1, last - first))) in taken:
        pass
    taken.add(id_)
    return id_


def lives(chance: Chance, person: int, *, is_member: bool) -> Iterator[Deed]:
    """What an honest person does in the sixth contest and in the others."""
    is_regular = chance.happens(4)
    for contest, opens_at in enumerate(OTHERS, 1):
        if chance.happens(60 if is_regular else 8):
            came = opens_at + int(OTHERS_LAST * chance.share() ** 2)
            yield Deed(came, person, "like", contest)
            if chance.happens(60):
                yield Deed(came + 20, person, "repost", contest)
            if not is_member and chance.happens(70):
                yield Deed(came + 40, person, "join", contest)
                if chance.happens(5):
                    left = opens_at + OTHERS_LAST + int(14 * DAY * chance.share())
                    yield Deed(left, person, "leave", contest)
    came = arrival(chance)
    yield Deed(came, person, "like")
    if chance.happens(60):
        yield Deed(came + 15 + chance.below(90), person, "repost")
    if chance.happens(70):
        yield Deed(came + 30 + chance.below(200), person, "comment", 0, _honest_words(chance))
    if not is_member and chance.happens(70):
        yield Deed(came + 5, person, "join")
        if chance.happens(4):
            yield Deed(came + HOUR + int((LASTS - HOUR) * chance.share()), person, "leave")


def arrival(chance: Chance) -> int:
    """When somebody comes to the sixth contest."""
    wave, place = chance.share(), chance.share()
    if wave < 0.5:
        part = min(0.9, 0.06 * -_log(1 - place))
    elif wave < 0.65:
        part = min(0.9, 3 / 7 + (40 * MINUTE / LASTS) * -_log(1 - place))
    elif wave < 0.7:
        part = 0.97 + 0.025 * place
    else:
        part = 0.97 * place
    return OPENS_AT + int(LASTS * part)


def _log(share: float) -> float:
    return math.log(max(share, 1e-9))


def _honest_words(chance: Chance) -> str:
    manner = chance.share()
    if manner < 0.5:
        return chance.one_of(SAYINGS)
    if manner < 0.51:
        return sentence(Chance("formula", chance.below(40)), 8 + chance.below(3) % 3)
    if manner < 0.53:
        return ""  # copied, once it is known what others wrote
    return sentence(chance, 4 + chance.below(14))


def sentence(chance: Chance, words: int) -> str:
    """Write so many words; a joint of two words counts as one."""
    said = [chance.one_of(_BEGINNINGS)]
    while len(said) < words:
        said += [chance.one_of(_JOINTS), chance.one_of(_STOCK)]
    return " ".join(said)


def copied(seed: str, deed: Deed, said: Sequence[Deed]) -> Deed:
    """Fill in what somebody copies: what another wrote before them."""
    if deed.do != "comment" or deed.text:
        return deed
    chance = Chance(seed, "copies", deed.person)
    tries = (chance.one_of(said) for _ in range(20))
    before = [each for each in tries if each < deed and each.text]
    return msgspec.structs.replace(deed, text=before[0].text if before else "Участвую")
