"""Somebody who shows that an account is theirs, and what they hold then."""

from contest_service.domain.evidence import Said
from contest_service.flows import own
from contest_service.flows.held import Held, read_held
from contest_service.flows.own import Begun
from contest_service.flows.receipt import Receipts
from contest_service.proof.receipts import Claim, check_held, parse_held
from contest_service.store import ownerships
from contest_service.store.contests import Contest
from contest_service.store.ownerships import Network, Ownership
from contest_service.store.promises import Promise
from flows.stage import Stage


async def begin(stage: Stage, contest: Contest, account: str) -> Begun:
    """Say that an account is one's own."""
    async with stage.transaction() as conn:
        return await own.begin(conn, contest, account, now=stage.now())


async def look(stage: Stage, contest: Contest, begun: Begun) -> Ownership:
    """See how far it is."""
    async with stage.rt.pool.acquire() as conn:
        return await own.read(conn, contest, begun.id, begun.secret)


async def is_shown(stage: Stage, contest: Contest, begun: Begun) -> bool:
    return (await look(stage, contest, begun)).shown_at is not None


async def write(stage: Stage, contest: Contest, account: str, text: str) -> int:
    """Let an account have written something, on the network of the contest's only post."""
    async with stage.transaction() as conn:
        row = await conn.fetchrow(
            """SELECT t.platform, t.instance FROM targets t
            JOIN contest_posts p ON p.target_id = t.id WHERE p.contest_id = $1""",
            contest.id,
        )
        network = Network(
            workspace_id=contest.workspace_id, platform=row["platform"], instance=row["instance"]
        )
        said = [Said(account=account, text=text)]
        return await own.notice(conn, network, said, at=stage.now())


async def held(stage: Stage, contest: Contest, begun: Begun) -> Held:
    """What the account's owner is given."""
    async with stage.rt.pool.acquire() as conn:
        found = await ownerships.read(conn, contest, begun.id)
    assert found is not None
    assert found.entrant_id is not None
    return await read_held(stage.rt, Receipts(stage.rt), contest, found.entrant_id)


async def promised(stage: Stage, contest: Contest) -> list[Promise]:
    """All promises of a contest, oldest first."""
    async with stage.rt.pool.acquire() as conn:
        rows = await conn.fetch(
            """SELECT entrant_id, number, commitment, weight, given_at FROM promises
            WHERE contest_id = $1 ORDER BY given_at, entrant_id, number""",
            contest.id,
        )
    return [Promise(**dict(row)) for row in rows]


def claim_of(file: bytes) -> Claim:
    """What a promise or a receipt says. Raises ProofError if it does not hold by itself."""
    return check_held(parse_held(file))
