"""Judge: turn the evidence on record into a verdict for every entrant, and write what changed.

A verdict is sealed when it is written: its record is salted and hashed, and whoever is valid for
the first time gets the opening of their entry. A freeze then only collects.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec

from contest_service.domain.accounts import AccountKey, Platform, Profile, Standing
from contest_service.domain.case import Case, Presence
from contest_service.domain.contest import Status
from contest_service.domain.evidence import Action, TargetKind
from contest_service.domain.judging import (
    EntrantState,
    Judgement,
    evidence_record,
    judge_entrant,
)
from contest_service.domain.schedule import unix
from contest_service.flows.profiles import read_profiles
from contest_service.flows.runtime import Runtime
from contest_service.proof import canonical, entries
from contest_service.proof.dispute import evidence_digest
from contest_service.store import cases, contests, evidence, targets, work
from contest_service.store import entrants as store
from contest_service.store.cases import Gathered
from contest_service.store.contests import Contest
from contest_service.store.entrants import JudgedRow, Known, OpeningRow
from contest_service.store.rows import Connection
from contest_service.store.work import Work

_SALT = 32
_EVERY_ACTION = frozenset(Action)
_presences = msgspec.json.Decoder(list[Presence])


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What judging one contest rests on, apart from the entrants' own evidence."""

    contest: Contest
    unread: Mapping[tuple[str, str], frozenset[Action]]
    """By platform and instance: what was not read to its end, so that absence proves nothing."""
    asked_since: int | None
    """When everybody known by then was last asked about, where a platform has to be asked."""
    communities: frozenset[str]


async def run_judge(rt: Runtime, job: Work) -> None:
    """Judge a running contest over the evidence as it stands."""
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, job.workspace_id, job.subject)
    if contest.status is Status.RUNNING:
        await read_profiles(rt, contest)
        await judge_all(rt, contest)
    async with rt.pool.acquire() as conn:
        await work.finish(conn, job)


async def judge_all(rt: Runtime, contest: Contest) -> None:
    """Judge every entrant of a contest; verdicts that did not change are not written."""
    async with rt.pool.acquire() as reader, reader.transaction(isolation="repeatable_read"):
        bench = await open_bench(reader, contest)
        async for batch in cases.gather(reader, contest.workspace_id, contest.id):
            await _judge_batch(rt, bench, batch)
    if contest.terms_version > 1:
        await _judge_left_behind(rt, bench)
    async with rt.pool.acquire() as conn:
        await contests.set_judged(conn, contest, rt.clock())


async def _judge_left_behind(rt: Runtime, bench: Bench) -> None:
    """Judge those who entered by something that the amended rules no longer ask for."""
    contest = bench.contest
    async with rt.pool.acquire() as reader, reader.transaction():
        async for batch in cases.left_behind(
            reader, contest.workspace_id, contest.id, terms_version=contest.terms_version
        ):
            await _judge_batch(rt, bench, batch)


async def open_bench(conn: Connection, contest: Contest) -> Bench:
    """Look up what the judge must know before the first entrant."""
    watched = await evidence.watched(conn, contest.workspace_id, contest.id)
    unread: dict[tuple[str, str], set[Action]] = {}
    for each in watched:
        if each.is_live or each.scanned_since is None:
            unread.setdefault((each.platform, each.instance), set()).add(each.action)
    questions = [each.scanned_since for each in watched if each.kind is TargetKind.COMMUNITY]
    posts = await targets.posts(conn, contest.workspace_id, contest.id)
    communities = {post.author for post in posts}
    communities |= {each.ref for each in watched if each.kind is TargetKind.COMMUNITY}
    return Bench(
        contest=contest,
        unread={key: frozenset(actions) for key, actions in unread.items()},
        asked_since=min((unix(at) for at in questions if at is not None), default=None),
        communities=frozenset(communities),
    )


async def _judge_batch(rt: Runtime, bench: Bench, batch: Sequence[Gathered]) -> None:
    contest = bench.contest
    people = [each for each in batch if each.account not in bench.communities]
    subjects = {_subject(each): each for each in people}
    async with rt.pool.acquire() as conn, conn.transaction():
        current = await contests.read_shared(conn, contest.workspace_id, contest.id)
        if (current.revision, current.closing_judged_at) != (
            contest.revision,
            contest.closing_judged_at,
        ):
            return  # closed, amended, judged or frozen meanwhile: these verdicts come too late
        known = await store.known(conn, contest.workspace_id, contest.id, list(subjects))
        fresh = iter(await store.new_ids(conn, len(subjects) - len(known)))
        rows: list[JudgedRow] = []
        openings: list[OpeningRow] = []
        for subject, gathered in subjects.items():
            judgement = judge_case(bench, gathered)
            before = known.get(subject)
            id_ = before.id if before else next(fresh)
            row = _row(bench, gathered, judgement, id_=id_, before=before)
            if row is None:
                continue
            rows.append(row)
            if judgement.state is EntrantState.VALID and not (before and before.sealed):
                openings.append(_open(contest, row))
        at = rt.clock()
        await store.write(conn, contest.workspace_id, contest.id, rows, openings=openings, at=at)


