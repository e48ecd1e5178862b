"""Held: what an account's owner is given, once they have shown that it is theirs."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from contest_service.flows import promise
from contest_service.flows.receipt import Receipts
from contest_service.flows.runtime import Runtime
from contest_service.store import promises
from contest_service.store.contests import Contest


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A promise or a receipt, in the bytes of section 8.9 of docs/draw-protocol.md."""

    name: str
    bytes: bytes


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """All promises, oldest first, and the receipt, once there is one."""

    promises: Sequence[File]
    receipt: File | None


async def read_held(rt: Runtime, receipts: Receipts, contest: Contest, entrant_id: UUID) -> Held:
    """Sign what an entrant was promised, and make their receipt.

    Raises LogKeyError where something was promised and this installation has no key to sign with.
    """
    async with rt.pool.acquire() as conn:
        given = await promises.of_entrant(conn, contest, entrant_id)
        signed = await promise.sign(conn, rt, contest, given) if given else []
    files = [
        File(name=f"promise-{entrant_id}-{each.number + 1}.json", bytes=data)
        for each, data in zip(given, signed, strict=True)
    ]
    receipt = None
    if (data := await receipts.make(contest, entrant_id)) is not None:
        receipt = File(name=f"receipt-{entrant_id}.json", bytes=data)
    return Held(promises=files, receipt=receipt)
