"""Messages to winners: delivered where the person has allowed it, and no failure where not."""

import hashlib

from contest_service.platforms.vk import errors
from contest_service.platforms.vk.addresses import number
from contest_service.platforms.vk.calls import Parameters
from contest_service.platforms.vk.errors import VkError
from contest_service.platforms.vk.tokens import Tokens

_SEND = "messages.send"
_NUMBERS = 2**31 - 1


async def tell(tokens: Tokens, account: str, text: str, *, key: str) -> bool:
    """Send a message from the community, once per `key` within the hour that VK remembers it.

    Returns False if the person cannot be written to. Raises PlatformError.
    """
    person = number(account) or 0
    if person <= 0:
        return False
    digest = int.from_bytes(hashlib.sha256(f"{account} {key}".encode()).digest()[:8])
    parameters: Parameters = {
        "user_id": person,
        # Zero would mean that VK remembers nothing.
        "random_id": digest % (_NUMBERS - 1) + 1,
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
