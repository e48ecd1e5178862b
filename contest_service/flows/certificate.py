"""Certificate: everything about a finished draw that everybody may know, in one piece.

It is read from the ledger's own bytes, and only ever grows: whoever lost a prize stays on it, with
the reason and who took over. Names are missing where the rules do not say that winners are named,
or where a person was erased.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from contest_service.domain.conditions import Language
from contest_service.domain.contest import Status
from contest_service.domain.coverage import needed
from contest_service.domain.evidence import Action
from contest_service.domain.quiz import questions
from contest_service.domain.schedule import moment, unix
from contest_service.flows.announce import Slot
from contest_service.flows.claims import PublicClaim, claims_of, published
from contest_service.flows.decisions import Decision, Pending, decisions_of, pending
from contest_service.flows.ledger import frozen_entries
from contest_service.flows.outcome import (
    FrozenList,
    Outcome,
    freeze_of,
    later_dqs,
    outcome_of,
)
from contest_service.flows.succeed import name_held
from contest_service.proof import events
from contest_service.proof.beacon import Beacon
from contest_service.proof.chain import Chain
from contest_service.proof.entries import EntryList
from contest_service.proof.events import Event, EventType, Rules
from contest_service.proof.grade import Means
from contest_service.proof.terms import VerifierFile, parse_terms
from contest_service.store import (
    announcements,
    appeals,
    coverage,
    entrants,
    imports,
    log,
    proof,
    quiz,
    vouchers,
)
from contest_service.store.announcements import AnnouncementKind
from contest_service.store.contests import Contest
from contest_service.store.entrants import Count
from contest_service.store.log import Log
from contest_service.store.rows import Connection

Draws = tuple[tuple[events.Slot, ...], ...]


class CertifiedTerms(msgspec.Struct, frozen=True, kw_only=True):
    """A version of the terms; `reason` says why it replaced the one before."""

    version: int
    sha256: str
    reason: str


class CertifiedCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a post's own counter the closing scan saw; `claimed` null if there is none.

    `needed` is how much the terms ask for.
    """

    url: str
    action: Action
    seen: int | None
    claimed: int | None
    per_cent: int
    needed: int


class CertifiedAppeals(msgspec.Struct, frozen=True, kw_only=True):
    """How many entrants asked to be checked again before the freeze, and were answered or not.

    Half of the answers, and nine in ten, came within so many seconds; null without an answer.
    """

    answered: int
    unanswered: int
    half_within: int | None
    nine_in_ten_within: int | None


class CertifiedQuiz(msgspec.Struct, frozen=True, kw_only=True):
    """A question whose answers were opened: `salt` and they give the commitment of the terms."""

    quiz: str
    question: str
    commitment: str
    opened_at: datetime
    answers: tuple[str, ...]
    salt: str


class Succession(msgspec.Struct, frozen=True, kw_only=True):
    """A prize that changed hands: the event `seq`, the draw from 0, and the slot within it."""

    seq: int
    at: datetime
    reason: str
    draw: int
    slot: int
    former: Slot
    successor: Slot


class Publication(msgspec.Struct, frozen=True, kw_only=True):
    """What the community's own page says about the event `seq`."""

    kind: AnnouncementKind
    seq: int
    url: str
    published_at: datetime | None


