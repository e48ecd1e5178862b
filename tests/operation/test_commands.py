"""The other commands: exit status, one sentence on failure, nothing printed that should not be."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from operation.program import data_folder, run, surroundings
from ports import free_ports
from proof.given import CASES, Case

from contest_service.vault import Vault, generate_key

COMMANDS = (
    "api",
    "demo",
    "finish",
    "health",
    "key",
    "migrate",
    "openapi",
    "rotate-key",
    "sandbox",
    "sign-in-link",
    "token",
    "up",
    "verify",
    "worker",
)
ONE_OF_EACH = {case.exit: case for case in CASES}
"""A given case for each exit status."""


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    with data_folder() as data:
        yield surroundings(CONTEST_DATA=str(data))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_without_any_settings(name: str) -> None:
    done = run(name, "--help", environment=surroundings(CONTEST_PORT="wrong"))
    assert done.returncode == 0
    assert name in done.stdout


def test_the_list_of_commands_is_complete() -> None:
    done = run("--help", environment=surroundings())
    listed = {line.split()[0] for line in done.stdout.splitlines() if line.startswith("    ")}
    assert set(COMMANDS) <= listed


def test_no_command_and_an_unknown_one_are_refused() -> None:
    assert run(environment=surroundings()).returncode == 2
    assert run("dance", environment=surroundings()).returncode == 2


def test_migrate_on_the_embedded_default_starts_and_stops_the_servers_itself(
    environment: dict[str, str],
) -> None:
    before = run("migrate", "--check", environment=environment)
    assert before.returncode == 1
    assert before.stdout.startswith("The database lacks 0001_")
    assert run("migrate", environment=environment).stdout.startswith("Applied 0001_")
    after = run("migrate", "--check", environment=environment)
    assert (after.returncode, after.stdout) == (0, "The database is current.\n")


def test_migrate_on_a_given_database_needs_no_key(empty_database: str, redis_url: str) -> None:
    given = surroundings(DATABASE_URL=empty_database, REDIS_URL=redis_url)
    assert run("migrate", environment=given).returncode == 0
    assert run("migrate", environment=given).stdout == "The database is current.\n"


def test_a_database_that_is_away_is_told_without_its_password() -> None:
    given = surroundings(
        DATABASE_URL="postgresql://me:hush@127.0.0.1:1/x", REDIS_URL="redis://127.0.0.1:1"
    )
    done = run("migrate", environment=given)
    assert done.returncode == 1
    assert "127.0.0.1:1" in done.stderr
    assert "hush" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("name", ["api", "token", "rotate-key"])
def test_a_schema_that_is_behind_is_told_with_the_command_that_mends_it(
    empty_database: str, redis_url: str, name: str
) -> None:
    given = surroundings(
        DATABASE_URL=empty_database,
        REDIS_URL=redis_url,
        CONTEST_SECRET_KEY=generate_key(),
        **free_ports("CONTEST_PORT"),
    )
    done = run(name, environment=given)
    assert done.returncode == 1
    assert "`contest-service migrate`" in done.stderr


@pytest.mark.parametrize("name", ["api", "worker"])
def test_one_process_alone_without_servers_is_told_of_up(
    environment: dict[str, str], name: str
) -> None:
    done = run(name, environment=environment)
    assert done.returncode == 1
    assert "`contest-service up` runs all there is" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_token_for_a_workspace_that_does_not_exist_is_refused(
    database: str, redis_url: str
) -> None:
    given = surroundings(DATABASE_URL=database, REDIS_URL=redis_url)
    done = run("token", "--workspace", str(uuid.uuid4()), environment=given)
    assert done.returncode == 1
    assert "There is no workspace" in done.stderr


def test_a_key_is_one_that_the_vault_takes() -> None:
    key = run("key", environment=surroundings()).stdout.strip()
    vault = Vault([key])
    assert vault.open(vault.seal(b"secret")) == b"secret"


def test_rotating_the_embedded_key_replaces_the_files_key(environment: dict[str, str]) -> None:
    assert run("migrate", environment=environment).returncode == 0
    key_file = Path(environment["CONTEST_DATA"]) / "secret.key"
    assert run("rotate-key", environment=environment).returncode == 0
    first = key_file.read_text().split()
    assert run("rotate-key", environment=environment).returncode == 0
    second = key_file.read_text().split()
    assert len(first) == len(second) == 1
    assert first != second


def test_a_given_database_is_rotated_with_the_given_keys_or_not_at_all(
    database: str, redis_url: str
) -> None:
    given = surroundings(DATABASE_URL=database, REDIS_URL=redis_url)
    done = run("rotate-key", environment=given)
    assert done.returncode == 1
    assert "CONTEST_SECRET_KEY is needed" in done.stderr
    keys = f"{generate_key()} {generate_key()}"
    assert run("rotate-key", environment=given | {"CONTEST_SECRET_KEY": keys}).returncode == 0


@pytest.mark.parametrize("case", ONE_OF_EACH.values(), ids=lambda case: f"exit-{case.exit}")
def test_verify_exits_with_the_verdict(case: Case, tmp_path: Path) -> None:
    for name, content in case.files.items():
        (tmp_path / name).write_bytes(content)
    flags = ["--practice"] if case.practice else []
    done = run("verify", *flags, "--json", str(tmp_path), environment=surroundings())
    assert done.returncode == case.exit
    assert json.loads(done.stdout)["verdict"]


def test_verify_prints_nothing_that_could_steer_a_terminal(tmp_path: Path) -> None:
    bad = tmp_path / "\x1b[2Jfolder"
    bad.mkdir()
    (bad / "events.jsonl").write_bytes(b"\x1b[2J\n")
    (bad / "entries.bin").write_bytes(b"")
    (bad / "\x1b[31mred").write_bytes(b"")
    for flags in ([], ["--json"]):
        done = run("verify", *flags, str(bad), environment=surroundings())
        assert done.returncode in (1, 2)
        assert "\x1b" not in done.stdout + done.stderr


def test_verify_of_nothing_is_unreadable(tmp_path: Path) -> None:
    done = run("verify", str(tmp_path / "missing.zip"), environment=surroundings())
    assert done.returncode == 2
    assert "UNREADABLE" in done.stdout
