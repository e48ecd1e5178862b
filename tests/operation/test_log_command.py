"""`contest-service log`: what an operator sees of the log's state and of its keys."""

import asyncio
import base64
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from flows.logged import LogStage, forget, open_log, rewind
from flows.signing import SEED
from operation.program import run, surroundings

from contest_service.log_keys import seeds
from contest_service.proof import notes
from contest_service.proof.notes import KeyKind, parse_key
from contest_service.store.log import Log

NAME = "example.org/log"


@pytest.fixture
async def log(pool: Any, tmp_path: Path) -> AsyncIterator[LogStage]:
    async with open_log(pool, tmp_path) as opened:
        await opened.grow(3)
        await opened.sign()
        await opened.grow(2)
        await opened.sign()
        yield opened


class Command:
    """The command over a test's database and folder."""

    def __init__(self, database: str, folder: Path) -> None:
        self.key = folder / "key"
        self.key.write_text(base64.b64encode(SEED).decode())
        self.settings = {
            "DATABASE_URL": database,
            "REDIS_URL": "redis://127.0.0.1:1",
            "CONTEST_DATA": str(folder),
            "CONTEST_LOG_KEY_FILE": str(self.key),
            "CONTEST_LOG_ORIGIN": NAME,
        }

    async def run(self, *arguments: str, **settings: str) -> "tuple[int, str]":
        environment = surroundings(**(self.settings | settings))
        done = await asyncio.to_thread(run, *arguments, environment=environment)
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def command(database: str, tmp_path: Path) -> Command:
    return Command(database, tmp_path)


async def test_a_sound_log_is_said_to_be_sound(log: LogStage, command: Command) -> None:
    status, said = await command.run("log", "check")
    assert (status, said) == (0, "real log of 0, practice log of 5: as it was written.\n")


async def test_what_was_altered_is_said_by_place(log: LogStage, command: Command) -> None:
    await forget(log.stage.rt.pool, "UPDATE checkpoints SET root = sha256('x') WHERE size = 3")
    status, said = await command.run("log", "check")
    assert status == 1
    assert "practice log, checkpoint 3: its note says something else than its row\n" in said
    assert said.endswith("findings.\n")


async def test_an_old_backup_is_said_to_be_one(log: LogStage, command: Command) -> None:
    await rewind(log.stage.rt.pool, 3)
    status, said = await command.run("log", "check")
    assert status == 1
    assert "5 events were signed, and there are 3" in said


async def test_many_findings_are_counted_and_not_all_shown(log: LogStage, command: Command) -> None:
    await forget(
        log.stage.rt.pool,
        """INSERT INTO checkpoints
           SELECT 'practice', 5 + i, 0, sha256('x'), 'x', now() FROM generate_series(1, 150) i""",
    )
    status, said = await command.run("log", "check")
    assert status == 1
    assert len(said.splitlines()) == 202
    assert re.search(r"^… and \d+ more\.$", said, re.MULTILINE)


async def test_without_a_key_all_but_the_signatures_is_checked(
    log: LogStage, command: Command
) -> None:
    command.settings.pop("CONTEST_LOG_KEY_FILE")
    status, said = await command.run("log", "check")
    assert status == 0
    assert said.startswith("Without CONTEST_LOG_KEY_FILE, signatures are not checked.\n")
    await forget(log.stage.rt.pool, "DELETE FROM log_hashes WHERE level = 1")
    assert (await command.run("log", "check"))[0] == 1


async def test_the_keys_are_those_that_sign(log: LogStage, command: Command) -> None:
    witness = base64.b64encode(bytes(32)).decode()
    other = notes.VerifierKey(name="other", kind=KeyKind.LOG, public=notes.public_of(SEED))
    status, said = await command.run(
        "log",
        "key",
        CONTEST_WITNESS_OF=other.text,
        CONTEST_WITNESS_KEY=witness,
        CONTEST_WITNESS_NAME="witness.example.org",
    )
    assert status == 0
    shown = {line[:13].strip(): parse_key(line[14:]) for line in said.splitlines()}
    assert {name: (key.name, key.kind) for name, key in shown.items()} == {
        "real log": (f"{NAME}/real", KeyKind.LOG),
        "practice log": (f"{NAME}/practice", KeyKind.LOG),
        "witness": ("witness.example.org", KeyKind.WITNESS),
    }
    for each in Log:
        assert shown[f"{each} log"].public == notes.public_of(seeds(SEED)[each])
    assert shown["witness"].public == notes.public_of(bytes(32))


async def test_no_key_at_all_is_told(log: LogStage, command: Command) -> None:
    command.settings.pop("CONTEST_LOG_KEY_FILE")
    status, said = await command.run("log", "key")
    assert (status, said) == (1, "contest-service: There is no key: set CONTEST_LOG_KEY_FILE.\n")
