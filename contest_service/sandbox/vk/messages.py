"""The section `messages`: a community writes to those who let it.

A `random_id` sends once: within an hour, and among the dialog's last hundred messages, the same one
answers with the message that was sent (dev.vk.com, messages.send).
"""

from typing import Any

import msgspec

from contest_service.sandbox.vk import shapes, societies
from contest_service.sandbox.vk.errors import VkError, bad, missing
from contest_service.sandbox.vk.records import Person
from contest_service.sandbox.vk.site import Call, Site
from contest_service.sandbox.vk.world import Sent

LONGEST = 9000
MOST_PEERS = 100
MOST_SHOWN = 200
ONCE_SECONDS = 3600
ONCE_MESSAGES = 100


def send(site: Site, call: Call) -> Any:
    """Answer `messages.send`: one id, or an entry for each of `peer_ids`."""
    random_id = call.params.number("random_id")
    if call.token.kind != "group":
        return _send_as_person(site, call, random_id)
    if "peer_ids" in call.params:
        peers = call.params.numbers("peer_ids", most=MOST_PEERS)
        return [_attempt(site, call, peer, random_id=random_id) for peer in peers]
    peer = call.params.number("peer_id", 0) or call.params.number("user_id", 0)
    if not peer and "domain" in call.params:
        person = site.world.people.named(call.params.text("domain"))
        peer = person.id if person is not None else 0
    if not peer:
        raise missing("peer_id")
    return _send(site, call, peer, random_id=random_id).id


def get_history(site: Site, call: Call) -> Any:
    """Answer `messages.getHistory`: a dialog, newest first, with one's own random numbers."""
    peer = call.params.number("peer_id", 0) or call.params.number("user_id", 0)
    count = call.params.number("count", 20, low=0, high=MOST_SHOWN)
    offset = call.params.number("offset", 0, low=0)
    ours = call.token.kind == "group"
    group, person_id = (call.token.group_id, peer) if ours else (-peer, call.token.person_id)
    person = site.world.person(person_id)
    if person is None or group not in site.world.communities:
        raise VkError(936)
    said = site.world.dialogs.get((group, person_id), [])[::-1]
    me = -group if ours else person_id
    return {
        "count": len(said),
        "items": [_shown(each, person, me=me) for each in said[offset : offset + count]],
    }


def _shown(said: Sent, person: Person, *, me: int) -> dict[str, Any]:
    shown = shapes.message(said, person=person, out=said.from_id == me)
    if said.from_id != me:
        del shown["random_id"]
    return shown


def is_messages_from_group_allowed(site: Site, call: Call) -> Any:
    """Answer `messages.isMessagesFromGroupAllowed`."""
    community = site.world.community(call.params.number("group_id", low=1))
    person = call.params.number("user_id", low=1)
    if community is None:
        raise VkError(125)
    if call.token.kind == "group" and call.token.group_id != community.id:
        raise VkError(15)
    return {"is_allowed": int(person in community.allowed)}


def _attempt(site: Site, call: Call, peer: int, *, random_id: int) -> dict[str, Any]:
    try:
        said = _send(site, call, peer, random_id=random_id)
    except VkError as error:
        return {
            "peer_id": peer,
            "message_id": 0,
            "conversation_message_id": 0,
            "error": {"code": error.code, "description": error.message},
        }
    return {"peer_id": peer, "message_id": said.id, "conversation_message_id": said.number}


def _send(site: Site, call: Call, peer: int, *, random_id: int) -> Sent:
    text = _text(call)
    community = site.world.communities[call.token.group_id]
    person = site.world.person(peer)
    if person is None or person.deactivated:
        raise VkError(936)
    if peer in community.banned:
        raise VkError(900)
    if peer not in community.allowed:
        raise VkError(902 if person.refuses_messages else 901)
    dialog = community.id, peer
    if (sent := _already(site, call, dialog, random_id=random_id)) is not None:
        return sent
    return societies.keep_message(
        site.world,
        dialog,
        from_id=-community.id,
        text=text,
        at=call.at,
        random_id=random_id,
    )


def _send_as_person(site: Site, call: Call, random_id: int) -> int:
    """Write to a community as a person: the only dialogs here are with communities."""
    peer = call.params.number("peer_id", 0)
    community = site.world.community(-peer)
    person = site.world.person(call.token.person_id)
    if community is None or person is None:
        raise VkError(902)
    if person.id in community.banned:
        raise VkError(900)
    dialog = community.id, person.id
    if (sent := _already(site, call, dialog, random_id=random_id)) is not None:
        return sent.id
    return societies.write(
        site.world, person, community, text=_text(call), random_id=random_id, at=call.at
    ).id


def _text(call: Call) -> str:
    text = call.params.text("message")
    if not text and "attachment" not in call.params:
        raise bad("message is empty or invalid")
    if len(text) > LONGEST:
        raise VkError(914)
    if "keyboard" in call.params:
        try:
            keyboard = msgspec.json.decode(call.params.text("keyboard"))
        except ValueError:
            raise VkError(911) from None
        if not isinstance(keyboard, dict) or "buttons" not in keyboard:
            raise VkError(911)
    return text


def _already(site: Site, call: Call, dialog: tuple[int, int], *, random_id: int) -> Sent | None:
    if not random_id:
        return None
    for said in reversed(site.world.dialogs.get(dialog, [])[-ONCE_MESSAGES:]):
        if said.random_id == random_id and call.at - said.date < ONCE_SECONDS:
            return said
    return None
