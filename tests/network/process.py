"""Runs the network as a process of its own, which ends with the process that started it."""

import contextlib
import secrets
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec

from network.install import NetworkUnavailableError, installed_network, node_program

_START_PATIENCE = 180.0
_STOP_PATIENCE = 30.0


class Endpoints(msgspec.Struct, frozen=True, kw_only=True):
    """Where the network answers."""

    pds: str
    plc: str
    appview: str
    control: str


@contextlib.contextmanager
def running_network(postgres_url: str) -> Iterator[Endpoints]:
    """Run a fresh network on schemas of its own until the block ends.

    `postgres_url` is a database in which schemas may be made. Raises NetworkUnavailableError.
    """
    folder = installed_network()
    with tempfile.TemporaryDirectory(prefix="network-") as scratch:
        words = Path(scratch) / "words"
        with words.open("wb") as log:
            process = subprocess.Popen(
                [node_program(), "--no-deprecation", folder / "network.mjs"],
                cwd=folder,
                env={
                    "NETWORK_DATABASE_URL": postgres_url,
                    "NETWORK_SCHEMA": _letters(),
                    "TMPDIR": scratch,
                },
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        try:
            yield _addresses(process, words)
        finally:
            _stop(process)


def _addresses(process: subprocess.Popen[bytes], words: Path) -> Endpoints:
    assert process.stdout is not None
    # A start that hangs is ended, which makes the pipe below run dry.
    guard = threading.Timer(_START_PATIENCE, process.kill)
    guard.start()
    try:
        line = process.stdout.readline()
    finally:
        guard.cancel()
    if not line:
        said = words.read_text(errors="replace").strip().splitlines()[-15:]
        raise NetworkUnavailableError("\n".join(["The test network did not start:", *said]))
    return msgspec.json.decode(line, type=Endpoints)


def _stop(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    try:
        process.wait(_STOP_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()


def _letters() -> str:
    """Name a schema: digits are not allowed in it."""
    return "n" + "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(12))
