"""The embedded servers: started, stopped, started again, and what a person is told when not."""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from patience import PATIENCE
from redis.asyncio import Redis

from contest_service.embedded import (
    Addresses,
    EmbeddedError,
    account,
    find_announced,
    postgres,
    running_servers,
)

ROOT = Path(__file__).parent.parent.parent
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="is about root")


def run(data: Path) -> Addresses:
    """Start both servers, use them, stop them."""
    with running_servers(data, is_durable=False) as servers:
        asyncio.run(_use(servers.addresses))
        return servers.addresses


async def _use(addresses: Addresses) -> None:
    async with Redis.from_url(addresses.redis_url) as client:
        assert await client.ping()
    await execute(addresses, "SELECT 1")


async def _valkey_process(addresses: Addresses) -> int:
    async with Redis.from_url(addresses.redis_url) as client:
        return int((await client.info("server"))["process_id"])


@pytest.mark.parametrize(
    ("limit", "shared"), [("1073741824", 128), ("2147483648", 256), ("0", 128), ("max", None)]
)
def test_pages_at_hand_are_an_eighth_of_what_a_container_may_have(
    limit: str, shared: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "memory.max"
    told.write_text(f"{limit}\n")
    monkeypatch.setattr(postgres, "LIMIT", told)
    found = postgres.most_shared()
    assert found == shared if shared else 128 <= found <= 1024


def _await_end(process: int) -> None:
    """Wait until a process that is no child of this one is gone."""
    deadline = time.monotonic() + PATIENCE
    with contextlib.suppress(ProcessLookupError):
        while time.monotonic() < deadline:
            os.kill(process, 0)
            time.sleep(0.02)
        pytest.fail(f"process {process} did not end")


async def execute(addresses: Addresses, sql: str) -> object:
    connection = await asyncpg.connect(addresses.database_url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


@pytest.fixture
def data() -> Iterator[Path]:
    """A folder for data that PostgreSQL's account can pass through, as the default one is."""
    with tempfile.TemporaryDirectory(prefix="contest-") as folder:
        Path(folder).chmod(0o711)
        place = Path(folder) / "data"
        yield place
        if (place / "postgres").is_symlink():
            shutil.rmtree((place / "postgres").readlink())


def test_a_second_start_finds_the_data(data: Path) -> None:
    with running_servers(data, is_durable=False) as servers:
        asyncio.run(execute(servers.addresses, "CREATE TABLE kept AS SELECT 7 AS n"))
    began = time.monotonic()
    with running_servers(data, is_durable=False) as servers:
        assert asyncio.run(execute(servers.addresses, "SELECT n FROM kept")) == 7
    assert time.monotonic() - began < 20


def test_servers_listen_on_private_sockets_only(data: Path) -> None:
    with running_servers(data, is_durable=False) as servers:
        query = "SELECT current_setting('listen_addresses')"
        assert asyncio.run(execute(servers.addresses, query)) == ""
        sockets = [path for path in data.rglob("*") if path.is_socket()]
        assert sockets
        assert all(path.parent.stat().st_mode & 0o077 == 0 for path in sockets)


def test_nothing_is_left_running_or_lying_about(data: Path) -> None:
    run(data)
    assert not list(data.glob("*.socket"))
    assert not (data / "servers.json").exists()
    assert not list(data.glob("postgres.new*"))
    assert find_announced(data) is None


def test_a_second_program_on_the_same_folder_is_refused_and_told_of_the_first(data: Path) -> None:
    with running_servers(data, is_durable=False) as servers:
        assert find_announced(data) == servers.addresses
        with (
            pytest.raises(EmbeddedError, match=rf"process {os.getpid()}\).*{data}.*Stop it first"),
            running_servers(data),
        ):
            pytest.fail("two programs on one folder")
        asyncio.run(_use(servers.addresses))


def test_a_half_finished_first_start_is_begun_anew(data: Path) -> None:
    (data / "postgres.new1234" / "base").mkdir(parents=True)
    (data / "postgres.new1234" / "PG_VERSION").write_text("18\n")
    run(data)
    assert not (data / "postgres.new1234").exists()


def test_a_folder_too_long_for_a_socket_is_fine(data: Path) -> None:
    long = data / ("a folder with a long name, " * 5)
    addresses = run(long)
    assert str(long) not in addresses.database_url


def test_the_pid_file_of_a_server_that_is_gone_does_not_keep_the_next_from_starting(
    data: Path,
) -> None:
    run(data)
    # After a restart of the machine its number may be any program's: here, this one's parent's.
    stale = data / "postgres" / "postmaster.pid"
    stale.write_text(f"{os.getppid()}\n{data}/postgres\n1\n5432\n/nowhere\n\n0 0\nready\n")
    os.chown(stale, (data / "postgres").stat().st_uid, -1)
    run(data)


@contextlib.contextmanager
def other_program(data: Path) -> Iterator[tuple[subprocess.Popen[str], Addresses]]:
    """Another program that runs both servers, and where they answer; waited for at the end."""
    script = (
        "import sys, time; from pathlib import Path; from contest_service.embedded import *\n"
        "with running_servers(Path(sys.argv[1]), is_durable=False):\n"
        "    print('ready', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", script, str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        addresses = find_announced(data)
        assert addresses is not None
        yield program, addresses


def test_a_killed_program_takes_its_servers_along_and_the_next_start_recovers(data: Path) -> None:
    with other_program(data) as (program, addresses):
        asyncio.run(execute(addresses, "CREATE TABLE t (n int)"))
        program.kill()
    with running_servers(data, is_durable=False) as servers:
        assert asyncio.run(execute(servers.addresses, "SELECT count(*) FROM t")) == 0


def test_a_valkey_that_is_slow_to_die_does_not_take_the_next_ones_socket_away(data: Path) -> None:
    with other_program(data) as (program, addresses):
        slow = asyncio.run(_valkey_process(addresses))
        os.kill(slow, signal.SIGSTOP)
        program.kill()
    with running_servers(data, is_durable=False) as servers:
        os.kill(slow, signal.SIGCONT)
        _await_end(slow)
        asyncio.run(_use(servers.addresses))


def test_a_server_that_ends_by_itself_is_started_again_at_the_same_address(data: Path) -> None:
    with running_servers(data, is_durable=False) as servers:
        assert servers.revive() == []
        pid = int((data / "postgres" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGQUIT)
        deadline = time.monotonic() + PATIENCE
        while not (revived := servers.revive()) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert revived == ["PostgreSQL"]
        asyncio.run(_use(servers.addresses))


def test_valkey_answers_on_a_port_of_loopback_where_asked(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with (
        running_servers(data, is_durable=False, valkey_port=port),
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection,
    ):
        connection.sendall(b"PING\r\n")
        assert connection.recv(16) == b"+PONG\r\n"


def test_a_file_in_the_folders_place_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(EmbeddedError, match=r"cannot be used \(.*\)\. .*CONTEST_DATA"),
        running_servers(tmp_path / "file" / "data"),
    ):
        pytest.fail("started")


def test_data_of_another_version_is_refused(data: Path) -> None:
    run(data)
    (data / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(EmbeddedError, match="written by PostgreSQL 17, this is 18"):
        run(data)


def test_a_folder_with_other_things_in_it_is_left_alone(data: Path) -> None:
    (data / "postgres").mkdir(parents=True)
    (data / "postgres" / "letter.txt").write_text("keep me")
    with pytest.raises(EmbeddedError, match="holds no PostgreSQL data"):
        run(data)
    assert (data / "postgres" / "letter.txt").read_text() == "keep me"


def test_a_damaged_cluster_is_told_with_the_servers_own_words(data: Path) -> None:
    run(data)
    (data / "postgres" / "global" / "pg_control").unlink()
    with pytest.raises(EmbeddedError, match=r"PostgreSQL did not start; it says: .*pg_control"):
        run(data)


@needs_root
def test_root_runs_it_under_its_own_account(data: Path) -> None:
    run(data)
    owner = (data / "postgres").stat().st_uid
    assert owner == account.choose_account().uid != 0
    assert (data / "postgres").stat().st_mode & 0o077 == 0


@needs_root
def test_root_opens_no_closed_folder_to_that_account(data: Path) -> None:
    data.parent.chmod(0o700)
    with running_servers(data, is_durable=False) as servers:
        asyncio.run(execute(servers.addresses, "CREATE TABLE kept ()"))
    assert data.parent.stat().st_mode & 0o077 == 0
    assert (data / "postgres").readlink().is_relative_to(account.STATE_FOLDER)
    with running_servers(data, is_durable=False) as servers:
        assert asyncio.run(execute(servers.addresses, "SELECT count(*) FROM kept")) == 0


@needs_root
def test_root_copies_the_programs_where_the_account_cannot_reach_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen from an account that reaches nothing, as from an environment below /root."""
    monkeypatch.setattr(account, "STATE_FOLDER", tmp_path)
    monkeypatch.setattr(account.Account, "reaches", lambda _self, _path: False)
    chosen = account.choose_account()
    programs = account.find_programs(chosen)
    assert programs.is_relative_to(tmp_path)
    version = subprocess.run([programs / "postgres", "--version"], check=True, capture_output=True)
    assert b"18" in version.stdout
    assert account.find_programs(chosen) == programs


@needs_root
def test_several_starts_at_once_copy_the_programs_and_all_use_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account, "STATE_FOLDER", tmp_path)
    monkeypatch.setattr(account.Account, "reaches", lambda _self, _path: False)
    chosen = account.choose_account()
    with ThreadPoolExecutor(max_workers=3) as pool:
        found = set(pool.map(account.find_programs, [chosen] * 3))
    (programs,) = found
    assert (programs / "postgres").exists()
    assert list(tmp_path.iterdir()) == [programs.parents[2]]


@needs_root
def test_roots_own_folder_for_sockets_is_not_used_for_the_account(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tempfile.TemporaryDirectory() as closed:
        monkeypatch.setenv("XDG_RUNTIME_DIR", closed)
        monkeypatch.setenv("TMPDIR", closed)
        monkeypatch.setattr(tempfile, "tempdir", None)
        run(data / "too long for a socket, with blanks")


@needs_root
def test_a_plain_user_runs_it_as_oneself(data: Path) -> None:
    """As a user of the system who can reach an interpreter and the environment's packages."""
    user = account.choose_account()
    version = f"import sys, msgspec; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    packages = Path(pytest.__file__).parent.parent
    options: dict[str, Any] = {"user": user.uid, "group": user.gid, "extra_groups": [], "cwd": "/"}
    options["env"] = {"PYTHONPATH": f"{ROOT}:{packages}", "PATH": "/usr/bin:/bin"}
    for python in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        with contextlib.suppress(OSError):
            if subprocess.run([python, "-c", version], check=False, **options).returncode == 0:
                break
    else:
        pytest.skip("no other user can reach an interpreter or the environment")
    data.mkdir()
    os.chown(data, user.uid, user.gid)
    script = (
        "import sys; from pathlib import Path; from contest_service.embedded import *\n"
        "with running_servers(Path(sys.argv[1]), is_durable=False) as servers:\n"
        "    print(servers.addresses.database_url)"
    )
    for _ in range(2):
        subprocess.run([python, "-c", script, str(data)], check=True, **options)
    assert (data / "postgres" / "PG_VERSION").stat().st_uid == user.uid
