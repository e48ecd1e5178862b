"""A promise or a receipt beside the bundle of its contest (section 8.9).

Says whether the entry stands in the frozen list as it was told, and where it came in the draws. A
bad one says nothing about the bundle, so this never raises for what is in it.
"""

import msgspec

from contest_service.proof.chain import Chain
from contest_service.proof.draw import Ranked, place_of, seed, ticket
from contest_service.proof.errors import ProofError, ReceiptError
from contest_service.proof.notes import find_cosignature, find_log_signature, parse_checkpoint
from contest_service.proof.receipts import Claim, check_held, parse_held
from contest_service.proof.trust import Trust


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where an entry came in one draw. Tickets in hex."""

    ticket: str
    place: int
    """In the order of all entries, from 1."""
    cut_off: str | None
    """The highest ticket that took a slot at the result; None if there is none."""


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What a promise or a receipt comes to."""

    holds: bool
    reason: str | None = None
    """Stable code of why it does not hold."""
    weight: int | None = None
    """None where it does not hold."""
    draws: tuple[Place, ...] | None = None
    """None before a result, and where it does not hold."""


def compare(
    data: bytes, chain: Chain | None, trust: Trust, *, root: bytes | None = None
) -> tuple[Held, str | None]:
    """Check a promise or a receipt beside a chain, None for one that does not hold itself.

    `root` is the bundle's own at the size of the receipt's checkpoint, if its log reaches that.
    Returns what it comes to, and why it does not hold as a sentence.
    """
    if chain is None:
        return Held(holds=False, reason="bundle_refused"), "The bundle itself does not hold."
    try:
        held = parse_held(data)
        claim = check_held(held)
        _require_trusted(claim, trust)
        _require_listed(claim, chain)
        _require_one_log(claim, root)
    except ProofError as error:
        return Held(holds=False, reason=error.code), error.message
    return Held(holds=True, weight=held.weight, draws=_places(claim, chain)), None


def _require_trusted(claim: Claim, trust: Trust) -> None:
    """Check the operator's signature, as far as a log's key is trusted at all."""
    logs = [one.key for one in trust.logs]
    if claim.checkpoint is None:
        is_known = claim.promised_by in logs
    else:
        signers = [key for key in logs if find_log_signature(claim.checkpoint, key)]
        for witness in trust.witnesses:
            find_cosignature(claim.checkpoint, witness.key)
        origin = parse_checkpoint(claim.checkpoint.text).origin
        is_known = any(key.name == origin for key in signers)
    if logs and not is_known:
        raise ReceiptError("untrusted_log", "It is not signed by a log that is trusted.")


def _require_one_log(claim: Claim, root: bytes | None) -> None:
    if claim.checkpoint is None or root is None:
        return
    if parse_checkpoint(claim.checkpoint.text).root != root:
        message = "Its checkpoint is of another log than the bundle's: two logs were shown."
        raise ReceiptError("other_log", message)


def _require_listed(claim: Claim, chain: Chain) -> None:
    if claim.contest != chain.contest:
        raise ReceiptError("other_contest", "It is of another contest.")
    if chain.freeze is None:
        raise ReceiptError("not_frozen", "The list is not frozen yet.")
    if claim.freeze_hash not in {None, chain.freeze_hash}:
        raise ReceiptError("other_freeze", "It is of another freeze than the bundle's.")
    index = chain.entries.index(claim.commitment)
    if index is None:
        raise ReceiptError("not_in_list", "The entry is not in the frozen list.")
    if chain.entries.weight(index) != claim.weight:
        raise ReceiptError("other_weight", "The entry is in the frozen list with another weight.")


def _places(claim: Claim, chain: Chain) -> tuple[Place, ...] | None:
    if chain.result is None or chain.freeze_hash is None:
        return None
    places = []
    for number, slots in enumerate(chain.initial or ()):
        seed_ = seed(bytes.fromhex(chain.result.randomness), chain.freeze_hash, number)
        own = Ranked(ticket(seed_, claim.commitment, claim.weight), claim.commitment)
        places.append(
            Place(
                ticket=own.ticket.hex(),
                place=place_of(own, chain.entries, seed_),
                cut_off=max((slot.ticket for slot in slots if slot.ticket), default=None),
            )
        )
    return tuple(places)
