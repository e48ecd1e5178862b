"""`finish`: computes the winners of a frozen contest with the service down.

What was published (a bundle, or the events and the frozen list) and the beacon's answer are enough;
neither the service nor its database is asked.
"""

import argparse
import asyncio
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from contest_service.beacon_client import PUBLIC_RELAYS, fetch_round, open_client, parse_relays
from contest_service.cli.containers import opened
from contest_service.cli.surroundings import Commands, add_command
from contest_service.cli.verify import verify
from contest_service.domain.errors import ContestError
from contest_service.logs import configure_logs
from contest_service.proof.canonical import lines
from contest_service.proof.chain import Chain
from contest_service.proof.check import ENTRIES, EVENTS, OPENINGS, Verdict
from contest_service.proof.entries import parse_opening
from contest_service.proof.errors import ProofError
from contest_service.proof.events import Freeze, Result
from contest_service.proof.files import Files, content
from contest_service.proof.finish import finish, frozen
from contest_service.settings import LogFormat

PRACTICE_WORDS = "THIS IS A PRACTICE DRAW. It proves nothing about chance."


def add_commands(commands: Commands) -> None:
    parser = add_command(
        commands,
        "finish",
        help="compute the winners of a frozen contest without the service",
        run=_finish,
    )
    parser.add_argument("path", type=Path, metavar="PATH", help="a bundle, or a bare proof")
    parser.add_argument(
        "--signature", metavar="HEX", help="the round's signature, if you have it already"
    )
    parser.add_argument(
        "--relay", action="append", metavar="URL", help="ask this relay of the beacon, not drand's"
    )
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER", help="write the finished proof into a new folder"
    )
    parser.add_argument(
        "--practice", action="store_true", help="accept a practice draw, which proves nothing"
    )
    parser.add_argument("--json", action="store_true", help="print the winners as JSON")


def _finish(options: argparse.Namespace) -> int:
    # That a relay is down matters only if all are, and that is told in a sentence.
    configure_logs(log_format=LogFormat.TEXT, level="error")
    report = verify(options.path, practice=options.practice)
    if report.verdict in (Verdict.REFUSED, Verdict.UNREADABLE):
        where = f"{report.where}: " if report.where else ""
        raise ContestError(f"{where}{report.message}", code=report.reason)
    try:
        with opened(options.path) as files:
            return _finished(files, options)
    except ProofError as error:
        raise ContestError(error.message, code=error.code) from error
    except OSError as error:
        raise ContestError(f"{error.filename}: {error.strerror or error}.") from error


def _finished(files: Files, options: argparse.Namespace) -> int:
    """Print the winners of what was found to be sound."""
    events, entries = content(files, EVENTS), content(files, ENTRIES)
    chain, freeze = frozen(events, entries, practice=options.practice)
    signature = options.signature or asyncio.run(_ask(chain, freeze.round, options.relay))
    line, result = finish(chain, signature)
    openings = content(files, OPENINGS) if OPENINGS in files.names() else b""
    if options.out is not None:
        options.out.mkdir(parents=True)
        for name, data in ((EVENTS, events + line), (ENTRIES, entries), (OPENINGS, openings)):
            (options.out / name).write_bytes(data)
    if options.json:
        print(json.dumps(msgspec.to_builtins(result)))
    else:
        for said in _in_words(chain, freeze, result, openings=openings):
            # What was published comes from anybody: nothing in it may steer the terminal.
            print("".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in said))
    return 0


async def _ask(chain: Chain, round_: int, relays: Sequence[str] | None) -> str:
    """Ask the beacon's relays once. Raises ContestError while the round is not out."""
    asked = parse_relays(" ".join(relays)) if relays else PUBLIC_RELAYS
    async with open_client() as client:
        fetched = await fetch_round(chain.rules.beacon, round_, asked, client=client)
    if fetched is not None:
        return fetched.signature
    due = datetime.fromtimestamp(chain.round_time, UTC)
    raise ContestError(
        f"No relay has round {round_} of the beacon, which is due at {due:%Y-%m-%d %H:%M:%S} UTC. "
        "Ask again later, name another relay with --relay, or give the round with --signature."
    )


def _in_words(chain: Chain, freeze: Freeze, result: Result, *, openings: bytes) -> Iterator[str]:
    if chain.is_practice:
        yield PRACTICE_WORDS
    opened_ = [parse_opening(line) for line in lines([openings])]
    names = {each.commitment.hex(): f"{each.label} ({each.subject})" for each in opened_}
    yield f"contest: {chain.contest}"
    yield f"title: {chain.rules.title}"
    yield f"entries: {freeze.entries.count}, tickets: {freeze.entries.weight}"
    yield f"round: {freeze.round}, randomness: {result.randomness}"
    for number, (draw, slots) in enumerate(zip(chain.rules.draws, result.draws, strict=True), 1):
        prizes = {tier.id: tier.prize for tier in draw.tiers}
        for slot in slots:
            who = (
                names.get(slot.commit, f"entry {slot.commit}") if slot.commit else "nobody is left"
            )
            yield f"draw {number}, {prizes[slot.tier]}: {who}"
