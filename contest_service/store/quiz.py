"""Quizzes: the accepted answers to the questions of a contest, encrypted until they are opened.

Nothing here decrypts. `sealed` is what `flows.quiz` gave, and no list shows it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from contest_service.store.contests import Contest
from contest_service.store.rows import Connection, exactly, many


class Quiz(msgspec.Struct, frozen=True, kw_only=True):
    """A quiz as everybody in the workspace may see it.

    `commitment` is in hex. `promised_at` is when the terms named it, null before the start; from
    then on nothing of it changes. `answers` and `salt`, the salt in hex, are null until the answers
    are opened.
    """

    quiz: str
    commitment: str
    sealed_at: datetime
    promised_at: datetime | None
    opened_at: datetime | None
    answers: tuple[str, ...] | None
    salt: str | None


COLUMNS = """quiz, encode(commitment, 'hex') AS commitment, sealed_at, promised_at, opened_at,
    answers, encode(salt, 'hex') AS salt"""

SEAL = f"""
INSERT INTO quizzes (workspace_id, contest_id, quiz, commitment, sealed, sealed_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (workspace_id, contest_id, quiz)
    DO UPDATE SET commitment = excluded.commitment, sealed = excluded.sealed,
        sealed_at = excluded.sealed_at
RETURNING {COLUMNS}
"""


async def seal(
    conn: Connection,
    contest: Contest,
    quiz: str,
    *,
    commitment: bytes,
    sealed: bytes,
    at: datetime,
) -> Quiz:
    """Keep answers to a quiz that no terms name yet, instead of those before."""
    key = (contest.workspace_id, contest.id, quiz)
    return exactly(await conn.fetchrow(SEAL, *key, commitment, sealed, at), Quiz)


LIST = f"""
SELECT {COLUMNS} FROM quizzes WHERE workspace_id = $1 AND contest_id = $2 ORDER BY quiz
"""


async def of_contest(conn: Connection, contest: Contest) -> list[Quiz]:
    """All quizzes of a contest, in the order of their codes."""
    return many(await conn.fetch(LIST, contest.workspace_id, contest.id), Quiz)


DROP = """
DELETE FROM quizzes
WHERE workspace_id = $1 AND contest_id = $2 AND quiz = $3 AND promised_at IS NULL
"""


async def drop(conn: Connection, contest: Contest, quiz: str) -> bool:
    """Forget answers that no terms name; False if there are none."""
    done = await conn.execute(DROP, contest.workspace_id, contest.id, quiz)
    return str(done) == "DELETE 1"


PROMISE = """
UPDATE quizzes SET promised_at = $4
WHERE workspace_id = $1 AND contest_id = $2 AND quiz = ANY ($3) AND promised_at IS NULL
"""


async def promise(
    conn: Connection, contest: Contest, quizzes: Iterable[str], *, at: datetime
) -> None:
    """Note that the terms name these quizzes: they cannot change any more."""
    await conn.execute(PROMISE, contest.workspace_id, contest.id, list(quizzes), at)


class SealedQuiz(msgspec.Struct, frozen=True, kw_only=True):
    """The encrypted answers of a quiz, and the commitment to them in hex."""

    quiz: str
    commitment: str
    sealed: bytes
    is_promised: bool


SEALED = """
SELECT quiz, encode(commitment, 'hex') AS commitment, sealed,
    promised_at IS NOT NULL AS is_promised
FROM quizzes
WHERE workspace_id = $1 AND contest_id = $2 AND sealed IS NOT NULL ORDER BY quiz FOR UPDATE
"""


async def lock_sealed(conn: Connection, contest: Contest) -> list[SealedQuiz]:
    """What is still encrypted of a contest, locked until the transaction ends."""
    return many(await conn.fetch(SEALED, contest.workspace_id, contest.id), SealedQuiz)


OPEN = """
UPDATE quizzes SET sealed = NULL, answers = $4, salt = $5, opened_at = $6
WHERE workspace_id = $1 AND contest_id = $2 AND quiz = $3
"""


async def open_quiz(
    conn: Connection,
    contest: Contest,
    quiz: str,
    *,
    answers: Sequence[str],
    salt: bytes,
    at: datetime,
) -> None:
    """Put answers and salt where everybody may read them, once and for ever."""
    key = (contest.workspace_id, contest.id, quiz)
    await conn.execute(OPEN, *key, list(answers), salt, at)
