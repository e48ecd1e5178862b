"""What is one's own: name and password, the second factor, and the sessions that are open."""

from typing import Annotated
from uuid import UUID

import msgspec
import segno
from litestar import Response, get, post
from litestar.params import FromPath

from contest_service.domain.errors import ConflictError, InvalidError
from contest_service.flows import passwords, people, sessions, totp
from contest_service.flows.sessions import signing_of
from contest_service.store import person_secrets
from contest_service.store import sessions as session_store
from contest_service.store.audit import Signing
from contest_service.web.fault_words import say_conflict, take_faults
from contest_service.web.forms import Form, blank, read_form
from contest_service.web.gate import (
    AnyRequest,
    count_apart,
    own_path,
    request_id_of,
    runtime_of,
    session_of,
)
from contest_service.web.language import words_of
from contest_service.web.notes import note_of
from contest_service.web.page import render
from contest_service.web.submissions import require_unsent, submission

_IN_A_MINUTE = 10
"""How often one's password, or a code, may be tried."""

Text = Annotated[str, msgspec.Meta(max_length=300)]


class DescribeForm(msgspec.Struct, frozen=True, kw_only=True):
    name: Text
    email: Text | None = None


class PasswordForm(msgspec.Struct, frozen=True, kw_only=True):
    password: Text
    email: Text | None = None
    current: Text = ""
    next: str = ""


class CodeForm(msgspec.Struct, frozen=True, kw_only=True):
    code: Text


class CurrentForm(msgspec.Struct, frozen=True, kw_only=True):
    current: Text = ""


@get("/me", operation_id="page_me")
async def page_me(request: AnyRequest) -> Response[bytes]:
    session = session_of(request)
    return await _show(request, blank(name=session.name, email=session.email))


@post("/me", operation_id="describe_me", status_code=200)
async def describe_me(request: AnyRequest) -> Response[bytes]:
    form: Form[DescribeForm] = await read_form(request, DescribeForm)
    if form.filled is not None:
        email = (form.filled.email or "").strip() or None
        try:
            async with submission(request) as sent:
                await people.describe_oneself(
                    sent.conn, _signing(request), name=form.filled.name, email=email, now=sent.now
                )
                return await sent.go("/me?note=saved")
        except InvalidError as error:
            take_faults(form, error, words_of(request))
        except ConflictError as error:
            form.add("email", say_conflict(error, words_of(request)))
    return await _show(request, form, status_code=422)


async def _show(
    request: AnyRequest, form: Form[DescribeForm], *, status_code: int = 200
) -> Response[bytes]:
    rt = runtime_of(request)
    session = session_of(request)
    async with rt.pool.acquire() as conn:
        found = await session_store.of_person(conn, session.person_id, now=rt.clock())
        left = await person_secrets.count_codes(conn, session.person_id)
    return render(
        request,
        "me.html",
        status_code=status_code,
        form=form,
        sessions=found,
        codes_left=left,
        note=note_of(request),
    )


# Password ----------------------------------------------------------------------------------------


@get("/me/password", operation_id="page_password")
async def page_password(request: AnyRequest) -> Response[bytes]:
    wanted = own_path(request.query_params.get("next", ""))
    return render(request, "password.html", form=blank(), next=wanted)


@post("/me/password", operation_id="set_password", status_code=200)
async def set_password(request: AnyRequest) -> Response[bytes]:
    form: Form[PasswordForm] = await read_form(request, PasswordForm)
    wanted = own_path(str(form.value("next")))
    if form.filled is not None:
        try:
            return await _set_password(request, form.filled, wanted)
        except InvalidError as error:
            take_faults(form, error, words_of(request))
        except ConflictError as error:
            form.add("email", say_conflict(error, words_of(request)))
    return render(request, "password.html", status_code=422, form=form, next=wanted)


async def _set_password(request: AnyRequest, filled: PasswordForm, wanted: str) -> Response[bytes]:
    session = session_of(request)
    await _require_own(request, filled.current)
    email = session.email or (filled.email or "").strip()
    hashed = await passwords.checked_hash(filled.password, known=(session.name, email))
    async with submission(request) as sent:
        signing = _signing(request)
        if session.email is None:
            await people.describe_oneself(
                sent.conn, signing, name=session.name, email=email, now=sent.now
            )
        await passwords.set_password(sent.conn, signing, hashed, keeps=session.id, now=sent.now)
        return await sent.go(wanted or "/me?note=password-set")


