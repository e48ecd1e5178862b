"""What an objection is made of: where it points, and the facts that its words name. Pure."""

from collections.abc import Callable, Iterator, Mapping

from contest_service.domain.lint.venues import Subject
from contest_service.domain.money import Money

Threshold = Money | None
Spot = tuple[str, Mapping[str, str | int | Money]]
"""Where, and the facts that the words name."""
Objection = Callable[[Subject, Threshold], Iterator[Spot]]
