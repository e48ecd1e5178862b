"""What somebody agrees to who links their accounts in a contest, word for word.

A text that was agreed to is never changed: another wording is a new version, and stands beside it.
"""

from collections.abc import Iterator, Mapping

import msgspec

from contest_service.domain.conditions import Language

VERSION = 1
"""Of the texts that are agreed to now."""
_TEXTS: Mapping[int, Mapping[Language, str]] = {
    1: {
        Language.ENGLISH: (
            "Both accounts are mine. I agree that in this contest they take part as one entry: "
            "what I do with either of them is taken together, and I can win only once in a draw. "
            "The organiser sees that both accounts are mine; others do not learn it from this "
            "service. If I win, the account with which I took part first is named. I can take "
            "this back until the list of entries is fixed; then each account is judged on its "
            "own again."
        ),
        Language.RUSSIAN: (
            "Оба аккаунта мои. Я согласен, что в этом конкурсе они участвуют как один участник: "
            "всё, что сделано с любого из них, считается вместе, и выиграть в одном розыгрыше "
            "можно только один раз. Организатор видит, что оба аккаунта мои; другие не узнают "
            "этого от сервиса. Если я выиграю, назовут аккаунт, с которого я начал участвовать. До "
            "фиксации списка участников согласие можно отозвать, и тогда каждый аккаунт снова "
            "проверяется отдельно."
        ),
    }
}


class ConsentText(msgspec.Struct, frozen=True, kw_only=True):
    """A version of the text, in one language."""

    version: int
    language: Language
    text: str


_TERMS: tuple[Mapping[Language, str], ...] = (
    {
        Language.ENGLISH: (
            "Whoever takes part with several accounts, here or on several platforms, can link "
            "them on the contest's page until the list is fixed. They are one entry then, that of "
            "the account that took part first. What was done with any of them counts together, "
            "what a profile has to show is enough on one of them, and whoever is excluded with "
            "one is excluded with all."
        ),
        Language.RUSSIAN: (
            "Кто участвует с нескольких аккаунтов, на одной площадке или на разных, может связать "
            "их на странице конкурса до фиксации списка. Тогда это один участник: аккаунт, с "
            "которого участие началось. Сделанное с любого из них считается вместе; того, что "
            "должно быть видно в профиле, достаточно на одном из них; кто исключён с одним "
            "аккаунтом, исключён со всеми."
        ),
    },
    {
        Language.ENGLISH: (
            "Accounts that were not linked are separate entries. Nobody is taken out for having "
            "several but for a reason that these rules name."
        ),
        Language.RUSSIAN: (
            "Несвязанные аккаунты – отдельные участники. За то, что у человека их несколько, "
            "исключают только по причине, названной в этих правилах."
        ),
    },
)


def linking_paragraphs(language: Language) -> Iterator[str]:
    """Say in the rules what it means to take part with several accounts."""
    for paragraph in _TERMS:
        yield paragraph[language]


def consent_text(language: Language) -> ConsentText:
    """Give the text that is agreed to now."""
    return ConsentText(version=VERSION, language=language, text=_TEXTS[VERSION][language])
