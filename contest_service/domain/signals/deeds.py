"""Signals of what an account does: here, and in the workspace's other contests.

What it does elsewhere nobody here knows, and nobody looks.
"""

from typing import ClassVar

from contest_service.domain.conditions import Language
from contest_service.domain.signals.base import Facts, Sign, Surroundings, Trace, say, within
from contest_service.domain.signals.chances import strength_of
from contest_service.domain.wording import english, russian

_DAYS = ("день", "дня", "дней")
_OTHERS = ("другого вашего конкурса", "других ваших конкурсов", "других ваших конкурсов")
_COPIES = ("комментарий повторяет", "комментария повторяют", "комментариев повторяют")
SOON = 30
"""Days after a close within which leaving is leaving for that."""
_HUNTED = 3
"""Contests from which on reposting is no whim."""
_MOST = 0.75
"""The share from which on it is as good as all of them."""
_PAID = 12
"""Words of a text that nobody writes twice by chance."""


class ContestReposts:
    """Reposts of whatever there is to win: a share of the workspace's other contests.

    Says nothing below three of them.
    """

    name: ClassVar[str] = "contest_reposts"
    version: ClassVar[int] = 1
    weight: ClassVar[int] = 65

    def read(self, trace: Trace, around: Surroundings) -> Sign | None:
        if trace.reposted < _HUNTED or not around.offered:
            return None
        share = min(1.0, trace.reposted / around.offered / _MOST)
        strength = within(100 * share * min(1.0, trace.reposted / (_HUNTED + 1)))
        if not strength:
            return None
        facts = {"reposted": trace.reposted, "offered": around.offered}
        return Sign(strength=strength, facts=facts)

    def title(self, language: Language) -> str:
        return say(language, en="Reposts every contest", ru="Репостит все конкурсы")

    def say(self, facts: Facts, language: Language) -> str:
        reposted, offered = facts["reposted"], facts["offered"]
        return say(
            language,
            en=f"It reposted {reposted} of your {english(offered, 'other contest')} of the last "
            "half year.",
            ru=f"Репостнул {reposted} из {russian(offered, _OTHERS)} за последние полгода.",
        )


class CopiedComments:
    """Comments that repeat, word for word or nearly, what others wrote before.

    The longer the text and the more accounts write it, the stronger.
    """

    name: ClassVar[str] = "copied_comments"
    version: ClassVar[int] = 1
    weight: ClassVar[int] = 65

    def read(self, trace: Trace, around: Surroundings) -> Sign | None:
        if not trace.copies:
            return None
        length = min(1.0, trace.copied_words / _PAID)
        strength = within(100 * length * min(1.0, (trace.copied_by - 1) / 4))
        if not strength:
            return None
        facts = {"copies": trace.copies, "words": trace.copied_words, "accounts": trace.copied_by}
        return Sign(strength=strength, facts=facts)

    def title(self, language: Language) -> str:
        return say(language, en="Copied comments", ru="Скопированные комментарии")

    def say(self, facts: Facts, language: Language) -> str:
        copies, words, accounts = facts["copies"], facts["words"], facts["accounts"]
        return say(
            language,
            en=f"{english(copies, 'comment')} {'repeats' if copies == 1 else 'repeat'} what "
            f"somebody else wrote before: {english(words, 'word')}, which "
            f"{english(accounts, 'account')} wrote.",
            ru=f"{russian(copies, _COPIES)} то, что раньше написал кто-то другой: "
            f"{russian(words, ('слово', 'слова', 'слов'))}, и этот текст – у "
            f"{russian(accounts, ('аккаунта', 'аккаунтов', 'аккаунтов'))}.",
        )


class Burst:
    """Acts in a minute in which far more came than around it."""

    name: ClassVar[str] = "burst"
    version: ClassVar[int] = 1
    weight: ClassVar[int] = 40

    def read(self, trace: Trace, around: Surroundings) -> Sign | None:
        moments = zip(trace.places, trace.minutes, strict=True)
        found = [
            (burst, minute)
            for place, minute in moments
            if (burst := around.bursts.get((place, minute))) is not None
        ]
        if not found:
            return None
        burst, minute = max(found, key=lambda each: each[0].count - each[0].usual)
        strength = within(100 * (burst.count - burst.usual) / burst.count)
        facts = {"count": burst.count, "usual": burst.usual, "at": minute * 60}
        return Sign(strength=strength, facts=facts)

    def title(self, language: Language) -> str:
        return say(language, en="Came in a burst", ru="Пришёл всплеском")

    def say(self, facts: Facts, language: Language) -> str:
        count, usual = facts["count"], facts["usual"]
        return say(
            language,
            en=f"It acted in the same minute as {english(count - 1, 'other')}, where {usual} "
            f"{'is' if usual == 1 else 'are'} usual before and after.",
            ru="Действие сделано в ту же минуту, что и ещё "
            f"{russian(count - 1, ('другое', 'других', 'других'))}; обычно до и после – {usual}.",
        )


class SamePattern:
    """Comes together with the same others, contest after contest."""

    name: ClassVar[str] = "same_pattern"
    version: ClassVar[int] = 1
    weight: ClassVar[int] = 65

    def read(self, trace: Trace, around: Surroundings) -> Sign | None:
        group = around.groups.get(trace.account)
        if group is None or not (strength := within(strength_of(group.rare))):
            return None
        return Sign(strength=strength, facts={"size": group.size, "contests": group.contests})

    def title(self, language: Language) -> str:
        return say(language, en="Always the same group", ru="Всегда одна и та же группа")

    def say(self, facts: Facts, language: Language) -> str:
        others, contests = facts["size"] - 1, facts["contests"]
        return say(
            language,
            en=f"In {english(contests, 'contest')} of yours it came within the same ten minutes as "
            f"the same {english(others, 'other account')}.",
            ru=f"В {russian(contests, ('вашем конкурсе', 'ваших конкурсах', 'ваших конкурсах'))} "
            "пришёл в те же десять минут, что и одни и те же "
            f"{russian(others, ('аккаунт', 'аккаунта', 'аккаунтов'))}.",
        )


class JoinedAndLeft:
    """Joined a community during a contest, and left when it was over, or before.

    Once is a weak sign; three times are all that is needed.
    """

    name: ClassVar[str] = "joined_and_left"
    version: ClassVar[int] = 1
    weight: ClassVar[int] = 65
    _STRENGTHS: ClassVar[tuple[int, ...]] = (0, 40, 75, 100)

    def read(self, trace: Trace, around: Surroundings) -> Sign | None:
        strength = self._STRENGTHS[min(trace.left, len(self._STRENGTHS) - 1)]
        return Sign(strength=strength, facts={"left": trace.left}) if strength else None

    def title(self, language: Language) -> str:
        return say(language, en="Joined and left", ru="Подписался и отписался")

    def say(self, facts: Facts, language: Language) -> str:
        left = facts["left"]
        return say(
            language,
            en=f"{english(left, 'time')} it joined during a contest of yours and left again, "
            f"{english(SOON, 'day')} after the close at the latest.",
            ru=f"{russian(left, ('раз', 'раза', 'раз'))} подписался во время вашего конкурса и "
            f"отписался, самое позднее – через {russian(SOON, _DAYS)} после закрытия.",
        )
