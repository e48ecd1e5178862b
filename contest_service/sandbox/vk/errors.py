"""VK's errors: a code, VK's words for it, and what some codes carry besides.

Owns the texts (S: errors.json of the schema, with the longer forms that VK is seen to send). An API
error is an answer with status 200; what it looks like is `calls`' business.
"""

from collections.abc import Mapping
from typing import Any

TEXTS = {
    1: "Unknown error occurred",
    3: "Unknown method passed",
    5: "User authorization failed",
    6: "Too many requests per second",
    7: "Permission to perform this action is denied",
    8: "Invalid request",
    9: "Flood control",
    10: "Internal server error",
    12: "Unable to compile code",
    13: "Runtime error occurred during code invocation",
    14: "Captcha needed",
    15: "Access denied",
    17: "Validation required",
    18: "User was deleted or banned",
    19: "Content blocked",
    20: "Permission to perform this action is denied for non-standalone applications",
    22: "Upload error",
    23: "This method was disabled",
    24: "Confirmation required",
    25: "Token confirmation required",
    27: "Group authorization failed",
    28: "Application authorization failed",
    29: "Rate limit reached",
    30: "This profile is private",
    34: "Client version deprecated",
    35: "Client update needed",
    36: "Method execution was interrupted due to timeout",
    37: "User was banned",
    100: "One of the parameters specified was missing or invalid",
    104: "Not found",
    113: "Invalid user id",
    118: "Invalid server",
    121: "Invalid hash",
    125: "Invalid group id",
    129: "Invalid photo",
    200: "Access denied",
    203: "Access to group denied",
    210: "Access to wall's post denied",
    211: "Access to wall's comment denied",
    212: "Access to post comments denied",
    213: "Access to status replies denied",
    214: "Access to adding post denied",
    219: "Advertisement post was recently added",
    220: "Too many recipients",
    222: "Hyperlinks are forbidden",
    223: "Too many replies",
    224: "Too many ads posts",
    225: "Donut is disabled",
    232: "Reaction can not be applied to the object",
    900: "Can't send messages for users from blacklist",
    901: "Can't send messages for users without permission",
    902: "Can't send messages to this user due to their privacy settings",
    911: "Keyboard format is invalid",
    914: "Message is too long",
    917: "You don't have access to this chat",
    936: "Contact not found",
    950: "Can't send message, reply timed out",
    984: "Can't send message: spam restriction",
    1021: "Can't send messages to users without conversation",
    1114: "Anonymous token has expired",
    1116: "Anonymous token is invalid",
    1117: "Access token has expired",
    2000: "Servers number limit is reached",
    3300: "Recaptcha needed",
    3609: "Token extension required",
    3610: "User is deactivated",
    13000: "Community has strikes",
}


class VkError(Exception):
    """A method's refusal. `extra` stands in the error beside its code and text."""

    def __init__(
        self,
        code: int,
        detail: str = "",
        *,
        subcode: int | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        text = TEXTS.get(code, "Unknown error occurred")
        self.message = f"{text}: {detail}" if detail else text
        super().__init__(self.message)
        self.code = code
        self.subcode = subcode
        self.extra = dict(extra or {})


def bad(detail: str) -> VkError:
    """Make the error of a parameter that is missing or wrong (100)."""
    return VkError(100, detail)


def missing(name: str) -> VkError:
    """Make the error of a required parameter that was not given (100)."""
    return bad(f"{name} is undefined")
