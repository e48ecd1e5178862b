"""Keys of credentials: kept privately, replaced whole, and rotated without losing anything."""

from pathlib import Path
from typing import Any

import asyncpg
import pytest

from contest_service.flows.rotate import rotate_keys
from contest_service.key_file import KeyFileError, read_or_create_keys, write_keys
from contest_service.vault import Vault, VaultError, generate_key

ADD_WORKSPACE = "INSERT INTO workspaces (name) VALUES ('w') RETURNING id"
ADD_COMMUNITY = """
INSERT INTO communities
    (workspace_id, platform, instance, account, handle, name, endpoints, credential, session)
VALUES ($1, 'bluesky', 'plc', $2, $2, $2, '{}', $3, $4)
"""
ADD_CHANNEL = """
INSERT INTO channels (workspace_id, community_id, kind, path, secrets)
SELECT workspace_id, id, 'callback', 'digest', $1 FROM communities LIMIT 1
"""
ALL = "SELECT account, credential, session FROM communities ORDER BY account"


async def fill(
    connection: "asyncpg.Connection[Any]", vault: Vault, *, workspaces: int, each: int
) -> None:
    for _ in range(workspaces):
        workspace = await connection.fetchval(
            "INSERT INTO workspaces (name) VALUES ('w') RETURNING id"
        )
        for number in range(each):
            secret, session = vault.seal(b"secret"), vault.seal(b"session") if number % 2 else None
            await connection.execute(ADD_COMMUNITY, workspace, f"a{number}", secret, session)


async def test_rotation_encrypts_everything_with_the_newest_key(
    connection: "asyncpg.Connection[Any]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contest_service.store.sealed.BATCH", 2)
    old, new = generate_key(), generate_key()
    await fill(connection, Vault([old]), workspaces=2, each=3)
    assert await rotate_keys(connection, Vault([new, old])) == 6
    only_new = Vault([new])
    for row in await connection.fetch(ALL):
        assert only_new.open(row["credential"]) == b"secret"
        if row["session"] is not None:
            assert only_new.open(row["session"]) == b"session"


async def test_rotation_includes_what_a_callback_is_known_by(
    connection: "asyncpg.Connection[Any]",
) -> None:
    old, new = generate_key(), generate_key()
    await fill(connection, Vault([old]), workspaces=1, each=2)
    await connection.execute(ADD_CHANNEL, Vault([old]).seal(b"callback"))
    assert await rotate_keys(connection, Vault([new, old])) == 2
    sealed = await connection.fetchval("SELECT secrets FROM channels")
    assert Vault([new]).open(sealed) == b"callback"


async def test_rotation_includes_the_secrets_of_authenticators(
    connection: "asyncpg.Connection[Any]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contest_service.store.sealed.BATCH", 2)
    old, new = generate_key(), generate_key()
    await connection.execute("INSERT INTO persons (name) SELECT 'p' FROM generate_series(1, 5)")
    await connection.execute(
        "INSERT INTO person_secrets (person_id, totp) SELECT id, $1 FROM persons",
        Vault([old]).seal(b"secret"),
    )
    await rotate_keys(connection, Vault([new, old]))
    sealed = await connection.fetch("SELECT totp FROM person_secrets")
    assert [Vault([new]).open(row["totp"]) for row in sealed] == [b"secret"] * 5


async def test_rotation_without_the_old_key_changes_nothing_and_says_so(
    connection: "asyncpg.Connection[Any]",
) -> None:
    await fill(connection, Vault([generate_key()]), workspaces=1, each=2)
    before = await connection.fetch(ALL)
    with pytest.raises(VaultError, match="a key that is not given any more"):
        await rotate_keys(connection, Vault([generate_key()]))
    assert await connection.fetch(ALL) == before


def test_the_first_start_makes_a_private_key_file_and_the_next_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    keys = read_or_create_keys(path)
    assert len(keys) == 1
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_or_create_keys(path) == keys
    assert list(tmp_path.iterdir()) == [path]


def test_keys_are_replaced_in_the_given_order(tmp_path: Path) -> None:
    keys = (generate_key(), generate_key())
    write_keys(tmp_path / "secret.key", keys)
    assert read_or_create_keys(tmp_path / "secret.key") == keys


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    read_or_create_keys(path)
    path.chmod(0o644)
    with pytest.raises(KeyFileError, match="can be read by others"):
        read_or_create_keys(path)


@pytest.mark.parametrize("content", ["", "not a key\n"])
def test_a_damaged_key_file_is_refused_and_kept(tmp_path: Path, content: str) -> None:
    path = tmp_path / "secret.key"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(KeyFileError, match="is damaged"):
        read_or_create_keys(path)
    assert path.read_text() == content
