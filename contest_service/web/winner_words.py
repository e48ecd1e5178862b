"""What became of a winner, in words: told or not and why, claimed or until when, delivered, out."""

from datetime import datetime

import msgspec

from contest_service.domain.reasons import PersonReason, delay_of, meaning
from contest_service.flows.claims import Claim
from contest_service.flows.prize_view import Standing
from contest_service.store.claims import ClaimedHow
from contest_service.store.contests import Contest
from contest_service.store.disqualifications import Disqualification, ProposalState
from contest_service.store.notices import How, Notice, NoticeState
from contest_service.web.contest_words import say_platform
from contest_service.web.language import Words


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """Something about a winner: a look and a word (macros/state), a sentence, and its moment.

    `detail` is a refusal as it was told, in English; `link` leads to where it was said in public.
    The page counts down to `until`.
    """

    look: str
    word: str
    text: str = ""
    detail: str = ""
    at: datetime | None = None
    until: datetime | None = None
    link: str = ""


def say_telling(standing: Standing, words: Words) -> Fact:
    """Say whether somebody was told what they hold: by the newest notice that says most of it."""
    if not standing.notices:
        return Fact(
            look="warn",
            word=words.gettext("Not written to"),
            text=words.gettext(
                "There is no account to write to. It begins with the announcement; whoever was "
                "brought in without an account, you reach yourself."
            ),
        )
    newest = max(each.seq for each in standing.notices)
    latest = [each for each in standing.notices if each.seq == newest]
    return say_notice(min(latest, key=_importance), words)


def _importance(notice: Notice) -> int:
    order = (
        NoticeState.TOLD,
        NoticeState.DUE,
        NoticeState.FAILED,
        NoticeState.UNREACHABLE,
        NoticeState.WITHDRAWN,
        NoticeState.ELSEWHERE,
    )
    return order.index(notice.state)


def say_notice(notice: Notice, words: Words) -> Fact:
    """Say how somebody was told through one account, or why they were not."""
    _ = words.gettext
    match notice.state:
        case NoticeState.TOLD:
            return _told(notice, words)
        case NoticeState.DUE:
            text = _("As soon as the announcement is out.")
            if notice.failure:
                text = _("It did not work so far, and is tried again by itself.")
            detail = notice.failure or ""
            return Fact(look="wait", word=_("Will be told"), text=text, detail=detail)
        case NoticeState.UNREACHABLE:
            return Fact(
                look="bad",
                word=_("Cannot be reached"),
                text=_(
                    "A message cannot be sent, and in public they may not be named. Reach them "
                    "in another way, or try again once they allow messages."
                ),
                detail=notice.failure or "",
            )
        case NoticeState.FAILED:
            return Fact(
                look="bad",
                word=_("Not told"),
                text=_("Mend what is in the way, then try again. Nobody is told twice."),
                detail=notice.failure or "",
            )
        case NoticeState.WITHDRAWN:
            return Fact(
                look="private",
                word=_("Not told"),
                text=_("The prize passed on before they were told."),
            )
        case NoticeState.ELSEWHERE:
            return Fact(
                look="private",
                word=_("Told elsewhere"),
                text=_("They are told through another account of theirs, once."),
            )


def _told(notice: Notice, words: Words) -> Fact:
    _ = words.gettext
    said = {
        How.MESSAGE: _("by a message to them alone"),
        How.MENTION: _("by name, under the contest post"),
        How.POST: _("by name, in a post of its own"),
    }
    how = said[notice.how or How.MESSAGE]
    text = f"{say_platform(notice.platform, words)}, {how}"
    return Fact(
        look="good", word=_("Told"), text=text, at=notice.told_at, link=notice.told_url or ""
    )


def say_claim(contest: Contest, claim: Claim | None, *, words: Words, now: datetime) -> Fact:
    """Say whether a prize was claimed, or until when it can be."""
    _ = words.gettext
    if claim is not None and claim.claimed_at is not None:
        text = (
            _("noted by your side") if claim.how is ClaimedHow.NOTED else _("on the winner's page")
        )
        return Fact(look="good", word=_("Claimed"), text=text, at=claim.claimed_at)
    if contest.definition.claim_within is None:
        return Fact(look="private", word=_("No claim needed"))
    if claim is None or claim.claim_by is None:
        text = _("The time begins when the announcement is out on every post.")
        return Fact(look="wait", word=_("No clock yet"), text=text)
    if claim.over_at is not None and claim.over_at <= now:
        text = _("Nobody claimed it. It passes to the next in order by itself.")
        return Fact(look="warn", word=_("Time is over"), text=text, at=claim.claim_by)
    return Fact(
        look="wait",
        word=_("Can be claimed"),
        text=_("until"),
        at=claim.claim_by,
        until=claim.claim_by,
    )


def say_proposal(proposal: Disqualification, words: Words) -> Fact:
    """Say where a proposal to take somebody out stands, and why it was made."""
    _ = words.gettext
    why = meaning(proposal.reason, words.language)
    match proposal.state:
        case ProposalState.PROPOSED if proposal.due_at is not None:
            return Fact(
                look="warn",
                word=_("Public, takes effect by itself"),
                text=why,
                at=proposal.due_at,
                until=proposal.due_at,
            )
        case ProposalState.PROPOSED:
            return Fact(look="wait", word=_("Waits for a second person"), text=why)
        case ProposalState.APPROVED:
            return Fact(look="wait", word=_("Approved, waits for the result"), text=why)
        case ProposalState.EFFECTIVE:
            return Fact(look="bad", word=_("Out"), text=why, at=proposal.effective_at)
        case ProposalState.WITHDRAWN:
            return Fact(look="private", word=_("Taken back"), text=why, at=proposal.decided_at)
        case ProposalState.OVERTAKEN:
            overtaken = _("The rules decided before it, or the contest ended.")
            text = f"{why}. {overtaken}"
            return Fact(look="private", word=_("Overtaken"), text=text, at=proposal.decided_at)


def reason_choices(words: Words) -> list[tuple[str, str]]:
    """The reasons that a person may give, as everybody will read them."""
    return [(each.value, meaning(each, words.language).capitalize()) for each in PersonReason]


def say_delay(contest: Contest, words: Words) -> str:
    """How long somebody who is alone waits in public."""
    hours, seconds = divmod(delay_of(practice=contest.practice), 3600)
    if seconds or not hours:
        return words.ngettext("%(num)s second", "%(num)s seconds", seconds)
    return words.ngettext("%(num)s hour", "%(num)s hours", hours)
