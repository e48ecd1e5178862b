"""Signing the log: one checkpoint for each size, over hashes that never need all leaves again, and
never over something that contradicts what was signed before."""

import asyncio
import dataclasses
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import structlog

from contest_service.flows import log_tree
from contest_service.flows.log import checkpoint_of, sign_head
from contest_service.flows.signer import LogKeyError, LogRewoundError
from contest_service.log_keys import FileMemory, seeds
from contest_service.proof import merkle, notes
from contest_service.proof.notes import KeyKind
from contest_service.store import log as store
from contest_service.store import work
from contest_service.store.log import Log
from flows.logged import PRACTICE, LogStage, forget, open_log, rewind
from flows.signing import SEED, signer
from workers import jobs


@pytest.fixture
async def log(pool: Any, tmp_path: Path) -> Any:
    async with open_log(pool, tmp_path) as opened:
        yield opened


async def test_a_checkpoint_is_signed_over_all_events(log: LogStage) -> None:
    await log.grow(5)
    signed = await log.sign()
    note = notes.parse_note(signed.note)
    checkpoint = notes.parse_checkpoint(note.text)
    key = signer(Path("/nowhere")).key(PRACTICE, None)
    assert key.name == "example.org/log/practice"
    assert notes.find_log_signature(note, key.verifier(KeyKind.LOG))
    assert (checkpoint.origin, checkpoint.size) == (key.name, 5)
    assert checkpoint.root == signed.root == await log.naive_root(5)


async def test_an_empty_log_has_no_checkpoint(log: LogStage) -> None:
    assert await sign_head(log.stage.rt, PRACTICE) is None


async def test_the_practice_log_has_another_key_than_the_real_one() -> None:
    both = seeds(SEED)
    assert both[Log.REAL] == SEED
    assert both[Log.PRACTICE] != SEED
    assert seeds(SEED) == both


async def test_roots_are_right_at_every_size_as_the_log_grows(log: LogStage) -> None:
    for step in (1, 1, 3, 1, 6, 3):
        await log.grow(step)
        await log.sign()
    leaves = await log.leaves()
    async with log.stage.rt.pool.acquire() as conn:
        signed = await store.checkpoints_between(conn, PRACTICE, after=0, until=len(leaves))
        for size in range(1, len(leaves) + 1):
            assert await log_tree.root(conn, PRACTICE, size) == merkle.root(leaves[:size])
    assert [each.size for each in signed] == [1, 2, 5, 6, 12, 15]
    assert all(each.root == merkle.root(leaves[: each.size]) for each in signed)


async def test_proofs_from_stored_hashes_are_those_of_all_leaves(log: LogStage) -> None:
    await log.grow(13)
    await log.sign()
    hashes = [merkle.leaf_hash(leaf) for leaf in await log.leaves()]
    async with log.stage.rt.pool.acquire() as conn:
        for size in range(1, len(hashes) + 1):
            for old in range(size + 1):
                made = await log_tree.consistency_proof(conn, PRACTICE, old=old, size=size)
                assert made == merkle.consistency_proof(hashes[:size], old)
            for index in range(size):
                path = await log_tree.inclusion_path(conn, PRACTICE, index=index, size=size)
                assert path == merkle.inclusion_proof(hashes[:size], index)


async def test_only_new_leaves_are_read(log: LogStage) -> None:
    """What was signed is not needed again, not even to grow from an odd size."""
    await log.grow(7)
    await log.sign()
    honest = await log.leaves()
    await forget(log.stage.rt.pool, "UPDATE log_leaves SET leaf = repeat('x', 68)::bytea")
    await log.grow(4)
    signed = await log.sign()
    new = (await log.leaves())[7:]
    assert signed.root == merkle.root(honest + new)


async def test_two_workers_at_once_sign_one_checkpoint_for_each_size(log: LogStage) -> None:
    for size in (3, 6, 9):
        await log.grow(3)
        both = await asyncio.gather(*(log.sign() for _ in range(6)))
        assert {each.size for each in both} == {size}
        assert len({each.note for each in both}) == 1
    async with log.stage.rt.pool.acquire() as conn:
        signed = await store.checkpoints_between(conn, PRACTICE, after=0, until=9)
    assert [each.size for each in signed] == [3, 6, 9]


