"""The command line: `contest-service COMMAND`. One module for each group of commands.

Owns what a person at a terminal sees: the commands, their exit status, and that a failure is one
clear sentence and no traceback. Imports what a command needs when it runs, so that `--help` is
instant and a command works where another's parts are missing.
"""

import argparse
import contextlib
import sys
from collections.abc import Sequence
from importlib import metadata

from contest_service.cli import (
    api,
    demo,
    document,
    finish,
    health,
    keys,
    log,
    sandbox,
    schema,
    sign_in,
    tokens,
    up,
    verify,
    worker,
)
from contest_service.domain.errors import ContestError

INTERRUPTED = 130

_GROUPS = (
    up,
    demo,
    api,
    worker,
    sandbox,
    schema,
    tokens,
    sign_in,
    keys,
    log,
    health,
    verify,
    finish,
    document,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 is well, 1 a failure that was explained."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
    except ContestError as error:
        with contextlib.suppress(OSError):
            print(f"contest-service: {error.message}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="contest-service",
        description="Contests on social communities, drawn by a public beacon, provable offline.",
        epilog="Settings come from the environment; docs/operation.md lists them.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {_version()}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for group in _GROUPS:
        group.add_commands(commands)
    return parser


def _version() -> str:
    try:
        return metadata.version("contest-service")
    except metadata.PackageNotFoundError:
        return "(run from its source)"
