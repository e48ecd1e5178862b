"""Ask timestamp authorities (RFC 3161) about our checkpoints, and keep what they send.

Kept is the answer as it came, if it is a timestamp of exactly this checkpoint. For whom it counts
is the business of whoever checks a bundle.
"""

import secrets

from contest_service.flows.runtime import Runtime
from contest_service.flows.signer import Authority, UnreachableError, require_signer
from contest_service.proof import notes, timestamps
from contest_service.proof.errors import ProofError
from contest_service.store import vouchers
from contest_service.store.log import Signed
from contest_service.store.vouchers import Stamp

_NONCE_BITS = 63
_QUERY = "application/timestamp-query"
_OK = 200


async def stamp(rt: Runtime, authority: Authority, signed: Signed) -> None:
    """Let an authority stamp a checkpoint. Raises UnreachableError."""
    text = notes.parse_note(signed.note).text
    nonce = secrets.randbits(_NONCE_BITS)
    post = require_signer(rt.signer).post
    answer = await post(authority.url, timestamps.request(text, nonce), content_type=_QUERY)
    if answer.status != _OK:
        raise UnreachableError(f"The authority {authority.name} answers {answer.status}.")
    try:
        stamped = timestamps.read(answer.body, text)
    except ProofError as error:
        raise UnreachableError(
            f"The authority {authority.name} sends no timestamp: {error.message}"
        ) from error
    if stamped.nonce != nonce:
        raise UnreachableError(f"The authority {authority.name} answers another question.")
    new = Stamp(
        log=signed.log,
        size=signed.size,
        authority=authority.name,
        response=answer.body,
        time=stamped.time,
        received_at=rt.clock(),
    )
    async with rt.pool.acquire() as conn:
        await vouchers.add_stamp(conn, new)
