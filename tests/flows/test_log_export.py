"""The log's part of a bundle: signed first, whole or not there, and clean."""

import dataclasses
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from contest_service.proof import log_files, merkle
from contest_service.proof.bundle import Edition
from contest_service.store import log as store
from contest_service.store import work
from flows.exported import exported
from flows.logged import PRACTICE, LogStage, forget, open_log


@pytest.fixture
async def log(pool: Any, tmp_path: Path) -> AsyncIterator[LogStage]:
    async with open_log(pool, tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("edition", Edition)
async def test_a_bundle_shows_the_log_from_the_contest_to_the_newest_checkpoint(
    log: LogStage, edition: Edition
) -> None:
    await log.grow(5)
    await log.sign()
    contest = await log.start()
    await log.grow(3)
    await log.cancel(contest)
    await log.grow(4)
    bundle = await exported(log.stage.rt, contest, edition)
    leaves = await log.leaves()
    assert bundle.read(log_files.SLICE) == b"".join(leaves[5:])
    head = json.loads(bundle.read(log_files.SLICE_HEAD))
    growth = merkle.RootBuilder()
    growth.extend(leaves[:5])
    assert head == {
        "v": "drawproof/1",
        "first": 5,
        "left": [peak.hex() for peak in growth.peaks()],
    }
    assert log_files.checkpoint_name(len(leaves)) in bundle.log_names


async def test_what_is_not_signed_yet_is_signed_for_the_bundle(log: LogStage) -> None:
    contest = await log.start()
    async with log.stage.rt.pool.acquire() as conn:
        assert await store.newest(conn, PRACTICE) is None
    bundle = await exported(log.stage.rt, contest)
    assert log_files.checkpoint_name(1) in bundle.log_names


async def test_without_a_key_a_bundle_has_no_log(log: LogStage) -> None:
    contest = await log.start()
    log.stage.rt = dataclasses.replace(log.stage.rt, signer=None)
    assert (await exported(log.stage.rt, contest)).log_names == []


async def test_a_log_that_may_not_be_signed_is_left_out_and_the_bundle_still_holds(
    log: LogStage,
) -> None:
    contest = await log.start()
    await log.sign()
    await log.cancel(contest)
    await forget(log.stage.rt.pool, "UPDATE log_hashes SET hash = sha256(hash)")
    assert (await exported(log.stage.rt, contest)).log_names == []


async def test_a_bundle_of_a_log_that_may_not_be_signed_shows_what_was_signed(
    log: LogStage,
) -> None:
    """Where every event of the contest is signed, what others did later changes nothing."""
    contest = await log.start()
    await log.cancel(contest)
    await log.sign()
    await log.grow(1)
    log.use(seeds={PRACTICE: bytes(32)})
    bundle = await exported(log.stage.rt, contest)
    assert log_files.checkpoint_name(3) in bundle.log_names


async def test_the_newest_checkpoint_is_enough_where_nobody_vouches(log: LogStage) -> None:
    contest = await log.start()
    for _ in range(4):
        await log.amend(contest)
        await log.work(work.Kind.SIGN)
    bundle = await exported(log.stage.rt, contest)
    assert bundle.log_names == ["log/slice.json", "log/slice.bin", "log/checkpoint-5.txt"]
