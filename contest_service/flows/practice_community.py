"""A community on the practice VK: made and signed in to at once, for whoever wants to try."""

from datetime import datetime

from contest_service.domain.accounts import Platform
from contest_service.domain.errors import ConflictError, Fault, InvalidError
from contest_service.domain.people import Actor
from contest_service.flows import connect
from contest_service.flows.runtime import Practice, Runtime
from contest_service.store import communities
from contest_service.store.communities import Community, NewCommunity
from contest_service.store.rows import Connection

LONGEST_NAME = 80


def require_practice(rt: Runtime) -> Practice:
    """What practice needs. Raises ConflictError where it is off."""
    if rt.practice_vk is None:
        raise ConflictError(
            "This service has no sandbox. An operator can switch it on with CONTEST_SANDBOX=1."
        )
    return rt.practice_vk


async def make_practice_community(rt: Runtime, name: str) -> NewCommunity:
    """Make a community on the practice VK, and sign in to it with all its tokens.

    Raises ConflictError where practice is off, InvalidError for a name that is none or too long,
    and PlatformError.
    """
    practice = require_practice(rt)
    if not 1 <= len(name.strip()) <= LONGEST_NAME:
        detail = f"give 1 to {LONGEST_NAME} characters"
        raise InvalidError([Fault(pointer="/name", detail=detail)])
    credential = await practice.open_community(name.strip())
    return await connect.sign_in(
        rt, platform=Platform.VK, endpoints=practice.endpoints, credential=credential
    )


async def keep_practice_community(
    conn: Connection, actor: Actor, new: NewCommunity, *, now: datetime
) -> Community:
    """Keep a community that `make_practice_community` made.

    A practice world that was begun anew numbers its communities from the start: one with a known
    number takes the place of the one that is no more.
    """
    known = await communities.of_account(conn, actor.workspace_id, new)
    if known is not None:
        return await connect.replace_credential(conn, actor, known.id, new, now=now)
    return await connect.store_community(conn, actor, new, now=now)
