"""The embedded PostgreSQL: a real server from a wheel, on a socket only its owner can reach.

Owns the cluster's folder within the data folder: making it, starting, stopping, and recovering
from a start that was cut short. No TCP; on the socket, the kernel says who connects (`peer`).
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from contest_service.embedded.account import Account, choose_account, find_programs, state_folder
from contest_service.embedded.errors import EmbeddedError
from contest_service.embedded.folder import socket_folder
from contest_service.embedded.process import ServerProcess

MAJOR_VERSION = "18"
ROLE = "contest"
DATABASE = "contest"

LIMIT = Path("/sys/fs/cgroup/memory.max")
"""Where Linux tells how many bytes a container may have; a word where it has no limit."""
_LEAST_SHARED, _MOST_SHARED = 128, 1024
_SOCKET_NAME = ".s.PGSQL.5432.lock"
_START_PATIENCE = 300.0  # seconds: recovery after a crash may replay a lot
_STOP_PATIENCE = 60.0
_POLL = 0.02
_READY_LINE = 7
# What a large statement gave back is kept for the next one: else the kernel clears the same pages
# again and again, which took seven per cent of the time of judging. glibc reads these.
_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(64 << 20),
}
_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin", **_MEMORY}


class Postgres:
    """A PostgreSQL server of ours. `start` again after a crash: same folder, same address."""

    def __init__(
        self, cluster: Path, *, sockets: Path, log: Path, account: Account, is_durable: bool
    ) -> None:
        self._cluster = cluster
        self._sockets = sockets
        self._log = log
        self._account = account
        self._is_durable = is_durable
        self._process: ServerProcess | None = None
        self.programs = find_programs(account)

    @property
    def url(self) -> str:
        """Where the service's own database answers."""
        return f"postgresql://{ROLE}@/{DATABASE}?host={self._sockets}"

    def start(self) -> None:
        """Start and wait until it accepts connections. Raises EmbeddedError if it does not."""
        _clear_leftovers(self._cluster)
        _write_access_rules(self._cluster, self._account)
        self._process = ServerProcess(
            [self.programs / "postgres", "-D", self._cluster, *self._options()],
            log=self._log,
            polite=signal.SIGINT,
            # Stop at once, and recover at the next start.
            last_resort=signal.SIGQUIT,
            environment=_ENVIRONMENT,
            options=self._account.popen_options(),
        )
        self._wait_until_ready(self._process)

    def has_ended(self) -> bool:
        """Say whether the server stopped by itself, or was never started."""
        return self._process is None or self._process.has_ended()

    def stop(self) -> None:
        """Stop fast: connections are cut, data is written, no recovery is needed afterwards."""
        if self._process is not None:
            self._process.stop(patience=_STOP_PATIENCE)

    def _options(self) -> list[str]:
        chosen = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        if self._is_durable:
            # Between two checkpoints each page that changes is logged whole once.
            chosen |= {"shared_buffers": f"{most_shared()}MB", "max_wal_size": "4GB"}
        else:
            chosen |= {"shared_buffers": "256MB"}
            chosen |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
            # Whole databases are copied without a log of it, which is most of the work.
            chosen |= {"wal_level": "minimal", "max_wal_senders": "0"}
        return [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]

    def _wait_until_ready(self, process: ServerProcess) -> None:
        deadline = time.monotonic() + _START_PATIENCE
        while not _is_ready(self._cluster, process.pid):
            if process.has_ended():
                raise EmbeddedError(
                    f"PostgreSQL did not start; it says: {process.last_words()}. "
                    f"Its log is {self._log}."
                )
            if time.monotonic() > deadline:
                process.stop(patience=_STOP_PATIENCE)
                raise EmbeddedError(
                    f"PostgreSQL was not ready after {_START_PATIENCE:.0f} seconds. "
                    f"Its log is {self._log}."
                )
            time.sleep(_POLL)


