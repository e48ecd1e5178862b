"""Outgoing: what announcements and notices have in common on their way to a platform."""

from datetime import datetime, timedelta

import msgspec

from contest_service.platforms.base import Draft, PlatformAdapter, Publication
from contest_service.platforms.errors import FailureKind, PlatformError

_LONGEST_PAUSE = 900.0
"""Seconds between two attempts."""


async def under_post_or_alone(adapter: PlatformAdapter, draft: Draft) -> Publication:
    """Answer the contest post; if that is gone, publish all the same, as a post of its own."""
    try:
        return await adapter.publish(draft)
    except PlatformError as error:
        if error.kind is not FailureKind.GONE:
            raise
    return await adapter.publish(msgspec.structs.replace(draft, reply_to=None))


def next_attempt(error: PlatformError, *, attempts: int, now: datetime) -> datetime | None:
    """When to try again after a failure; None if only a person can help.

    A rejected credential is replaced by a person sooner or later, and then it goes out.
    """
    if error.is_permanent and error.kind is not FailureKind.CREDENTIAL_REJECTED:
        return None
    backoff = min(2.0 ** min(attempts, 10), _LONGEST_PAUSE)
    return now + timedelta(seconds=max(error.retry_after or 0.0, backoff))
