"""Practice contests made for tests, with a beacon key that everybody knows."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from py_arkworks_bls12381 import G1Point, G2Point, Scalar

from contest_service.proof.beacon import DST, SCHEME, Beacon, practice_chain
from contest_service.proof.chain import Chain
from contest_service.proof.entries import EntryList, Opening, leaf
from contest_service.proof.events import (
    Body,
    Dq,
    DrawRules,
    Event,
    EventType,
    Rules,
    Tier,
    next_event,
)

CONTEST = "practice-contest"
GENESIS = 1_700_000_000
OPENS, CLOSES, DRAWS = GENESIS + 1000, GENESIS + 2000, GENESIS + 3000
_SECRET = Scalar(20_260_501)


def sign(round_: int) -> str:
    """Sign a round with the key that everybody knows."""
    message = G1Point.hash_to_curve(sha256(round_.to_bytes(8, "big")).digest(), DST)
    return (message * _SECRET).to_compressed_bytes().hex()


def practice_beacon(*, genesis: int = GENESIS, period: int = 3) -> Beacon:
    """Return the practice beacon of that key."""
    key = (G2Point() * _SECRET).to_compressed_bytes()
    return Beacon(
        chain=practice_chain(genesis=genesis, period=period, public_key=key),
        genesis=genesis,
        period=period,
        public_key=key.hex(),
        scheme=SCHEME,
    )


BEACON = practice_beacon()
ROUND = BEACON.first_round_at(DRAWS)
ROUND_TIME = BEACON.time_of(ROUND)


def draws(*winners: Sequence[int]) -> tuple[DrawRules, ...]:
    """Return draws whose tiers have these numbers of winners."""
    return tuple(
        DrawRules(
            tiers=tuple(
                Tier(id=f"tier{number}", prize="mug", winners=count)
                for number, count in enumerate(tiers)
            )
        )
        for tiers in winners
    )


def rules(**changes: Any) -> Rules:
    """Return the rules of a small practice contest, with changes."""
    fields: dict[str, Any] = {
        "title": "A mug",
        "organiser": "vk:club1",
        "opens_at": OPENS,
        "closes_at": CLOSES,
        "draw_at": DRAWS,
        "min_lead": 600,
        "beacon": BEACON,
        "draws": draws([2]),
        "max_weight": 5,
        "terms_sha256": "ab" * 32,
    }
    return Rules(**(fields | changes))


def opening(number: int, contest: str = CONTEST) -> Opening:
    """Return an opening with a salt that everybody knows."""
    return Opening(
        contest=contest,
        entry=f"e{number}",
        label=f"Ann {number}",
        subject=f"vk:{number}",
        salt=sha256(f"salt {number}".encode()).hexdigest(),
    )


def entry_list(weights: Sequence[int]) -> EntryList:
    """Return a frozen list of entries with these weights."""
    leaves = [leaf(opening(number).commitment, weight) for number, weight in enumerate(weights)]
    return EntryList.parse(b"".join(sorted(leaves)))


def append(chain: Chain, type_: EventType, at: int, body: Body) -> Event:
    """Append the next event to a chain and return it."""
    event = next_event(chain.head, type_, body, at=at)
    chain.extend(event)
    return event


def running(weights: Sequence[int] = (1, 1, 1), **changes: object) -> Chain:
    """Return a contest that runs."""
    chain = Chain(CONTEST, entry_list(weights), practice=True)
    append(chain, EventType.RULES, GENESIS, rules(**changes))
    return chain


def frozen(weights: Sequence[int] = (1, 1, 1), **changes: object) -> Chain:
    """Return a contest whose list is frozen."""
    chain = running(weights, **changes)
    append(chain, EventType.FREEZE, CLOSES, chain.freeze_body())
    return chain


def drawn(weights: Sequence[int] = (1, 1, 1), **changes: object) -> Chain:
    """Return a contest with its result."""
    chain = frozen(weights, **changes)
    append(chain, EventType.RESULT, chain.round_time, chain.result_body(sign(ROUND)))
    return chain


def disqualify(chain: Chain, commitment: str, at: int) -> None:
    """Disqualify an entry."""
    append(chain, EventType.DQ, at, Dq(commit=commitment, reason="bot"))