def most_shared() -> int:
    """How many MiB of pages the server keeps at hand: an eighth of what there is, within bounds."""
    there_is = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with contextlib.suppress(OSError, ValueError):
        there_is = min(there_is, int(LIMIT.read_text()))
    return max(_LEAST_SHARED, min(there_is // 8 >> 20, _MOST_SHARED))


@contextlib.contextmanager
def running_postgres(data: Path, *, is_durable: bool = True) -> Iterator[Postgres]:
    """Run PostgreSQL on the data folder, whose lock the caller holds.

    Without `is_durable` nothing is forced to disk, for tests on a throw-away folder.
    Raises EmbeddedError.
    """
    account = choose_account()
    sockets = socket_folder(
        data / "postgres.socket",
        longest_name=_SOCKET_NAME,
        owner=account.owner,
        is_reachable=account.reaches,
    )
    with sockets as folder:
        cluster = _find_cluster(data, account, is_durable=is_durable)
        server = Postgres(
            cluster,
            sockets=folder,
            log=data / "postgres.log",
            account=account,
            is_durable=is_durable,
        )
        try:
            server.start()
            yield server
        finally:
            server.stop()


def _find_cluster(data: Path, account: Account, *, is_durable: bool) -> Path:
    place = data / "postgres"
    for leftover in data.glob("postgres.new*"):
        shutil.rmtree(leftover)
    if not (place / "PG_VERSION").exists():
        if place.is_symlink() or (place.exists() and any(place.iterdir())):
            raise EmbeddedError(
                f"The folder {place} holds no PostgreSQL data. Move it away, or set CONTEST_DATA "
                "to another folder."
            )
        _create_cluster(place, account, is_durable=is_durable)
    cluster = place.resolve()
    version = (cluster / "PG_VERSION").read_text().strip()
    if version != MAJOR_VERSION:
        raise EmbeddedError(
            f"The data in {cluster} was written by PostgreSQL {version}, this is {MAJOR_VERSION}. "
            "Export it with the release that wrote it, or set CONTEST_DATA to another folder."
        )
    owner = cluster.stat().st_uid
    if owner != account.uid:
        raise EmbeddedError(
            f"The data in {cluster} belongs to user number {owner}, not to {account.name} "
            f"({account.uid}). Start as the user who started it first, or set CONTEST_DATA."
        )
    return cluster


def _create_cluster(place: Path, account: Account, *, is_durable: bool) -> None:
    """Make the cluster beside its place and move it there whole, so that half of one never is."""
    if account.is_own or account.reaches(place.parent):
        fresh = Path(tempfile.mkdtemp(prefix="postgres.new", dir=place.parent))
        target = place
    else:
        # The data folder is closed to the account, and stays so: a link in it says where.
        fresh = Path(tempfile.mkdtemp(prefix="postgres.new", dir=state_folder()))
        target = fresh.with_name(fresh.name.replace("postgres.new", "postgres-"))
    try:
        os.chown(fresh, *account.owner)
        _fill_cluster(fresh, account, is_durable=is_durable)
        fresh.rename(target)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    if target != place:
        place.symlink_to(target)


def _fill_cluster(fresh: Path, account: Account, *, is_durable: bool) -> None:
    programs = find_programs(account)
    initdb: list[str | Path] = [programs / "initdb", "-D", fresh, f"--username={ROLE}"]
    initdb += ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    initdb += ["--locale=C", "--auth=peer"]
    if not is_durable:
        initdb.append("--no-sync")
    _run(initdb, account)
    single: list[str | Path] = [programs / "postgres", "--single", "-D", fresh]
    if not is_durable:
        single += ["-F"]
    _run([*single, "postgres"], account, typed=f"CREATE DATABASE {DATABASE};\n")


def _run(command: list[str | Path], account: Account, *, typed: str = "") -> None:
    done = subprocess.run(
        command,
        input=typed,
        env=_ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
        **account.popen_options(),
    )
    if done.returncode != 0:
        reason = " ".join((done.stderr or done.stdout).split())
        raise EmbeddedError(
            f"PostgreSQL could not make its data folder: {reason}. "
            "Make room or mend that, and start again."
        )


def _write_access_rules(cluster: Path, account: Account) -> None:
    """Let in, over the socket alone, whom the kernel names: the account itself and its starter."""
    rules = {
        "pg_hba.conf": f"local all {ROLE} peer map=owner\n",
        "pg_ident.conf": f'owner "{account.name}" {ROLE}\n'
        + ("" if account.is_own else f"owner root {ROLE}\n"),
    }
    for name, text in rules.items():
        # The folder is the account's, so a link there could lead root anywhere: never follow one.
        handle = os.open(cluster / name, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW)
        with open(handle, "w") as file:
            file.write(text)


def _is_ready(cluster: Path, pid: int) -> bool:
    """Read the server's own word on its state, as pg_ctl does."""
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return (
        len(lines) > _READY_LINE
        and lines[0].strip() == str(pid)
        and lines[_READY_LINE].strip() == "ready"
    )


def _clear_leftovers(cluster: Path) -> None:
    """Remove the pid file of a server that is gone.

    After a restart of the machine another program may have the old server's number, and PostgreSQL
    would take it for the server. Where the system can tell what works in the folder, that decides.
    """
    pid_file = cluster / "postmaster.pid"
    if not pid_file.exists() or not Path("/proc/self/cwd").exists():
        return
    deadline = time.monotonic() + _STOP_PATIENCE / 2
    while (pid := _process_within(cluster)) is not None:
        # One whose starter was killed is stopping just now.
        if time.monotonic() > deadline:
            raise EmbeddedError(
                f"A PostgreSQL of an earlier run (process {pid}) still works in {cluster}. "
                f"Stop it with `kill -INT {pid}`, then start again."
            )
        time.sleep(0.1)
    pid_file.unlink(missing_ok=True)


def _process_within(cluster: Path) -> int | None:
    """Find a process whose working directory is the cluster, as every PostgreSQL process's is."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (entry / "cwd").readlink() == cluster:
                    return int(entry.name)
            except OSError:
                continue  # it ended, or it is not ours to look at
    return None
