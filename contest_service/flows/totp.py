"""The second factor: six digits of an authenticator (RFC 6238), and recovery codes for its loss.

A code counts once: of each step of 30 seconds at most one is taken, and never one of an earlier
step. Ten wrong codes in a row close this way in for a quarter of an hour.
"""

import hmac
import re
import secrets
from datetime import datetime
from uuid import UUID

import msgspec
import pyotp

from contest_service.domain.errors import ConflictError, Fault, InvalidError
from contest_service.flows.runtime import Sealed
from contest_service.flows.sessions import digest_of
from contest_service.store import audit, person_secrets, sessions
from contest_service.store.audit import Signing
from contest_service.store.person_secrets import BURST, PersonSecrets
from contest_service.store.rows import Connection

ISSUER = "Contests"
MOST_WRONG = 10
CODES = 10
"""Recovery codes that somebody gets at once."""
_STEP = 30
_NEIGHBOURS = (0, -1, 1)
"""Steps beside the present one whose codes are taken too, since clocks differ."""
_ALPHABET = "abcdefghjkmnpqrstvwxyz23456789"
_NOISE = re.compile(r"[\s-]+")


class PlannedTotp(msgspec.Struct, frozen=True, kw_only=True):
    """A secret for an authenticator, and its address for a QR code."""

    secret: str
    address: str

    def __repr__(self) -> str:
        return "PlannedTotp(…)"


async def plan_totp(conn: Connection, vault: Sealed, person_id: UUID) -> PlannedTotp:
    """Make a secret for an authenticator, or find the one that no code was shown for yet.

    Raises ConflictError if codes are asked for already.
    """
    person = await person_secrets.read(conn, person_id)
    if person.has_totp:
        raise ConflictError("Codes of an authenticator are asked for already.")
    if person.totp is None:
        secret = pyotp.random_base32()
        await person_secrets.plan_totp(conn, person_id, vault.seal(secret.encode()))
    else:
        secret = vault.open(person.totp).decode()
    who = person.email or person.name
    address = pyotp.TOTP(secret).provisioning_uri(name=who, issuer_name=ISSUER)
    return PlannedTotp(secret=secret, address=address)


async def begin_totp(
    conn: Connection, vault: Sealed, signing: Signing, *, code: str, now: datetime
) -> list[str]:
    """Ask for codes from now on, since this one is right; return the recovery codes.

    The other sessions end, since nobody showed a code for them. Raises InvalidError for a wrong
    code, ConflictError if codes are asked for already.
    """
    person = await person_secrets.read(conn, signing.person_id)
    if person.totp is None or person.has_totp:
        raise ConflictError("Codes of an authenticator are asked for already, or none is planned.")
    step = _step_of(vault.open(person.totp).decode(), code, now)
    if step is None:
        raise _wrong()
    if not await person_secrets.begin_totp(conn, person.id, person.totp, step=step, now=now):
        raise ConflictError("Codes of an authenticator are asked for already.")
    ended = await sessions.end_others(conn, person.id, but=signing.session_id)
    await audit.record_everywhere(
        conn,
        signing,
        "person.totp_begun",
        subject=person.id,
        at=now,
        detail={"sessions_ended": len(ended)},
    )
    return await _replace_codes(conn, person.id)


async def renew_recovery_codes(conn: Connection, signing: Signing, *, now: datetime) -> list[str]:
    """Replace all recovery codes, and return the new ones. Raises ConflictError without TOTP."""
    person = await person_secrets.read(conn, signing.person_id)
    if not person.has_totp:
        raise ConflictError("Recovery codes are for those who have an authenticator.")
    await audit.record_everywhere(
        conn, signing, "person.recovery_codes_renewed", subject=person.id, at=now
    )
    return await _replace_codes(conn, person.id)


async def end_totp(conn: Connection, signing: Signing, *, now: datetime) -> None:
    """Ask for no code any more; doing so again changes nothing."""
    if await person_secrets.end_totp(conn, signing.person_id):
        await audit.record_everywhere(
            conn, signing, "person.totp_ended", subject=signing.person_id, at=now
        )


async def take_code(
    conn: Connection, vault: Sealed, person: PersonSecrets, *, code: str, now: datetime
) -> str | None:
    """Use a code up, and return what it was: `code` or `recovery`; None if it is wrong or used."""
    if person.totp is None or not person.has_totp or is_closed(person, now):
        return None
    step = _step_of(vault.open(person.totp).decode(), code, now)
    if step is not None:
        used = await person_secrets.use_step(conn, person.id, person.totp, step)
        return "code" if used else None
    if await person_secrets.take_code(conn, person.id, digest_of(_bare(code))):
        return "recovery"
    return None


def is_closed(person: PersonSecrets, now: datetime) -> bool:
    """Whether too many wrong codes came, so that none is taken for a while."""
    since = person.code_failed_at
    return person.code_failures >= MOST_WRONG and since is not None and now < since + BURST


async def _replace_codes(conn: Connection, person_id: UUID) -> list[str]:
    codes = ["-".join(_syllable() for _ in range(3)) for _ in range(CODES)]
    await person_secrets.replace_codes(conn, person_id, [digest_of(_bare(each)) for each in codes])
    return codes


def _syllable() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(5))


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """The step whose code this is, among the present one and its neighbours."""
    totp, present = pyotp.TOTP(secret), int(now.timestamp()) // _STEP
    typed = _bare(code).encode()
    for each in _NEIGHBOURS:
        if hmac.compare_digest(totp.generate_otp(present + each).encode(), typed):
            return present + each
    return None


def _bare(code: str) -> str:
    return _NOISE.sub("", code).lower()


def _wrong() -> InvalidError:
    return InvalidError([Fault(pointer="/code", detail="is not the code of this moment")])
