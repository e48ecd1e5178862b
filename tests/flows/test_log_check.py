"""`log check`: whatever a superuser does to the tables is found, and in a sound log nothing is."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contest_service.flows.log_check import Finding, check_logs
from contest_service.log_keys import FileMemory, seeds
from contest_service.store import log as store
from flows.logged import PRACTICE, LogStage, forget, open_log, rewind


@pytest.fixture
async def log(pool: Any, tmp_path: Path) -> AsyncIterator[LogStage]:
    async with open_log(pool, tmp_path) as opened:
        yield opened


async def check(log: LogStage, *, with_key: bool = True) -> list[Finding]:
    async with log.stage.rt.pool.acquire() as conn:
        signer = log.stage.rt.signer if with_key else None
        return [finding async for finding in check_logs(conn, signer)]


def remembered(log: LogStage) -> Path:
    """The file beside the key that remembers the last checkpoint."""
    signer = log.stage.rt.signer
    assert signer is not None
    assert isinstance(signer.memory, FileMemory)
    return signer.memory.path(PRACTICE)


async def told(log: LogStage) -> set[tuple[str, str]]:
    return {(finding.where, finding.what) for finding in await check(log)}


async def test_a_sound_log_has_no_findings(log: LogStage) -> None:
    assert await check(log) == []
    for events in (1, 3, 5, 2):
        await log.grow(events)
        await log.sign()
        assert await check(log) == []
    await log.start()
    assert await check(log) == []
    assert await check(log, with_key=False) == []


async def test_a_log_of_more_than_one_batch_is_read_piece_by_piece(
    log: LogStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "BATCH", 4)
    for events in (3, 6, 4):
        await log.grow(events)
        await log.sign()
    assert await check(log) == []
    await forget(log.stage.rt.pool, "DELETE FROM log_hashes WHERE level = 2 AND index = 1")
    assert ("practice log, hash 1 of level 2", "it is gone") in await told(log)


ALTERED = {
    "an event's bytes": (
        "UPDATE events SET line = replace(line::text, '22746974', '22746975')::bytea "
        "WHERE type = 'rules'",
        "its bytes are not those that were hashed",
    ),
    "an event's bytes and its hash": (
        "UPDATE events SET line = convert_to(replace(convert_from(line, 'UTF8'), 'A mug', 'A jug'),"
        " 'UTF8'), hash = sha256('x') WHERE type = 'rules'",
        "it is not event 0 of contest",
    ),
    "an event's time": ("UPDATE events SET at = at + 1", "it is not what its row says"),
    "an event's type": (
        "UPDATE events SET type = 'amend' WHERE type = 'rules'",
        "it is not what its row says",
    ),
    "an event": (
        "DELETE FROM events WHERE type = 'void'",
        "which it stands for, is gone",
    ),
    "an event within its chain": (
        "DELETE FROM events WHERE type = 'void'",
        "an event before it is gone",
    ),
    "an event and its leaf": (
        "DELETE FROM log_leaves WHERE index = 1; DELETE FROM events WHERE type = 'void'",
        "what stood before it, from 1 on, is gone",
    ),
    "the last leaf": ("DELETE FROM log_leaves WHERE index = 3", "it does not stand in the log"),
    "a leaf": (
        "UPDATE log_leaves SET leaf = overlay(leaf placing '\\x00' from 1) WHERE index = 2",
        "it is not event 2 of contest",
    ),
    "the order of two leaves": (
        "UPDATE log_leaves SET index = 99 WHERE index = 0; "
        "UPDATE log_leaves SET index = 0 WHERE index = 1; "
        "UPDATE log_leaves SET index = 1 WHERE index = 99",
        "the events are not those that were signed",
    ),
    "the head": ("UPDATE log_heads SET size = 9 WHERE log = 'practice'", "its head says 9 events"),
    "a hash": (
        "UPDATE log_hashes SET hash = sha256(hash) WHERE level = 1",
        "it is not that of its events",
    ),
    "a hash that is gone": ("DELETE FROM log_hashes WHERE level = 0 AND index = 1", "it is gone"),
    "a hash too many": (
        "INSERT INTO log_hashes VALUES ('practice', 20, 7, sha256('x'))",
        "others are hashed",
    ),
    "the root of a checkpoint": (
        "UPDATE checkpoints SET root = sha256('x')",
        "its note says something else than its row",
    ),
    "the note of a checkpoint": (
        "UPDATE checkpoints SET note = overlay(note placing 'A' from octet_length(note) - 9)",
        "the log did not sign it",
    ),
    "the name in a checkpoint": (
        "UPDATE checkpoints SET note = overlay(note placing 'E' from 1)",
        "the log did not sign it",
    ),
    "what is no note": ("UPDATE checkpoints SET note = 'x'", "it cannot be read"),
    "the last checkpoint": ("DELETE FROM checkpoints WHERE size = 4", "the checkpoint 4 is gone"),
    "a checkpoint in between": ("DELETE FROM checkpoints WHERE size = 3", "is gone"),
    "a leaf of the other log": (
        "UPDATE contests SET practice = NOT practice",
        "belongs into the other log",
    ),
}


@pytest.mark.parametrize(("change", "what"), ALTERED.values(), ids=list(ALTERED))
async def test_what_was_altered_is_found_and_named(log: LogStage, change: str, what: str) -> None:
    await log.grow(3)
    await log.sign()
    await log.grow(1)
    await log.sign()
    await forget(log.stage.rt.pool, *change.split("; "))
    assert [finding for finding in await check(log) if what in finding.what] != []


async def test_an_old_backup_is_found_by_the_file_beside_the_key(log: LogStage) -> None:
    await log.grow(3)
    await log.sign()
    await log.grow(2)
    await log.sign()
    await rewind(log.stage.rt.pool, 3)
    assert await told(log) == {
        ("practice log, the file beside its key", "5 events were signed, and there are 3")
    }


async def test_an_old_backup_that_grew_further_is_found_too(log: LogStage) -> None:
    await log.grow(3)
    await log.sign()
    await log.grow(2)
    await log.sign()
    await rewind(log.stage.rt.pool, 3)
    await log.grow(4)
    assert await told(log) == {
        ("practice log, the file beside its key", "other events were signed at 5")
    }


async def test_a_log_that_went_on_under_another_name_and_key_is_sound(log: LogStage) -> None:
    await log.grow(3)
    await log.sign()
    log.use(base="example.org/log2", seeds=seeds(bytes(32)))
    await log.grow(1)
    await log.sign()
    assert await check(log) == []
    await forget(
        log.stage.rt.pool,
        "UPDATE checkpoints SET note = overlay(note placing 'E' from 1) WHERE size = 3",
    )
    assert await told(log) == {("practice log, checkpoint 3", "the log did not sign it")}


TABLES = {
    "events": ("line", "hash"),
    "log_leaves": ("leaf",),
    "log_hashes": ("hash",),
    "checkpoints": ("root", "note"),
}
FLIP = """
UPDATE {table} SET {column} = set_byte({column}, $2 % octet_length({column}),
    get_byte({column}, $2 % octet_length({column})) # $3)
WHERE ctid = (SELECT ctid FROM {table} ORDER BY ctid OFFSET $1 % (SELECT count(*) FROM {table})
    FETCH FIRST 1 ROW ONLY)
"""
DROP = """
DELETE FROM {table} WHERE ctid = (SELECT ctid FROM {table}
    ORDER BY ctid OFFSET $1 % (SELECT count(*) FROM {table}) FETCH FIRST 1 ROW ONLY)
"""
CHANGES = st.one_of(
    st.sampled_from([(table, column) for table, names in TABLES.items() for column in names]),
    st.sampled_from([(table, None) for table in TABLES]),
)


@settings(
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    history=st.lists(st.integers(1, 6), min_size=1, max_size=5),
    change=CHANGES,
    row=st.integers(0, 1 << 30),
    at=st.integers(0, 1 << 20),
    bits=st.integers(1, 255),
)
async def test_any_one_row_that_is_altered_or_dropped_is_found(
    log: LogStage,
    history: list[int],
    change: tuple[str, str | None],
    row: int,
    at: int,
    bits: int,
) -> None:
    pool, (table, column) = log.stage.rt.pool, change
    # The example before may have dropped a leaf, by which its event would be found.
    await forget(pool, "DELETE FROM events")
    await rewind(pool, 0)
    remembered(log).unlink(missing_ok=True)
    for events in history:
        await log.grow(events)
        await log.sign()
    assert await check(log) == []
    if column is None:
        await forget(pool, DROP.format(table=table), given=[row])
    else:
        await forget(pool, FLIP.format(table=table, column=column), given=[row, at, bits])
    assert await check(log) != []


async def test_a_whole_other_history_under_the_old_checkpoints_is_found(log: LogStage) -> None:
    """A fork: other events, with leaves, hashes and head that agree with them."""
    await log.grow(3)
    first = await log.sign()
    remembered(log).unlink()
    await rewind(log.stage.rt.pool, 0)
    await log.grow(3)
    second = await log.sign()
    assert second.root != first.root
    await forget(
        log.stage.rt.pool,
        "UPDATE checkpoints SET root = $1, note = $2",
        given=[first.root, first.note],
    )
    found = await told(log)
    assert (
        "practice log, checkpoint 3",
        "the events are not those that were signed",
    ) in found
