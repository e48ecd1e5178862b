"""What people of a town write under a contest post: short Russian phrases, hashtags, friends.

Pure: a text follows from the chance that it is given.
"""

from collections.abc import Sequence

import msgspec

from contest_service.sandbox.vk.chance import Chance
from contest_service.sandbox.vk.townsfolk import Asked, Fit

_PHRASES = (
    "Участвую!", "Очень хочу выиграть", "Пусть повезёт", "Спасибо за конкурс", "Я с вами",
    "Вдруг получится", "Всем удачи", "Хочу, хочу, хочу", "Давно мечтаю о таком призе", "Готово",
    "Все условия выполнены", "Надеюсь на удачу", "Отличный конкурс", "Держу кулачки", "А вдруг",
    "Участвую первый раз", "С вами уже давно", "Красота какая", "Зову друзей", "Иду за победой",
)  # fmt: skip
_ENDINGS = ("", "", "!", " 🙂", "!!!", " 🍀", " ❤")


class Friend(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whom a comment can name."""

    id: int
    name: str


def compose(
    chance: Chance, asked: Asked, fit: Fit, *, friends: Sequence[Friend], author: int
) -> str:
    """Write a comment that has what is asked, or lacks what `fit` says.

    `friends` are as many different people as are asked for, and more; the author is none of them.
    """
    parts = [chance.one_of(_PHRASES)]
    while sum(len(part.split()) for part in parts) < asked.words:
        parts.append(chance.one_of(_PHRASES).lower())
    said = ", ".join(part.rstrip("!") for part in parts) + chance.one_of(_ENDINGS)
    if asked.answers and chance.happens(75):
        said = chance.one_of(asked.answers)
    words = [said]
    if fit != "untagged":
        is_loud = chance.happens(10)
        words += [f"#{tag.upper() if is_loud else tag}" for tag in asked.hashtags]
    if asked.mentions:
        words += _names(chance, asked, fit, friends=friends, author=author)
    if chance.happens(20):
        words.insert(0, words.pop())
    return " ".join(words)


def mend(chance: Chance, asked: Asked, fit: Fit, *, text: str) -> str:
    """Change a comment so that it has its hashtags, or has none of them any more."""
    tags = [f"#{tag}" for tag in asked.hashtags]
    lower = {tag.lower() for tag in tags}
    rest = [word for word in text.split() if word.lower() not in lower]
    if fit == "untagged" or not tags:
        return " ".join([*rest, chance.one_of(_ENDINGS).strip() or "+"])
    return " ".join([*rest, *tags])


def _names(
    chance: Chance, asked: Asked, fit: Fit, *, friends: Sequence[Friend], author: int
) -> list[str]:
    if fit == "alone":
        # One friend over and over, or oneself, is not enough friends.
        one = friends[0] if friends and asked.mentions > 1 else Friend(id=author, name="я")
        return [_mention(chance, one)] * asked.mentions
    count = asked.mentions + chance.happens(15)
    return [_mention(chance, friend) for friend in friends[:count]]


def _mention(chance: Chance, friend: Friend) -> str:
    if chance.happens(80):
        return f"[id{friend.id}|{friend.name}]"
    return f"@id{friend.id} ({friend.name})"
