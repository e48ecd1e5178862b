"""Coverage: how much of what a post's own counters show the closing scan must have seen. Pure.

One number for all actions, or one for each action, and of an action, one for each platform where
these count differently. Only what posts count can be asked for.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import TypeAlias

from contest_service.domain.accounts import Platform
from contest_service.domain.conditions import Language
from contest_service.domain.errors import Fault
from contest_service.domain.evidence import Action

USUAL = 90
"""Per cent, where nobody asks for anything else."""

Threshold: TypeAlias = int | dict[Action, int | dict[Platform, int]]
"""Per cent of all actions, or of each, on all platforms, or on each; what is not named has to be
seen as usual."""

_NOUNS: Mapping[Action, Mapping[Language, str]] = {
    Action.LIKE: {Language.ENGLISH: "likes", Language.RUSSIAN: "лайки"},
    Action.REPOST: {Language.ENGLISH: "reposts", Language.RUSSIAN: "репосты"},
    Action.QUOTE: {Language.ENGLISH: "quotes", Language.RUSSIAN: "цитаты"},
    Action.COMMENT: {Language.ENGLISH: "comments", Language.RUSSIAN: "комментарии"},
}
"""What posts count."""


def needed(threshold: Threshold, action: Action, platform: Platform) -> int:
    """The per cent of an action that the closing scan of a platform's post must have seen."""
    of_action = threshold if isinstance(threshold, int) else threshold.get(action, USUAL)
    return of_action if isinstance(of_action, int) else of_action.get(platform, USUAL)


def coverage_faults(threshold: Threshold, pointer: str) -> list[Fault]:
    """Everything that is wrong with a threshold."""
    faults = [
        Fault(pointer=at, detail="is per cent: 0 to 100")
        for at, number in _numbers(threshold, pointer)
        if not 0 <= number <= 100
    ]
    if isinstance(threshold, dict):
        detail = f"posts have no counter of it; name any of {', '.join(_NOUNS)}"
        faults += [
            Fault(pointer=f"{pointer}/{action}", detail=detail)
            for action in threshold
            if action not in _NOUNS
        ]
        faults += [
            Fault(pointer=f"{pointer}/{action}", detail="name a platform, or give one number")
            for action, given in threshold.items()
            if given == {}
        ]
    return faults


def _numbers(threshold: Threshold, pointer: str) -> Iterator[tuple[str, int]]:
    """Every number that was given, with its JSON pointer."""
    if isinstance(threshold, int):
        yield pointer, threshold
        return
    for action, given in threshold.items():
        at = f"{pointer}/{action}"
        if isinstance(given, int):
            yield at, given
        else:
            yield from ((f"{at}/{platform}", number) for platform, number in given.items())


def threshold_facts(threshold: Threshold) -> int | dict[str, int | dict[str, int]]:
    """The threshold as the terms hold it: what is not named stands there too."""
    if isinstance(threshold, int):
        return threshold
    return {
        action.value: {each.value: needed(threshold, action, each) for each in Platform}
        if isinstance(given := threshold.get(action, USUAL), dict)
        else given
        for action in _NOUNS
    }


def say_threshold(
    threshold: Threshold, language: Language, actions: Collection[Action] = _NOUNS
) -> str:
    """Say how much has to be seen: `90 %`, or some actions with a number each.

    Empty where nothing has to be seen of any of them.
    """
    asked = [each for each in _NOUNS if each in actions]
    if not any(needed(threshold, each, platform) for each in asked for platform in Platform):
        return ""
    if isinstance(threshold, int):
        return f"{threshold} %"
    return ", ".join(
        f"{_NOUNS[each][language]} {_say_share(threshold.get(each, USUAL), language)}"
        for each in asked
    )


def _say_share(share: int | Mapping[Platform, int], language: Language) -> str:
    """Say one number, or that of each platform: `80 % (VK), 90 % (other platforms)`."""
    if isinstance(share, int):
        return f"{share} %"
    said = [f"{number} % ({platform.label})" for platform, number in sorted(share.items())]
    if len(share) < len(Platform):
        said.append(f"{USUAL} % ({_ELSEWHERE[language]})")
    return ", ".join(said)


_ELSEWHERE = {Language.ENGLISH: "other platforms", Language.RUSSIAN: "другие площадки"}
