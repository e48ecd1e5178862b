"""All that is encrypted in the database, across workspaces: for the rotation of keys only."""

from uuid import UUID

import msgspec

from contest_service.store.rows import BEFORE_ALL, Connection, many

BATCH = 500


class SealedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A connected community's encrypted columns; a removed one has none."""

    workspace_id: UUID
    id: UUID
    credential: bytes
    session: bytes | None


LIST = """
SELECT workspace_id, id, credential, session FROM communities
WHERE removed_at IS NULL AND (workspace_id, id) > ($1, $2)
ORDER BY workspace_id, id LIMIT $3 FOR UPDATE
"""
REPLACE = "UPDATE communities SET credential = $3, session = $4 WHERE workspace_id = $1 AND id = $2"


async def lock_sealed(conn: Connection, after: SealedRow | None) -> list[SealedRow]:
    """List up to `BATCH` rows that follow `after`, locked until the transaction ends."""
    key = (BEFORE_ALL, BEFORE_ALL) if after is None else (after.workspace_id, after.id)
    return many(await conn.fetch(LIST, *key, BATCH), SealedRow)


async def replace_sealed(conn: Connection, row: SealedRow) -> None:
    """Write a row's encrypted columns."""
    await conn.execute(REPLACE, row.workspace_id, row.id, row.credential, row.session)


class SealedQuiz(msgspec.Struct, frozen=True, kw_only=True):
    """The encrypted answers to a quiz; one that is opened has none."""

    workspace_id: UUID
    contest_id: UUID
    quiz: str
    sealed: bytes


QUIZZES = """
SELECT workspace_id, contest_id, quiz, sealed FROM quizzes
WHERE sealed IS NOT NULL AND (workspace_id, contest_id, quiz) > ($1, $2, $3)
ORDER BY workspace_id, contest_id, quiz LIMIT $4 FOR UPDATE
"""
REPLACE_QUIZ = """
UPDATE quizzes SET sealed = $4 WHERE workspace_id = $1 AND contest_id = $2 AND quiz = $3
"""


async def lock_quizzes(conn: Connection, after: SealedQuiz | None) -> list[SealedQuiz]:
    """List up to `BATCH` quizzes that follow `after`, locked until the transaction ends."""
    key: tuple[UUID, UUID, str] = (BEFORE_ALL, BEFORE_ALL, "")
    if after is not None:
        key = (after.workspace_id, after.contest_id, after.quiz)
    return many(await conn.fetch(QUIZZES, *key, BATCH), SealedQuiz)


async def replace_quiz(conn: Connection, quiz: SealedQuiz) -> None:
    """Write the encrypted answers to a quiz."""
    key = (quiz.workspace_id, quiz.contest_id, quiz.quiz)
    await conn.execute(REPLACE_QUIZ, *key, quiz.sealed)


class SealedTotp(msgspec.Struct, frozen=True, kw_only=True):
    """The encrypted secret of a person's authenticator."""

    person_id: UUID
    totp: bytes


TOTPS = """
SELECT person_id, totp FROM person_secrets WHERE totp IS NOT NULL AND person_id > $1
ORDER BY person_id LIMIT $2 FOR UPDATE
"""
REPLACE_TOTP = "UPDATE person_secrets SET totp = $2 WHERE person_id = $1"


async def lock_totps(conn: Connection, after: SealedTotp | None) -> list[SealedTotp]:
    """List up to `BATCH` secrets that follow `after`, locked until the transaction ends."""
    begin = BEFORE_ALL if after is None else after.person_id
    return many(await conn.fetch(TOTPS, begin, BATCH), SealedTotp)


async def replace_totp(conn: Connection, totp: SealedTotp) -> None:
    """Write the encrypted secret of a person's authenticator."""
    await conn.execute(REPLACE_TOTP, totp.person_id, totp.totp)


CHANNEL = """
SELECT secrets FROM channels
WHERE workspace_id = $1 AND community_id = $2 AND secrets IS NOT NULL FOR UPDATE
"""
REPLACE_CHANNEL = """
UPDATE channels SET secrets = $3 WHERE workspace_id = $1 AND community_id = $2
"""


async def lock_channel(conn: Connection, row: SealedRow) -> bytes | None:
    """What a community's callback is known by, encrypted; None if it has none."""
    sealed: bytes | None = await conn.fetchval(CHANNEL, row.workspace_id, row.id)
    return sealed


async def replace_channel(conn: Connection, row: SealedRow, sealed: bytes) -> None:
    """Write what `lock_channel` gave, encrypted anew."""
    await conn.execute(REPLACE_CHANNEL, row.workspace_id, row.id, sealed)
