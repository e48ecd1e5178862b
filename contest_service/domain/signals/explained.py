"""What counts as a copy, and who is named by too many: the rules that published terms print."""

from contest_service.domain.conditions import Language
from contest_service.domain.signals import copies
from contest_service.domain.wording import english, russian

MOST_NAMED_BY = 20
"""Entrants whose comments may name the same account, in a contest of any size."""
MOST_NAMED_SHARE = 1
"""Per cent of all who comment that may name the same account."""


def is_overnamed(named_by: int, commenters: int) -> bool:
    """Whether the comments of so many entrants name an account that it is nobody's friend."""
    return named_by > MOST_NAMED_BY and named_by * 100 > MOST_NAMED_SHARE * commenters


def say_copied(language: Language) -> str:
    """Say which comments are copies."""
    if language is Language.RUSSIAN:
        words = russian(copies.LEAST_WORDS, ("слово", "слова", "слов"))
        return (
            f"Копия – комментарий, в котором без отметок, хештегов и ссылок хотя бы {words} и "
            "который в основном повторяет то, что кто-то другой раньше написал под той же записью. "
            "То, что пишет больше десятой части комментаторов, копией не считается."
        )
    return (
        f"A copy is a comment of at least {english(copies.LEAST_WORDS, 'word')}, without mentions, "
        "hashtags and links, that mostly repeats what somebody else wrote before under the same "
        "post. What more than a tenth of all commenters write is no copy."
    )


def say_overnamed(language: Language) -> str:
    """Say whose mentions do not count since too many name them."""
    if language is Language.RUSSIAN:
        entrants = russian(MOST_NAMED_BY, ("участника", "участников", "участников"))
        return (
            f"Аккаунт отмечает слишком много участников, если это комментарии больше {entrants} и "
            f"больше {MOST_NAMED_SHARE} % всех комментаторов."
        )
    return (
        "An account is mentioned by too many if the comments of more than "
        f"{english(MOST_NAMED_BY, 'entrant')}, and of more than {MOST_NAMED_SHARE} % of all who "
        "comment, mention it."
    )
