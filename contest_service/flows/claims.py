"""Claim: a winner accepts in time, or the next in order takes the prize.

The time runs from the moment at which the announcement that names the holder is published on every
post of the contest, and is of whole seconds: its last one still counts. One claim is for all that
an entry wins. That nobody claimed is no decision of anybody: the published rules take it out.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from contest_service.domain.contest import Status
from contest_service.domain.errors import ConflictError, NotFoundError
from contest_service.domain.people import Actor
from contest_service.domain.reasons import SystemReason
from contest_service.flows.ledger import load_chain
from contest_service.flows.runtime import Runtime
from contest_service.flows.succeed import take_out
from contest_service.proof import events
from contest_service.proof.chain import Chain
from contest_service.proof.events import Dq, Event
from contest_service.store import audit, contests, entrants, proof, work
from contest_service.store import claims as store
from contest_service.store.claims import ClaimedHow, Named
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection

_SECOND = timedelta(seconds=1)


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A holder of prizes and how far their claim is.

    `named_at` is null until the announcement of the event `seq`, which names them, is published.
    `claim_by` is the last second that counts, and null before that or where nobody has to claim.
    `label` is empty where the holder may not be named, `entry` null where they were erased.
    """

    entry: UUID | None
    commitment: str
    label: str
    seq: int
    named_at: datetime | None
    claim_by: datetime | None
    claimed_at: datetime | None
    how: ClaimedHow | None
    noted_by: UUID | None

    @property
    def over_at(self) -> datetime | None:
        """The first moment at which it is too late."""
        return None if self.claim_by is None else self.claim_by + _SECOND


class PublicClaim(msgspec.Struct, frozen=True, kw_only=True):
    """A holder's clock: it runs from `named_at` to `claim_by`, and ends with `claimed_at`."""

    commitment: str
    seq: int
    named_at: datetime | None
    claim_by: datetime | None
    claimed_at: datetime | None


def published(claims: Iterable[Claim]) -> list[PublicClaim]:
    """What everybody may know of claims: commitments tell whose they are."""
    return msgspec.convert(list(claims), list[PublicClaim], from_attributes=True)


async def read_claims(conn: Connection, contest: Contest) -> list[Claim]:
    """The claims of everybody who holds a prize by an announcement, written or published."""
    lines = await proof.event_lines(conn, contest.workspace_id, contest.id)
    return await claims_of(conn, contest, map(events.parse, lines))


async def claims_of(conn: Connection, contest: Contest, parsed: Iterable[Event]) -> list[Claim]:
    """The same, from the contest's events."""
    out = [bytes.fromhex(each.body.commit) for each in parsed if isinstance(each.body, Dq)]
    named = await store.holders(conn, contest, besides=out)
    held = [bytes.fromhex(each.commitment) for each in named]
    opened = await entrants.openings(conn, contest.workspace_id, contest.id, held)
    labels = {commitment.hex(): opening.label for commitment, opening in opened.items()}
    return [_claim(contest, each, labels.get(each.commitment, "")) for each in named]


def _claim(contest: Contest, named: Named, label: str) -> Claim:
    within, claim_by = contest.definition.claim_within, None
    if within is not None and named.named_at is not None:
        since = named.named_at.replace(microsecond=0)
        begun = since if since == named.named_at else since + _SECOND
        claim_by = begun + timedelta(seconds=within)
    return Claim(
        **msgspec.structs.asdict(named),
        label=label if contest.definition.naming else "",
        claim_by=claim_by,
    )


async def unclaimed(conn: Connection, contest: Contest) -> list[Claim]:
    """Whose claims the contest waits for."""
    if contest.definition.claim_within is None:
        return []
    return [each for each in await read_claims(conn, contest) if each.claimed_at is None]


async def claim(
    conn: Connection,
    contest: Contest,
    entry: UUID,
    *,
    how: ClaimedHow,
    actor: Actor,
    now: datetime,
) -> Claim:
    """Accept what an entry won, once: a second time changes nothing.

    `actor` is the person who notes it, or the service for a winner on their own page. Raises
    NotFoundError for an entry that holds nothing, and ConflictError after its time.
    """
    contest = await contests.read_locked(conn, contest.workspace_id, contest.id)
    if contest.status not in (Status.DRAWN, Status.ANNOUNCED):
        raise ConflictError("Prizes are claimed between the announcement and the completion.")
    found = await _held_by(conn, contest, entry)
    if found.claimed_at is not None:
        return found
    if found.over_at is not None and now >= found.over_at:
        raise ConflictError(
            f"The time to claim was over at {found.claim_by:%Y-%m-%d %H:%M:%S} UTC; the prize goes "
            "to the next in order.",
            code="claim_expired",
        )
    commitment = bytes.fromhex(found.commitment)
    await store.claim(conn, contest, commitment, how=how, noted_by=actor.person_id, at=now)
    # It may have been the last one that the contest waited for.
    await work.plan(conn, contest.workspace_id, work.Kind.ADVANCE, contest.id, due_at=now)
    await audit.record(
        conn,
        actor,
        "contest.prize_claimed",
        subject=contest.id,
        at=now,
        detail={"entry": str(entry), "how": how.value},
    )
    return await _held_by(conn, contest, entry)


async def _held_by(conn: Connection, contest: Contest, entry: UUID) -> Claim:
    for each in await read_claims(conn, contest):
        if each.entry == entry:
            return each
    raise NotFoundError("This entry holds no prize that was announced, or lost it.")


async def expire(rt: Runtime, contest: Contest, actor: Actor) -> bool:
    """Take out whoever did not claim in time, all at once; False if there is nobody.

    Whose time was over first comes first, and then in the order of the prizes. `actor` is the
    service.
    """
    now = rt.clock()
    async with rt.pool.acquire() as conn, conn.transaction():
        contest = await contests.read_locked(conn, contest.workspace_id, contest.id)
        if contest.status is not Status.ANNOUNCED:
            return False
        late = [
            each
            for each in await unclaimed(conn, contest)
            if each.over_at is not None and each.over_at <= now
        ]
        if not late:
            return False
        chain = await load_chain(conn, contest)
        late = _in_order(chain, late)
        out = [bytes.fromhex(each.commitment) for each in late]
        reason = SystemReason.CLAIM_EXPIRED
        await take_out(conn, rt, contest, chain, out, reason=reason, now=now)
        for each in late:
            await audit.record(
                conn,
                actor,
                "contest.entry_disqualified",
                subject=contest.id,
                at=now,
                detail={"entry": str(each.entry), "reason": reason.value},
            )
    return True


def _in_order(chain: Chain, late: Sequence[Claim]) -> list[Claim]:
    held = [slot.commit for slots in chain.final or () for slot in slots]
    return sorted(late, key=lambda each: (each.claim_by, held.index(each.commitment)))
