"""The one hierarchy of errors that our own code raises on purpose.

Each has a stable `code` for programs and a message for people that names the way out. HTTP status
codes are given to them in one table in `api`.
"""

import msgspec


class ContestError(Exception):
    """Something was asked that cannot be done. `code` is stable, `message` is for a person."""

    code = "refused"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class NotFoundError(ContestError):
    """It does not exist, or belongs to another workspace, which looks the same on purpose."""

    code = "not_found"


class ConflictError(ContestError):
    """It cannot be done in the present state; nothing was changed."""

    code = "conflict"


class ForbiddenError(ContestError):
    """This person may not do this."""

    code = "forbidden"


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong with an input: where (a JSON pointer), and what to do about it."""

    pointer: str
    detail: str


class InvalidError(ContestError):
    """The input has faults; all of them are listed at once."""

    code = "invalid"

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{fault.pointer or '/'}: {fault.detail}" for fault in faults))
        self.faults = faults
