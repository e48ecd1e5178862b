"""Two installations that vouch for each other: real applications, two databases, real HTTP."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from api.databases import copy_of
from patience import PATIENCE

from contest_service.flows import witnesses
from contest_service.flows.log import sign_head
from contest_service.flows.signer import Authority, LogKeyError, LogRewoundError
from contest_service.proof import notes
from contest_service.proof.grade import Grade
from contest_service.store import vouchers, work
from contest_service.store.log import Log
from flows.exported import exported, trust_file, trusting
from flows.installations import Installation, place, vouching_for_each_other
from flows.logged import PRACTICE, forget, rewind
from flows.stage import VERIFY
from flows.tsa import running_tsa

Both = tuple[Installation, Installation]


@pytest.fixture
async def both(postgres_url: str, template: str, tmp_path: Path) -> AsyncIterator[Both]:
    async with (
        copy_of(postgres_url, template) as first,
        copy_of(postgres_url, template) as second,
    ):
        places = [
            place(name, url, tmp_path / name) for name, url in (("one", first), ("two", second))
        ]
        async with vouching_for_each_other(*places) as (one, two):
            yield one, two


async def served(installation: Installation) -> notes.Note:
    async with httpx.AsyncClient(timeout=PATIENCE) as client:
        answer = await client.get(f"{installation.place.url}/log/practice/checkpoint")
    assert answer.status_code == 200
    return notes.parse_note(answer.content)


async def cosigned(installation: Installation) -> list[vouchers.Cosignature]:
    async with installation.pool.acquire() as conn:
        return await vouchers.cosignatures(conn, PRACTICE, first=1, last=1 << 40)


async def live(installation: Installation) -> None:
    """Let a contest start, be signed, and be vouched for."""
    await installation.log.start()
    assert await installation.log.work(work.Kind.SIGN) > 0
    assert await installation.log.work(work.Kind.VOUCH) > 0


def forget_files(installation: Installation) -> None:
    """Move to another machine without what is beside the key."""
    for file in installation.place.settings.data.glob("log-*.last"):
        file.unlink()


async def test_two_installations_vouch_for_each_other(both: Both) -> None:
    one, two = both
    for _ in range(3):
        await live(one)
        await live(two)
    for mine, other in ((one, two), (two, one)):
        note = await served(mine)
        checkpoint = notes.parse_checkpoint(note.text)
        assert checkpoint.size == 3
        assert checkpoint.root == await mine.log.naive_root(3)
        assert notes.find_log_signature(note, mine.place.logs[1])
        seen = notes.find_cosignature(note, other.place.witness.key)
        assert seen is not None
        assert abs(seen - mine.log.stage.now().timestamp()) < 60
        assert [each.size for each in await cosigned(mine)] == [1, 2, 3]


async def test_an_old_backup_without_any_file_is_given_away_by_the_witness(both: Both) -> None:
    one, _ = both
    await live(one)
    await live(one)
    await rewind(one.pool, 1)
    forget_files(one)
    await one.log.start()
    with pytest.raises(LogRewoundError, match=r"has seen 2 events .* and 1 were signed here"):
        await one.log.sign()


async def test_an_old_backup_that_grew_further_is_given_away_too(both: Both) -> None:
    one, _ = both
    await live(one)
    await live(one)
    await rewind(one.pool, 1)
    forget_files(one)
    await one.log.grow(6)
    with pytest.raises(LogRewoundError, match="has seen 2 events"):
        await one.log.sign()


async def test_an_emptied_database_is_given_away_by_the_witness(both: Both) -> None:
    one, _ = both
    await live(one)
    await rewind(one.pool, 0)
    forget_files(one)
    await one.log.start()
    with pytest.raises(LogRewoundError, match=r"has seen 1 events .* and 0 were signed here"):
        await one.log.sign()


async def test_another_history_of_the_same_size_is_given_away(both: Both) -> None:
    """Signed where no witness could be asked: the first that can be says so."""
    one, _ = both
    await live(one)
    signer = one.log.stage.rt.signer
    assert signer is not None
    await rewind(one.pool, 0)
    forget_files(one)
    await one.log.start()
    one.log.use(witnesses=())
    signed = await one.log.sign()
    one.log.use(witnesses=signer.witnesses)
    with pytest.raises(LogRewoundError, match="has seen another practice log, of 1 events"):
        await witnesses.submit(one.log.stage.rt, signer.witnesses[0], signed)
    await one.log.start()
    with pytest.raises(LogRewoundError, match="has seen another"):
        await one.log.sign()


async def test_another_history_that_is_longer_is_given_away(both: Both) -> None:
    one, _ = both
    await live(one)
    await live(one)
    signer = one.log.stage.rt.signer
    assert signer is not None
    await rewind(one.pool, 1)
    forget_files(one)
    await one.log.grow(4)
    one.log.use(witnesses=())
    signed = await one.log.sign()
    one.log.use(witnesses=signer.witnesses)
    with pytest.raises(LogRewoundError, match="has seen another practice log, of 2 events"):
        await witnesses.submit(one.log.stage.rt, signer.witnesses[0], signed)


async def test_without_file_and_without_a_witness_that_answers_nothing_is_signed(
    both: Both,
) -> None:
    one, two = both
    await live(one)
    forget_files(one)
    await one.log.start()
    two.app.state.rt.pool.terminate()
    with pytest.raises(LogKeyError, match="no witness answers"):
        await one.log.sign()


async def test_a_silent_witness_holds_nothing_up_and_is_asked_again(both: Both) -> None:
    one, _ = both
    signer = one.log.stage.rt.signer
    assert signer is not None
    await live(one)
    deaf = [type(each)(key=each.key, url="http://127.0.0.1:1/witness") for each in signer.witnesses]
    one.log.use(witnesses=tuple(deaf))
    contest = await one.log.start()
    await one.log.work(work.Kind.SIGN)
    assert notes.parse_checkpoint((await served(one)).text).size == 2
    await one.log.work(work.Kind.VOUCH)
    async with one.pool.acquire() as conn:
        key = (conn, contest.workspace_id, work.Kind.VOUCH, [contest.id])
        (failure,) = await work.failures(*key)
    assert "does not answer" in failure
    one.log.use(witnesses=signer.witnesses)
    await asyncio.sleep(2.1)
    assert await one.log.work(work.Kind.VOUCH) == 1
    assert [each.size for each in await cosigned(one)] == [1, 2]


async def test_a_cosignature_that_was_lost_on_the_way_is_given_again(both: Both) -> None:
    """The witness noted the checkpoint, and we crashed before we kept its line."""
    one, _ = both
    await live(one)
    await live(one)
    await forget(one.pool, "DELETE FROM cosignatures WHERE size = 2")
    rt, signer = one.log.stage.rt, one.log.stage.rt.signer
    assert signer is not None
    signed = await sign_head(rt, PRACTICE)
    assert signed is not None
    await witnesses.submit(rt, signer.witnesses[0], signed)
    assert [each.size for each in await cosigned(one)] == [1, 2]


async def test_an_older_checkpoint_is_not_vouched_for_again(both: Both) -> None:
    """Somebody else was faster with a larger one: no error, and nothing is kept."""
    one, _ = both
    await one.log.start()
    first = await one.log.sign()
    await live(one)
    before = await cosigned(one)
    rt, signer = one.log.stage.rt, one.log.stage.rt.signer
    assert signer is not None
    await witnesses.submit(rt, signer.witnesses[0], first)
    assert await cosigned(one) == before


async def test_several_workers_at_once_gather_one_cosignature_each(both: Both) -> None:
    one, _ = both
    await live(one)
    await one.log.grow(5)
    signed = await one.log.sign()
    rt, signer = one.log.stage.rt, one.log.stage.rt.signer
    assert signer is not None
    await asyncio.gather(*(witnesses.submit(rt, signer.witnesses[0], signed) for _ in range(5)))
    assert [each.size for each in await cosigned(one)] == [1, signed.size]


async def test_both_logs_are_vouched_for_apart(both: Both) -> None:
    one, two = both
    await live(one)
    async with two.pool.acquire() as conn:
        seen = await conn.fetch("SELECT origin, size FROM witnessed ORDER BY origin")
    assert [tuple(row) for row in seen] == [("one.test/log/practice", 1)]
    async with one.pool.acquire() as conn:
        assert await vouchers.cosignatures(conn, Log.REAL, first=0, last=9) == []


async def test_a_witness_and_an_authority_give_a_bundle_the_best_grade(
    both: Both, tmp_path: Path
) -> None:
    one, two = both
    with running_tsa(tmp_path / "tsa") as tsa:
        one.log.use(authorities=(Authority(name="clock", url=tsa.url),))
        contest = await one.log.start()
        await one.log.work(work.Kind.SIGN)
        await one.log.work(work.Kind.VOUCH)
        await one.log.cancel(contest)
        await one.log.work(work.Kind.SIGN)
        await one.log.work(work.Kind.VOUCH)
        key, witness = one.place.logs[1], two.place.witness.key
        bundle = await exported(one.log.stage.rt, contest)
        roots, seen_by = {"clock": tsa.root}, {"two": witness}
        assert bundle.grade(trusting(key, witnesses=seen_by, roots=roots)) is Grade.A
        assert bundle.grade(trusting(key, witnesses=seen_by)) is Grade.C
        assert bundle.grade(trusting(key, witnesses={"us": witness}, roots=roots)) is Grade.C
        assert bundle.grade(trusting(two.place.logs[1], witnesses=seen_by)) is Grade.D


async def test_the_standalone_verifier_accepts_what_others_vouched_for(
    both: Both, tmp_path: Path
) -> None:
    one, two = both
    contest = await one.log.start()
    await one.log.work(work.Kind.SIGN)
    await one.log.work(work.Kind.VOUCH)
    await one.log.cancel(contest)
    await one.log.work(work.Kind.SIGN)
    await one.log.work(work.Kind.VOUCH)
    bundle, trust = tmp_path / "bundle.zip", tmp_path / "trust.json"
    bundle.write_bytes((await exported(one.log.stage.rt, contest)).zipped)
    trust.write_bytes(trust_file(one.place.logs[1], {"two": two.place.witness.key}))
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-I", "-S", VERIFY, "--practice", "--trust", trust, "--json", bundle],
        capture_output=True,
        check=False,
    )
    assert json.loads(done.stdout)["outcome"] == "void", done.stdout
