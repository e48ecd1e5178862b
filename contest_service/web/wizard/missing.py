"""What a contest still lacks before it can start, step by step, each in a sentence.

A draft is whole from its first minute; what stands here is what the start would refuse, and what
was never decided by anybody.
"""

from collections.abc import Callable, Mapping

from contest_service.domain.quiz import questions
from contest_service.web.language import Words, words_in
from contest_service.web.wizard.draft import Draft
from contest_service.web.wizard.steps import Step


def missing_in(draft: Draft, step: Step, words: Words) -> list[str]:
    """What a step still lacks; empty if nothing."""
    return _MISSING[step](draft, words) if step in _MISSING else []


def _of_post(draft: Draft, words: Words) -> list[str]:
    if not draft.posts:
        return [words.gettext("Add at least one contest post.")]
    if draft.foreseen is None:
        return [
            words.gettext(
                "The community of a post is not connected any more. Connect it again, or remove "
                "the post."
            )
        ]
    return []


def _of_conditions(draft: Draft, words: Words) -> list[str]:
    lacking = []
    if draft.never:
        lacking.append(
            words.ngettext(
                "A condition can be known of nobody. Change it, or remove it.",
                "%(num)s conditions can be known of nobody. Change them, or remove them.",
                len(draft.never),
            )
        )
    if {asked.quiz for _, asked in questions(draft.definition)} - draft.answered:
        lacking.append(words.gettext("A question has no accepted answers yet. Give them with it."))
    return lacking


def _of_prizes(draft: Draft, words: Words) -> list[str]:
    """Whether the prize is still the word with which a contest begins (`new_page.first_tier`)."""
    begun = words_in(draft.definition.language).gettext("Prize")
    tiers = [tier for draw in draft.definition.draws for tier in draw.tiers]
    if all(tier.prize == begun and tier.id == "prize" for tier in tiers):
        return [words.gettext("Say what can be won.")]
    return []


def _of_time(draft: Draft, words: Words) -> list[str]:
    if draft.contest.closes_at <= draft.now:
        return [words.gettext("The close has passed. Set other times.")]
    return []


_MISSING: Mapping[Step, Callable[[Draft, Words], list[str]]] = {
    Step.POST: _of_post,
    Step.CONDITIONS: _of_conditions,
    Step.PRIZES: _of_prizes,
    Step.TIME: _of_time,
}
