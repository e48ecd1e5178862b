"""Verdicts: judge what was gathered, and seal each verdict that is new or another than before.

A record is salted and hashed as it is written, and whoever is valid for the first time gets the
opening of their entry. Asks nobody and writes nothing, so that it can be done in any process.
"""

import secrets
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.judging import EntrantState, Judgement
from contest_service.domain.marks import entered_at, marks_of
from contest_service.flows.bench import Bench
from contest_service.flows.cases import judge_case, label_of, subject_of
from contest_service.flows.records import Writer
from contest_service.flows.sealed import Sealed, seal
from contest_service.proof import entries
from contest_service.proof.dispute import evidence_digest
from contest_service.store.cases import Gathered
from contest_service.store.entrants import JudgedRow, OpeningRow

_SALT = 32
_RANDOM = 9
"""Bytes of an id that are drawn: all behind its time, but for version and variant."""
_read_ids = msgspec.json.Decoder(list[UUID]).decode


def judge_gathered(bench: Bench, gathered: Sequence[Gathered], *, at: datetime) -> Sealed:
    """Judge entrants one by one; those with several accounts, and communities, are left out."""
    salts, ids = _salts(2 * len(gathered)), iter(_ids(len(gathered)))
    contest = str(bench.contest.id)
    writer = Writer(contest=contest, terms_version=bench.contest.terms_version)
    rows: list[JudgedRow] = []
    openings: list[OpeningRow] = []
    for each in gathered:
        subject = subject_of(each)
        if each.account in bench.communities or subject in bench.linked:
            continue
        judgement = judge_case(bench, each)
        id_, salt = each.entrant_id or next(ids), next(salts)
        row = _row(bench, each, judgement, id_=id_, subject=subject, writer=writer, salt=salt)
        if row is None:
            continue
        rows.append(row)
        if judgement.state is EntrantState.VALID and not (each.before and each.before.sealed):
            openings.append(open_entry(contest, row, next(salts)))
    return seal(bench.contest, rows, openings, pieces=writer.pieces, at=at)


def _salts(count: int) -> Iterator[bytes]:
    """So many salts, for which the operating system is asked once."""
    drawn = secrets.token_bytes(_SALT * count)
    return (drawn[start : start + _SALT] for start in range(0, len(drawn), _SALT))


def _ids(count: int) -> Sequence[UUID]:
    """So many new ids of version 7, ascending, so that they lie side by side in an index."""
    now = f"{time.time_ns() // 1_000_000:012x}"
    begin, drawn = f"{now[:8]}-{now[8:]}-7", secrets.token_hex(_RANDOM * count)
    tails = (drawn[at : at + 2 * _RANDOM] for at in range(0, len(drawn), 2 * _RANDOM))
    ids = [f"{begin}{tail[:3]}-8{tail[3:6]}-{tail[6:]}" for tail in tails]
    # Read together they take a tenth of the time.
    return _read_ids(msgspec.json.encode(sorted(ids)))


def _row(
    bench: Bench,
    gathered: Gathered,
    judgement: Judgement,
    *,
    id_: UUID,
    subject: str,
    writer: Writer,
    salt: bytes,
) -> JudgedRow | None:
    """The verdict as a row; None if it says what the row before said."""
    text, kept = writer.write(judgement, entry=_spelled(id_), subject=subject)
    before = gathered.before
    if before and evidence_digest(bytes.fromhex(before.salt), text).hex() == before.digest:
        return None
    return JudgedRow(
        id=id_,
        subject=subject,
        # Somebody may be judged before their profile was read; a sealed name stays as it is.
        label=before.label if before and (before.sealed or before.label) else label_of(gathered),
        state=judgement.state.value,
        reason=judgement.reason,
        tickets=judgement.tickets,
        record=kept,
        record_salt=salt,
        record_digest=evidence_digest(salt, text),
        platform=gathered.platform,
        is_new=before is None,
        marks=marks_of(judgement),
        entered_at=entered_at(judgement),
    )


def _spelled(id_: UUID) -> str:
    """What str() gives, in a tenth of its time."""
    spelled: str = msgspec.to_builtins(id_)
    return spelled


def open_entry(contest: str, row: JudgedRow, salt: bytes) -> OpeningRow:
    """Make the opening of an entry, by the id of its contest and a salt of its own."""
    identity = entries.Identity(
        contest=contest, entry=_spelled(row.id), label=row.label, subject=row.subject
    )
    return OpeningRow(
        entrant_id=row.id,
        commitment=entries.commit(identity, salt),
        salt=salt,
        subject=row.subject,
        label=row.label,
    )
