"""Launches everything on this machine, and stops it all backwards: what `up` and `demo` have in
common.

Owns the order: take the ports, start the embedded servers where none are given, bring the schema
forward, make the first workspace, keep the processes running.
"""

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from contest_service.cli.api import listen
from contest_service.cli.health import ask
from contest_service.cli.sandbox import in_use
from contest_service.cli.supervisor import Child, Supervisor
from contest_service.cli.surroundings import with_keys
from contest_service.domain.errors import ContestError
from contest_service.embedded import EmbeddedServers, running_servers
from contest_service.settings import Settings, child_environment

_READY_PATIENCE = 60.0  # seconds
_LOOK_EVERY = 0.5
_FIRST_LOOK = 0.2

Say = Callable[[str], None]


class Launched(msgspec.Struct, frozen=True, kw_only=True):
    """Everything, up and answering. `secret` is the owner's token, if it was made just now."""

    settings: Settings
    workspace_id: UUID
    secret: str | None


Live = Callable[[Launched, Supervisor], Awaitable[None]]
"""What is done beside the running processes; cancelled when it is time to stop."""


class Launch(msgspec.Struct, frozen=True, kw_only=True):
    """What to launch, and who is told of it. `hear` takes the lines that the processes say."""

    settings: Settings
    environment: Mapping[str, str]
    say: Say
    hear: Say
    live: Live


def launch(wanted: Launch) -> None:
    """Run everything until somebody stops it. Call it from the main thread.

    Raises ContestError for a port that is taken, and for servers that do not start.
    """
    settings = wanted.settings
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(listen(settings))
        _require_free_sandbox_ports(settings)
        servers = None
        if settings.is_embedded:
            servers = stack.enter_context(running_servers(settings.data))
            wanted.say(f"PostgreSQL and Valkey run; the data is in {settings.data}.")
            settings = _on(settings, servers)
        launched = asyncio.run(_prepare(settings, wanted.say))
        asyncio.run(_run(wanted, launched, listener, servers=servers))


def _require_free_sandbox_ports(settings: Settings) -> None:
    if not settings.has_sandbox:
        return
    ports = {
        "CONTEST_SANDBOX_PORT": settings.sandbox_port,
        "CONTEST_SANDBOX_VK_PORT": settings.sandbox_vk_port,
    }
    for name, port in ports.items():
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError as error:
            raise ContestError(in_use(name, port, error)) from None


def _on(settings: Settings, servers: EmbeddedServers) -> Settings:
    """Complete the settings with the embedded servers' addresses and their keys."""
    addresses = servers.addresses
    return with_keys(
        msgspec.structs.replace(
            settings, database_url=addresses.database_url, redis_url=addresses.redis_url
        )
    )


async def _prepare(settings: Settings, say: Say) -> Launched:
    """Bring the schema forward and make the first workspace."""
    from contest_service.flows.bootstrap import ensure_first_workspace
    from contest_service.flows.sign_in import Rescue, rescue
    from contest_service.store.migrate import migrate
    from contest_service.store.pool import connect

    connection = await connect(settings.database_url or "")
    try:
        applied = await migrate(connection)
        if applied:
            say(f"The schema is at {applied[-1].title}.")
        workspace, secret = await ensure_first_workspace(connection)
        link = None
        if secret is not None:
            async with connection.transaction():
                wanted = Rescue(workspace_id=workspace.id)
                link = await rescue(connection, wanted, now=datetime.now(UTC))
    finally:
        await connection.close()
    say(f"Workspace “{workspace.name}” ({workspace.id}): {settings.public_url}/v1")
    if secret is not None:
        say(f"Its owner's token, shown this once: {secret}")
        say(
            f"Sign in here, once and within half an hour: {settings.public_url}/sign-in/link/{link}"
        )
    else:
        say("Its tokens are kept as digests only; `contest-service token` makes another one.")
        say("`contest-service sign-in-link` makes a link by which its owner signs in.")
    return Launched(settings=settings, workspace_id=workspace.id, secret=secret)


async def _run(
    wanted: Launch,
    launched: Launched,
    listener: socket.socket,
    *,
    servers: EmbeddedServers | None,
) -> None:
    supervisor = Supervisor(
        _children(launched.settings, listener),
        environment=child_environment(launched.settings, wanted.environment),
        say=wanted.say,
        hear=wanted.hear,
    )

    def stop() -> None:
        wanted.say("Stopping.")
        supervisor.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    async with asyncio.TaskGroup() as group:
        group.create_task(supervisor.run())
        group.create_task(_live(wanted, launched, supervisor))
        if servers is not None:
            group.create_task(_keep_alive(servers, supervisor, wanted.say))


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
        children.append(Child(name="sandbox", command=[*program, "sandbox"]))
    return children


async def _live(wanted: Launch, launched: Launched, supervisor: Supervisor) -> None:
    """Do what is to be done beside the processes, until it is done or it is time to stop."""

    async def live() -> None:
        await wanted.live(launched, supervisor)

    doing = asyncio.create_task(live())
    stopping = asyncio.create_task(supervisor.wait_for_stop(None))
    await asyncio.wait({doing, stopping}, return_when=asyncio.FIRST_COMPLETED)
    for task in (doing, stopping):
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await doing


async def require_ready(settings: Settings) -> None:
    """Wait until the API and the practice VK answer. Raises ContestError if they do not."""
    deadline = asyncio.get_running_loop().time() + _READY_PATIENCE
    while asyncio.get_running_loop().time() < deadline:
        if await ask(settings, "/livez") is not None and await _is_practice_up(settings):
            return
        await asyncio.sleep(_FIRST_LOOK)
    raise ContestError(
        f"The API has not answered for {_READY_PATIENCE:.0f} s; what it says stands above."
    )


async def _is_practice_up(settings: Settings) -> bool:
    """Whether the practice VK takes connections, where there is to be one."""
    if not settings.has_sandbox:
        return True
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", settings.sandbox_vk_port)
    except OSError:
        return False
    writer.close()
    return True


async def _keep_alive(servers: EmbeddedServers, supervisor: Supervisor, say: Say) -> None:
    """Start an embedded server again that ended by itself."""
    while not await supervisor.wait_for_stop(_LOOK_EVERY):
        # On this thread, since a server ends with the thread that started it.
        for name in servers.revive():
            say(f"{name} had ended by itself and was started again; its log is in the data folder.")
