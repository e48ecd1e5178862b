"""`verify`: checks an audit bundle or a bare proof with the service's own code.

The standalone `proof/verify.py` does the same and shares no code with it.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from contest_service.cli.surroundings import Commands, add_command
from contest_service.proof.archive import ZipArchive
from contest_service.proof.bundle import check_bundle, check_folder
from contest_service.proof.check import Refusal, Report, Verdict, locate, refused
from contest_service.proof.errors import BundleError
from contest_service.proof.events import Slot

_PIECE = 1 << 20  # bytes
_FOLDERS = ("terms", "dispute")


def add_commands(commands: Commands) -> None:
    parser = add_command(commands, "verify", help="check an audit bundle or a proof", run=_verify)
    parser.add_argument("path", type=Path, metavar="PATH", help="a zip, or a folder")
    parser.add_argument(
        "--practice", action="store_true", help="accept a practice draw, which proves nothing"
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def _verify(options: argparse.Namespace) -> int:
    report = verify(options.path, practice=options.practice)
    if options.json:
        # ASCII only, since a bundle comes from anybody; json leaves U+007F as it is.
        written = json.dumps(msgspec.to_builtins(report)).replace("\x7f", "\\u007f")
        sys.stdout.write(written + "\n")
    else:
        for line in in_words(report):
            # A bundle comes from anybody: nothing in it may steer the terminal.
            print("".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in line))
    return report.verdict.exit_status


def verify(path: Path, *, practice: bool = False) -> Report:
    """Check what is at `path`: a zip, a folder, or a bare proof in a folder."""
    try:
        with locate(str(path)):
            return _checked(path, practice=practice)
    except Refusal as refusal:
        return refused(refusal, None)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        message = f"It cannot be read: {reason}."
        return Report(
            verdict=Verdict.UNREADABLE, reason="cannot_read", message=message, where=str(path)
        )


def in_words(report: Report) -> Iterator[str]:
    """Say a report to a person, line by line; that it is practice comes first of all."""
    if report.practice:
        yield "THIS IS A PRACTICE DRAW. It proves nothing about chance."
    yield f"{report.verdict.upper()}" + (f" ({report.reason})" if report.reason else "")
    if report.message is not None:
        yield f"{report.where}: {report.message}" if report.where else report.message
    facts = {
        "contest": report.contest,
        "outcome": report.outcome,
        "freeze": report.freeze_hash,
        "round": report.round,
        "randomness": report.randomness,
        "grade": report.grade,
    }
    yield from (f"{name}: {fact}" for name, fact in facts.items() if fact is not None)
    for number, slots in enumerate(report.final or (), start=1):
        for slot in slots:
            yield f"draw {number}, {_said(slot)}"
    for finding in report.findings:
        if finding.code != "practice":
            yield f"note: {finding.text}"


class _Folder:
    """A bundle's files in a folder: regular ones only, read no further than their size."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sizes = dict(self._scan(""))

    def names(self) -> list[str]:
        return list(self._sizes)

    def size(self, name: str) -> int:
        return self._sizes[name]

    def chunks(self, name: str) -> Iterator[bytes]:
        left = self._sizes[name]
        with (self._path / name).open("rb") as file:
            while left and (piece := file.read(min(left, _PIECE))):
                left -= len(piece)
                yield piece
            if left or file.read(1):
                raise BundleError("changing_file", "The file changed while it was read.")

    def _scan(self, prefix: str) -> Iterator[tuple[str, int]]:
        with os.scandir(self._path / prefix) as found:
            for item in found:
                name = prefix + item.name
                if name in _FOLDERS and item.is_dir(follow_symlinks=False):
                    yield from self._scan(f"{name}/")
                elif item.is_file(follow_symlinks=False):
                    yield name, item.stat(follow_symlinks=False).st_size
                else:
                    raise BundleError("not_a_file", f"{name} is neither a file nor known.")


def _checked(path: Path, *, practice: bool) -> Report:
    if not path.is_dir():
        with path.open("rb") as file:
            return check_bundle(ZipArchive(file), practice=practice)
    return check_folder(_Folder(path), practice=practice)


def _said(slot: Slot) -> str:
    if slot.commit is None:
        return f"{slot.tier}: nobody"
    return f"{slot.tier}: entry {slot.commit}"
