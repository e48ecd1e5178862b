"""`openapi`: prints the API's description, or writes it to a file."""

import argparse
import sys
from pathlib import Path

from contest_service.cli.surroundings import Commands, add_command


def add_commands(commands: Commands) -> None:
    parser = add_command(commands, "openapi", help="print the API's OpenAPI document", run=_write)
    parser.add_argument("--output", type=Path, metavar="FILE", help="write it there instead")


def _write(options: argparse.Namespace) -> int:
    from contest_service.app import openapi_document

    document = openapi_document()
    if options.output is None:
        sys.stdout.buffer.write(document)
    else:
        options.output.write_bytes(document)
    return 0