def judge_case(bench: Bench, gathered: Gathered) -> Judgement:
    """Judge one entrant's evidence by the contest's rules."""
    definition = bench.contest.definition
    return judge_entrant(
        _case(bench, gathered),
        rules=definition.rules,
        tickets=definition.tickets,
        unverified=definition.unverified,
    )


def _case(bench: Bench, gathered: Gathered) -> Case:
    presences: dict[Action, list[Presence]] = {}
    for presence in _presences.decode(gathered.presences):
        presences.setdefault(presence.action, []).append(presence)
    complete = _EVERY_ACTION - bench.unread.get((gathered.platform, gathered.instance), set())
    first_seen = min((each.seen_at for seen in presences.values() for each in seen), default=None)
    asked_since = bench.asked_since
    if asked_since is not None and (first_seen is None or first_seen > asked_since):
        complete -= {Action.FOLLOW}  # nobody knew this entrant when the question was asked
    profile = None
    if gathered.handle:
        profile = Profile(
            account=gathered.account,
            handle=gathered.handle,
            name=gathered.name or "",
            created_at=gathered.created_at,
            has_picture=gathered.has_picture,
            followers=gathered.followers,
            is_closed=gathered.is_closed,
            is_active=gathered.is_active,
            city=gathered.city or "",
            born=gathered.born or "",
        )
    return Case(
        account=gathered.account,
        opens_at=unix(bench.contest.opens_at),
        closes_at=unix(bench.contest.closes_at),
        presences={action: tuple(each) for action, each in presences.items()},
        complete=complete,
        profile=profile,
        standing=Standing(gathered.standing or Standing.VISIBLE),
        lists=frozenset(gathered.lists),
        communities=bench.communities,
    )


def _subject(gathered: Gathered) -> str:
    return AccountKey(
        platform=Platform(gathered.platform), instance=gathered.instance, id=gathered.account
    ).subject


def _row(
    bench: Bench,
    gathered: Gathered,
    judgement: Judgement,
    *,
    id_: UUID,
    before: Known | None,
) -> JudgedRow | None:
    """The verdict as a row; None if it says what the row before said."""
    subject = _subject(gathered)
    record = evidence_record(
        judgement,
        contest=str(bench.contest.id),
        entry=str(id_),
        subject=subject,
        terms_version=bench.contest.terms_version,
    )
    text = canonical.encode(record)
    if before is not None and before.record.encode() == text:
        return None
    salt = secrets.token_bytes(_SALT)
    return JudgedRow(
        id=id_,
        subject=subject,
        # Somebody may be judged before their profile was read; a sealed name stays as it is.
        label=before.label if before and (before.sealed or before.label) else _label(gathered),
        state=judgement.state,
        reason=judgement.reason,
        tickets=judgement.tickets,
        record=text.decode(),
        record_salt=salt,
        record_digest=evidence_digest(salt, text),
        platform=gathered.platform,
        instance=gathered.instance,
        account=gathered.account,
    )


def _label(gathered: Gathered) -> str:
    return f"@{gathered.handle}" if gathered.handle else ""


def _open(contest: Contest, row: JudgedRow) -> OpeningRow:
    salt = secrets.token_bytes(_SALT)
    identity = entries.Identity(
        contest=str(contest.id), entry=str(row.id), label=row.label, subject=row.subject
    )
    return OpeningRow(
        entrant_id=row.id,
        commitment=entries.commit(identity, salt),
        salt=salt,
        subject=row.subject,
        label=row.label,
    )


async def judge_some(
    conn: Connection, contest: Contest, accounts: Sequence[str], *, recheck: bool
) -> list[tuple[str, Judgement]]:
    """Judge some accounts without writing anything: (subject, judgement). Needs a transaction."""
    bench = await open_bench(conn, contest)
    return [
        (_subject(each), judge_case(bench, each))
        async for batch in cases.gather(
            conn, contest.workspace_id, contest.id, accounts=accounts, recheck=recheck
        )
        for each in batch
    ]
