"""What stands at the left of a workspace's pages. A section is one line of the table."""

from uuid import UUID

import msgspec

from contest_service.domain.people import Actor
from contest_service.web.language import Words


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A section of a workspace's pages: its name, its icon (macros/icons.html), its address."""

    name: str
    icon: str
    address: str
    is_here: bool


def entries_for(actor: Actor | None, path: str, words: Words) -> list[Section]:
    """The sections of the workspace that somebody works in; none for whoever is not signed in."""
    if actor is None:
        return []
    root = _root(actor.workspace_id)
    return [
        Section(
            name=name, icon=icon, address=f"{root}{rest}", is_here=_is_within(path, f"{root}{rest}")
        )
        for rest, icon, name in _sections(words)
    ]


def _sections(words: Words) -> list[tuple[str, str, str]]:
    """Address within the workspace, icon, name."""
    return [
        ("", "desk", words.gettext("Desk")),
        ("/contests", "contest", words.gettext("Contests")),
        ("/communities", "community", words.gettext("Communities")),
        ("/lists", "list", words.gettext("Lists")),
        ("/people", "people", words.gettext("People")),
        ("/tokens", "private", words.gettext("Tokens")),
        ("/log", "log", words.gettext("Log")),
        ("/settings", "settings", words.gettext("Settings")),
    ]


def _root(workspace_id: UUID) -> str:
    return f"/w/{workspace_id}"


def _is_within(path: str, address: str) -> bool:
    if address.count("/") == 2:
        return path.rstrip("/") == address
    return path == address or path.startswith(f"{address}/")
