"""A certificate in words: sums, reasons, who decided, and what the proof of time is worth."""

from collections import Counter
from datetime import datetime

import msgspec

from contest_service.domain.evidence import Action
from contest_service.domain.judging import EntrantState
from contest_service.domain.overrides import OverrideKind, meaning_of
from contest_service.domain.reasons import meaning
from contest_service.flows.announce import Slot
from contest_service.flows.certificate import Certificate, CertifiedCoverage
from contest_service.flows.decisions import DecidedBy
from contest_service.proof.grade import Evidence, Means, grade_of
from contest_service.web.announcement_words import say_kind
from contest_service.web.drawn import MOST_SHOWN
from contest_service.web.grade_words import GradeSaid, say_grade, say_practice
from contest_service.web.language import Words
from contest_service.web.line import name_of


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened, or will; `link` leads to where it is said."""

    text: str
    at: datetime | None = None
    note: str = ""
    link: str = ""


class CertificateWords:
    """Says one certificate in one language."""

    def __init__(self, certificate: Certificate, words: Words) -> None:
        self._it = certificate
        self._words = words
        held = (*certificate.outcome.initial, *certificate.outcome.final)
        changed = [(each.former, each.successor) for each in certificate.successions]
        self._names = {
            slot.commitment: slot for row in (*held, *changed) for slot in row if slot.commitment
        }

    def states(self) -> list[tuple[str, int]]:
        """How many entrants are in each state."""
        _ = self._words.gettext
        said = {
            EntrantState.VALID: _("take part with all conditions"),
            EntrantState.INVALID: _("do not meet the conditions"),
            EntrantState.CANNOT_VERIFY: _("could not be checked"),
            EntrantState.QUARANTINED: _("were held for a person to look at"),
        }
        counts: Counter[EntrantState] = Counter()
        for each in self._it.totals:
            counts[each.state] += each.entrants
        return [(said[state], counts[state]) for state in EntrantState if counts[state]]

    def covered(self) -> list[Told]:
        """How much of each post's own counter was seen."""
        _ = self._words.gettext
        said = {
            Action.LIKE: _("likes"),
            Action.REPOST: _("reposts"),
            Action.QUOTE: _("quotes"),
            Action.COMMENT: _("comments"),
            Action.FOLLOW: _("followers"),
            Action.ENTRY: _("entries brought in"),
        }
        return [
            Told(
                text=f"{said[each.action]}: {self._seen(each)}",
                note=_("%(needed)s %% was needed", needed=each.needed),
                link=each.url,
            )
            for each in self._it.coverage
        ]

    def _seen(self, each: CertifiedCoverage) -> str:
        words = self._words
        if each.seen is None:
            return words.gettext("not read to the end")
        if each.claimed is None:
            return words.gettext(
                "%(seen)s seen, of a number that the platform does not tell",
                seen=words.number(each.seen),
            )
        return words.gettext(
            "%(seen)s of %(claimed)s seen, %(per_cent)s %%",
            seen=words.number(each.seen),
            claimed=words.number(each.claimed),
            per_cent=each.per_cent,
        )

    def appeals(self) -> str:
        """How many asked to be checked again."""
        given, words = self._it.appeals, self._words
        if not given.answered + given.unanswered:
            return ""
        return words.gettext(
            "%(answered)s of %(all)s requests to be checked again were answered before the list "
            "was fixed.",
            answered=words.number(given.answered),
            all=words.number(given.answered + given.unanswered),
        )

    def grade(self) -> GradeSaid:
        """What the witnesses of the freeze are worth to whoever trusts them."""
        if self._it.practice:
            return say_practice(self._words)
        # They are known to be in time, and above the freeze.
        seen = (
            Evidence(operator=each.by, means=each.means, size=each.size, time=0)
            for each in self._it.vouchers
        )
        return say_grade(grade_of(seen), self._words)

    def vouchers(self) -> list[str]:
        """Who saw the freeze in time."""
        _ = self._words.gettext
        said = {
            Means.COSIGNATURE: _("Witness %(name)s"),
            Means.TIMESTAMP: _("Timestamp of %(name)s"),
        }
        return [said[each.means] % {"name": each.by} for each in self._it.vouchers]

    def overrides(self) -> list[Told]:
        """What was set aside before the freeze, and why."""
        _ = self._words.gettext
        said = {
            OverrideKind.ADMIT: _("Let in by decision"),
            OverrideKind.EXCLUDE: _("Taken out by decision"),
            OverrideKind.COVERAGE: _("Went on although too little was seen"),
            OverrideKind.RECHECK: _("The check of winners was set aside"),
        }
        return [
            Told(
                text=f"{said[each.kind]}: {self._why(each.reason)}"
                f" × {self._words.number(each.times)}",
                note=self._by(each.by),
            )
            for each in self._it.freeze.overrides
        ]

    def successions(self) -> list[Told]:
        """Every prize that changed hands, and why."""
        _ = self._words.gettext
        by = {each.seq: each.by for each in self._it.decisions}
        return [
            Told(
                text=_(
                    "%(prize)s: from %(former)s to %(successor)s",
                    prize=each.former.prize,
                    former=self._who(each.former),
                    successor=self._who(each.successor),
                ),
                at=each.at,
                note=f"{self._why(each.reason)}; {self._by(by.get(each.seq, DecidedBy.SYSTEM))}",
            )
            for each in self._it.successions[:MOST_SHOWN]
        ]

    def disqualified(self) -> list[Told]:
        """Everybody who was taken out after the freeze."""
        by = {each.seq: each.by for each in self._it.decisions}
        return [
            Told(
                text=self._name(each.commitment),
                at=each.at,
                note=f"{self._why(each.reason)}; {self._by(by.get(each.seq, DecidedBy.SYSTEM))}",
            )
            for each in self._it.outcome.disqualified[:MOST_SHOWN]
        ]

    def pending(self) -> list[Told]:
        """What will still take effect."""
        return [
            Told(
                text=self._name(each.commitment), at=each.effective_at, note=self._why(each.reason)
            )
            for each in self._it.pending[:MOST_SHOWN]
        ]

    def claims(self) -> list[Told]:
        """Until when the holders can claim, and who did."""
        _ = self._words.gettext
        told = []
        for each in self._it.claims[:MOST_SHOWN]:
            name = self._name(each.commitment)
            if each.claimed_at is not None:
                told.append(Told(text=name, at=each.claimed_at, note=_("claimed")))
            elif each.claim_by is not None:
                told.append(Told(text=name, at=each.claim_by, note=_("can claim until then")))
            else:
                told.append(Told(text=name, note=_("told when the announcement is published")))
        return told

    def publications(self) -> list[Told]:
        """Where the community's own page says so."""
        return [
            Told(text=say_kind(each.kind, self._words), at=each.published_at, link=each.url)
            for each in self._it.publications
        ]

    def _why(self, reason: str) -> str:
        language = self._words.language
        said = meaning(reason, language)
        if said != reason:
            return said
        try:
            return meaning_of(reason, language)
        except KeyError:
            return reason

    def _by(self, by: DecidedBy) -> str:
        _ = self._words.gettext
        said = {
            DecidedBy.SYSTEM: _("by the published rules"),
            DecidedBy.SECOND_PERSON: _("proposed by one person and approved by another"),
            DecidedBy.DELAY: _("proposed by one person, public before it took effect"),
            DecidedBy.ONE_PERSON: _("decided by one person"),
        }
        return said[by]

    def _who(self, slot: Slot) -> str:
        if slot.commitment is None:
            return self._words.gettext("nobody is left")
        return self._name(slot.commitment)

    def _name(self, commitment: str) -> str:
        return name_of(commitment, self._names, self._words)
