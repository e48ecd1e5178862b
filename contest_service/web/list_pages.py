"""A workspace's lists of accounts: block lists, staff, whoever is not to take part, and why."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from contest_service.domain.accounts import AccountKey, Platform
from contest_service.domain.conditions import Language
from contest_service.domain.errors import ConflictError, InvalidError
from contest_service.domain.listings import LONGEST_REASON
from contest_service.domain.people import Role
from contest_service.domain.spreadsheet import Separator, write_lines
from contest_service.flows import list_files
from contest_service.flows import lists as flow
from contest_service.platforms.errors import PlatformError
from contest_service.store import lists, members
from contest_service.store.lists import ListedAccount, NewListed
from contest_service.web.decision_frame import id_asked
from contest_service.web.downloads import attachment
from contest_service.web.fault_words import say_conflict, take_faults
from contest_service.web.forms import Form, blank, read_form
from contest_service.web.gate import AnyRequest, actor_of, runtime_of
from contest_service.web.language import words_of
from contest_service.web.notes import note_of
from contest_service.web.page import render
from contest_service.web.sheets import MOST_BODY, LineFault, Sheet, line_faults, read_sheet
from contest_service.web.submissions import submission

LISTS = "/w/{workspace_id:uuid}/lists"
LIST = LISTS + "/{list_id:uuid}"
_PAGE = 50
_SHOWN = 20
"""Accounts of a file that are shown before they are put on a list."""

Text = Annotated[str, msgspec.Meta(max_length=2000)]
Why = Annotated[str, msgspec.Meta(max_length=LONGEST_REASON)]


class NameForm(msgspec.Struct, frozen=True, kw_only=True):
    name: Annotated[str, msgspec.Meta(max_length=200)]


class AccountForm(msgspec.Struct, frozen=True, kw_only=True):
    account: Text
    platform: Platform | None = None
    reason: Why
    expires_at: Text = ""


class FileForm(msgspec.Struct, frozen=True, kw_only=True):
    """`reason` is for lines that give none; the file itself is read apart (`sheets`)."""

    reason: Why = ""


class KeyForm(msgspec.Struct, frozen=True, kw_only=True):
    """An account that stands on a list."""

    platform: Platform
    instance: Text = ""
    account: Text


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was looked through: who would be on the list, or what is wrong with it."""

    sheet: Sheet
    accounts: list[NewListed]
    faults: list[LineFault]


@get(LISTS, operation_id="page_lists")
async def page_lists(request: AnyRequest, workspace_id: FromPath[UUID]) -> Response[bytes]:
    return await _show_lists(request, blank())


@post(LISTS, operation_id="make_list", status_code=200)
async def make_list(request: AnyRequest, workspace_id: FromPath[UUID]) -> Response[bytes]:
    form: Form[NameForm] = await read_form(request, NameForm)
    status = 422
    if form.filled is not None:
        try:
            async with submission(request) as sent:
                made = await flow.create_list(
                    sent.conn, actor_of(request), form.filled.name, now=sent.now
                )
                return await sent.go(f"/w/{workspace_id}/lists/{made.id}?note=list-made")
        except InvalidError as error:
            take_faults(form, error, words_of(request))
        except ConflictError as error:
            form.add("name", words_of(request).refusal(error.message))
            status = 409
    return await _show_lists(request, form, status_code=status)


@get(LIST, operation_id="page_list")
async def page_list(
    request: AnyRequest, workspace_id: FromPath[UUID], list_id: FromPath[UUID]
) -> Response[bytes]:
    return await _show_list(request, list_id, blank())


@post(LIST + "/delete", operation_id="drop_list", status_code=200)
async def drop_list(
    request: AnyRequest, workspace_id: FromPath[UUID], list_id: FromPath[UUID]
) -> Response[bytes]:
    try:
        async with submission(request) as sent:
            await flow.delete_list(sent.conn, actor_of(request), list_id, now=sent.now)
            return await sent.go(f"/w/{workspace_id}/lists?note=list-deleted")
    except ConflictError as error:
        form: Form[Any] = blank()
        form.add("", say_conflict(error, words_of(request)))
        return await _show_list(request, list_id, form, status_code=409)


@post(LIST + "/accounts", operation_id="put_on_list", status_code=200)
async def put_on_list(
    request: AnyRequest, workspace_id: FromPath[UUID], list_id: FromPath[UUID]
) -> Response[bytes]:
    """Put one account on a list, whom it is by an address, a handle or an id."""
    form: Form[AccountForm] = await read_form(request, AccountForm)
    if form.filled is not None:
        given = form.filled
        line = (given.account, given.platform or "", given.reason, given.expires_at)
        data = write_lines([("account", "platform", "reason", "expires_at"), line])
        try:
            return await _put(request, list_id, data, reason=given.reason)
        except InvalidError as error:
            for fault in line_faults(list(error.faults), words_of(request)):
                form.add(fault.column, fault.text)
        except PlatformError as error:
            form.add("", words_of(request).refusal(error.message))
    return await _show_list(request, list_id, form, status_code=422)


