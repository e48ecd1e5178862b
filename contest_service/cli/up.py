"""`up`: everything on this machine with one command.

The very first start of the embedded default opens with a practice contest, so that there is
something to see: people take part by themselves, and within two minutes it is drawn and announced.
"""

import argparse
import os
import sys

from contest_service.cli.launch import Launch, Launched, launch, require_ready
from contest_service.cli.supervisor import Supervisor
from contest_service.cli.surroundings import Commands, add_command, leave_politely
from contest_service.domain.errors import ContestError
from contest_service.settings import read_settings


def add_commands(commands: Commands) -> None:
    add_command(commands, "up", help="run everything on this machine", run=_up)


def _up(_options: argparse.Namespace) -> int:
    settings = read_settings(os.environ)
    leave_politely()
    launch(Launch(settings=settings, environment=os.environ, say=_say, hear=_pass_on, live=_open))
    _say("Stopped; all data is kept.")
    return 0


async def _open(launched: Launched, _supervisor: Supervisor) -> None:
    """Say where everything is, and show a practice contest at the very first start."""
    settings = launched.settings
    try:
        await require_ready(settings)
    except ContestError as error:
        _say(error.message)
        return
    _say(f"Ready: {settings.public_url} (Ctrl-C stops everything)")
    if launched.secret is not None and settings.is_embedded and settings.has_sandbox:
        await _show(launched)


async def _show(launched: Launched) -> None:
    from contest_service.assembly import open_redis, open_runtime
    from contest_service.cli.sample import SECONDS, sample
    from contest_service.domain.people import system
    from contest_service.flows.dry_run import Wish, rehearse
    from contest_service.platforms.errors import PlatformError
    from contest_service.store.readiness import is_passing

    settings = launched.settings
    try:
        async with open_redis(settings) as redis, open_runtime(settings, redis) as rt:
            actor = system(launched.workspace_id, "first")
            contest = await rehearse(rt, actor, sample(rt.clock()), Wish(seconds=SECONDS))
    except (ContestError, PlatformError) as error:
        _say(f"The practice contest could not be opened: {error.message}")
        return
    except Exception as error:
        if not is_passing(error):
            raise
        _say("The practice contest could not be opened: a server was away just then.")
        return
    _say(
        f"A practice contest is running, with people who are nobody: {rt.contest_link(contest.id)}"
    )
    _say("It closes, is drawn and announced within two minutes, all by itself.")


def _say(text: str) -> None:
    print(text, flush=True)


def _pass_on(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
