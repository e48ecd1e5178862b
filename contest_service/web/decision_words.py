"""Decisions about entrants in words: holding, overrides, disqualifications, questions."""

from collections.abc import Mapping, Sequence

from contest_service.domain.appeals import AppealOutcome
from contest_service.domain.conditions import Language
from contest_service.domain.holding import BELOW_AGAIN, BY_RULE, HoldReason, ReleaseReason
from contest_service.domain.overrides import REASONS, OverrideKind, meaning_of
from contest_service.domain.questions import Asks
from contest_service.domain.reasons import PersonReason, meaning
from contest_service.flows.waiting import May
from contest_service.store.overrides import OverrideState
from contest_service.web.contest_words import Said
from contest_service.web.language import Words

Choices = Sequence[tuple[str, str]]


def say_hold(reason: str, words: Words) -> str:
    """Say why somebody is held; a reason that is not known stays as it is."""
    _ = words.gettext
    known: Mapping[str, str] = {
        HoldReason.SUSPECTED_BOT: _("looks like a bot"),
        HoldReason.SUSPECTED_FARM: _("looks like one of many accounts of one person"),
        HoldReason.COPIED_COMMENTS: _("copied comments"),
        HoldReason.DUPLICATE_PERSON: _("the same person with another account"),
        HoldReason.COMPLAINT: _("somebody complained"),
        HoldReason.OTHER: _("another reason"),
        BY_RULE: _("the score reached what the terms say"),
    }
    return known.get(reason, reason)


def say_release(reason: str, words: Words) -> str:
    """Say why somebody was let go; a reason that is not known stays as it is."""
    _ = words.gettext
    known: Mapping[str, str] = {
        ReleaseReason.CHECKED: _("checked: all is well"),
        ReleaseReason.MISTAKE: _("held by mistake"),
        ReleaseReason.APPEAL: _("the entrant objected, rightly"),
        ReleaseReason.OTHER: _("another reason"),
        BELOW_AGAIN: _("the score fell below what the terms say"),
    }
    return known.get(reason, reason)


def hold_choices(words: Words) -> Choices:
    return [(each.value, say_hold(each, words)) for each in HoldReason]


def release_choices(words: Words) -> Choices:
    return [(each.value, say_release(each, words)) for each in ReleaseReason]


def override_choices(kind: OverrideKind, language: Language) -> Choices:
    """The published reasons for which a verdict is set aside in one direction."""
    return [(each.value, meaning_of(each, language)) for each in REASONS[kind]]


def disqualification_choices(language: Language) -> Choices:
    return [(each.value, meaning(each, language)) for each in PersonReason]


def say_proposal(kind: OverrideKind | None, label: str, words: Words) -> str:
    """Say what is proposed; without a kind it is a disqualification."""
    _ = words.gettext
    who = label or _("an erased entrant")
    match kind:
        case OverrideKind.ADMIT:
            return _("Let %(who)s take part", who=who)
        case OverrideKind.EXCLUDE:
            return _("Keep %(who)s out", who=who)
        case None:
            return _("Disqualify %(who)s", who=who)
        case _:
            return _("Fix the list although too little was seen")


def say_why(kind: OverrideKind | None, reason: str, language: Language) -> str:
    """Say the reason of a proposal; of coverage it is the organiser's own words."""
    if kind is None:
        return meaning(reason, language)
    return reason if kind is OverrideKind.COVERAGE else meaning_of(reason, language)


def say_may(may: May, words: Words) -> str:
    """Say why somebody may not approve a proposal; empty for who may."""
    _ = words.gettext
    match may:
        case May.APPROVE:
            return ""
        case May.OWN:
            return _("You proposed this. Another person, an owner, has to approve it.")
        case May.NO_OWNER:
            return _("Only an owner can approve this.")
        case May.CAME_LATER:
            return _(
                "You, or whoever proposed this, came too late to the workspace to decide it with "
                "another: both have to have been here before it could be known whom it helps."
            )
        case May.APPROVED:
            return _("Two persons agreed. It takes effect with the result.")


def say_override_state(state: OverrideState, words: Words) -> Said:
    _ = words.gettext
    match state:
        case OverrideState.PROPOSED:
            return Said(look="wait", word=_("waits for a second person"))
        case OverrideState.EFFECTIVE:
            return Said(look="good", word=_("in force"))
        case OverrideState.WITHDRAWN:
            return Said(look="bad", word=_("taken back"))
        case OverrideState.LAPSED:
            return Said(look="bad", word=_("not decided before the list was fixed"))


def say_outcome(outcome: AppealOutcome, words: Words) -> str:
    """Say what an answer to an appeal says, to whoever gives it."""
    _ = words.gettext
    match outcome:
        case AppealOutcome.UNCHANGED:
            return _("Denied: checked again, the verdict stays")
        case AppealOutcome.CHANGED:
            return _("Upheld: checked again, the verdict is another now")
        case AppealOutcome.OVERRIDE_PROPOSED:
            return _("Upheld: we decide otherwise by hand")
        case AppealOutcome.NOTHING_TO_DO:
            return _("Nothing to check")


def say_asks(rule: Asks, words: Words) -> str:
    """Say by which rule a comment was found to ask something."""
    _ = words.gettext
    match rule:
        case Asks.MARK:
            return _("it has a question mark")
        case Asks.WORD:
            return _("a sentence begins as questions do")
        case Asks.PARTICLE:
            return _("it has the Russian “ли”")
        case Asks.PHRASE:
            return _("it says that it asks")
