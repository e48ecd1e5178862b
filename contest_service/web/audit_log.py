"""The audit log as people read it: who did what, when, newest first."""

from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath

from contest_service.store import audit, members
from contest_service.store.audit import Wanted
from contest_service.web.audit_words import kinds, say_entry
from contest_service.web.forms import blank
from contest_service.web.gate import AnyRequest, actor_of, runtime_of
from contest_service.web.language import words_of
from contest_service.web.page import render

_PAGE = 50
_PERSONS = 500


@get("/w/{workspace_id:uuid}/log", operation_id="page_audit")
async def page_audit(request: AnyRequest, workspace_id: FromPath[UUID]) -> Response[bytes]:
    rt, actor, words = runtime_of(request), actor_of(request), words_of(request)
    known_kinds = kinds(words)
    kind = request.query_params.get("kind", "")
    kind = kind if kind in known_kinds else ""
    wanted = Wanted(
        person_id=_id(request, "person"),
        kind=kind or None,
        before=_id(request, "before"),
    )
    async with rt.pool.acquire() as conn:
        found = await audit.list_named(conn, workspace_id, wanted, limit=_PAGE + 1)
        people = await members.list_members(conn, actor.workspace_id, after=None, limit=_PERSONS)
    shown = found[:_PAGE]
    return render(
        request,
        "audit.html",
        entries=[(each, say_entry(each, words)) for each in shown],
        older=shown[-1].id if len(found) > _PAGE else None,
        form=blank(person=wanted.person_id, kind=kind),
        persons=[("", words.gettext("Everybody")), *((each.id, each.name) for each in people)],
        kinds=[("", words.gettext("Everything")), *known_kinds.items()],
        person=wanted.person_id,
        kind=kind,
    )


def _id(request: AnyRequest, name: str) -> UUID | None:
    try:
        return UUID(request.query_params.get(name, ""))
    except ValueError:
        return None
