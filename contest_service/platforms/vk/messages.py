"""Messages to winners: delivered where the person has allowed it, and no failure where not.

VK remembers a `random_id` for an hour only, so before each message the dialog is looked through for
it: a message that was delivered, and of which nobody learned, is found hours later too. A dialog
that may not be read is written to only while VK remembers.
"""

import hashlib
import time
from datetime import datetime

from contest_service.platforms.errors import FailureKind
from contest_service.platforms.vk import errors, wire
from contest_service.platforms.vk.addresses import number
from contest_service.platforms.vk.calls import Parameters, decode
from contest_service.platforms.vk.errors import VkError
from contest_service.platforms.vk.publishing import SLACK
from contest_service.platforms.vk.tokens import Tokens

_SEND = "messages.send"
_HISTORY = "messages.getHistory"
_LOOKED_AT = 200
_REMEMBERED = 3000
"""Seconds for which VK surely remembers a number."""
_UNREADABLE = frozenset({FailureKind.FORBIDDEN, FailureKind.UNSUPPORTED})
_NUMBERS = 2**31 - 1


async def tell(tokens: Tokens, account: str, text: str, *, key: str, created_at: datetime) -> bool:
    """Send a message from the community, once per `key`, which was made at `created_at`.

    It is found among the dialog's last 200 messages. Returns False if the person cannot be written
    to. Raises PlatformError; UNREACHABLE may mean that it was sent all the same.
    """
    person = number(account) or 0
    if person <= 0:
        return False
    digest = int.from_bytes(hashlib.sha256(f"{account} {key}".encode()).digest()[:8])
    # Zero would mean that VK remembers nothing.
    random_id = digest % (_NUMBERS - 1) + 1
    if await _is_told(tokens, person, text, random_id=random_id, at=created_at.timestamp()):
        return True
    parameters: Parameters = {
        "user_id": person,
        "random_id": random_id,
        "message": text,
        "dont_parse_links": 1,
    }
    try:
        await tokens.ask(_SEND, parameters, once=True)
    except VkError as error:
        if error.code in errors.UNREACHABLE_PERSON:
            return False
        raise
    return True


async def _is_told(tokens: Tokens, person: int, text: str, *, random_id: int, at: float) -> bool:
    """Whether the dialog holds our message, by its number or, where VK keeps none, by its text."""
    try:
        answer = await tokens.ask(_HISTORY, {"peer_id": person, "count": _LOOKED_AT})
    except VkError as error:
        if error.code in errors.UNREACHABLE_PERSON:
            # There is no dialog; whether there may be one, sending will tell.
            return False
        if error.kind in _UNREADABLE and time.time() - at < _REMEMBERED:
            return False
        raise
    return any(
        said.random_id == random_id
        or (said.date >= at - SLACK and not said.random_id and said.text.split() == text.split())
        for said in decode(_HISTORY, answer.body, wire.Messages).items
        if said.from_id < 0
    )
