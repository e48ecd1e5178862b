"""`log`: re-reads the log and says what was altered, and shows the keys that it is known by."""

import argparse
import asyncio

from contest_service.cli.surroundings import Commands, add_command, reachable_servers, with_keys
from contest_service.domain.errors import ContestError
from contest_service.settings import Settings

MOST_SHOWN = 200
"""Lines about what is wrong; one row that was altered early is seen in all that rests on it."""


def add_commands(commands: Commands) -> None:
    parser = add_command(commands, "log", help="check the log, or show its keys", run=_choose)
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    add_command(
        actions,
        "check",
        help="re-read all of the log; exit with 1 if anything was altered, dropped or forked",
        run=_check,
    )
    add_command(
        actions, "key", help="print the verifier keys of the log and of the witness", run=_show
    )


def _choose(_options: argparse.Namespace) -> int:
    raise LookupError("an action is required")


def _check(_options: argparse.Namespace) -> int:
    with reachable_servers() as settings:
        count, sizes = asyncio.run(_read(with_keys(settings)))
    if count > MOST_SHOWN:
        print(f"… and {count - MOST_SHOWN} more.")
    print(f"{sizes}: {f'{count} findings' if count else 'as it was written'}.")
    return 1 if count else 0


async def _read(settings: Settings) -> tuple[int, str]:
    """Print what is wrong; return how much that is, and how large the logs are."""
    from contest_service.assembly import make_signer
    from contest_service.evidence_client import open_evidence_client
    from contest_service.flows.log_check import check_logs
    from contest_service.store import log as store
    from contest_service.store.migrate import require_current
    from contest_service.store.pool import connect

    connection = await connect(settings.database_url or "")
    try:
        await require_current(connection)
        async with open_evidence_client() as post:
            signer = make_signer(settings, post)
        if signer is None:
            print("Without CONTEST_LOG_KEY_FILE, signatures are not checked.")
        count = 0
        async for finding in check_logs(connection, signer):
            count += 1
            if count <= MOST_SHOWN:
                print(f"{finding.where}: {finding.what}")
        sizes = [f"{log} log of {await store.head_size(connection, log)}" for log in store.Log]
        return count, ", ".join(sizes)
    finally:
        await connection.close()


def _show(_options: argparse.Namespace) -> int:
    with reachable_servers() as settings:
        lines = asyncio.run(_keys(with_keys(settings)))
    for name, key in lines:
        print(f"{name:<13} {key}")
    return 0


async def _keys(settings: Settings) -> list[tuple[str, str]]:
    """The keys by what they are for. Raises ContestError where there is none."""
    from contest_service.assembly import make_cosigner, make_signer
    from contest_service.evidence_client import open_evidence_client
    from contest_service.flows.log import present_key
    from contest_service.proof.notes import KeyKind
    from contest_service.store.log import Log
    from contest_service.store.migrate import require_current
    from contest_service.store.pool import connect

    async with open_evidence_client() as post:
        signer = make_signer(settings, post)
    cosigner = make_cosigner(settings)
    found = []
    if signer is not None:
        connection = await connect(settings.database_url or "")
        try:
            await require_current(connection)
            for log in Log:
                key = await present_key(connection, signer, log)
                found.append((f"{log} log", key.verifier(KeyKind.LOG).text))
        finally:
            await connection.close()
    if cosigner is not None:
        found.append(("witness", cosigner.key.verifier(KeyKind.WITNESS).text))
    if not found:
        raise ContestError("There is no key: set CONTEST_LOG_KEY_FILE.")
    return found
