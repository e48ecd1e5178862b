"""The tokens of a workspace, by which programs speak for a person."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from contest_service.domain.errors import InvalidError
from contest_service.domain.people import Role
from contest_service.flows import tokens as flow
from contest_service.store import members, people
from contest_service.web.fault_words import take_faults
from contest_service.web.forms import Form, blank, read_form
from contest_service.web.gate import AnyRequest, actor_of, person_of, runtime_of
from contest_service.web.language import words_of
from contest_service.web.notes import note_of
from contest_service.web.page import render
from contest_service.web.role_words import role_choices, say_role
from contest_service.web.submissions import submission

_PAGE = 100
_PERSONS = 500
_DAYS = (30, 90, 365)

Text = Annotated[str, msgspec.Meta(max_length=200)]


class TokenForm(msgspec.Struct, frozen=True, kw_only=True):
    name: Text
    role: Role
    days: int | None = None


@get("/w/{workspace_id:uuid}/tokens", operation_id="page_tokens")
async def page_tokens(request: AnyRequest, workspace_id: FromPath[UUID]) -> Response[bytes]:
    return await _show(request, blank(role=Role.EDITOR.value, days=_DAYS[1]))


@post("/w/{workspace_id:uuid}/tokens", operation_id="issue_token", status_code=200)
async def issue_token(request: AnyRequest, workspace_id: FromPath[UUID]) -> Response[bytes]:
    """Make a token of one's own, and show its secret, this once."""
    form: Form[TokenForm] = await read_form(request, TokenForm)
    if form.filled is not None and form.filled.days not in (None, *_DAYS):
        form.add("days", words_of(request).gettext("Choose one that is offered."))
    elif form.filled is not None:
        actor, filled = actor_of(request), form.filled
        try:
            async with submission(request) as sent:
                issued = await flow.issue_token(
                    sent.conn,
                    actor,
                    person_id=person_of(actor),
                    name=filled.name,
                    role=filled.role,
                    expires_at=sent.now + timedelta(days=filled.days) if filled.days else None,
                    now=sent.now,
                )
                await sent.remember(f"/w/{workspace_id}/tokens?note=shown-once")
            return await _show(request, blank(role=filled.role.value), secret=issued.secret)
        except InvalidError as error:
            take_faults(form, error, words_of(request))
    return await _show(request, form, status_code=422)


@post(
    "/w/{workspace_id:uuid}/tokens/{token_id:uuid}/end", operation_id="end_token", status_code=200
)
async def end_token(
    request: AnyRequest, workspace_id: FromPath[UUID], token_id: FromPath[UUID]
) -> Response[bytes]:
    async with submission(request) as sent:
        await flow.revoke_token(sent.conn, actor_of(request), token_id, now=sent.now)
        return await sent.go(f"/w/{workspace_id}/tokens?note=revoked")


async def _show(
    request: AnyRequest, form: object, *, status_code: int = 200, secret: str = ""
) -> Response[bytes]:
    rt, actor, words = runtime_of(request), actor_of(request), words_of(request)
    after = _after(request)
    async with rt.pool.acquire() as conn:
        found = await people.list_tokens(conn, actor.workspace_id, after=after, limit=_PAGE + 1)
        known = await members.list_members(conn, actor.workspace_id, after=None, limit=_PERSONS)
    return render(
        request,
        "tokens.html",
        status_code=status_code,
        tokens=found[:_PAGE],
        next_after=found[_PAGE - 1].id if len(found) > _PAGE else None,
        names={each.id: each.name for each in known},
        form=form,
        secret=secret,
        now=rt.clock(),
        is_owner=actor.role is Role.OWNER,
        roles={role: say_role(role, words) for role in Role},
        choices=role_choices(words),
        ends=[
            *((days, words.ngettext("in %(num)s day", "in %(num)s days", days)) for days in _DAYS),
            ("", words.gettext("never")),
        ],
        note=note_of(request),
    )


def _after(request: AnyRequest) -> UUID | None:
    try:
        return UUID(request.query_params.get("after", ""))
    except ValueError:
        return None
