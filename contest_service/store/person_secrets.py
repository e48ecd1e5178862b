"""What a person shows to get in: their password, their second factor, and what counts failures.

A password is kept as its argon2id hash, the second factor's secret encrypted, recovery codes as
their digests. Persons are of several workspaces; so is what they show.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec

from contest_service.domain.errors import ConflictError
from contest_service.store.rows import Connection, one


class PersonSecrets(msgspec.Struct, frozen=True, kw_only=True):
    """Who somebody is, and what they have to show. `totp_at` is None until a first code was right.

    `totp` is encrypted; `code_failures` are those since the last pause in them.
    """

    id: UUID
    name: str
    email: str | None
    password: str | None
    totp: bytes | None
    totp_at: datetime | None
    code_failures: int
    code_failed_at: datetime | None

    def __repr__(self) -> str:
        return f"PersonSecrets({self.id})"

    @property
    def has_totp(self) -> bool:
        return self.totp_at is not None


_COLUMNS = """p.id, p.name, p.email, s.password, s.totp, s.totp_at,
    COALESCE(s.code_failures, 0) AS code_failures, s.code_failed_at"""
READ = f"""
SELECT {_COLUMNS} FROM persons p LEFT JOIN person_secrets s ON s.person_id = p.id WHERE p.id = $1
"""
FIND = f"""
SELECT {_COLUMNS} FROM persons p LEFT JOIN person_secrets s ON s.person_id = p.id
WHERE lower(p.email) = lower($1)
"""


async def read(conn: Connection, person_id: UUID) -> PersonSecrets:
    """Read what a person shows. Raises LookupError if there is none."""
    found = one(await conn.fetchrow(READ, person_id), PersonSecrets)
    if found is None:
        raise LookupError("no such person")
    return found


async def find(conn: Connection, email: str) -> PersonSecrets | None:
    """Find a person by e-mail address, in whatever case it is written."""
    return one(await conn.fetchrow(FIND, email), PersonSecrets)


DESCRIBE = """
UPDATE persons SET name = $2, email = $3,
    email_given_by = CASE WHEN lower(email) = lower($3) THEN email_given_by END
WHERE id = $1
"""


async def describe(conn: Connection, person_id: UUID, *, name: str, email: str | None) -> None:
    """Write a person's name and address; of a new address they are the only word.

    Raises ConflictError if somebody else has the address.
    """
    try:
        await conn.execute(DESCRIBE, person_id, name, email)
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name != "persons_email_once":
            raise
        raise ConflictError(
            "Somebody else has this e-mail address. Give another.", code="email_taken"
        ) from None


KEEP_HASH = """
INSERT INTO person_secrets (person_id, password, password_at) VALUES ($1, $2, $3)
ON CONFLICT (person_id) DO UPDATE
    SET password = excluded.password, password_at = excluded.password_at, failures = 0
"""
REHASH = "UPDATE person_secrets SET password = $3 WHERE person_id = $1 AND password = $2"


async def set_password(conn: Connection, person_id: UUID, hashed: str, *, now: datetime) -> None:
    await conn.execute(KEEP_HASH, person_id, hashed, now)


async def rehash(conn: Connection, person_id: UUID, *, old: str, new: str) -> None:
    """Write the same password's new hash, unless the password was changed meanwhile."""
    await conn.execute(REHASH, person_id, old, new)


BURST = timedelta(minutes=15)
"""A failure after this long without any begins a new count."""
COUNT_FAILURE = """
UPDATE person_secrets SET failed_at = $2,
    failures = CASE WHEN failed_at > $3 THEN failures + 1 ELSE 1 END
WHERE person_id = $1 RETURNING failures
"""
COUNT_CODE_FAILURE = """
UPDATE person_secrets SET code_failed_at = $2,
    code_failures = CASE WHEN code_failed_at > $3 THEN code_failures + 1 ELSE 1 END
WHERE person_id = $1 RETURNING code_failures
"""


async def count_failure(conn: Connection, person_id: UUID, *, now: datetime) -> int:
    """Count a wrong password and return how many came in a row; 0 for somebody without any."""
    return await conn.fetchval(COUNT_FAILURE, person_id, now, now - BURST) or 0


async def count_code_failure(conn: Connection, person_id: UUID, *, now: datetime) -> int:
    """Count a wrong code and return how many came in a row."""
    return await conn.fetchval(COUNT_CODE_FAILURE, person_id, now, now - BURST) or 0


# The second factor -------------------------------------------------------------------------------

PLAN_TOTP = """
INSERT INTO person_secrets (person_id, totp) VALUES ($1, $2)
ON CONFLICT (person_id) DO UPDATE SET totp = excluded.totp WHERE person_secrets.totp_at IS NULL
"""
BEGIN_TOTP = """
UPDATE person_secrets SET totp_at = $3, totp_step = $4, code_failures = 0
WHERE person_id = $1 AND totp = $2 AND totp_at IS NULL
"""
USE_STEP = """
UPDATE person_secrets SET totp_step = $3, code_failures = 0
WHERE person_id = $1 AND totp = $2 AND totp_at IS NOT NULL AND totp_step < $3
"""
END_TOTP = """
UPDATE person_secrets SET totp = NULL, totp_at = NULL, totp_step = 0, code_failures = 0
WHERE person_id = $1 AND totp_at IS NOT NULL
"""


async def plan_totp(conn: Connection, person_id: UUID, sealed: bytes) -> None:
    """Keep a secret that no code was shown for yet; one that is in use stays."""
    await conn.execute(PLAN_TOTP, person_id, sealed)


async def begin_totp(
    conn: Connection, person_id: UUID, sealed: bytes, *, step: int, now: datetime
) -> bool:
    """Ask for codes of this secret from now on; False if it is not the one that was planned."""
    return str(await conn.execute(BEGIN_TOTP, person_id, sealed, now, step)) == "UPDATE 1"


async def use_step(conn: Connection, person_id: UUID, sealed: bytes, step: int) -> bool:
    """Use the code of a step of time; False if this one, or a later one, was used already."""
    return str(await conn.execute(USE_STEP, person_id, sealed, step)) == "UPDATE 1"


FORGET_CODES = "DELETE FROM recovery_codes WHERE person_id = $1"
ADD_CODES = "INSERT INTO recovery_codes (person_id, digest) SELECT $1, unnest($2::bytea[])"
TAKE_CODE = "DELETE FROM recovery_codes WHERE person_id = $1 AND digest = $2"
COUNT_CODES = "SELECT count(*) FROM recovery_codes WHERE person_id = $1"


async def end_totp(conn: Connection, person_id: UUID) -> bool:
    """Ask for no code any more, and forget the recovery codes; False if none was asked for."""
    await conn.execute(FORGET_CODES, person_id)
    return str(await conn.execute(END_TOTP, person_id)) == "UPDATE 1"


async def replace_codes(conn: Connection, person_id: UUID, digests: Sequence[bytes]) -> None:
    """Replace all recovery codes."""
    await conn.execute(FORGET_CODES, person_id)
    await conn.execute(ADD_CODES, person_id, digests)


async def take_code(conn: Connection, person_id: UUID, digest: bytes) -> bool:
    """Use a recovery code up; False if there is no such one."""
    return str(await conn.execute(TAKE_CODE, person_id, digest)) == "DELETE 1"


async def count_codes(conn: Connection, person_id: UUID) -> int:
    """How many recovery codes are left."""
    left: int = await conn.fetchval(COUNT_CODES, person_id)
    return left
