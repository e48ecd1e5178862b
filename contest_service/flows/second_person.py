"""What every decision that takes two persons has in common (docs/decisions/0008 and 0011)."""

from uuid import UUID

from contest_service.domain.errors import ForbiddenError
from contest_service.domain.people import Actor


def person_of(actor: Actor) -> UUID:
    """The person who asks. Raises ForbiddenError for the service itself."""
    if actor.person_id is None:
        raise ForbiddenError("Only a person can decide this.")
    return actor.person_id


def require_other(person_id: UUID, *, proposed_by: UUID) -> None:
    """Raise ForbiddenError if a person would approve what they proposed."""
    if person_id == proposed_by:
        raise ForbiddenError(
            "Another person has to approve what you proposed, not another token of yours.",
            code="same_person",
        )
