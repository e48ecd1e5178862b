"""Linked: judge the accounts that their owners linked, each person's as one entry.

They are few, and left out where all others are judged. A person's verdict stands at the entry of
the account that entered first; the others' say that they are merged into it, and by which consent.
So nobody stands in the list twice.
"""

import itertools
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from contest_service.domain.judging import EntrantState, Judgement
from contest_service.domain.linked import first_seen, together
from contest_service.domain.marks import marks_in
from contest_service.domain.merged import Agreed, Named, entry_record, merged_record
from contest_service.domain.overrides import strongest
from contest_service.domain.schedule import unix
from contest_service.flows import promise
from contest_service.flows.bench import Bench
from contest_service.flows.cases import case_of, judge_by, judge_case, label_of, subject_of
from contest_service.flows.verdicts import open_entry
from contest_service.proof import canonical
from contest_service.proof.dispute import evidence_digest
from contest_service.store import cases, entrants, links
from contest_service.store.cases import Gathered
from contest_service.store.contests import Contest
from contest_service.store.entrants import JudgedRow, Known, OpeningRow
from contest_service.store.links import Consent, Member
from contest_service.store.rows import Connection

_SALT = 32
_NEVER = 2**63
_AT_ONCE = 200
"""Persons whose evidence is looked at together."""


async def subjects_of(conn: Connection, contest: Contest) -> set[str]:
    """The subjects of all linked accounts: whoever judges one by one leaves them out."""
    return {each.subject for each in await links.members(conn, contest)}


async def judge_linked(conn: Connection, bench: Bench, *, at: datetime) -> None:
    """Judge all persons who linked accounts, and write what changed.

    In the caller's transaction, which keeps others from changing the contest.
    """
    persons = list(_persons(await links.members(conn, bench.contest)))
    for start in range(0, len(persons), _AT_ONCE):
        some = itertools.chain.from_iterable(persons[start : start + _AT_ONCE])
        await judge_members(conn, bench, list(some), at=at)


async def judge_members(
    conn: Connection, bench: Bench, members: Sequence[Member], *, at: datetime
) -> None:
    """Judge persons, all of whose accounts are among `members`, and write what changed.

    Somebody with one account is judged like everybody else. In the caller's transaction.
    """
    contest = bench.contest
    gathered = await _gather(conn, bench, members)
    subjects = [each.subject for each in members]
    known = await entrants.known(conn, contest.workspace_id, contest.id, subjects)
    rows: list[JudgedRow] = []
    openings: list[OpeningRow] = []
    for person in _persons(members):
        for member, record in _records(bench, person, gathered):
            before = known[member.subject]
            row = _row(member, record, gathered=gathered[member.subject], before=before)
            if row is None:
                continue
            rows.append(row)
            if row.state == EntrantState.VALID and not before.sealed:
                salt = secrets.token_bytes(_SALT)
                openings.append(open_entry(str(contest.id), row, salt))
    await entrants.write(conn, contest.workspace_id, contest.id, rows, openings=openings, at=at)
    await promise.give(conn, contest, rows, openings=openings, at=at)


async def judge_found(
    conn: Connection, bench: Bench, found: Iterable[Gathered]
) -> list[tuple[str, Judgement]]:
    """Judge what was gathered, linked accounts together, without writing anything.

    Returns (subject, judgement); of a person the subject of the account that entered first.
    """
    contest = bench.contest
    by_subject = {subject_of(each): each for each in found}
    judged = []
    for person in _persons(await links.members(conn, contest)):
        subjects = [each.subject for each in person]
        theirs = {each: by_subject.pop(each) for each in subjects if each in by_subject}
        if theirs:
            judgement = _judge(bench, person, await _silent(conn, bench, person) | theirs)
            judged.append((subjects[0], judgement))
    return judged + [(subject, judge_case(bench, each)) for subject, each in by_subject.items()]


async def first_seen_of(conn: Connection, bench: Bench, members: Sequence[Member]) -> int:
    """When accounts were first seen to do anything, in unix seconds; the end of time if never."""
    gathered = await _gather(conn, bench, members)
    seen = (first_seen(case_of(bench, gathered[each.subject])) for each in members)
    return min((at for at in seen if at is not None), default=_NEVER)


def _persons(members: Sequence[Member]) -> Iterator[list[Member]]:
    for _, person in itertools.groupby(members, key=lambda each: each.entry_id):
        yield list(person)


async def _gather(conn: Connection, bench: Bench, members: Sequence[Member]) -> dict[str, Gathered]:
    """All that is on record about accounts, by their subjects, whether or not it is anything."""
    contest, accounts = bench.contest, [each.key.id for each in members]
    gathered = await _silent(conn, bench, members)
    text = await cases.gather(conn, contest.workspace_id, contest.id, accounts, lists=bench.lists)
    return gathered | {subject_of(each): each for each in cases.read(text)}


async def _silent(conn: Connection, bench: Bench, members: Sequence[Member]) -> dict[str, Gathered]:
    """Accounts as if they had done nothing: of some, nothing is seen that the rules ask for."""
    contest, ids = bench.contest, sorted({each.entry_id for each in members})
    text = await cases.without_evidence(
        conn, contest.workspace_id, contest.id, ids, lists=bench.lists
    )
    return {subject_of(each): each for each in cases.read(text)}


def _judge(bench: Bench, person: Sequence[Member], gathered: Mapping[str, Gathered]) -> Judgement:
    """Judge all that a person did, and what was set aside for any of their accounts."""
    parts = [(each.subject, case_of(bench, gathered[each.subject])) for each in person]
    ruling = strongest(bench.rulings.get(each.subject) for each in person)
    return judge_by(bench, together(parts), ruling)


def _records(
    bench: Bench, person: Sequence[Member], gathered: Mapping[str, Gathered]
) -> Iterator[tuple[Member, dict[str, Any]]]:
    """The record of a person's entry, and of each entrant that was merged into it."""
    for member in person:
        if member.consent is None:
            subjects = [each.subject for each in person]
            several = subjects if len(person) > 1 else []
            judgement = _judge(bench, person, gathered)
            yield member, entry_record(judgement, _named(bench, member), accounts=several)
        else:
            alone = judge_case(bench, gathered[member.subject])
            into, agreed = str(member.entry_id), _agreed(member.consent)
            yield member, merged_record(alone, _named(bench, member), into=into, agreed=agreed)


def _named(bench: Bench, member: Member) -> Named:
    return Named(
        contest=str(bench.contest.id),
        entry=str(member.entrant_id),
        subject=member.subject,
        terms_version=bench.contest.terms_version,
    )


def _agreed(consent: Consent) -> Agreed:
    return Agreed(
        text=consent.text,
        version=consent.version,
        language=consent.language.value,
        shown=tuple(consent.shown),
        at=unix(consent.at),
    )


def _row(
    member: Member, record: Mapping[str, Any], *, gathered: Gathered, before: Known
) -> JudgedRow | None:
    """The verdict as a row; None if it says what the row before said."""
    text = canonical.encode(record)
    if before.record.encode() == text:
        return None
    salt = secrets.token_bytes(_SALT)
    label = label_of(gathered)
    return JudgedRow(
        id=member.entrant_id,
        subject=member.subject,
        label=before.label if before.sealed or before.label else label,
        state=record["state"],
        reason=record["reason"],
        tickets=record["tickets"],
        record=text,
        record_salt=salt,
        record_digest=evidence_digest(salt, text),
        platform=gathered.platform,
        marks=marks_in(record),
        entered_at=0,  # An entrant already, and counted.
    )
