"""Failures on demand: the next calls of a method or token go wrong in a chosen way.

Owns the list of what was ordered, and takes from it. Each order answers a number of calls, then it
is used up. `failing` makes the failures of transport happen, `server` and `methods` those of the
API.
"""

from typing import Any, Literal

import msgspec

from contest_service.sandbox.vk.errors import VkError

SOLVED = "practice-success-token"
"""What the practice captcha gives to whoever looks at it."""

_CAPTCHA = {14, 3300}


class Fault(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One order. An empty method or token means any."""

    kind: Literal["error", "status", "hang", "drop", "truncate", "garbage"] = "error"
    """An API error; an HTML page with an HTTP status; no answer for `seconds`; a connection that
    breaks before the answer; half an answer; an answer that is no JSON with status 200."""
    method: str = ""
    token: str = ""
    times: int = 1
    code: int = 10
    """The API error, or the HTTP status."""
    subcode: int | None = None
    detail: str = ""
    extra: dict[str, Any] = {}
    """More fields of the API error."""
    seconds: float = 3600
    after: bool = False
    """Whether the call is carried out before it fails, so that its effect is there."""


class Faults:
    """What was ordered, in order."""

    def __init__(self) -> None:
        self.orders: list[Fault] = []

    def take(
        self, method: str, token: str, *, is_inner: bool = False, is_solved: bool = False
    ) -> Fault | None:
        """Use one order up for a call, if there is one.

        Inside `execute` only API errors happen; a call with the answer to a captcha gets none.
        """
        for fault in self.orders:
            fits = fault.method in ("", method) and fault.token in ("", token)
            is_answered = is_solved and fault.kind == "error" and fault.code in _CAPTCHA
            if fits and not is_answered and not (is_inner and fault.kind != "error"):
                fault.times -= 1
                if fault.times <= 0:
                    self.orders.remove(fault)
                return fault
        return None


def error_of(fault: Fault, address: str) -> VkError:
    """Make the API error that was ordered; a captcha carries what VK's does."""
    extra = dict(fault.extra)
    if fault.code in _CAPTCHA:
        extra = {
            "captcha_sid": "123456789012",
            "captcha_img": f"{address}/picture/captcha.svg",
            "redirect_uri": f"{address}/captcha?session_token=practice",
            **extra,
        }
    if fault.code == 17:
        extra = {"redirect_uri": f"{address}/validation", **extra}
    if fault.code == 24:
        extra = {"confirmation_text": "Вы уверены?", **extra}
    return VkError(fault.code, fault.detail, subcode=fault.subcode, extra=extra)
