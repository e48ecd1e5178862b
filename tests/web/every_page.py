"""Every page and form of the table, with the addresses at which a world has them."""

import re
from collections.abc import Iterator, Mapping
from uuid import uuid4

import msgspec
from litestar.handlers import HTTPRouteHandler

from contest_service.domain.people import Role
from contest_service.web.access import PAGES, Who
from contest_service.web.routes import FILES, OWN, PUBLIC, SIGNING_IN, WORKSPACE

_PLACE = re.compile(r"\{(\w+):(\w+)\}")
_WORDS = {"step": "line", "edition": "public", "part": "one"}
"""Parts of addresses that are no ids."""
_OTHER_NAMES = {"entry": "entrant_id", "proposal_id": "disqualification_id"}
"""Names of ids that a world has under another name."""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A page or form; `template` is its address with names in braces."""

    name: str
    template: str
    method: str
    who: frozenset[Role] | Who

    @property
    def names(self) -> list[str]:
        """What its address names beside the workspace."""
        return [name for name, _ in _PLACE.findall(self.template) if name != "workspace_id"]

    @property
    def is_read(self) -> bool:
        return self.method == "GET"

    @property
    def is_stream(self) -> bool:
        return self.name in ("follow_contest", "follow_public_contest")

    def path(self, ids: Mapping[str, str]) -> str:
        """Its address; ids that are not given never were."""

        def fill(place: re.Match[str]) -> str:
            name, kind = place.groups()
            known = ids.get(_OTHER_NAMES.get(name, name))
            return known or _WORDS.get(name, "7" if kind == "int" else str(uuid4()))

        return _PLACE.sub(fill, self.template)


def every_page() -> list[Page]:
    """All of the table, in the order of the routes."""
    return [*_pages(FILES), *_pages(PUBLIC), *_pages(SIGNING_IN), *_pages(OWN), *workspace_pages()]


def workspace_pages() -> list[Page]:
    """Those that are for the persons of a workspace."""
    return list(_pages(WORKSPACE))


def _pages(handlers: tuple[HTTPRouteHandler, ...]) -> Iterator[Page]:
    for handler in handlers:
        name = str(handler.operation_id)
        yield Page(
            name=name,
            template=next(iter(handler.paths)),
            method=next(iter(sorted(handler.http_methods - {"HEAD", "OPTIONS"}))),
            who=PAGES[name],
        )
