"""The rotation of keys: encrypt every secret anew with the newest one.

An operator puts a new key first, lets this run, and then drops the old key. It may be stopped and
run again at any time; what it has done stays done.
"""

from typing import Protocol

import msgspec

from contest_service.store.rows import Connection
from contest_service.store.sealed import (
    SealedQuiz,
    SealedRow,
    SealedTotp,
    lock_channel,
    lock_quizzes,
    lock_sealed,
    lock_totps,
    replace_channel,
    replace_quiz,
    replace_sealed,
    replace_totp,
)


class Renewing(Protocol):
    """Encrypts anew with the newest key."""

    def renew(self, sealed: bytes) -> bytes: ...


async def rotate_keys(conn: Connection, vault: Renewing) -> int:
    """Encrypt everything with the newest key, batch by batch; return the number of communities."""
    await _rotate_quizzes(conn, vault)
    await _rotate_totps(conn, vault)
    done = 0
    last: SealedRow | None = None
    while True:
        async with conn.transaction():
            rows = await lock_sealed(conn, last)
            for row in rows:
                await replace_sealed(conn, _renewed(row, vault))
                if (secrets := await lock_channel(conn, row)) is not None:
                    await replace_channel(conn, row, vault.renew(secrets))
        if not rows:
            return done
        done, last = done + len(rows), rows[-1]


async def _rotate_quizzes(conn: Connection, vault: Renewing) -> None:
    """Encrypt all answers anew that are still sealed."""
    last: SealedQuiz | None = None
    while True:
        async with conn.transaction():
            quizzes = await lock_quizzes(conn, last)
            for each in quizzes:
                renewed = msgspec.structs.replace(each, sealed=vault.renew(each.sealed))
                await replace_quiz(conn, renewed)
        if not quizzes:
            return
        last = quizzes[-1]


def _renewed(row: SealedRow, vault: Renewing) -> SealedRow:
    session = None if row.session is None else vault.renew(row.session)
    return msgspec.structs.replace(row, credential=vault.renew(row.credential), session=session)


async def _rotate_totps(conn: Connection, vault: Renewing) -> None:
    """Encrypt all secrets of authenticators anew."""
    last: SealedTotp | None = None
    while True:
        async with conn.transaction():
            totps = await lock_totps(conn, last)
            for each in totps:
                renewed = msgspec.structs.replace(each, totp=vault.renew(each.totp))
                await replace_totp(conn, renewed)
        if not totps:
            return
        last = totps[-1]
