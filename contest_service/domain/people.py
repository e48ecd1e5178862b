"""Who asks: persons, their roles, and what each role may do."""

import enum
from uuid import UUID

import msgspec


class Role(enum.StrEnum):
    """A person's role in a workspace, or the lesser one that a token was given.

    The owner may do everything; the editor everything but people, tokens, credentials and what
    cannot be undone; the auditor reads all, the audit log and the dispute bundle included.
    """

    OWNER = "owner"
    EDITOR = "editor"
    AUDITOR = "auditor"


_RANK = {Role.AUDITOR: 0, Role.EDITOR: 1, Role.OWNER: 2}


def lesser(one: Role, other: Role) -> Role:
    """The role of the two that may do less."""
    return min(one, other, key=_RANK.__getitem__)


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who asks for something, in one workspace, through one token or one session.

    The service itself acts without a person, and so without either.
    """

    workspace_id: UUID
    person_id: UUID | None
    token_id: UUID | None
    role: Role
    request_id: str
    session_id: UUID | None = None


def system(workspace_id: UUID, request_id: str) -> Actor:
    """The service acting by itself, as the audit log names it."""
    return Actor(
        workspace_id=workspace_id,
        person_id=None,
        token_id=None,
        role=Role.OWNER,
        request_id=request_id,
    )