class Voucher(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody outside saw the freeze in the log before its round: a checkpoint of `size` events.

    `by` is a witness's verifier key, or the name of a timestamp authority.
    """

    means: Means
    by: str
    size: int


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """A draw and its proof. `cut_offs` are, per draw, the highest ticket that won a prize.

    `imported` is how many entries the organiser brought in without an account, and `quizzes` are
    those whose answers were opened.

    `practice` means that the draw proves nothing about chance. `decisions` say who decided on each
    disqualification, `pending` which will still take effect, and `vouchers` who saw the freeze in
    time; what that is worth is for a verifier to say, by whom its reader trusts. `claims` are the
    clocks of the present holders, as `claims.json` tells them.
    """

    contest: UUID
    practice: bool
    status: Status
    title: str
    organiser: str
    language: Language
    zone: str
    opens_at: datetime
    closes_at: datetime
    draw_at: datetime
    closed_at: datetime | None
    terms: list[CertifiedTerms]
    verifiers: list[VerifierFile]
    totals: list[Count]
    imported: int
    coverage: list[CertifiedCoverage]
    appeals: CertifiedAppeals
    quizzes: list[CertifiedQuiz]
    freeze: FrozenList
    vouchers: list[Voucher]
    beacon: Beacon
    outcome: Outcome
    cut_offs: list[str | None]
    successions: list[Succession]
    decisions: list[Decision]
    pending: list[Pending]
    claims: list[PublicClaim]
    publications: list[Publication]


async def read_certificate(conn: Connection, contest: Contest) -> Certificate:
    """Raises NotFoundError while nothing is drawn."""
    key = (contest.workspace_id, contest.id)
    lines = await proof.event_lines(conn, *key)
    parsed = [events.parse(line) for line in lines]
    rules = [event.body for event in parsed if isinstance(event.body, Rules)][-1]
    steps = await _steps(conn, contest, parsed)
    final = await name_held(conn, contest, rules, steps[-1].after) if steps else None
    outcome = await outcome_of(conn, contest, parsed, final=final)
    freeze = await freeze_of(conn, contest, lines)
    ends = [moment(event.at) for event in parsed if event.type is EventType.CLOSE]
    return Certificate(
        contest=contest.id,
        practice=contest.practice,
        status=contest.status,
        title=rules.title,
        organiser=rules.organiser,
        language=contest.definition.language,
        zone=contest.definition.schedule.zone,
        opens_at=moment(rules.opens_at),
        closes_at=moment(rules.closes_at),
        draw_at=moment(rules.draw_at),
        closed_at=ends[0] if ends else None,
        **await _promised(conn, contest),
        totals=await entrants.counts(conn, *key),
        imported=await imports.count(conn, *key),
        coverage=[_covered(contest, each) for each in await coverage.of_contest(conn, *key)],
        appeals=await _appealed(conn, contest),
        quizzes=await _opened(conn, contest),
        freeze=freeze,
        vouchers=await vouchers_of(conn, contest, freeze),
        beacon=rules.beacon,
        outcome=outcome,
        cut_offs=[_cut_off(slots) for slots in outcome.initial],
        successions=[
            each for step in steps for each in await _successions(conn, contest, rules, step)
        ],
        decisions=list((await decisions_of(conn, contest, parsed)).values()),
        pending=await pending(conn, contest),
        claims=published(await claims_of(conn, contest, parsed)),
        publications=await _publications(conn, contest),
    )


async def _promised(conn: Connection, contest: Contest) -> dict[str, Any]:
    """The terms in every version, and the verifiers that the last one names."""
    versions = [
        (each.sha256.hex(), parse_terms(each.bytes))
        for each in await proof.terms(conn, contest.workspace_id, contest.id)
    ]
    terms = [
        CertifiedTerms(version=each.version, sha256=sha256, reason=each.reason)
        for sha256, each in versions
    ]
    return {"terms": terms, "verifiers": list(versions[-1][1].verifiers)}


async def vouchers_of(conn: Connection, contest: Contest, freeze: FrozenList) -> list[Voucher]:
    """Who saw the freeze in the log before its round."""
    index = (await log.indices(conn, contest))[freeze.seq]
    given = {"above": index, "before": unix(freeze.round_at)}
    seen = {
        Means.COSIGNATURE: await vouchers.cosigned_in_time(conn, Log.of(contest), **given),
        Means.TIMESTAMP: await vouchers.stamped_in_time(conn, Log.of(contest), **given),
    }
    return [
        Voucher(means=means, by=by, size=size)
        for means, sizes in seen.items()
        for by, size in sorted(sizes.items())
    ]


async def _appealed(conn: Connection, contest: Contest) -> CertifiedAppeals:
    desk = await appeals.desk(conn, contest)
    return CertifiedAppeals(
        answered=desk.answered,
        unanswered=desk.unanswered,
        half_within=desk.half_within,
        nine_in_ten_within=desk.nine_in_ten_within,
    )


async def _opened(conn: Connection, contest: Contest) -> list[CertifiedQuiz]:
    asked = {each.quiz: each.question for _, each in questions(contest.definition)}
    return [
        CertifiedQuiz(
            quiz=each.quiz,
            question=asked.get(each.quiz, ""),
            commitment=each.commitment,
            opened_at=each.opened_at,
            answers=each.answers,
            salt=each.salt,
        )
        for each in await quiz.of_contest(conn, contest)
        if each.opened_at is not None and each.answers is not None and each.salt is not None
    ]


def _covered(contest: Contest, seen: coverage.Coverage) -> CertifiedCoverage:
    return CertifiedCoverage(
        url=seen.url,
        action=seen.action,
        seen=seen.seen,
        claimed=seen.claimed,
        per_cent=seen.per_cent,
        needed=needed(contest.definition.coverage, seen.action, seen.platform),
    )


def _cut_off(slots: Sequence[Slot]) -> str | None:
    return max((slot.ticket for slot in slots if slot.ticket is not None), default=None)


class _Step(msgspec.Struct, frozen=True, kw_only=True):
    """The slots per draw before a disqualification and after it."""

    event: Event
    before: Draws
    after: Draws


async def _steps(conn: Connection, contest: Contest, parsed: Sequence[Event]) -> list[_Step]:
    """What each disqualification after the result did; only that needs the whole list."""
    if not later_dqs(parsed):
        return []
    entries = await frozen_entries(conn, contest)
    # Half a second for each 100,000 entries, which others should not wait for.
    return await asyncio.to_thread(_fold, parsed, entries, practice=contest.practice)


def _fold(parsed: Sequence[Event], entries: EntryList, *, practice: bool) -> list[_Step]:
    later = later_dqs(parsed)
    chain = Chain(parsed[0].contest, entries, practice=practice, later_dqs=len(later))
    steps = []
    for event in parsed:
        before = chain.final or ()
        chain.extend(event)
        if event in later:
            steps.append(_Step(event=event, before=before, after=chain.final or ()))
    return steps


async def _successions(
    conn: Connection, contest: Contest, rules: Rules, step: _Step
) -> list[Succession]:
    before = await name_held(conn, contest, rules, step.before)
    after = await name_held(conn, contest, rules, step.after)
    return [
        Succession(
            seq=step.event.seq,
            at=moment(step.event.at),
            reason=step.event.body.reason,
            draw=draw,
            slot=place,
            former=former,
            successor=successor,
        )
        for draw, rows in enumerate(zip(before, after, strict=True))
        for place, (former, successor) in enumerate(zip(*rows, strict=True))
        if former.commitment != successor.commitment
    ]


async def _publications(conn: Connection, contest: Contest) -> list[Publication]:
    rows = await announcements.of_contest(conn, contest.workspace_id, contest.id)
    return [
        Publication(
            kind=row.kind, seq=row.seq, url=row.published_url, published_at=row.published_at
        )
        for row in rows
        if row.published_url is not None
    ]
