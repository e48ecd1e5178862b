"""Imported: judge the entries of people without accounts, by the same rules as all others.

Nothing is ever seen of them on a platform, so that whatever is asked for there was surely not done.
Who brought an entry in is in the audit log, under the import that its evidence names.
"""

import secrets
from datetime import datetime
from uuid import UUID

from contest_service.domain.accounts import Standing
from contest_service.domain.case import Case, GoneWhy, Presence
from contest_service.domain.evidence import Action
from contest_service.domain.imports import SUBJECT
from contest_service.domain.judging import EntrantState
from contest_service.domain.schedule import unix
from contest_service.flows import promise
from contest_service.flows.bench import Bench
from contest_service.flows.cases import judge_by
from contest_service.flows.records import Writer
from contest_service.flows.verdicts import judged_row, open_entry
from contest_service.proof.dispute import evidence_digest
from contest_service.store import entrants, imports
from contest_service.store.entrants import JudgedRow, Known, OpeningRow
from contest_service.store.imports import Brought
from contest_service.store.rows import Connection

AT_ONCE = 2000
_SALT = 32
_EVERY_ACTION = frozenset(Action)


async def judge_imported(
    conn: Connection, bench: Bench, *, after: UUID | None, is_everybody: bool, at: datetime
) -> UUID | None:
    """Judge the next entries that were brought in, and write what changed.

    Those that are due, or everybody's. Returns the last one, and None if there were none left. In
    the caller's transaction, which keeps others from changing the contest.
    """
    contest = bench.contest
    key = (contest.workspace_id, contest.id)
    found = await imports.brought(conn, *key, after=after, limit=AT_ONCE, is_everybody=is_everybody)
    subjects = [subject_of(each.id) for each in found]
    known = await entrants.known(conn, *key, subjects)
    writer = Writer(contest=str(contest.id), terms_version=contest.terms_version)
    rows: list[JudgedRow] = []
    openings: list[OpeningRow] = []
    for each, subject in zip(found, subjects, strict=True):
        before = known.get(subject)
        row = _row(bench, each, writer, subject=subject, before=before)
        if row is None:
            continue
        rows.append(row)
        if row.state == EntrantState.VALID and not (before and before.sealed):
            openings.append(open_entry(str(contest.id), row, secrets.token_bytes(_SALT)))
    await entrants.write(conn, *key, rows, openings=openings, at=at)
    await promise.give(conn, contest, rows, openings=openings, at=at)
    await imports.set_judged(conn, *key, [each.id for each in found])
    return found[-1].id if found else None


def subject_of(entry: UUID) -> str:
    """An imported entrant as the draw protocol spells it."""
    return f"{SUBJECT}{entry}"


def _case(bench: Bench, brought: Brought, subject: str) -> Case:
    undone_at = brought.undone_at
    entry = Presence(
        action=Action.ENTRY,
        target=f"{SUBJECT}{brought.import_id}",
        ref=f"{brought.sha256}:{brought.line}",
        at=None if brought.entered_at is None else unix(brought.entered_at),
        absent_at=None,
        seen_at=unix(brought.imported_at),
        gone_at=None if undone_at is None else unix(undone_at),
        gone_why=None if undone_at is None else GoneWhy.WITHDRAWN,
    )
    return Case(
        account=subject,
        opens_at=unix(bench.contest.opens_at),
        closes_at=unix(bench.contest.closes_at),
        presences={Action.ENTRY: (entry,)},
        complete=_EVERY_ACTION,
        profile=None,
        standing=Standing.VISIBLE,
        lists=frozenset(),
        communities=bench.communities,
        quizzes=bench.quizzes,
        # No account of theirs does; whoever brings entries in answers for whose they are.
        is_staff=False,
    )


def _row(
    bench: Bench, brought: Brought, writer: Writer, *, subject: str, before: Known | None
) -> JudgedRow | None:
    """The verdict as a row; None if it says what the row before said."""
    judgement = judge_by(bench, _case(bench, brought, subject), bench.rulings.get(subject))
    text, _ = writer.write(judgement, entry=str(brought.id), subject=subject)
    if before is not None and before.record.encode() == text:
        return None
    salt = secrets.token_bytes(_SALT)
    return judged_row(
        judgement,
        id_=brought.id,
        subject=subject,
        label=brought.label,
        platform="",
        record=text,
        sealed=(salt, evidence_digest(salt, text)),
    )
