"""The terms: what a contest promises, for machines and for people, to the byte.

Builds the object that docs/draw-protocol.md (8.3) fixes, within the strict JSON profile, and the
facts that the rules event repeats from it. Writes no bytes and computes no hash and no round.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from contest_service.domain.conditions import Condition, Language
from contest_service.domain.contest import Definition
from contest_service.domain.coverage import threshold_facts
from contest_service.domain.errors import Fault
from contest_service.domain.evidence import Target
from contest_service.domain.holding import holding_facts
from contest_service.domain.judging import condition_name
from contest_service.domain.overrides import REASONS
from contest_service.domain.paragraphs import Edition, paragraphs
from contest_service.domain.particulars import particulars_facts
from contest_service.domain.plain_text import text_faults
from contest_service.domain.prizes import Draw
from contest_service.domain.reasons import PersonReason, delay_of
from contest_service.domain.rules import AtLeast, Bonus, Rule, Tickets
from contest_service.domain.schedule import unix

VERSION = "drawproof/1"


class VerifierFile(msgspec.Struct, frozen=True, kw_only=True):
    """A verifier that the terms name: `verify.py` or `verify.html`, and its SHA-256 in hex."""

    name: str
    sha256: str


def terms_object(
    definition: Definition,
    *,
    contest: str,
    version: int,
    reason: str,
    posts: Sequence[Target],
    verifiers: Sequence[VerifierFile],
    practice: bool,
    round_: int,
    link: str,
    quizzes: Mapping[str, str] = {},
    before: Definition | None = None,
) -> dict[str, Any]:
    """Build one version of the terms from a definition without faults.

    `reason` says why this version exists; it is empty in version 1. `round_` is the beacon's round
    that belongs to draw_at, `link` the public address at which anyone can check. `quizzes` are the
    commitments to answers, in hex, of all questions that are asked. `before` is the definition of
    the version before this one.
    """
    edition = Edition(
        definition=definition,
        version=version,
        reason=reason,
        posts=tuple(posts),
        practice=practice,
        round_=round_,
        link=link,
        quizzes=quizzes,
        before=before,
    )
    named = sorted(verifiers, key=lambda file: file.name)
    commitments = [
        {"quiz": quiz, "commitment": commitment} for quiz, commitment in sorted(quizzes.items())
    ]
    asked = {"quizzes": commitments} if commitments else {}
    return asked | {
        "v": VERSION,
        "contest": contest,
        "version": version,
        "reason": reason,
        "rules": _rules(definition, posts, practice=practice),
        "schedule": _schedule(definition),
        "zone": definition.schedule.zone,
        "texts": {language.value: paragraphs(edition, language) for language in Language},
        "verifiers": [{"name": file.name, "sha256": file.sha256} for file in named],
    }


def rules_facts(definition: Definition, *, most_tickets: int) -> dict[str, Any]:
    """What the body of a rules or amend event repeats from the terms.

    `most_tickets` is what one entry can hold by any version that counts for somebody. The beacon
    and `terms_sha256` are missing; whoever writes the event knows them.
    """
    schedule = _schedule(definition)
    return {
        "title": definition.title,
        "organiser": definition.organiser,
        "opens_at": schedule["opens_at"],
        "closes_at": schedule["closes_at"],
        "draw_at": schedule["draw_at"],
        "min_lead": definition.schedule.min_lead,
        "draws": _draws(definition.draws),
        "max_weight": most_tickets,
    }


def reason_faults(reason: str) -> list[Fault]:
    """What is wrong with the reason of an amendment."""
    return text_faults(reason, "/reason", longest=1000, lines=True)


def _schedule(definition: Definition) -> dict[str, int]:
    schedule = definition.schedule
    return {
        "opens_at": unix(schedule.opens_at),
        "closes_at": unix(schedule.closes_at),
        "freeze_at": unix(schedule.frozen_at),
        "draw_at": unix(schedule.draw_at),
    }


def _rules(definition: Definition, posts: Sequence[Target], *, practice: bool) -> dict[str, Any]:
    claims = {} if definition.claim_within is None else {"claim_within": definition.claim_within}
    return claims | {
        "title": definition.title,
        "organiser": definition.organiser,
        "practice": practice,
        "language": definition.language.value,
        "posts": [
            {
                "platform": post.platform.value,
                "instance": post.instance,
                "ref": post.ref,
                "pin": post.pin,
                "url": post.url,
            }
            for post in posts
        ],
        "conditions": _tree(definition.rules),
        "tickets": _tickets(definition.tickets),
        "unverified": definition.unverified.value,
        "coverage": threshold_facts(definition.coverage),
        "naming": definition.naming,
        "amendments": definition.amendments.value,
        "recheck_winners": definition.recheck_winners,
        **holding_facts(definition.holding),
        **particulars_facts(definition.particulars),
        "overrides": {
            "delay": delay_of(practice=practice),
            **{kind.value: [each.value for each in codes] for kind, codes in REASONS.items()},
        },
        "disqualification": {
            "reasons": [reason.value for reason in PersonReason],
            "delay": delay_of(practice=practice),
        },
        "draws": _valued(definition.draws),
    }


def _tree(rule: Rule) -> dict[str, Any]:
    """A tree of conditions, each with its kind, its version and all its parameters."""
    if isinstance(rule, Condition):
        kind = {"kind": condition_name(rule), "version": rule.version}
        return kind | rule.parameters()
    tree: dict[str, Any] = {
        "kind": rule.__struct_config__.tag,
        "of": [_tree(branch) for branch in rule.of],
    }
    if isinstance(rule, AtLeast):
        tree["n"] = rule.n
    return tree


def _tickets(tickets: Tickets) -> dict[str, Any]:
    return {
        "base": tickets.base,
        "bonuses": [_bonus(bonus) for bonus in tickets.bonuses],
        "cap": tickets.cap,
    }


def _bonus(bonus: Bonus) -> dict[str, Any]:
    counted = {} if bonus.per is None else {"per": bonus.per.value, "most": bonus.most}
    return {"rule": _tree(bonus.rule), "tickets": bonus.tickets} | counted


def _draws(draws: Sequence[Draw]) -> list[dict[str, Any]]:
    return [
        {
            "tiers": [
                {"id": tier.id, "prize": tier.prize, "winners": tier.winners} for tier in draw.tiers
            ]
        }
        for draw in draws
    ]


def _valued(draws: Sequence[Draw]) -> list[dict[str, Any]]:
    """The draws with what prizes are worth and look like, if that is said; events leave it out."""
    facts = _draws(draws)
    for draw, said in zip(draws, facts, strict=True):
        for tier, each in zip(draw.tiers, said["tiers"], strict=True):
            if tier.value is not None:
                each["value"] = msgspec.to_builtins(tier.value)
            if tier.picture is not None:
                each["picture"] = msgspec.to_builtins(tier.picture)
    return facts
