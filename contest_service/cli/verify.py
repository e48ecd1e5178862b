"""`verify`: checks an audit bundle or a bare proof with the service's own code.

The standalone `proof/verify.py` does the same and shares no code with it.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from contest_service.cli.containers import opened
from contest_service.cli.surroundings import Commands, add_command
from contest_service.proof.bundle import check_bundle, check_folder
from contest_service.proof.check import (
    Refusal,
    Report,
    Verdict,
    locate,
    refused,
    with_receipt,
)
from contest_service.proof.errors import TrustError, UnreadableError
from contest_service.proof.events import Slot
from contest_service.proof.held import Held
from contest_service.proof.receipts import MAX_RECEIPT
from contest_service.proof.trust import MAX_TRUST, NOBODY, Trust, parse_trust


def add_commands(commands: Commands) -> None:
    parser = add_command(commands, "verify", help="check an audit bundle or a proof", run=_verify)
    parser.add_argument("path", type=Path, metavar="PATH", help="a zip, or a folder")
    parser.add_argument(
        "--practice", action="store_true", help="accept a practice draw, which proves nothing"
    )
    parser.add_argument(
        "--trust",
        type=Path,
        metavar="FILE",
        help="whom to believe: keys of logs and witnesses, roots of timestamps",
    )
    parser.add_argument(
        "--receipt", type=Path, metavar="FILE", help="an entrant's promise or receipt, to look up"
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def _verify(options: argparse.Namespace) -> int:
    report = verify(
        options.path, practice=options.practice, trust=options.trust, receipt=options.receipt
    )
    if options.json:
        # ASCII only, since a bundle comes from anybody; json leaves U+007F as it is.
        written = json.dumps(msgspec.to_builtins(report)).replace("\x7f", "\\u007f")
        sys.stdout.write(written + "\n")
    else:
        for line in in_words(report):
            # A bundle comes from anybody: nothing in it may steer the terminal.
            print("".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in line))
    return report.verdict.exit_status


def verify(
    path: Path,
    *,
    practice: bool = False,
    trust: Path | None = None,
    receipt: Path | None = None,
) -> Report:
    """Check what is at `path`: a zip, a folder, or a bare proof in a folder.

    `trust` and `receipt` are files; one that cannot be read makes the whole unreadable.
    """
    held: bytes | None = None
    try:
        held = None if receipt is None else _beginning(receipt, MAX_RECEIPT)
        believed = NOBODY if trust is None else _trust(trust)
        with locate(str(path)):
            return _checked(path, practice=practice, trust=believed, receipt=held)
    except Refusal as refusal:
        report = refused(refusal, None)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        report = Report(
            verdict=Verdict.UNREADABLE,
            reason="cannot_read",
            message=f"It cannot be read: {reason}.",
            where=str(error.filename or path),
        )
    return with_receipt(report, None, receipt=held, trust=NOBODY)


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
    if report.receipt is not None:
        yield from _held_in_words(report.receipt)


def _held_in_words(held: Held) -> Iterator[str]:
    if not held.holds:
        yield f"receipt: DOES NOT HOLD ({held.reason})"
        return
    yield f"receipt: HOLDS, tickets: {held.weight}"
    for number, place in enumerate(held.draws or (), start=1):
        yield f"draw {number}: your ticket {place.ticket}, place {place.place}"
        if place.cut_off is not None:
            yield f"draw {number}: the last ticket that won {place.cut_off}"


def _checked(path: Path, *, practice: bool, trust: Trust, receipt: bytes | None) -> Report:
    check = check_folder if path.is_dir() else check_bundle
    with opened(path) as files:
        return check(files, practice=practice, trust=trust, receipt=receipt)


def _trust(path: Path) -> Trust:
    with locate(str(path)):
        try:
            return parse_trust(_beginning(path, MAX_TRUST))
        except TrustError as error:
            # Without it nothing is said of the bundle.
            raise UnreadableError(error.code, error.message) from error


def _beginning(path: Path, limit: int) -> bytes:
    """Read a file as far as it matters: what is longer is refused by whoever parses it."""
    with path.open("rb") as file:
        return file.read(limit + 1)


def _said(slot: Slot) -> str:
    if slot.commit is None:
        return f"{slot.tier}: nobody"
    return f"{slot.tier}: entry {slot.commit}"
