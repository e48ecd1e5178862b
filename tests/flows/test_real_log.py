"""A real contest, not a practice one: its events in the real log, and a round of the real beacon.

The stage's clock is turned back to shortly before a round that is known, so that everything is as
it was then.
"""

import dataclasses
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from proof.generated import ROUND, ROUND_TIME, SIGNATURES
from proof.judges import Judges

from contest_service.beacon_client import Fetched
from contest_service.cli.verify import verify
from contest_service.domain.contest import Status
from contest_service.flows.export import export_bundle
from contest_service.flows.log import sign_head
from contest_service.proof.beacon import QUICKNET, Beacon
from contest_service.proof.bundle import Edition
from contest_service.proof.check import Verdict
from contest_service.proof.notes import KeyKind
from contest_service.store import log as store
from contest_service.store.contests import Contest
from contest_service.store.log import Log
from flows import made_up
from flows.exported import trust_file
from flows.logged import LogStage, open_log
from flows.signing import signer

DRAW_AT = datetime.fromtimestamp(ROUND_TIME, UTC)
SOON = timedelta(seconds=2)


async def answer(beacon: Beacon, round_: int) -> Fetched:
    """What a relay answered at that time."""
    assert (beacon, round_) == (QUICKNET, ROUND)
    randomness = sha256(bytes.fromhex(SIGNATURES[ROUND])).digest()
    return Fetched(signature=SIGNATURES[ROUND], randomness=randomness, source="a relay")


async def started(log: LogStage) -> Contest:
    """A real contest, half an hour before the round; practice goes on beside it."""
    log.stage.turn_to(DRAW_AT - timedelta(minutes=30))
    log.stage.rt = dataclasses.replace(log.stage.rt, fetch_round=answer)
    await log.grow(2)
    await log.sign()
    schedule = made_up.schedule(log.stage, closes_at=60) | {"draw_at": DRAW_AT, "min_lead": 600}
    return await made_up.started(log.stage, log.community, practice=False, schedule=schedule)


async def frozen(log: LogStage, contest: Contest) -> Contest:
    contest = await made_up.advance_until(log.stage, contest, contest.closes_at + SOON)
    await made_up.see(log.stage, contest, ("ann", "bob", "eve"))
    return await made_up.advance_until(log.stage, contest, contest.freeze_at + SOON)


async def exported(log: LogStage, contest: Contest, path: Path) -> Path:
    key = (contest.workspace_id, contest.id)
    pieces = [piece async for piece in export_bundle(log.stage.rt, *key, Edition.PUBLIC)]
    path.write_bytes(b"".join(pieces))
    return path


@pytest.fixture
def trust(tmp_path: Path) -> Path:
    """Who believes the real log's key."""
    key = signer(tmp_path).key(Log.REAL, None).verifier(KeyKind.LOG)
    path = tmp_path / "trust.json"
    path.write_bytes(trust_file(key))
    return path


async def test_a_real_contest_is_signed_in_the_real_log_and_drawn_by_a_real_round(
    pool: Any, tmp_path: Path, trust: Path, judges: Judges
) -> None:
    async with open_log(pool, tmp_path / "log") as log:
        contest = await started(log)
        signed = await sign_head(log.stage.rt, Log.REAL)
        assert signed is not None
        assert (signed.log, signed.size) == (Log.REAL, 1)

        contest = await frozen(log, contest)
        assert contest.status is Status.FROZEN
        waiting = await exported(log, contest, tmp_path / "frozen.zip")
        said = judges.agreed(waiting, about="frozen", trust=trust)
        assert (said["verdict"], said["practice"], said["outcome"]) == ("pending", False, "frozen")
        assert verify(waiting).verdict.exit_status == Verdict.PENDING.exit_status == 4

        await made_up.advance_until(log.stage, contest, DRAW_AT + SOON)
        drawn = await exported(log, contest, tmp_path / "drawn.zip")
        said = judges.agreed(drawn, about="drawn", trust=trust)
        assert (said["verdict"], said["practice"]) == ("verified", False)
        assert (said["round"], said["grade"]) == (ROUND, "D")
        assert "untrusted-checkpoint" not in {each["code"] for each in said["findings"]}

        async with log.stage.rt.pool.acquire() as conn:
            newest = {each: await store.newest(conn, each) for each in Log}
        assert {each: found and found.size for each, found in newest.items()} == {
            Log.REAL: 3,
            Log.PRACTICE: 2,
        }


async def test_the_slice_of_a_real_contest_is_held_to_the_log_by_everybody(
    pool: Any, tmp_path: Path, trust: Path, judges: Judges
) -> None:
    async with open_log(pool, tmp_path / "log") as log:
        contest = await frozen(log, await started(log))
        bundle = await exported(log, contest, tmp_path / "bundle.zip")
    practice = signer(tmp_path).key(Log.PRACTICE, None).verifier(KeyKind.LOG)
    other = tmp_path / "other.json"
    other.write_bytes(trust_file(practice))
    codes = {
        trusted: {
            each["code"] for each in judges.agreed(bundle, about=trusted, trust=trusted)["findings"]
        }
        for trusted in (trust, other)
    }
    # The practice log has a key of its own, which says nothing about the real one.
    assert "untrusted-checkpoint" in codes[other] - codes[trust]