async def _require_own(request: AnyRequest, password: str) -> None:
    await require_unsent(request)
    session = session_of(request)
    await count_apart(
        request, "own", str(session.person_id), of_address=_IN_A_MINUTE, of_all=_IN_A_MINUTE
    )
    await passwords.require_own(runtime_of(request), session, password)


# The second factor -------------------------------------------------------------------------------


@get("/me/totp", operation_id="page_totp")
async def page_totp(request: AnyRequest) -> Response[bytes]:
    """Show the secret that no code was shown for yet, or how to end what is asked for."""
    return await _show_totp(request, blank())


@post("/me/totp", operation_id="begin_totp", status_code=200)
async def begin_totp(request: AnyRequest) -> Response[bytes]:
    """Take the first code, and show the recovery codes, this once."""
    form: Form[CodeForm] = await read_form(request, CodeForm)
    rt = runtime_of(request)
    if form.filled is not None:
        await count_apart(
            request,
            "code",
            str(session_of(request).person_id),
            of_address=_IN_A_MINUTE,
            of_all=_IN_A_MINUTE,
        )
        try:
            async with submission(request) as sent:
                codes = await totp.begin_totp(
                    sent.conn, rt.vault, _signing(request), code=form.filled.code, now=sent.now
                )
                await sent.remember("/me/totp?note=shown-once")
            return render(request, "recovery-codes.html", codes=codes)
        except InvalidError as error:
            take_faults(form, error, words_of(request))
    return await _show_totp(request, form, status_code=422)


@post("/me/totp/end", operation_id="end_totp", status_code=200)
async def end_totp(request: AnyRequest) -> Response[bytes]:
    form: Form[CurrentForm] = await read_form(request, CurrentForm)
    try:
        await _require_own(request, str(form.value("current")))
    except InvalidError as error:
        take_faults(form, error, words_of(request))
        return await _show_totp(request, form, status_code=422)
    async with submission(request) as sent:
        await totp.end_totp(sent.conn, _signing(request), now=sent.now)
        return await sent.go("/me?note=totp-ended")


@post("/me/recovery-codes", operation_id="renew_recovery_codes", status_code=200)
async def renew_recovery_codes(request: AnyRequest) -> Response[bytes]:
    form: Form[CurrentForm] = await read_form(request, CurrentForm)
    try:
        await _require_own(request, str(form.value("current")))
    except InvalidError as error:
        take_faults(form, error, words_of(request))
        return await _show_totp(request, form, status_code=422)
    async with submission(request) as sent:
        codes = await totp.renew_recovery_codes(sent.conn, _signing(request), now=sent.now)
        await sent.remember("/me/totp?note=shown-once")
    return render(request, "recovery-codes.html", codes=codes)


async def _show_totp(
    request: AnyRequest, form: Form[CodeForm] | Form[CurrentForm], *, status_code: int = 200
) -> Response[bytes]:
    rt = runtime_of(request)
    session = session_of(request)
    planned = picture = None
    if not session.has_totp:
        async with rt.pool.acquire() as conn, conn.transaction():
            planned = await totp.plan_totp(conn, rt.vault, session.person_id)
        picture = _qr(planned.address)
    return render(
        request,
        "totp.html",
        status_code=status_code,
        form=form,
        planned=planned,
        picture=picture,
        note=note_of(request),
    )


def _qr(address: str) -> str:
    """A QR code as the address of a picture."""
    return segno.make(address, error="m").svg_data_uri(scale=5, border=4, light="#fff", dark="#000")


# Sessions ----------------------------------------------------------------------------------------


@post("/me/sessions/{session_id:uuid}/end", operation_id="end_session", status_code=200)
async def end_session(request: AnyRequest, session_id: FromPath[UUID]) -> Response[bytes]:
    async with submission(request) as sent:
        await sessions.end_session(sent.conn, _signing(request), session_id, now=sent.now)
        return await sent.go("/me?note=session-ended")


@post("/me/sessions/end-others", operation_id="end_other_sessions", status_code=200)
async def end_other_sessions(request: AnyRequest) -> Response[bytes]:
    async with submission(request) as sent:
        await sessions.end_other_sessions(sent.conn, _signing(request), now=sent.now)
        return await sent.go("/me?note=sessions-ended")


def _signing(request: AnyRequest) -> Signing:
    return signing_of(session_of(request), request_id_of(request))
