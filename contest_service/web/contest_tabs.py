"""The row of pages of one contest, on top of each of them. A page is one line of the table."""

import re
from uuid import UUID

import msgspec

from contest_service.web.language import Words

_CONTEST = re.compile(r"/w/(?P<workspace>[0-9a-f-]{36})/contests/(?P<contest>[0-9a-f-]{36})(?:/|$)")


class Tab(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a contest: its name, and its address."""

    name: str
    address: str
    is_here: bool


def root_of(workspace_id: UUID, contest_id: UUID) -> str:
    """The address of a contest's first page, with which those of the others begin."""
    return f"/w/{workspace_id}/contests/{contest_id}"


def tabs_for(path: str, words: Words) -> list[Tab]:
    """The pages of the contest that a path belongs to; none elsewhere.

    What is a page of none of the others belongs to the first.
    """
    found = _CONTEST.match(path)
    if found is None:
        return []
    root = found.group().rstrip("/")
    rows = _rows(words)
    here = next((rest for rest, _ in rows[1:] if _is_within(path, f"{root}{rest}")), "")
    return [Tab(name=name, address=f"{root}{rest}", is_here=rest == here) for rest, name in rows]


def _rows(words: Words) -> list[tuple[str, str]]:
    """Address within the contest, and name, in the order in which a contest lives."""
    return [
        ("", words.gettext("Overview")),
        ("/entrants", words.gettext("Entrants")),
        ("/decisions", words.gettext("Decisions")),
        ("/winners", words.gettext("Winners")),
        ("/announcements", words.gettext("Announcements")),
        ("/bundles", words.gettext("Proof")),
        ("/share", words.gettext("Share")),
        ("/again", words.gettext("Use again")),
        ("/change", words.gettext("Change")),
    ]


def _is_within(path: str, address: str) -> bool:
    return path == address or path.startswith(f"{address}/")
