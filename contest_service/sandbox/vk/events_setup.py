"""The section `groups`, set-up of events: callback servers and Bots Long Poll.

A new or edited server is asked to confirm itself; until it does, it gets nothing. A community has
at most ten (error 2000).
"""

import hashlib
from typing import Any

from contest_service.sandbox.vk import access
from contest_service.sandbox.vk.callback import ask_to_confirm
from contest_service.sandbox.vk.errors import VkError, bad
from contest_service.sandbox.vk.events import KINDS, CallbackServer, Key, Outlet
from contest_service.sandbox.vk.site import Call, Site
from contest_service.sandbox.vk.societies import confirmation_code

MOST_SERVERS = 10


def get_confirmation_code(site: Site, call: Call) -> Any:
    """Answer `groups.getCallbackConfirmationCode`."""
    return {"code": confirmation_code(access.managed(site, call))}


def get_servers(site: Site, call: Call) -> Any:
    """Answer `groups.getCallbackServers`."""
    community = access.managed(site, call)
    ids = call.params.numbers("server_ids", most=MOST_SERVERS)
    servers = [
        server for server in site.events.outlet(community.id).servers if not ids or server.id in ids
    ]
    return {"count": len(servers), "items": [_shown(server) for server in servers]}


def add_server(site: Site, call: Call) -> Any:
    """Answer `groups.addCallbackServer`."""
    community = access.managed(site, call)
    outlet = site.events.outlet(community.id)
    url, title, secret = _described(call)
    if len(outlet.servers) >= MOST_SERVERS:
        raise VkError(2000)
    server = CallbackServer(
        id=outlet.next_server,
        title=title,
        url=url,
        secret_key=secret,
        creator_id=call.token.person_id,
    )
    outlet.next_server += 1
    outlet.servers.append(server)
    ask_to_confirm(site, community, server)
    return {"server_id": server.id}


def edit_server(site: Site, call: Call) -> Any:
    """Answer `groups.editCallbackServer`: the confirmation code changes, and is asked for anew."""
    community = access.managed(site, call)
    server = _server(call, site.events.outlet(community.id))
    server.url, server.title, server.secret_key = _described(call)
    community.confirmation += 1
    ask_to_confirm(site, community, server)
    return 1


def delete_server(site: Site, call: Call) -> Any:
    """Answer `groups.deleteCallbackServer`."""
    community = access.managed(site, call)
    outlet = site.events.outlet(community.id)
    outlet.servers.remove(_server(call, outlet))
    community.confirmation += 1
    return 1


def get_callback_settings(site: Site, call: Call) -> Any:
    """Answer `groups.getCallbackSettings`."""
    server = _server(call, site.events.outlet(access.managed(site, call).id))
    return {"api_version": server.api_version, "events": _events(server.kinds)}


def set_callback_settings(site: Site, call: Call) -> Any:
    """Answer `groups.setCallbackSettings`; what is not named stays as it is."""
    server = _server(call, site.events.outlet(access.managed(site, call).id))
    server.api_version = call.params.text("api_version", server.api_version)
    server.kinds = _changed(call, server.kinds)
    return 1


def get_long_poll_settings(site: Site, call: Call) -> Any:
    """Answer `groups.getLongPollSettings`."""
    poll = site.events.outlet(access.managed(site, call).id).long_poll
    return {
        "is_enabled": poll.is_enabled,
        "api_version": poll.api_version,
        "events": _events(poll.kinds),
    }


def set_long_poll_settings(site: Site, call: Call) -> Any:
    """Answer `groups.setLongPollSettings`; what is not named stays as it is."""
    poll = site.events.outlet(access.managed(site, call).id).long_poll
    if "enabled" in call.params.given:
        poll.is_enabled = call.params.flag("enabled")
    poll.api_version = call.params.text("api_version", poll.api_version)
    poll.kinds = _changed(call, poll.kinds)
    return 1


def get_long_poll_server(site: Site, call: Call) -> Any:
    """Answer `groups.getLongPollServer`: an address, a key that expires, and where to begin."""
    community = access.managed(site, call)
    poll = site.events.outlet(community.id).long_poll
    if not poll.is_enabled:
        raise bad("longpoll for this group is not enabled")
    poll.keys_made += 1
    text = f"practice vk long poll {community.id} {poll.keys_made}"
    key = hashlib.sha256(text.encode()).hexdigest()[:40]
    now = site.clock()
    poll.keys = {name: held for name, held in poll.keys.items() if held.expires_at > now}
    poll.keys[key] = Key(expires_at=now + poll.key_seconds, generation=poll.generation)
    return {
        "key": key,
        "server": f"{site.world.address}/lp/wh{community.id}",
        "ts": str(poll.ts),
    }


def _described(call: Call) -> tuple[str, str, str]:
    url, title = call.params.needed("url"), call.params.needed("title")
    secret = call.params.text("secret_key")
    if not url.startswith(("http://", "https://")):
        raise bad("url is invalid")
    if len(title) > 14:
        raise bad("title should be less or equal to 14 characters")
    if len(secret) > 50:
        raise bad("secret_key should be less or equal to 50 characters")
    return url, title, secret


def _server(call: Call, outlet: Outlet) -> CallbackServer:
    server = outlet.server(call.params.number("server_id", low=0))
    if server is None:
        raise VkError(104)
    return server


def _shown(server: CallbackServer) -> dict[str, Any]:
    return {
        "id": server.id,
        "title": server.title,
        "creator_id": server.creator_id,
        "url": server.url,
        "secret_key": server.secret_key,
        "status": server.status,
    }


def _events(kinds: tuple[str, ...]) -> dict[str, int]:
    return {kind: int(kind in kinds) for kind in KINDS}


def _changed(call: Call, kinds: tuple[str, ...]) -> tuple[str, ...]:
    def is_wanted(kind: str) -> bool:
        return call.params.flag(kind) if kind in call.params.given else kind in kinds

    return tuple(kind for kind in KINDS if is_wanted(kind))
