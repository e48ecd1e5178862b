"""Health: what a platform's answers and failures say about the connection to a community."""

from datetime import datetime

from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.store import communities
from contest_service.store.communities import Health
from contest_service.store.rows import Connection
from contest_service.store.targets import StoredTarget

_HEALTH = {
    FailureKind.CREDENTIAL_REJECTED: Health.RECONNECT,
    FailureKind.UNREACHABLE: Health.UNREACHABLE,
}


async def note_failure(
    conn: Connection, target: StoredTarget, error: PlatformError, *, now: datetime
) -> None:
    """Note a failure that is about the connection, and not about what was asked."""
    if (health := _HEALTH.get(error.kind)) is not None:
        await communities.set_health(
            conn, target.workspace_id, target.community_id, health, note=error.message, now=now
        )


async def note_answer(conn: Connection, target: StoredTarget, *, now: datetime) -> None:
    """Note that the platform answers. A rejected credential stays so: reading may not need it."""
    await communities.set_reachable(conn, target.workspace_id, target.community_id, now=now)