@post(
    LIST + "/file", operation_id="bring_list_in", status_code=200, request_max_body_size=MOST_BODY
)
async def bring_list_in(
    request: AnyRequest, workspace_id: FromPath[UUID], list_id: FromPath[UUID]
) -> Response[bytes]:
    """Look a file of accounts through, and in the second step put them all on the list."""
    words = words_of(request)
    form: Form[FileForm] = await read_form(request, FileForm)
    sheet = await read_sheet(form, words)
    if sheet is None or form.filled is None:
        return await _show_list(request, list_id, form, status_code=422)
    reason, accounts, faults = form.filled.reason, list[NewListed](), list[LineFault]()
    try:
        if sheet.is_kept:
            return await _put(request, list_id, sheet.data, reason=reason)
        rt, actor = runtime_of(request), actor_of(request)
        accounts = list(await list_files.read_list_file(rt, actor, sheet.data, reason=reason))
    except InvalidError as error:
        faults = line_faults(list(error.faults), words)
    except PlatformError as error:
        form.add("", words.refusal(error.message))
        return await _show_list(request, list_id, form, status_code=409)
    looked = Looked(sheet=sheet, accounts=accounts, faults=faults)
    status = 422 if faults else 200
    return await _show_list(request, list_id, form, looked=looked, status_code=status)


@post(LIST + "/accounts/remove", operation_id="take_off_list", status_code=200)
async def take_off_list(
    request: AnyRequest, workspace_id: FromPath[UUID], list_id: FromPath[UUID]
) -> Response[bytes]:
    form: Form[KeyForm] = await read_form(request, KeyForm)
    if form.filled is None:
        return await _show_list(request, list_id, form, status_code=422)
    given = form.filled
    key = AccountKey(platform=given.platform, instance=given.instance, id=given.account)
    async with submission(request) as sent:
        before = await lists.read_list(sent.conn, workspace_id, list_id)
        after = await flow.remove_accounts(
            sent.conn, actor_of(request), list_id, [key], now=sent.now
        )
        note = "taken-off" if after.accounts < before.accounts else "nobody-new"
        return await sent.go(f"/w/{workspace_id}/lists/{list_id}?note={note}")


@get(LIST + "/file", operation_id="download_list")
async def download_list(
    request: AnyRequest, workspace_id: FromPath[UUID], list_id: FromPath[UUID]
) -> Stream:
    """A list as CSV, which can be brought in again as it is."""
    rt = runtime_of(request)
    async with rt.pool.acquire() as conn:
        await lists.read_list(conn, workspace_id, list_id)
    is_russian = words_of(request).language is Language.RUSSIAN
    separator = Separator.SEMICOLON if is_russian else Separator.COMMA
    pieces = list_files.export_list(rt, workspace_id, list_id, separator)
    return attachment(pieces, f"list-{list_id}")


async def _put(request: AnyRequest, list_id: UUID, data: bytes, *, reason: str) -> Response[bytes]:
    """Put the accounts of a file on a list. Raises InvalidError and PlatformError."""
    rt, actor = runtime_of(request), actor_of(request)
    async with rt.pool.acquire() as conn:
        await lists.read_list(conn, actor.workspace_id, list_id)
    new = await list_files.read_list_file(rt, actor, data, reason=reason)
    async with submission(request) as sent:
        await list_files.import_list(sent.conn, actor, list_id, new, now=sent.now)
        return await sent.go(f"/w/{actor.workspace_id}/lists/{list_id}?note=put-on")


async def _show_lists(
    request: AnyRequest, form: Form[Any], *, status_code: int = 200
) -> Response[bytes]:
    rt, actor = runtime_of(request), actor_of(request)
    async with rt.pool.acquire() as conn:
        after = id_asked(request, "after")
        found = await lists.list_lists(conn, actor.workspace_id, after=after, limit=_PAGE + 1)
    return render(
        request,
        "lists.html",
        status_code=status_code,
        rows=found[:_PAGE],
        newer=found[_PAGE - 1].id if len(found) > _PAGE else None,
        form=form,
        may_write=actor.role is not Role.AUDITOR,
        note=note_of(request),
    )


async def _show_list(
    request: AnyRequest,
    list_id: UUID,
    form: Form[Any],
    *,
    looked: Looked | None = None,
    status_code: int = 200,
) -> Response[bytes]:
    rt, actor = runtime_of(request), actor_of(request)
    async with rt.pool.acquire() as conn:
        it = await lists.read_list(conn, actor.workspace_id, list_id)
        found = await lists.list_accounts(
            conn, actor.workspace_id, list_id, after=_after(request), limit=_PAGE + 1
        )
        names = await members.names(conn, {each.added_by for each in found})
    shown = found[:_PAGE]
    return render(
        request,
        "list.html",
        status_code=status_code,
        list=it,
        rows=shown,
        further=_key_of(shown[-1]) if len(found) > _PAGE else None,
        names=names,
        form=form,
        looked=looked,
        first=looked.accounts[:_SHOWN] if looked else [],
        platforms=[("", words_of(request).gettext("as the account says")), *_platforms()],
        may_write=actor.role is not Role.AUDITOR,
        now=rt.clock(),
        note=note_of(request),
    )


def _platforms() -> list[tuple[str, str]]:
    return [(each.value, each.label) for each in Platform]


def _key_of(listed: ListedAccount) -> dict[str, str]:
    return {
        "platform": listed.platform.value,
        "instance": listed.instance,
        "account": listed.account,
    }


def _after(request: AnyRequest) -> AccountKey | None:
    """The account behind which a page begins; None for none."""
    given = {
        name: request.query_params.get(name, "")[:2000].replace("\0", "")
        for name in ("platform", "instance", "account")
    }
    platform = next((each for each in Platform if each.value == given["platform"]), None)
    if platform is None:
        return None
    return AccountKey(platform=platform, instance=given["instance"], id=given["account"])