async def test_events_of_one_moment_share_a_checkpoint(log: LogStage) -> None:
    await log.start()
    await log.start()
    assert await log.work(work.Kind.SIGN) == 2
    assert await log.work(work.Kind.SIGN) == 0
    async with log.stage.rt.pool.acquire() as conn:
        signed = await store.checkpoints_between(conn, PRACTICE, after=0, until=9)
    assert [each.size for each in signed] == [2]


async def test_what_a_crash_left_unsigned_is_signed_later(log: LogStage, tmp_path: Path) -> None:
    """The event is committed together with the work of signing it."""
    log.use(memory=FileMemory(tmp_path / "gone"))
    contest = await log.start()
    await log.work(work.Kind.SIGN)
    async with log.stage.rt.pool.acquire() as conn:
        assert await store.newest(conn, PRACTICE) is None
        (failure,) = await work.failures(conn, contest.workspace_id, work.Kind.SIGN, [contest.id])
    assert "CONTEST_LOG_MEMORY" in failure
    log.use(memory=FileMemory(tmp_path))
    log.stage.pass_time(log.stage.now() + timedelta(seconds=30))
    assert await log.work(work.Kind.SIGN) == 1
    async with log.stage.rt.pool.acquire() as conn:
        signed = await store.newest(conn, PRACTICE)
    assert signed is not None
    assert signed.root == await log.naive_root(1)


async def test_what_was_logged_before_there_were_signatures_is_signed(log: LogStage) -> None:
    """As after an upgrade: leaves, and nothing that is due about them."""
    await log.grow(4)
    pool, ctx = log.stage.rt.pool, {"runtime": log.stage.rt}
    await pool.execute("DELETE FROM work WHERE kind = 'sign'")
    assert await log.work(work.Kind.SIGN) == 0
    await jobs.find_unsigned(ctx)
    assert await log.work(work.Kind.SIGN) == 2
    async with pool.acquire() as conn:
        signed = await store.newest(conn, PRACTICE)
    assert signed is not None
    assert signed.size == 4
    await jobs.find_unsigned(ctx)
    assert await log.work(work.Kind.SIGN) == 0


async def test_looking_for_what_is_unsigned_hurries_nothing(log: LogStage, tmp_path: Path) -> None:
    """What failed waits for its next attempt."""
    log.use(memory=FileMemory(tmp_path / "gone"))
    await log.start()
    await log.work(work.Kind.SIGN)
    await jobs.find_unsigned({"runtime": log.stage.rt})
    assert await log.work(work.Kind.SIGN) == 0


async def test_an_older_database_does_not_sign(log: LogStage) -> None:
    await log.grow(4)
    await log.sign()
    await log.grow(3)
    await log.sign()
    await rewind(log.stage.rt.pool, 4)
    await log.start()
    with pytest.raises(LogRewoundError, match="has 5 events, and 7 were signed"):
        await log.sign()


async def test_an_older_database_that_grew_past_what_was_signed_does_not_sign(
    log: LogStage,
) -> None:
    await log.grow(4)
    await log.sign()
    await log.grow(3)
    await log.sign()
    await rewind(log.stage.rt.pool, 4)
    await log.grow(6)
    with pytest.raises(LogRewoundError, match="not the one that was signed at size 7"):
        await log.sign()
    async with log.stage.rt.pool.acquire() as conn:
        newest = await store.newest(conn, PRACTICE)
    assert newest is not None
    assert newest.size == 4


async def test_an_emptied_database_does_not_sign(log: LogStage) -> None:
    await log.grow(3)
    await log.sign()
    await rewind(log.stage.rt.pool, 0)
    await log.grow(3)
    with pytest.raises(LogRewoundError, match="at size 3"):
        await log.sign()


async def test_a_head_below_what_was_signed_is_refused(log: LogStage) -> None:
    await log.grow(3)
    await log.sign()
    await forget(log.stage.rt.pool, "UPDATE log_heads SET size = 2 WHERE log = 'practice'")
    with pytest.raises(LogRewoundError, match="has 2 events, and 3 were signed"):
        await log.sign()


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("UPDATE log_hashes SET hash = sha256(hash) WHERE level = 0 AND index = 2", "not those"),
        ("DELETE FROM log_hashes WHERE level = 1", "lacks the hash 0 of level 1"),
        ("DELETE FROM checkpoints", "hashes beyond what was signed, which is 0"),
    ],
)
async def test_hashes_that_are_not_those_of_the_checkpoints_are_refused(
    log: LogStage, what: str, told: str
) -> None:
    await log.grow(3)
    await log.sign()
    await forget(log.stage.rt.pool, what)
    await log.grow(1)
    with pytest.raises(LogRewoundError, match=told):
        await log.sign()


