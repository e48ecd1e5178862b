"""What all pages of decisions have in common: who decides, and the row of their parts."""

from typing import Any
from uuid import UUID

import msgspec

from contest_service.domain.contest import STARTED
from contest_service.domain.people import Role
from contest_service.store import contests, waiting
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection
from contest_service.web.contest_tabs import root_of
from contest_service.web.gate import AnyRequest, actor_of
from contest_service.web.language import words_of
from contest_service.web.notes import note_of

_PARTS = ("", "/held", "/appeals", "/questions", "/exclusions", "/imports")


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One of the pages of decisions, and how much waits there, where that is known."""

    name: str
    address: str
    count: int
    is_here: bool


async def framed(
    conn: Connection, request: AnyRequest, contest_id: UUID, *, here: str
) -> tuple[Contest, dict[str, Any]]:
    """The contest, and what the frame of a page of decisions shows. Raises NotFoundError."""
    actor, words = actor_of(request), words_of(request)
    contest = await contests.read(conn, actor.workspace_id, contest_id)
    waits = await waiting.of_contests(conn, actor.workspace_id, [contest_id])
    known = waits.get(contest_id)
    root = root_of(actor.workspace_id, contest_id)
    names = (
        words.gettext("By two persons"),
        words.gettext("Who is held"),
        words.gettext("Appeals"),
        words.gettext("Questions in comments"),
        words.gettext("Kept out"),
        words.gettext("Brought in"),
    )
    counts = {"": known.decisions if known else 0, "/appeals": known.appeals if known else 0}
    return contest, {
        "contest": contest,
        "zone": contest.definition.schedule.zone,
        "root": root,
        "home": f"{root}/decisions",
        "parts": [
            Part(
                name=name,
                address=f"{root}/decisions{rest}",
                count=counts.get(rest, 0),
                is_here=rest == here,
            )
            for rest, name in zip(_PARTS, names, strict=True)
        ],
        "note": note_of(request),
        "is_open": contest.status in STARTED,
        "may_write": actor.role is not Role.AUDITOR,
        "is_owner": actor.role is Role.OWNER,
    }


def id_asked(request: AnyRequest, name: str) -> UUID | None:
    """An id that the address asks for; None for none, and for what is no id."""
    try:
        return UUID(request.query_params.get(name, ""))
    except ValueError:
        return None
