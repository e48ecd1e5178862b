"""VK's error codes, as kinds of failure and sentences for people.

Owns the one table of codes (platforms.md; github.com/VKCOM/vk-api-schema, errors.json). What the
adapter does about a code beyond its kind — refresh a token, try another one, wait, halve a batch —
goes by the sets at the end.
"""

from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.vk import wire

FLOOD = 9
CAPTCHA = frozenset({14, 3300})
TOO_FAST = 6
AMOUNT = 29
TIMED_OUT = 36
SCRIPT_FAILED = 13
LINKS_FORBIDDEN = 222
COMMENTS_CLOSED = frozenset({212, 213})
REJECTED = frozenset({5, 17, 25, 1116, 1117, 3609, 3610})
"""The token itself is not accepted, or not any more."""
WRONG_KIND = frozenset({27, 28})
"""Never for this kind of token, whatever it asks about."""
OTHER_TOKEN = REJECTED | WRONG_KIND | CAPTCHA | {3, 7, 9, 15, 20, 23, 29, 203}
"""Another token may be allowed what this one was refused."""
AGAIN = frozenset({1, 10, 36})
"""VK failed; asking again helps."""
UNREACHABLE_PERSON = frozenset({900, 901, 902, 908, 936, 950, 984, 1021})
"""Nobody's fault: this person cannot be written to."""
_WRONG_METHOD = frozenset({1133, 1134})
"""Subcodes of 15: not this method, or not with this kind of application."""

MINUTE, HOUR = 60.0, 3600.0
_PAUSES = {
    FLOOD: 20 * MINUTE,
    AMOUNT: 3 * HOUR,
    219: HOUR,
    220: HOUR,
    224: HOUR,
    **dict.fromkeys(CAPTCHA, 10 * MINUTE),
}

_LATER = FailureKind.RATE_LIMITED
_DOWN = FailureKind.UNREACHABLE
_TOKEN = FailureKind.CREDENTIAL_REJECTED
_RIGHTS = FailureKind.FORBIDDEN
_GONE = FailureKind.GONE
_NEVER = FailureKind.UNSUPPORTED
_WRONG = FailureKind.MALFORMED

_RECONNECT = "VK does not accept this token any more: connect the community again with a new one."
_OTHER_KIND = (
    "VK does not allow this with the kind of token that is connected, or the token was revoked: "
    "connect an administrator with VK ID, or a new token."
)
_ACCESS = (
    "VK does not show this, or allow it, to the connected tokens. Check that the post is public "
    "and that the administrator still has the rights of an editor."
)
_CAPTCHA = "VK wants to see a human before it goes on: open {uri} and solve the captcha there."
_CLOSED = (
    "Comments on this post are closed: open them on VK, or connect an administrator with VK ID, so "
    "that it is published on the wall instead."
)
_CANNOT_WRITE = "VK delivers no message to this person, who has not allowed the community to write."

