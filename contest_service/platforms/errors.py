"""The handful of ways in which a platform fails.

Flows branch on these kinds, never on a network's own codes; each adapter translates at its edge.
"""

import enum


class FailureKind(enum.StrEnum):
    RATE_LIMITED = "rate_limited"
    UNREACHABLE = "unreachable"
    CREDENTIAL_REJECTED = "credential_rejected"
    FORBIDDEN = "forbidden"
    GONE = "gone"
    UNSUPPORTED = "unsupported"
    MALFORMED = "malformed"


_PASSING = frozenset({FailureKind.RATE_LIMITED, FailureKind.UNREACHABLE})


class PlatformError(Exception):
    """A platform did not do what was asked.

    `message` is fit for a marketer and names the way out; it never holds a credential.
    `retry_after` is in seconds, where the platform said so.
    """

    def __init__(
        self, kind: FailureKind, message: str, *, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.retry_after = retry_after

    @property
    def is_permanent(self) -> bool:
        """Whether asking again without a change can never help."""
        return self.kind not in _PASSING
