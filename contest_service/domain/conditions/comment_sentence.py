"""The requirement of comments in words: from the same parameters by which comments are judged."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from contest_service.domain.conditions.base import Language, When
from contest_service.domain.wording import english, number, russian


class Asked(Protocol):
    """What `Commented` asks for."""

    @property
    def moment(self) -> When: ...
    @property
    def times(self) -> int: ...
    @property
    def words(self) -> int: ...
    @property
    def hashtag(self) -> str: ...
    @property
    def mentions(self) -> int: ...
    @property
    def posts(self) -> int: ...
    @property
    def contains(self) -> tuple[str, ...]: ...
    @property
    def equals(self) -> tuple[str, ...]: ...
    @property
    def number(self) -> int | None: ...
    @property
    def original(self) -> bool: ...
    @property
    def uncommon(self) -> bool: ...
    @property
    def every(self) -> bool: ...


def say(asked: Asked, language: Language) -> str:
    """Say to an entrant which comments to write."""
    if language is Language.RUSSIAN:
        return ", ".join(_in_russian(asked)) + _HOLD[language][asked.moment].format(
            it="их" if _are_several(asked) else "его"
        )
    return ", ".join(_in_english(asked)) + _HOLD[language][asked.moment].format(
        it="them" if _are_several(asked) else "it"
    )


def _are_several(asked: Asked) -> bool:
    return asked.times > 1 or asked.every


_HOLD = {
    Language.ENGLISH: {
        When.ONCE: "; you may delete {it} later",
        When.CLOSE: "",
        When.WHOLE_TIME: ", and do not delete {it} until the close, not even for a while",
        When.DRAW: ", and keep {it} until the winners are checked after the draw",
    },
    Language.RUSSIAN: {
        When.ONCE: "; потом {it} можно удалить",
        When.CLOSE: "",
        When.WHOLE_TIME: ", и не удаляйте {it} до закрытия даже на время",
        When.DRAW: ", и сохраните {it} до проверки победителей после розыгрыша",
    },
}


_NAMED = {
    (False, False): ("it", "в нём"),
    (True, False): ("them together", "в них вместе"),
    (False, True): ("each", "в каждом"),
    (True, True): ("those under each post together", "во всех под одной записью вместе"),
}
"""Where accounts have to be mentioned: of several comments, under every post."""


def _place(asked: Asked) -> tuple[bool, bool]:
    return asked.times > 1, asked.every


def _in_english(asked: Asked) -> Iterator[str]:
    each = "each " if _are_several(asked) else ""
    where = "every post of the contest on your platform" if asked.every else "the contest post"
    if asked.posts > 1:
        where = f"the contest's posts, at least {number(asked.posts)} different ones"
    yield f"Write {english(asked.times, 'comment')} under {where}"
    if asked.words:
        yield f"{each}of at least {english(asked.words, 'word')}"
    if asked.hashtag:
        yield f"{each}with the hashtag #{asked.hashtag}"
    if asked.contains:
        yield f"{each}with {_either(asked.contains, '“{}”', 'or')} in it"
    if asked.equals:
        yield f"{each}saying just {_either(asked.equals, '“{}”', 'or')}"
    if asked.number is not None:
        yield f"{each}with the number {number(asked.number)} and no other number"
    if asked.original:
        yield f"{each}in your own words: copies of what others wrote do not count"
    if asked.mentions:
        kind = "account" if asked.mentions == 1 else "different account"
        yield f"and mention at least {english(asked.mentions, kind)} in {_NAMED[_place(asked)][0]}"
    if asked.uncommon:
        yield "of which those that very many entrants mention do not count"


def _in_russian(asked: Asked) -> Iterator[str]:
    each = "каждый " if _are_several(asked) else ""
    where = "под записью конкурса"
    if asked.every:
        where = "под каждой записью конкурса на вашей площадке"
    if asked.posts > 1:
        where = (
            "под записями конкурса, не меньше чем под "
            f"{russian(asked.posts, ('разной', 'разными', 'разными'))}"
        )
    comments = russian(asked.times, ("комментарий", "комментария", "комментариев"))
    yield f"Напишите {comments} {where}"
    if asked.words:
        yield f"{each}не короче {russian(asked.words, ('слова', 'слов', 'слов'))}"
    if asked.hashtag:
        yield f"{each}с хештегом #{asked.hashtag}"
    if asked.contains:
        yield f"{each}с текстом {_either(asked.contains, '«{}»', 'или')}"
    if asked.equals:
        yield f"{each}только с текстом {_either(asked.equals, '«{}»', 'или')}"
    if asked.number is not None:
        yield f"{each}с числом {number(asked.number)} и без других чисел"
    if asked.original:
        yield f"{each}своими словами: копии чужих комментариев не считаются"
    if asked.mentions:
        accounts = russian(asked.mentions, ("аккаунта", "разных аккаунтов", "разных аккаунтов"))
        yield f"и отметьте {_NAMED[_place(asked)][1]} не меньше {accounts}"
    if asked.uncommon:
        yield "причём аккаунты, которые отмечает очень много участников, не считаются"


def _either(said: Sequence[str], quotes: str, last: str) -> str:
    *first, end = map(quotes.format, said)
    return f"{', '.join(first)} {last} {end}" if first else end
