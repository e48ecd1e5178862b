"""Contests brought to each state of their life without a platform: its evidence is made up, its
proof is real.
"""

import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import msgspec

from api.answers import created, done
from contest_service.domain.accounts import Platform
from contest_service.domain.evidence import TargetKind
from contest_service.flows import ledger
from contest_service.flows.draw import draw
from contest_service.flows.freeze import freeze
from contest_service.flows.runtime import Runtime
from contest_service.proof.beacon import Beacon
from contest_service.proof.canonical import encode
from contest_service.proof.dispute import evidence_digest
from contest_service.proof.entries import Identity, commit
from contest_service.proof.events import Dq, EventType
from contest_service.sandbox.beacon import open_beacon
from contest_service.store import contests, entrants, targets
from contest_service.store.contests import Contest

SHOP = "did:plc:shop"
POST = f"at://{SHOP}/app.bsky.feed.post/1"
_INSERT_COMMUNITY = """
INSERT INTO communities
    (workspace_id, platform, instance, account, handle, name, endpoints, credential)
VALUES ($1, 'bluesky', 'localhost:2582', $2, 'shop.test', 'Shop',
    '{"pds": "http://localhost:2583"}', $3)
RETURNING id
"""


def definition(**changes: Any) -> dict[str, Any]:
    """A definition that is in order: it has opened, and closes in five minutes."""
    now = datetime.now(UTC).replace(microsecond=0)
    return {
        "title": "A mug",
        "organiser": "The pottery",
        "schedule": {
            "opens_at": (now - timedelta(minutes=1)).isoformat(),
            "closes_at": (now + timedelta(minutes=5)).isoformat(),
            "draw_at": (now + timedelta(minutes=10)).isoformat(),
            "min_lead": 60,
        },
        "rules": {"kind": "all_of", "of": [{"kind": "liked"}, {"kind": "follows"}]},
        "draws": [{"tiers": [{"id": "mug", "prize": "A mug", "winners": 1}]}],
        **changes,
    }


class Stage:
    """Brings the contests of one workspace forward, behind the API's back."""

    def __init__(self, rt: Runtime, owner: httpx.AsyncClient, folder: Path) -> None:
        self.rt = rt
        self.owner = owner
        self.folder = folder

    async def workspace(self) -> UUID:
        return UUID(done(await self.owner.get("/v1/me"))["workspace"]["id"])

    async def community(self) -> UUID:
        """A community that nobody can reach."""
        async with self.rt.pool.acquire() as conn:
            sealed = self.rt.vault.seal(b'{"identifier": "shop.test", "app_password": "made up"}')
            workspace_id = await self.workspace()
            made: UUID = await conn.fetchval(_INSERT_COMMUNITY, workspace_id, SHOP, sealed)
            return made

    async def draft(self, community: UUID | None = None, **changes: Any) -> Contest:
        """A practice contest with a post."""
        body = {"practice": True, "definition": definition(**changes)}
        made = created(await self.owner.post("/v1/contests", json=body))
        contest = await self.contest(made["id"])
        await self.attach(contest, community or await self.community())
        return contest

    async def attach(self, contest: Contest, community: UUID) -> UUID:
        """Attach a post as if it had been looked up."""
        kinds = ((TargetKind.COMMUNITY, SHOP), (TargetKind.POST, POST))
        async with self.rt.pool.acquire() as conn, conn.transaction():
            for kind, ref in kinds:
                found = targets.Target(
                    platform=Platform.BLUESKY,
                    instance="localhost:2582",
                    kind=kind,
                    ref=ref,
                    author=SHOP,
                    url=f"http://localhost:3000/{kind}",
                )
                kept = await targets.keep(conn, contest.workspace_id, community, found)
            await targets.attach_post(conn, contest, kept.id)
        return kept.id

    async def contest(self, contest_id: str | UUID) -> Contest:
        async with self.rt.pool.acquire() as conn:
            return await contests.read_public(conn, UUID(str(contest_id)))

    async def start(self, contest: Contest) -> Contest:
        done(await self.owner.post(f"/v1/contests/{contest.id}/start"))
        return await self.contest(contest.id)

    async def judged(self, contest: Contest, *names: str) -> list[UUID]:
        """Let people be judged valid, each with one ticket."""
        ids = []
        async with self.rt.pool.acquire() as conn, conn.transaction():
            for number, name in enumerate(names):
                id_ = await conn.fetchval("SELECT uuidv7()")
                row, opening = _entrant(contest, id_, name, number)
                key = (contest.workspace_id, contest.id)
                await entrants.write(conn, *key, [row], openings=[opening], at=self.rt.clock())
                ids.append(id_)
        return ids

    async def freeze(self, contest: Contest) -> Contest:
        """Close and freeze, at the planned time."""
        async with self.rt.pool.acquire() as conn, conn.transaction():
            await conn.execute(
                "UPDATE contests SET status = 'closing', closing_judged_at = now() WHERE id = $1",
                contest.id,
            )
            return await freeze(conn, self.rt, contest, now=contest.freeze_at)

    async def draw(self, contest: Contest) -> Contest:
        """Let the round come out."""
        beacon = open_beacon(self.folder, period=1, genesis=0)

        async def fetch(_beacon: Beacon, round_: int) -> Any:
            return _Round(signature=beacon.sign(round_))

        later = contest.draw_at + timedelta(seconds=5)
        rt = dataclasses.replace(self.rt, fetch_round=fetch, clock=lambda: later)
        assert await draw(rt, contest)
        return await self.contest(contest.id)

    async def disqualify(self, contest_id: str, entry: str, *, reason: str) -> None:
        """Write a disqualification after the result, as it is once everybody agreed to it."""
        async with self.rt.pool.acquire() as conn, conn.transaction():
            contest = await contests.read_public(conn, UUID(contest_id))
            key = (contest.workspace_id, contest.id)
            opening = await entrants.opening_of(conn, *key, UUID(entry))
            assert opening is not None
            body = Dq(commit=opening.commitment.hex(), reason=reason)
            chain = await ledger.load_chain(conn, contest)
            later = contest.draw_at + timedelta(seconds=10)
            await ledger.append(conn, contest, chain, EventType.DQ, body=body, now=later)


class _Round(msgspec.Struct):
    signature: str
    randomness: bytes = b""
    source: str = "test"


def _entrant(
    contest: Contest, id_: UUID, name: str, number: int
) -> tuple[entrants.JudgedRow, entrants.OpeningRow]:
    account, salt = f"did:plc:{name}", bytes([number]) * 32
    subject = f"bluesky@localhost:2582:{account}"
    identity = Identity(contest=str(contest.id), entry=str(id_), label=name, subject=subject)
    record = encode(
        {
            "conditions": [],
            "contest": str(contest.id),
            "entry": str(id_),
            "reason": "all_conditions_hold",
            "state": "valid",
            "subject": subject,
            "terms_version": 1,
            "tickets": 1,
        }
    )
    row = entrants.JudgedRow(
        id=id_,
        subject=subject,
        label=name,
        state="valid",
        reason="all_conditions_hold",
        tickets=1,
        record=record,
        record_salt=salt,
        record_digest=evidence_digest(salt, record),
        platform="bluesky",
        marks="",
        entered_at=0,
    )
    opening = entrants.OpeningRow(
        entrant_id=id_, commitment=commit(identity, salt), salt=salt, subject=subject, label=name
    )
    return row, opening
