"""A long list is read before its round is out, and the beacon is asked until it answers."""

import dataclasses
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from api.staged import Stage
from contest_service.flows import draw as flow
from contest_service.flows import ledger
from contest_service.proof.beacon import Beacon
from contest_service.sandbox.beacon import open_beacon


@pytest.fixture(autouse=True)
def every_list_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "LONG", 1)
    monkeypatch.setattr(flow, "ASK_EVERY", timedelta(milliseconds=10))


async def drawn(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, *, silent: int
) -> tuple[bool, list[str]]:
    """Draw with a beacon that answers after so many questions; returns what was done in order."""
    contest = await stage.start(await stage.draft())
    await stage.judged(contest, "ann", "bob", "eve")
    contest = await stage.freeze(contest)
    beacon = open_beacon(stage.folder, period=1, genesis=0)
    done: list[str] = []
    read = ledger.frozen_entries

    async def entries(*given: Any) -> Any:
        done.append("read")
        return await read(*given)

    async def fetch(_beacon: Beacon, round_: int) -> Any:
        done.append("asked")
        if done.count("asked") <= silent:
            return None
        return SimpleNamespace(signature=beacon.sign(round_), randomness=b"", source="test")

    monkeypatch.setattr(flow, "frozen_entries", entries)
    rt = dataclasses.replace(
        stage.rt, fetch_round=fetch, clock=lambda: contest.draw_at + timedelta(seconds=5)
    )
    return await flow.draw(rt, contest), done


async def test_nothing_but_the_draw_comes_after_the_answer(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await drawn(stage, monkeypatch, silent=0) == (True, ["read", "asked"])


async def test_a_late_beacon_is_asked_again_with_the_list_at_hand(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_drawn, done = await drawn(stage, monkeypatch, silent=3)
    assert is_drawn
    assert done == ["read"] + ["asked"] * 4


async def test_a_silent_beacon_hands_the_work_over(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_drawn, done = await drawn(stage, monkeypatch, silent=1000)
    assert not is_drawn
    assert done.count("read") == 1
    assert 1 < done.count("asked") < 20


async def test_the_work_is_due_before_the_round_is(stage: Stage) -> None:
    contest = await stage.start(await stage.draft())
    await stage.judged(contest, "ann")
    contest = await stage.freeze(contest)
    async with stage.rt.pool.acquire() as conn:
        awaited = await flow.awaited(conn, contest)
    assert awaited.asked_at - awaited.begins_at == flow.READ_AHEAD
