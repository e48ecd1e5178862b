"""Receipts: of every entry of a frozen list, from stored pieces that end anywhere."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contest_service.flows import freeze, receipt
from contest_service.flows.judge import judge_all
from contest_service.flows.log import sign_head
from contest_service.flows.receipt import AlteredListError, Receipts
from contest_service.proof import notes
from contest_service.proof.errors import ProofError
from contest_service.proof.notes import KeyKind
from contest_service.store import entrants, vouchers
from contest_service.store import log as log_store
from contest_service.store.communities import Community
from contest_service.store.contests import Contest
from contest_service.store.entrants import Opening
from contest_service.store.log import Log
from contest_service.store.vouchers import Cosignature
from flows import made_up
from flows.live import MOMENT
from flows.owned import claim_of
from flows.stage import Stage, open_stage

PEOPLE = 150
PIECE = 50
"""Entries of a stored piece: fewer than one look at the list takes."""


@pytest.fixture
async def stage(pool: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setattr(freeze, "CHUNK", PIECE)
    async with open_stage(pool, tmp_path, []) as stage:
        yield stage


async def entered(
    stage: Stage, count: int = PEOPLE, *, page: Community | None = None, name: str = "p"
) -> Contest:
    contest = await made_up.started(stage, page or await made_up.connected(stage))
    await made_up.see(stage, contest, people(count, name))
    await judge_all(stage.rt, contest)
    return contest


async def frozen(
    stage: Stage, contest: Contest, count: int = PEOPLE, *, name: str = "p"
) -> Contest:
    contest = await made_up.advance_until(stage, contest, contest.closes_at + MOMENT)
    await made_up.see(stage, contest, people(count, name))
    contest = await made_up.advance_until(stage, contest, contest.freeze_at + MOMENT)
    assert contest.status == "frozen", contest.obstacle
    return contest


def people(count: int, name: str) -> list[str]:
    return [f"{name}{number}" for number in range(count)]


async def openings(stage: Stage, contest: Contest) -> list[Opening]:
    """All openings, by commitment."""
    async with stage.rt.pool.acquire() as conn:
        rows = await conn.fetch("SELECT commitment FROM openings ORDER BY commitment")
        key = (contest.workspace_id, contest.id)
        found = await entrants.openings(conn, *key, [row["commitment"] for row in rows])
    return [found[row["commitment"]] for row in rows]


async def test_the_receipt_of_every_entry_holds(stage: Stage) -> None:
    contest = await frozen(stage, await entered(stage))
    await sign_head(stage.rt, Log.PRACTICE)
    receipts = Receipts(stage.rt)
    opened = await openings(stage, contest)
    assert len(opened) == PEOPLE
    for place, opening in enumerate(opened):
        made = await receipts.make(contest, opening.entrant_id)
        assert made is not None
        claim = claim_of(made)
        assert (claim.contest, claim.commitment, claim.weight) == (
            str(contest.id),
            opening.commitment,
            1,
        )
        assert msgspec.json.decode(made)["index"] == place


@pytest.mark.parametrize("count", [1, 32, 33])
async def test_lists_of_other_lengths_are_proved_too(stage: Stage, count: int) -> None:
    contest = await frozen(stage, await entered(stage, count), count)
    await sign_head(stage.rt, Log.PRACTICE)
    receipts = Receipts(stage.rt)
    for opening in await openings(stage, contest):
        made = await receipts.make(contest, opening.entrant_id)
        assert made is not None
        assert claim_of(made).commitment == opening.commitment


async def test_there_is_none_before_the_freeze(stage: Stage) -> None:
    contest = await entered(stage, 2)
    (opening, _) = await openings(stage, contest)
    assert await Receipts(stage.rt).make(contest, opening.entrant_id) is None


async def test_there_is_none_until_the_freeze_is_signed(stage: Stage) -> None:
    contest = await entered(stage, 2)
    await sign_head(stage.rt, Log.PRACTICE)
    contest = await frozen(stage, contest, 2)
    receipts = Receipts(stage.rt)
    (opening, _) = await openings(stage, contest)
    assert await receipts.make(contest, opening.entrant_id) is None
    await sign_head(stage.rt, Log.PRACTICE)
    assert await receipts.make(contest, opening.entrant_id) is not None


async def test_there_is_none_for_somebody_who_was_erased(stage: Stage) -> None:
    contest = await frozen(stage, await entered(stage, 2), 2)
    await sign_head(stage.rt, Log.PRACTICE)
    (gone, left) = await openings(stage, contest)
    async with stage.rt.pool.acquire() as conn:
        await conn.execute("DELETE FROM openings WHERE entrant_id = $1", gone.entrant_id)
    receipts = Receipts(stage.rt)
    assert await receipts.make(contest, gone.entrant_id) is None
    assert await receipts.make(contest, left.entrant_id) is not None


async def test_there_is_none_for_an_entry_that_fell_out_before_the_freeze(stage: Stage) -> None:
    contest = await frozen(stage, await entered(stage, 3), 2)
    await sign_head(stage.rt, Log.PRACTICE)
    receipts = Receipts(stage.rt)
    made = [
        await receipts.make(contest, each.entrant_id) for each in await openings(stage, contest)
    ]
    assert sum(each is None for each in made) == 1


async def test_no_receipt_is_made_of_a_list_that_was_altered(stage: Stage) -> None:
    contest = await frozen(stage, await entered(stage, 3), 3)
    await sign_head(stage.rt, Log.PRACTICE)
    (opening, *_) = await openings(stage, contest)
    async with stage.rt.pool.acquire() as conn:
        await conn.execute("ALTER TABLE frozen_chunks DISABLE TRIGGER ALL")
        await conn.execute(
            "UPDATE frozen_chunks SET bytes = set_byte(bytes, 35, 9) WHERE kind = 'entries'"
        )
    with pytest.raises(AlteredListError):
        await Receipts(stage.rt).make(contest, opening.entrant_id)


async def test_a_receipt_that_somebody_changed_does_not_hold(stage: Stage) -> None:
    contest = await frozen(stage, await entered(stage, 3), 3)
    await sign_head(stage.rt, Log.PRACTICE)
    (opening, *_) = await openings(stage, contest)
    made = await Receipts(stage.rt).make(contest, opening.entrant_id)
    assert made is not None
    told = msgspec.json.decode(made)
    changes = {
        "another weight": {"weight": 2},
        "another place": {"index": told["index"] + 1},
        "another label": {"opening": told["opening"] | {"label": "@eve"}},
        "another leaf of the log": {"log_index": 0},
        "a path of the log cut short": {"log_path": told["log_path"][:-1]},
        "another time of the freeze": {"freeze": told["freeze"] | {"at": told["freeze"]["at"] + 1}},
    }
    held = []
    for defect, change in changes.items():
        spoilt = msgspec.json.encode(told | change, order="sorted")
        try:
            claim_of(spoilt)
        except ProofError:
            continue
        held.append(defect)
    assert held == []


async def test_witnesses_stand_in_the_receipt_once_they_are_known(stage: Stage) -> None:
    contest = await frozen(stage, await entered(stage, 2), 2)
    signed = await sign_head(stage.rt, Log.PRACTICE)
    assert signed is not None
    receipts = Receipts(stage.rt)
    (opening, _) = await openings(stage, contest)
    assert await _witnesses(receipts, contest, opening) == 1
    await _cosign(stage, signed, "witness.example")
    stage.pass_time(stage.now() + receipt.FRESH + timedelta(seconds=1))
    assert await _witnesses(receipts, contest, opening) == 2


async def test_a_receipt_holds_no_more_witnesses_than_fit(stage: Stage) -> None:
    contest = await frozen(stage, await entered(stage, 2), 2)
    signed = await sign_head(stage.rt, Log.PRACTICE)
    assert signed is not None
    for number in range(40):
        await _cosign(stage, signed, f"witness-{number}.{'x' * 60}.example")
    (opening, _) = await openings(stage, contest)
    assert 10 < await _witnesses(Receipts(stage.rt), contest, opening) < 40


async def test_outlines_are_given_up_for_others_when_there_are_too_many(stage: Stage) -> None:
    page = await made_up.connected(stage)
    contests = [
        await frozen(stage, await entered(stage, 3, page=page, name=name), 3, name=name)
        for name in ("one", "other")
    ]
    await sign_head(stage.rt, Log.PRACTICE)
    receipts = Receipts(stage.rt, most_entries=3)
    for contest in (*contests, *contests):
        async with stage.rt.pool.acquire() as conn:
            entrant_id = await conn.fetchval(
                "SELECT entrant_id FROM openings WHERE contest_id = $1 LIMIT 1", contest.id
            )
        made = await receipts.make(contest, entrant_id)
        assert made is not None
        assert claim_of(made).contest == str(contest.id)
        assert receipts.kept == 3


async def _witnesses(receipts: Receipts, contest: Contest, opening: Opening) -> int:
    """How many lines sign the checkpoint of a receipt, which holds."""
    made = await receipts.make(contest, opening.entrant_id)
    assert made is not None
    checkpoint = claim_of(made).checkpoint
    assert checkpoint is not None
    return len(checkpoint.signatures)


async def _cosign(stage: Stage, signed: log_store.Signed, name: str) -> None:
    text = notes.parse_note(signed.note).text
    seed = name.encode().ljust(32)[:32]
    key = notes.VerifierKey(name=name, kind=KeyKind.WITNESS, public=notes.public_of(seed))
    cosignature = Cosignature(
        log=signed.log,
        size=signed.size,
        witness=key.text,
        line=notes.cosign(seed, name, text, time=1).line,
        time=1,
        received_at=stage.now(),
    )
    async with stage.rt.pool.acquire() as conn:
        await vouchers.add_cosignature(conn, cosignature)
