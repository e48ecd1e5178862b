"""`worker`: runs the package `workers`, which the rest of the service never imports."""

import argparse
import runpy
import sys

from contest_service.cli.surroundings import Commands, add_command


def add_commands(commands: Commands) -> None:
    parser = add_command(commands, "worker", help="run one worker process", run=_work)
    parser.add_argument(
        "--check", action="store_true", help="exit with 0 if a worker was alive just now"
    )


def _work(options: argparse.Namespace) -> int:
    sys.argv[1:] = ["--check"] if options.check else []
    runpy.run_module("workers", run_name="__main__", alter_sys=True)
    return 0
