"""Keyset pages: `?limit=&after=` in, `{"items": […], "next": "…" | null}` out."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import msgspec
from litestar.params import QueryParameter

T = TypeVar("T")
P = TypeVar("P", bound="Page[Any]")

LARGEST = 200

Limit = Annotated[
    int, QueryParameter(ge=1, le=LARGEST, description="How many items a page has at most.")
]
After = Annotated[
    UUID | None, QueryParameter(description="`next` of the page before; none for the first.")
]
AfterText = Annotated[
    str | None,
    QueryParameter(max_length=2000, description="`next` of the page before; none for the first."),
]


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """A page of a list. `next` is `after` of the next page; null on the last.

    Each list has a subclass, so that it has a name in the OpenAPI document.
    """

    items: list[T]
    next: str | None


def page_of(
    type_: type[P], found: Sequence[Any], *, limit: int, cursor: Callable[[Any], object]
) -> P:
    """Make a page of what was found with a limit of one more than `limit`."""
    items = list(found[:limit])
    more = len(found) > limit
    return type_(items=items, next=str(cursor(items[-1])) if more else None)


def by_id(item: Any) -> object:
    """The cursor of items that are ordered by their id."""
    return item.id
