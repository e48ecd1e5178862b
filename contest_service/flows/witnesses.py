"""Ask witnesses to cosign our checkpoints (C2SP tlog-witness), and learn what they hold.

A witness holds only what this installation signed once. One that holds more than is known here, or
something else, shows that the database was put back.
"""

import asyncio
import base64
import re

import structlog

from contest_service.domain.errors import ContestError
from contest_service.flows import log_tree
from contest_service.flows.runtime import Runtime
from contest_service.flows.signer import (
    WAY_OUT,
    Answer,
    LogRewoundError,
    Signer,
    UnknownLogError,
    UnreachableError,
    Witness,
    require_signer,
)
from contest_service.proof import notes
from contest_service.proof.errors import NoteError
from contest_service.proof.notes import Note
from contest_service.store import log as store
from contest_service.store import vouchers
from contest_service.store.log import Signed
from contest_service.store.vouchers import Cosignature

log = structlog.get_logger(__name__)

_TRIES = 4
"""Times that a witness may say that it holds another size, as others submit meanwhile."""
_OK, _UNKNOWN, _CONFLICT, _UNPROVED = 200, 404, 409, 422
_SIZE = re.compile(rb"(0|[1-9][0-9]{0,18})\n?")
_TEXT = "text/plain; charset=utf-8"


async def compare(rt: Runtime, signer: Signer, last: Signed) -> int:
    """Show every witness what was signed last; return how many of them said what they hold.

    Raises LogRewoundError if one holds more, or something else.
    """
    asked = await asyncio.gather(*(_compare(rt, witness, last) for witness in signer.witnesses))
    for error in asked:
        if isinstance(error, LogRewoundError):
            raise error
    return sum(error is None or isinstance(error, UnknownLogError) for error in asked)


async def _compare(rt: Runtime, witness: Witness, last: Signed) -> ContestError | None:
    try:
        await submit(rt, witness, last)
    except UnreachableError as error:
        log.warning("witness_silent", witness=witness.key.name, error=error.message)
        return error
    except LogRewoundError as error:
        return error
    return None


async def submit(rt: Runtime, witness: Witness, signed: Signed) -> None:
    """Let a witness cosign a checkpoint, and keep what it says.

    Returns without, if it holds a later one of ours. Raises UnreachableError, LogRewoundError.
    """
    async with rt.pool.acquire() as conn:
        known = await vouchers.cosigned_size(conn, signed.log, witness.key.text)
    old = min(known, signed.size)
    for _ in range(_TRIES):
        answer = await _add_checkpoint(rt, witness, signed, old=old)
        if answer.status == _OK:
            await _keep(rt, witness, signed, answer.body)
            return
        if answer.status == _UNPROVED:
            raise _other_log(witness, signed, old)
        if answer.status == _UNKNOWN:
            raise UnknownLogError(
                f"The witness {witness.key.name} does not know the {signed.log} log; give its "
                "operator the key that `contest-service log key` prints."
            )
        if answer.status != _CONFLICT:
            raise UnreachableError(f"The witness {witness.key.name} answers {answer.status}.")
        held = _held(witness, answer.body)
        if held == old == signed.size:
            raise _other_log(witness, signed, held)
        if held > signed.size:
            await _require_known(rt, witness, signed, held)
            return
        old = held
    raise UnreachableError(f"The witness {witness.key.name} holds another size every time.")


async def _add_checkpoint(rt: Runtime, witness: Witness, signed: Signed, *, old: int) -> Answer:
    try:
        async with rt.pool.acquire() as conn:
            proof = await log_tree.consistency_proof(conn, signed.log, old=old, size=signed.size)
    except log_tree.MissingHashError as error:
        raise LogRewoundError(f"The {signed.log} log lacks {error}. {WAY_OUT}") from error
    lines = [f"old {old}", *(base64.b64encode(hash_).decode() for hash_ in proof), "", ""]
    body = "\n".join(lines).encode() + signed.note
    post = require_signer(rt.signer).post
    return await post(f"{witness.url}/add-checkpoint", body, content_type=_TEXT)


async def _require_known(rt: Runtime, witness: Witness, signed: Signed, held: int) -> None:
    """Raise LogRewoundError unless so large a checkpoint was signed here, perhaps just now."""
    async with rt.pool.acquire() as conn:
        newest = await store.newest(conn, signed.log)
    if newest is None or newest.size < held:
        raise LogRewoundError(
            f"The witness {witness.key.name} has seen {held} events of the {signed.log} log, and "
            f"{0 if newest is None else newest.size} were signed here. {WAY_OUT}"
        )


def _other_log(witness: Witness, signed: Signed, size: int) -> LogRewoundError:
    return LogRewoundError(
        f"The witness {witness.key.name} has seen another {signed.log} log, of {size} events. "
        f"{WAY_OUT}"
    )


def _held(witness: Witness, body: bytes) -> int:
    found = _SIZE.fullmatch(body)
    if found is None:
        raise UnreachableError(f"The witness {witness.key.name} does not say what it holds.")
    return int(found[1])


async def _keep(rt: Runtime, witness: Witness, signed: Signed, body: bytes) -> None:
    """Keep the first line that is the witness's. Raises UnreachableError if none is."""
    text = notes.parse_note(signed.note).text
    try:
        answered = notes.parse_note(text + b"\n" + body)
        for line in answered.signatures:
            time = notes.find_cosignature(Note(text=text, signatures=(line,)), witness.key)
            if time is not None:
                await _store(rt, witness, signed, line=line.line, time=time)
                return
    except NoteError as error:
        raise UnreachableError(
            f"The witness {witness.key.name} gives a wrong cosignature: {error.message}"
        ) from error
    raise UnreachableError(f"The witness {witness.key.name} signs with another key.")


async def _store(rt: Runtime, witness: Witness, signed: Signed, *, line: str, time: int) -> None:
    if signed.size == 0:
        return  # of the empty log there is nothing to vouch for
    new = Cosignature(
        log=signed.log,
        size=signed.size,
        witness=witness.key.text,
        line=line,
        time=time,
        received_at=rt.clock(),
    )
    async with rt.pool.acquire() as conn:
        await vouchers.add_cosignature(conn, new)
