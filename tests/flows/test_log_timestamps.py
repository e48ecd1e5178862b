"""Timestamps from a real authority (`openssl ts`) over HTTP, and bundles that carry them."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contest_service.evidence_client import MOST_BYTES, open_evidence_client
from contest_service.flows.log import checkpoint_of
from contest_service.flows.signer import Authority
from contest_service.proof import timestamps
from contest_service.proof.grade import Grade
from contest_service.proof.notes import KeyKind, VerifierKey
from contest_service.store import log as store
from contest_service.store import vouchers, work
from contest_service.store.vouchers import Stamp
from flows.exported import exported, trusting
from flows.logged import PRACTICE, LogStage, open_log
from flows.signing import signer
from flows.tsa import Tsa, running_tsa


@pytest.fixture
def tsas(tmp_path: Path) -> Iterator[list[Tsa]]:
    with running_tsa(tmp_path / "first") as first, running_tsa(tmp_path / "second") as second:
        yield [first, second]


@pytest.fixture
async def log(pool: Any, tsas: list[Tsa], tmp_path: Path) -> AsyncIterator[LogStage]:
    authorities = tuple(
        Authority(name=f"authority-{number}", url=tsa.url) for number, tsa in enumerate(tsas)
    )
    async with (
        open_evidence_client() as post,
        open_log(pool, tmp_path, post=post, authorities=authorities) as opened,
    ):
        yield opened


async def stamps(log: LogStage) -> list[Stamp]:
    async with log.stage.rt.pool.acquire() as conn:
        return await vouchers.stamps(conn, PRACTICE, first=1, last=1 << 40)


async def live(log: LogStage) -> None:
    await log.work(work.Kind.SIGN)
    await log.work(work.Kind.VOUCH)


def log_key() -> VerifierKey:
    return signer(Path("/nowhere")).key(PRACTICE, None).verifier(KeyKind.LOG)


async def test_every_authority_stamps_the_checkpoint_over_new_events(
    log: LogStage, tsas: list[Tsa]
) -> None:
    await log.start()
    await live(log)
    kept = await stamps(log)
    assert [(each.size, each.authority) for each in kept] == [
        (1, "authority-0"),
        (1, "authority-1"),
    ]
    async with log.stage.rt.pool.acquire() as conn:
        signed = await store.newest(conn, PRACTICE)
    assert signed is not None
    for each, tsa in zip(kept, tsas, strict=True):
        read = timestamps.read(each.response, checkpoint_of(signed).text)
        trust = trusting(log_key(), roots={"somebody": tsa.root})
        assert timestamps.standing(read, trust.timestamps).operator == "somebody"
        assert each.time == read.time
        assert abs(each.time - log.stage.now().timestamp()) < 60


async def test_nobody_is_asked_twice_for_the_same(log: LogStage, tsas: list[Tsa]) -> None:
    contest = await log.start()
    await live(log)
    async with log.stage.transaction() as conn:
        key = (contest.workspace_id, work.Kind.VOUCH, contest.id)
        await work.plan(conn, *key, due_at=log.stage.now())
    assert await log.work(work.Kind.VOUCH) == 1
    assert [tsa.asked for tsa in tsas] == [1, 1]


async def test_an_amendment_is_stamped_too(log: LogStage, tsas: list[Tsa]) -> None:
    contest = await log.start()
    await live(log)
    await log.amend(contest)
    await live(log)
    assert [each.size for each in await stamps(log)] == [1, 1, 2, 2]


async def test_nothing_is_asked_for_once_the_round_is_out(log: LogStage, tsas: list[Tsa]) -> None:
    contest = await log.start()
    log.stage.pass_time(contest.draw_at + timedelta(seconds=10))
    await live(log)
    assert [tsa.asked for tsa in tsas] == [0, 0]


SPOILT = {
    "no DER": b"sorry",
    "nothing": b"",
    "a refusal": bytes.fromhex("30053003020102"),
    "more than anybody reads": b"0" * (MOST_BYTES + 1),
}


@pytest.mark.parametrize("spoilt", SPOILT.values(), ids=list(SPOILT))
async def test_what_is_no_timestamp_is_not_kept_and_asked_for_again(
    log: LogStage, tsas: list[Tsa], spoilt: bytes
) -> None:
    tsas[1].spoil = spoilt
    contest = await log.start()
    await live(log)
    assert [each.authority for each in await stamps(log)] == ["authority-0"]
    async with log.stage.rt.pool.acquire() as conn:
        key = (conn, contest.workspace_id, work.Kind.VOUCH, [contest.id])
        assert len(await work.failures(*key)) == 1
    tsas[1].spoil = None
    log.stage.pass_time(log.stage.now() + timedelta(seconds=3))
    assert await log.work(work.Kind.VOUCH) == 1
    assert [each.authority for each in await stamps(log)] == ["authority-0", "authority-1"]
    async with log.stage.rt.pool.acquire() as conn:
        assert await work.failures(*(conn, *key[1:])) == []
    assert tsas[0].asked == 1


async def test_the_timestamp_of_another_checkpoint_is_not_kept(
    log: LogStage, tsas: list[Tsa]
) -> None:
    await log.start()
    await live(log)
    (earlier, _) = await stamps(log)
    tsas[0].spoil = earlier.response
    await log.start()
    await live(log)
    assert [(each.size, each.authority) for each in await stamps(log)] == [
        (1, "authority-0"),
        (1, "authority-1"),
        (2, "authority-1"),
    ]


async def test_a_bundle_carries_the_timestamps_and_gets_the_grade_for_them(
    log: LogStage, tsas: list[Tsa]
) -> None:
    contest = await log.start()
    await live(log)
    await log.amend(contest)
    await live(log)
    await log.cancel(contest)
    await live(log)
    await log.grow(3)
    bundle = await exported(log.stage.rt, contest)
    one, both = {"a": tsas[0].root}, {"a": tsas[0].root, "b": tsas[1].root}
    assert bundle.grade(trusting(log_key(), roots=both)) is Grade.B
    assert bundle.grade(trusting(log_key(), roots=one)) is Grade.C
    assert bundle.grade(trusting(log_key())) is Grade.D


async def test_an_event_that_nobody_vouched_for_lowers_the_bundle_to_d(
    log: LogStage, tsas: list[Tsa]
) -> None:
    contest = await log.start()
    await live(log)
    await log.amend(contest)
    bundle = await exported(log.stage.rt, contest)
    roots = {"a": tsas[0].root, "b": tsas[1].root}
    assert bundle.grade(trusting(log_key(), roots=roots)) is Grade.D