_TABLE: dict[int, tuple[FailureKind, str]] = {
    **dict.fromkeys((1, 10, 36), (_DOWN, "VK fails at the moment; it is asked again by itself.")),
    3: (_NEVER, "VK does not know this method: this service is too old, or the server is not VK."),
    5: (_TOKEN, _RECONNECT),
    6: (_LATER, "VK is asked too often with this token, by this service or by another program."),
    7: (_RIGHTS, "The token lacks a right for this: make a new one with all rights it asks for."),
    8: (_WRONG, "VK does not understand the request."),
    9: (_LATER, "VK sees too many equal requests, and wants a pause; it goes on by itself."),
    **dict.fromkeys((12, 13), (_WRONG, "VK could not carry out a bundle of requests.")),
    **dict.fromkeys(CAPTCHA, (_LATER, _CAPTCHA)),
    15: (_RIGHTS, _ACCESS),
    17: (_TOKEN, "VK wants the administrator to prove who they are: open {uri}, then reconnect."),
    18: (_GONE, "This account was deleted or banned."),
    19: (_GONE, "VK has blocked this content, so nothing of it is shown any more."),
    20: (_RIGHTS, _ACCESS),
    23: (_NEVER, "VK has switched this method off."),
    24: (_RIGHTS, "VK wants this to be confirmed by hand: do it once on VK itself."),
    25: (_TOKEN, _RECONNECT),
    **dict.fromkeys(WRONG_KIND, (_TOKEN, _OTHER_KIND)),
    29: (_LATER, "VK's daily amount of this request is used up; it goes on by itself later."),
    30: (_RIGHTS, "This profile is closed, so that only friends see what it does."),
    **dict.fromkeys((34, 35), (_NEVER, "VK does not take this version of its API any more.")),
    37: (_GONE, "This account was banned."),
    **dict.fromkeys((100, 113, 125), (_WRONG, "VK does not know what it was asked about.")),
    104: (_GONE, "VK does not find what it was asked about."),
    203: (_RIGHTS, "The community is closed to the connected tokens: connect an administrator."),
    210: (_GONE, "The post is not there any more, or it is hidden."),
    211: (_GONE, "The comment is not there any more, or it is hidden."),
    **dict.fromkeys(sorted(COMMENTS_CLOSED), (_RIGHTS, _CLOSED)),
    214: (_RIGHTS, "VK does not let this be published on the wall: check the rights, or VK's limit "
                   "of 50 posts a day."),
    219: (_LATER, "VK takes an advertising post only so often; it is tried again in an hour."),
    220: (_LATER, "VK sees too many posts to this audience; it is tried again in an hour."),
    222: (_RIGHTS, "VK forbids links in this community."),
    223: (_RIGHTS, "There are too many comments under this post for another one."),
    224: (_LATER, "VK takes advertising posts only so often; it is tried again in an hour."),
    225: (_RIGHTS, "VK does not take this post from a community with donations."),
    **dict.fromkeys(sorted(UNREACHABLE_PERSON), (_RIGHTS, _CANNOT_WRITE)),
    914: (_WRONG, "The message is too long for VK."),
    **dict.fromkeys((1116, 1117, 3609, 3610), (_TOKEN, _RECONNECT)),
    2000: (_RIGHTS, "The community has ten callback servers, the most VK allows: remove one in the "
                    "community's settings."),
    13000: (_RIGHTS, "VK has restricted the community for breaking its rules, and takes no posts."),
}  # fmt: skip
_UNKNOWN = (_WRONG, "VK refused for a reason that is not known here.")


class VkError(PlatformError):
    """VK's refusal, with its own code and subcode."""

    def __init__(
        self,
        kind: FailureKind,
        message: str,
        *,
        method: str,
        code: int,
        subcode: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(kind, message, retry_after=retry_after)
        self.method = method
        self.code = code
        self.subcode = subcode

    @property
    def pause(self) -> float:
        """For how many seconds whatever was refused is to rest; 0 if it need not."""
        return _PAUSES.get(self.code, 0.0)

    @property
    def is_for_good(self) -> bool:
        """Whether this kind of token may never call this method."""
        return self.code in WRONG_KIND or self.subcode in _WRONG_METHOD


def refusal(method: str, said: wire.Refusal, *, secret: str) -> VkError:
    """Translate an error of the API. `secret` is the token, should a server repeat it."""
    kind, sentence = _TABLE.get(said.error_code, _UNKNOWN)
    words = (said.error_msg or said.error_text).replace(secret, "…")[:200]
    uri = said.redirect_uri.replace(secret, "…")[:500] or "the community's page on VK"
    sentence = sentence.replace("{uri}", uri)
    return VkError(
        kind,
        f"{sentence} (VK's error {said.error_code} at {method}: {words or 'no reason given'})",
        method=method,
        code=said.error_code,
        subcode=said.error_subcode,
        retry_after=_PAUSES.get(said.error_code, 1.0 if kind is _LATER else None),
    )