async def test_a_lost_event_is_not_signed_over(log: LogStage) -> None:
    await log.grow(3)
    await forget(log.stage.rt.pool, "DELETE FROM log_leaves WHERE index = 1")
    with pytest.raises(LogRewoundError, match="lacks events below 3"):
        await log.sign()


async def test_a_refusal_is_logged_and_names_the_way_out(log: LogStage) -> None:
    await log.grow(3)
    await log.sign()
    await rewind(log.stage.rt.pool, 0)
    contest = await log.start()
    with structlog.testing.capture_logs() as logged:
        await log.work(work.Kind.SIGN)
    assert "log_rewound" in {each["event"] for each in logged}
    async with log.stage.rt.pool.acquire() as conn:
        (failure,) = await work.failures(conn, contest.workspace_id, work.Kind.SIGN, [contest.id])
    assert "Restore a backup that is at least as new" in failure


async def test_another_key_under_the_same_name_is_refused(log: LogStage) -> None:
    await log.grow(1)
    await log.sign()
    log.use(seeds=seeds(bytes(32)))
    await log.grow(1)
    with pytest.raises(LogKeyError, match="signed with another key"):
        await log.sign()


async def test_a_name_that_nobody_chose_stays_as_it_was_signed(log: LogStage) -> None:
    await log.grow(1)
    first = await log.sign()
    log.use(base="elsewhere.example/log", is_named=False)
    await log.grow(1)
    assert checkpoint_of(await log.sign()).origin == checkpoint_of(first).origin


async def test_another_log_may_begin_where_an_old_database_cannot_go_on(log: LogStage) -> None:
    """The way out that the refusal names: a name that was never used, and a key of its own."""
    await log.grow(3)
    await log.sign()
    await rewind(log.stage.rt.pool, 0)
    await log.grow(1)
    with pytest.raises(LogRewoundError):
        await log.sign()
    log.use(base="example.org/log2", is_named=True, seeds=seeds(bytes(32)))
    signed = await log.sign()
    assert checkpoint_of(signed).origin == "example.org/log2/practice"
    assert signed.root == await log.naive_root(1)


async def test_without_a_key_nothing_is_signed_and_the_setting_is_named(log: LogStage) -> None:
    log.stage.rt = dataclasses.replace(log.stage.rt, signer=None)
    with pytest.raises(LogKeyError, match="CONTEST_LOG_KEY_FILE is needed"):
        await sign_head(log.stage.rt, PRACTICE)


async def test_a_memory_that_cannot_be_read_is_no_memory_that_is_not_there(
    log: LogStage, tmp_path: Path
) -> None:
    await log.grow(1)
    await log.sign()
    FileMemory(tmp_path).path(PRACTICE).write_text("not a checkpoint")
    await log.grow(1)
    with pytest.raises(LogKeyError, match="cannot be read"):
        await log.sign()


@pytest.mark.parametrize(
    "table", ["log_hashes", "checkpoints", "cosignatures", "timestamps", "log_leaves"]
)
async def test_what_was_signed_is_written_once(
    connection: "asyncpg.Connection[Any]", table: str
) -> None:
    triggers = await connection.fetch(
        "SELECT tgenabled FROM pg_trigger WHERE tgrelid = $1::regclass AND tgname = $2",
        table,
        f"{table}_are_written_once",
    )
    assert [row["tgenabled"] for row in triggers] == [b"O"]


async def test_a_checkpoint_cannot_be_changed(log: LogStage) -> None:
    await log.grow(1)
    await log.sign()
    async with log.stage.rt.pool.acquire() as conn:
        for change in ("UPDATE checkpoints SET size = 2", "DELETE FROM log_hashes"):
            with pytest.raises(asyncpg.PostgresError):
                await conn.execute(change)
