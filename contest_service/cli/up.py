"""`up`: everything on this machine with one command.

Owns the order: take the ports, start the embedded servers where none are given, bring the schema
forward, make the first workspace, keep the processes running, and stop it all backwards.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Sequence

import msgspec

from contest_service.cli.api import listen
from contest_service.cli.health import ask
from contest_service.cli.supervisor import Child, Supervisor
from contest_service.cli.surroundings import Commands, add_command, leave_politely, with_keys
from contest_service.domain.errors import ContestError
from contest_service.embedded import EmbeddedServers, running_servers
from contest_service.settings import Settings, child_environment, read_settings

_READY_PATIENCE = 60.0  # seconds
_LOOK_EVERY = 0.5


def add_commands(commands: Commands) -> None:
    add_command(commands, "up", help="run everything on this machine", run=_up)


def _up(_options: argparse.Namespace) -> int:
    settings = read_settings(os.environ)
    leave_politely()
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(listen(settings))
        _require_free_beacon_port(settings)
        servers = None
        if settings.is_embedded:
            servers = stack.enter_context(running_servers(settings.data))
            settings = _on(settings, servers)
        asyncio.run(_prepare(settings))
        asyncio.run(_run(settings, listener, servers))
    _say("Stopped; all data is kept.")
    return 0


def _require_free_beacon_port(settings: Settings) -> None:
    if not settings.has_sandbox:
        return
    try:
        socket.create_server(("127.0.0.1", settings.sandbox_port)).close()
    except OSError as error:
        raise ContestError(
            f"The practice beacon's port {settings.sandbox_port} cannot be used "
            f"({error.strerror or error}). Set CONTEST_SANDBOX_PORT to a free port, or "
            "CONTEST_SANDBOX=0."
        ) from None


def _on(settings: Settings, servers: EmbeddedServers) -> Settings:
    """Complete the settings with the embedded servers' addresses and their keys."""
    addresses = servers.addresses
    _say(f"PostgreSQL and Valkey run; the data is in {settings.data}.")
    return with_keys(
        msgspec.structs.replace(
            settings, database_url=addresses.database_url, redis_url=addresses.redis_url
        )
    )


async def _prepare(settings: Settings) -> None:
    """Bring the schema forward and make the first workspace."""
    from contest_service.flows.bootstrap import ensure_first_workspace
    from contest_service.store.migrate import migrate
    from contest_service.store.pool import connect

    connection = await connect(settings.database_url or "")
    try:
        applied = await migrate(connection)
        if applied:
            _say(f"The schema is at {applied[-1].title}.")
        workspace, secret = await ensure_first_workspace(connection)
    finally:
        await connection.close()
    _say(f"Workspace “{workspace.name}” ({workspace.id}): {settings.public_url}/v1")
    if secret is not None:
        _say(f"Its owner's token, shown this once: {secret}")
    else:
        _say("Its tokens are kept as digests only; `contest-service token` makes another one.")


async def _run(
    settings: Settings, listener: socket.socket, servers: EmbeddedServers | None
) -> None:
    supervisor = Supervisor(
        _children(settings, listener),
        environment=child_environment(settings, os.environ),
        say=_say,
    )

    def stop() -> None:
        _say("Stopping.")
        supervisor.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    async with asyncio.TaskGroup() as group:
        group.create_task(supervisor.run())
        group.create_task(_tell_when_ready(settings, supervisor))
        if servers is not None:
            group.create_task(_keep_alive(servers, supervisor))


def _children(settings: Settings, listener: socket.socket) -> Sequence[Child]:
    # Without the current folder on the path: what lies there is not ours.
    program = [sys.executable, "-P", "-m", "contest_service.cli"]
    number = listener.fileno()
    count = settings.api_processes
    names = ["api"] if count == 1 else [f"api-{n}" for n in range(1, count + 1)]
    children = [
        Child(name=name, command=[*program, "api", "--socket", str(number)], sockets=[number])
        for name in names
    ]
    children.append(Child(name="worker", command=[*program, "worker"]))
    if settings.has_sandbox:
        children.append(Child(name="beacon", command=[*program, "beacon"]))
    return children


async def _tell_when_ready(settings: Settings, supervisor: Supervisor) -> None:
    deadline = asyncio.get_running_loop().time() + _READY_PATIENCE
    while asyncio.get_running_loop().time() < deadline:
        if await ask(settings, "/livez") is not None:
            _say(f"Ready: {settings.public_url} (Ctrl-C stops everything)")
            return
        if await supervisor.wait_for_stop(0.2):
            return
    _say(f"The API has not answered for {_READY_PATIENCE:.0f} s; what it says stands above.")


async def _keep_alive(servers: EmbeddedServers, supervisor: Supervisor) -> None:
    """Start an embedded server again that ended by itself."""
    while not await supervisor.wait_for_stop(_LOOK_EVERY):
        # On this thread, since a server ends with the thread that started it.
        for name in servers.revive():
            _say(
                f"{name} had ended by itself and was started again; its log is in the data folder."
            )


def _say(text: str) -> None:
    print(text, flush=True)
