"""Verdicts: judge what was gathered, and seal each verdict that is new or another than before.

A record is salted and hashed as it is written, and whoever is valid for the first time gets the
opening of their entry. Asks nobody and writes nothing, so that it can be done in any process.
"""

import secrets
import time
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from contest_service.domain.judging import EntrantState, Judgement
from contest_service.domain.marks import entered_at
from contest_service.flows.bench import Bench
from contest_service.flows.cases import judge_case, label_of, subject_of
from contest_service.flows.records import Writer
from contest_service.flows.sealed import Sealed
from contest_service.proof import entries
from contest_service.proof.dispute import evidence_digest
from contest_service.store import cases
from contest_service.store.cases import Before, Gathered, Text
from contest_service.store.entrants import JudgedRow, OpeningRow
from contest_service.store.newcomers import Packer

_SALT = 32
_RANDOM = 9
"""Bytes of an id that are drawn: all behind its time, but for version and variant."""


def judge_gathered(bench: Bench, gathered: Text, *, at: datetime) -> Sealed:
    """Judge entrants one by one; those with several accounts, and communities, are left out."""
    sealing = _Sealing(bench, most=cases.count(gathered), at=at)
    for each in cases.read(gathered):
        subject = subject_of(each)
        if each.account in bench.communities or subject in bench.linked:
            continue
        judgement = judge_case(bench, each)
        if each.entrant_id is None or each.before is None:
            sealing.add_new(each, subject, judgement)
        else:
            sealing.add_known(each, subject, judgement, id_=each.entrant_id, before=each.before)
    return sealing.sealed()


class _Sealing:
    """Verdicts of one contest on the way to be sealed, `most` at most."""

    def __init__(self, bench: Bench, *, most: int, at: datetime) -> None:
        contest = bench.contest
        self._contest = str(contest.id)
        self._writer = Writer(contest=self._contest, terms_version=contest.terms_version)
        self._salts = _salts(2 * most)
        self._ids = _ids(most)
        self._new = Packer((contest.workspace_id, contest.id), at=at)
        self._rows: list[JudgedRow] = []
        self._openings: list[OpeningRow] = []
        self._subjects: list[str] = []

    def add_new(self, gathered: Gathered, subject: str, judgement: Judgement) -> None:
        """Seal the verdict on somebody who was never judged."""
        (entry, id_), label, salt = next(self._ids), label_of(gathered), next(self._salts)
        text, kept = self._writer.write(judgement, entry=entry, subject=subject)
        opening = None
        if judgement.state is EntrantState.VALID:
            identity = entries.Identity(
                contest=self._contest, entry=entry, label=label, subject=subject
            )
            hidden = next(self._salts)
            opening = entries.commit(identity, hidden), hidden
        self._new.add(
            id_,
            (subject, label),
            (gathered.platform, judgement.state, judgement.reason, judgement.marks),
            tickets=judgement.tickets,
            record=(kept, salt, evidence_digest(salt, text)),
            entered_at=entered_at(judgement),
            opening=opening,
        )
        self._subjects.append(subject)

    def add_known(
        self, gathered: Gathered, subject: str, judgement: Judgement, *, id_: UUID, before: Before
    ) -> None:
        """Seal the verdict on somebody who was judged before, unless it says what that one said."""
        entry, salt = str(id_), next(self._salts)
        text, kept = self._writer.write(judgement, entry=entry, subject=subject)
        if evidence_digest(bytes.fromhex(before.salt), text).hex() == before.digest:
            return
        row = judged_row(
            judgement,
            id_=id_,
            subject=subject,
            # Somebody may be judged before their profile was read; a sealed name stays as it is.
            label=before.label if before.sealed or before.label else label_of(gathered),
            platform=gathered.platform,
            record=kept,
            sealed=(salt, evidence_digest(salt, text)),
        )
        self._rows.append(row)
        self._subjects.append(subject)
        if judgement.state is EntrantState.VALID and not before.sealed:
            self._openings.append(open_entry(self._contest, row, next(self._salts)))

    def sealed(self) -> Sealed:
        """All of them, to be written."""
        return Sealed(
            subjects=self._subjects,
            new=self._new.packed(),
            rows=self._rows,
            openings=self._openings,
            pieces=self._writer.pieces if self._subjects else {},
        )


def _salts(count: int) -> Iterator[bytes]:
    """So many salts, for which the operating system is asked once."""
    drawn = secrets.token_bytes(_SALT * count)
    return (drawn[start : start + _SALT] for start in range(0, len(drawn), _SALT))


def _ids(count: int) -> Iterator[tuple[str, bytes]]:
    """So many new ids of version 7, as text and as bytes.

    They ascend, so that they lie side by side in an index.
    """
    now = f"{time.time_ns() // 1_000_000:012x}"
    begin, drawn = f"{now[:8]}-{now[8:]}-7", secrets.token_hex(_RANDOM * count)
    tails = (drawn[at : at + 2 * _RANDOM] for at in range(0, len(drawn), 2 * _RANDOM))
    texts = sorted(f"{begin}{tail[:3]}-8{tail[3:6]}-{tail[6:]}" for tail in tails)
    packed = bytes.fromhex("".join(texts).replace("-", ""))
    return ((text, packed[16 * place : 16 * place + 16]) for place, text in enumerate(texts))


def judged_row(
    judgement: Judgement,
    *,
    id_: UUID,
    subject: str,
    label: str,
    platform: str,
    record: bytes,
    sealed: tuple[bytes, bytes],
) -> JudgedRow:
    """The verdict on an entry as a row; `sealed` is the salt and the digest of its record."""
    salt, digest = sealed
    return JudgedRow(
        id=id_,
        subject=subject,
        label=label,
        state=judgement.state.value,
        reason=judgement.reason,
        tickets=judgement.tickets,
        record=record,
        record_salt=salt,
        record_digest=digest,
        platform=platform,
        marks=judgement.marks,
        entered_at=entered_at(judgement),
    )


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
