"""Letting VK tell of what happens: callback servers, and Bots Long Poll. Safe to do again.

A server of ours is known by its address. VK asks a new or changed server for a code at once, which
is to be answered there; the code changes with every change of a server. So whoever answers is given
the code before VK learns of an address, and before a change an empty one, until the new one is
read.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from contest_service.platforms.vk import wire
from contest_service.platforms.vk.calls import VERSION, Parameters, decode
from contest_service.platforms.vk.events import KINDS
from contest_service.platforms.vk.tokens import Tokens

KeepCode = Callable[[str], Awaitable[None]]
"""Takes what a server is to answer when VK asks it to confirm itself; empty while that changes."""

LONGEST_TITLE = 14
LONGEST_SECRET = 50

_SERVERS = "groups.getCallbackServers"
_ADD = "groups.addCallbackServer"
_EDIT = "groups.editCallbackServer"
_CODE = "groups.getCallbackConfirmationCode"
_SETTINGS = "groups.setCallbackSettings"
_POLL_SETTINGS = "groups.setLongPollSettings"


class CallbackSetup(msgspec.Struct, frozen=True, kw_only=True):
    """A callback server as VK knows it now."""

    server_id: int
    status: str
    """`ok` once it has confirmed itself; else `unconfigured`, `wait` or `failed`."""


async def set_up_callback(
    tokens: Tokens, community: int, *, url: str, secret: str, title: str, keep: KeepCode
) -> CallbackSetup:
    """Make VK send events to `url`, with `secret` in each. Raises PlatformError."""
    named: Parameters = {
        "group_id": community,
        "url": url,
        "title": title[:LONGEST_TITLE],
        "secret_key": secret,
    }
    server = await _find(tokens, community, url)
    if server is None:
        await keep(await _code(tokens, community))
        added = await tokens.ask(_ADD, named, once=True)
        server_id = decode(_ADD, added.body, wire.AddedServer).server_id
    else:
        server_id = server.id
        if server.secret_key != secret:
            await keep("")
            await tokens.ask(_EDIT, {**named, "server_id": server_id}, once=True)
    await keep(await _code(tokens, community))
    events = dict.fromkeys(KINDS, 1)
    settings: Parameters = {"group_id": community, "server_id": server_id, "api_version": VERSION}
    await tokens.ask(_SETTINGS, {**settings, **events}, once=True)
    server = await _find(tokens, community, url)
    return CallbackSetup(server_id=server_id, status=server.status if server else "")


async def set_up_long_poll(tokens: Tokens, community: int) -> None:
    """Make VK keep events for whoever asks. Raises PlatformError."""
    settings: Parameters = {"group_id": community, "enabled": 1, "api_version": VERSION}
    await tokens.ask(_POLL_SETTINGS, {**settings, **dict.fromkeys(KINDS, 1)}, once=True)


async def _code(tokens: Tokens, community: int) -> str:
    told = await tokens.ask(_CODE, {"group_id": community})
    return decode(_CODE, told.body, wire.ConfirmationCode).code


async def _find(tokens: Tokens, community: int, url: str) -> wire.CallbackServer | None:
    answer = await tokens.ask(_SERVERS, {"group_id": community})
    # A list, in older versions.
    kind: Any = wire.CallbackServers | list[wire.CallbackServer]
    found = decode(_SERVERS, answer.body, kind)
    servers: list[wire.CallbackServer] = (
        found.items if isinstance(found, wire.CallbackServers) else found
    )
    return next((server for server in servers if server.url == url), None)
