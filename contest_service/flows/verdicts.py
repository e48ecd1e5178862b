"""Verdicts: judge what was gathered, and seal each verdict that is new or another than before.

A record is salted and hashed as it is written, and whoever is valid for the first time gets the
opening of their entry. Asks nobody and writes nothing, so that it can be done in any process.
"""

import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from contest_service.domain.judging import EntrantState, Judgement
from contest_service.domain.marks import entered_at, marks_of
from contest_service.flows.bench import Bench
from contest_service.flows.cases import judge_case, subject_of
from contest_service.flows.records import encode_record
from contest_service.flows.sealed import Sealed, seal
from contest_service.proof import entries
from contest_service.proof.dispute import evidence_digest
from contest_service.store.cases import Gathered
from contest_service.store.entrants import JudgedRow, OpeningRow

_SALT = 32


def judge_gathered(bench: Bench, gathered: Sequence[Gathered], *, at: datetime) -> Sealed:
    """Judge entrants one by one; those with several accounts, and communities, are left out."""
    salts = _salts(2 * len(gathered))
    contest = str(bench.contest.id)
    rows: list[JudgedRow] = []
    openings: list[OpeningRow] = []
    for each in gathered:
        subject = subject_of(each)
        if each.account in bench.communities or subject in bench.linked:
            continue
        judgement = judge_case(bench, each)
        row = _row(bench, each, judgement, subject=subject, contest=contest, salt=next(salts))
        if row is None:
            continue
        rows.append(row)
        if judgement.state is EntrantState.VALID and not (each.before and each.before.sealed):
            openings.append(open_entry(contest, row, next(salts)))
    return seal(bench.contest, rows, openings, at=at)


def _salts(count: int) -> Iterator[bytes]:
    """So many salts, for which the operating system is asked once."""
    drawn = secrets.token_bytes(_SALT * count)
    return (drawn[start : start + _SALT] for start in range(0, len(drawn), _SALT))


def _row(
    bench: Bench,
    gathered: Gathered,
    judgement: Judgement,
    *,
    subject: str,
    contest: str,
    salt: bytes,
) -> JudgedRow | None:
    """The verdict as a row; None if it says what the row before said."""
    text = encode_record(
        judgement,
        contest=contest,
        entry=msgspec.to_builtins(gathered.entrant_id),  # str() of an id takes ten times as long
        subject=subject,
        terms_version=bench.contest.terms_version,
    )
    before = gathered.before
    if before and evidence_digest(bytes.fromhex(before.salt), text).hex() == before.digest:
        return None
    return JudgedRow(
        id=gathered.entrant_id,
        subject=subject,
        # Somebody may be judged before their profile was read; a sealed name stays as it is.
        label=before.label if before and (before.sealed or before.label) else _label(gathered),
        state=judgement.state.value,
        reason=judgement.reason,
        tickets=judgement.tickets,
        record=text.decode(),
        record_salt=salt,
        record_digest=evidence_digest(salt, text),
        platform=gathered.platform,
        instance=gathered.instance,
        account=gathered.account,
        is_new=before is None,
        marks=marks_of(judgement),
        entered_at=entered_at(judgement),
    )


def _label(gathered: Gathered) -> str:
    return f"@{gathered.handle}" if gathered.handle else ""


def open_entry(contest: str, row: JudgedRow, salt: bytes) -> OpeningRow:
    """Make the opening of an entry, by the id of its contest and a salt of its own."""
    identity = entries.Identity(
        contest=contest, entry=str(row.id), label=row.label, subject=row.subject
    )
    return OpeningRow(
        entrant_id=row.id,
        commitment=entries.commit(identity, salt),
        salt=salt,
        subject=row.subject,
        label=row.label,
    )
