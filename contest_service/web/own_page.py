"""`/contests/{id}/check/own`: whoever shows that an account is theirs sees all that is known of it.

The code and the secret live in one cookie of the browser that began, which goes nowhere but here.
"""

import enum
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation
from litestar.response import Redirect

from contest_service.domain.answers import say_how
from contest_service.domain.appeals import LONGEST_TEXT, AppealState
from contest_service.domain.conditions import Language
from contest_service.domain.contest import STARTED
from contest_service.domain.errors import ConflictError, InvalidError, NotFoundError
from contest_service.domain.people import system
from contest_service.flows import own
from contest_service.flows.appeals import make_appeal
from contest_service.flows.claims import claim
from contest_service.flows.held import Held, read_held
from contest_service.flows.line import Lines
from contest_service.flows.receipt import Receipts
from contest_service.flows.runtime import Runtime
from contest_service.flows.self_check import OwnCheck, check_own
from contest_service.platforms.live import is_live
from contest_service.store import entrants, looks, targets
from contest_service.store.claims import ClaimedHow
from contest_service.store.contests import Contest
from contest_service.store.ownerships import Ownership
from contest_service.store.rows import Connection
from contest_service.web.check_page import told
from contest_service.web.contest_page import GivenRuntime, frame_of
from contest_service.web.drawn import read_drawn, read_frozen, show_draws
from contest_service.web.fault_words import take_faults
from contest_service.web.forms import Form, blank, read_form
from contest_service.web.gate import request_id_of
from contest_service.web.language import words_of
from contest_service.web.line import Picture
from contest_service.web.page import render
from contest_service.web.visitors import count_apart, started
from contest_service.web.won import won_by

GivenReceipts = NamedDependency[SkipValidation[Receipts]]
AnyRequest = Request[Any, Any, Any]

COOKIE = "own"
_CODES = {"of_address": 10, "of_all": 600}
"""Codes that are given out in a minute, as in the API."""
_APPEALS = {"of_address": 10, "of_all": 300}
"""Appeals in a minute, as in the API."""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What the browser keeps: which ownership, the secret that opens it, the code to write."""

    id: UUID
    secret: str
    code: str
    account: str


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """The account that somebody says is theirs."""

    account: Annotated[str, msgspec.Meta(max_length=own.LONGEST_NAME)]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Why the account should be checked again."""

    text: Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)]


class Stage(enum.StrEnum):
    """How far somebody is with showing that an account is theirs."""

    WAITING = "waiting"
    SHOWN = "shown"
    EXPIRED = "expired"


@post("/contests/{contest_id:uuid}/check/own", operation_id="begin_showing")
async def begin_showing(
    contest_id: FromPath[UUID], request: AnyRequest, rt: GivenRuntime
) -> Redirect:
    """Give out a code; the same for every account, whether or not it takes part."""
    form = await read_form(request, Claimed)
    if form.filled is None or not form.filled.account.strip():
        return _to(f"/contests/{contest_id}/check")
    await count_apart(request, "own", contest_id, **_CODES)
    account = form.filled.account.strip()
    async with rt.pool.acquire() as conn, conn.transaction():
        contest = await started(conn, contest_id)
        begun = await own.begin(conn, contest, account, now=rt.clock())
    kept = Kept(id=begun.id, secret=begun.secret, code=begun.code, account=account)
    return _to(_own_path(contest_id), cookie=_cookie(kept, contest_id, rt))


@get("/contests/{contest_id:uuid}/check/own", operation_id="show_own")
async def show_own(
    contest_id: FromPath[UUID], request: AnyRequest, rt: GivenRuntime, receipts: GivenReceipts
) -> Response[bytes]:
    """The code while it is waited for, and then everything."""
    return await _show(request, contest_id, rt, receipts, form=blank())


@post("/contests/{contest_id:uuid}/check/own/again", operation_id="ask_again")
async def ask_again(
    contest_id: FromPath[UUID], request: AnyRequest, rt: GivenRuntime, receipts: GivenReceipts
) -> Response[Any]:
    """Ask to be checked again; who asks twice has asked once."""
    form = await read_form(request, Asked)
    if form.filled is not None:
        await count_apart(request, "appeal", contest_id, **_APPEALS)
        kept = _kept(request)
        try:
            async with rt.pool.acquire() as conn, conn.transaction():
                contest = await started(conn, contest_id)
                owned = await own.read(conn, contest, kept.id, kept.secret)
                await make_appeal(conn, rt, contest, owned, text=form.filled.text, now=rt.clock())
        except InvalidError as error:
            take_faults(form, error, words_of(request))
        except ConflictError as error:
            if error.code != "appeal_open":
                raise
    if not form.faults:
        return _to(_own_path(contest_id))
    return await _show(request, contest_id, rt, receipts, form=form)


@post("/contests/{contest_id:uuid}/check/own/claim", operation_id="claim_own")
async def claim_own(contest_id: FromPath[UUID], request: AnyRequest, rt: GivenRuntime) -> Redirect:
    """Accept what one's account has won; a second time changes nothing."""
    await count_apart(request, "claim", contest_id, **_APPEALS)
    kept = _kept(request)
    async with rt.pool.acquire() as conn, conn.transaction():
        contest = await started(conn, contest_id)
        owned = await own.read(conn, contest, kept.id, kept.secret)
        if _stage(owned, rt.clock()) is not Stage.SHOWN or owned.entrant_id is None:
            raise NotFoundError("The code has not been seen yet, or is over; begin again.")
        actor, how = system(contest.workspace_id, request_id_of(request)), ClaimedHow.PAGE
        await claim(conn, contest, owned.entrant_id, how=how, actor=actor, now=rt.clock())
    return _to(_own_path(contest_id))


@get("/contests/{contest_id:uuid}/check/own/{name:str}", operation_id="fetch_held")
async def fetch_held(
    contest_id: FromPath[UUID],
    name: FromPath[str],
    request: AnyRequest,
    rt: GivenRuntime,
    receipts: GivenReceipts,
) -> Response[bytes]:
    """A promise or a receipt, in its exact bytes."""
    kept = _kept(request)
    async with rt.pool.acquire() as conn:
        contest = await started(conn, contest_id)
        owned = await own.read(conn, contest, kept.id, kept.secret)
    if _stage(owned, rt.clock()) is Stage.SHOWN and owned.entrant_id is not None:
        for each in _files(await read_held(rt, receipts, contest, owned.entrant_id)):
            if each["name"] == name:
                headers = {
                    "Content-Disposition": f'attachment; filename="{name}"',
                    "Cache-Control": "no-store",
                    "X-Content-Type-Options": "nosniff",
                }
                return Response(each["bytes"], media_type="application/json", headers=headers)
    raise NotFoundError("There is no such file, or the code has not been seen yet.")


async def _show(
    request: AnyRequest, contest_id: UUID, rt: Runtime, receipts: Receipts, *, form: Form[Any]
) -> Response[bytes]:
    words, now, kept = words_of(request), rt.clock(), _kept(request)
    async with rt.pool.acquire() as conn:
        contest = await started(conn, contest_id)
        look = await looks.read(conn, contest.workspace_id)
        owned = await own.read(conn, contest, kept.id, kept.secret)
        stage = _stage(owned, now)
        check = won = None
        if stage is Stage.SHOWN and owned.entrant_id is not None:
            check = await check_own(conn, contest, owned.entrant_id, words.language)
            won = await won_by(conn, contest, owned.entrant_id, now=now)
        how, posts = await _how(
            conn, contest, code=kept.code, by=owned.expires_at, language=words.language
        )
    files: list[dict[str, Any]] = []
    place = None
    if check is not None and owned.entrant_id is not None:
        files = _files(await read_held(rt, receipts, contest, owned.entrant_id))
        place = await _place(request, rt, contest, owned.entrant_id)
    return render(
        request,
        "public/own.html",
        status_code=HTTPStatus.UNPROCESSABLE_ENTITY if form.faults else HTTPStatus.OK,
        account=kept.account,
        stage=stage.value,
        how=how,
        code=kept.code,
        posts=posts,
        check=None if check is None else told(check, contest, words),
        own=check,
        won=won,
        files=files,
        place=place,
        form=form,
        may_ask=check is not None and _may_ask(check, contest),
        longest=LONGEST_TEXT,
        **frame_of(contest, words, rt, now=now, look=look),
    )


async def _how(
    conn: Connection, contest: Contest, *, code: str, by: datetime, language: Language
) -> tuple[list[str], list[str]]:
    """What to do with the code, and under which posts."""
    posts = await targets.posts(conn, contest.workspace_id, contest.id)
    said = say_how(
        language,
        code=code,
        by=by,
        zone=contest.definition.schedule.zone,
        by_message=any(is_live(post.platform) for post in posts),
    )
    return said, [post.url for post in posts]


class OwnPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where an entry stands in each draw, and the address that shows it to whoever is given it."""

    lines: list[Picture]
    link: str


async def _place(
    request: AnyRequest, rt: Runtime, contest: Contest, entrant_id: UUID
) -> OwnPlace | None:
    """None before the draw, and for whoever is not in the list."""
    async with rt.pool.acquire() as conn:
        freeze = await read_frozen(conn, contest)
        outcome = await read_drawn(conn, contest)
        key = (contest.workspace_id, contest.id, entrant_id)
        opening = await entrants.opening_of(conn, *key)
    if freeze is None or outcome is None or opening is None:
        return None
    lines: Lines = request.app.state.lines
    own = opening.commitment
    draws = await show_draws(
        lines, contest, outcome, freeze=freeze, words=words_of(request), own=own
    )
    found = [each.line for each in draws if each.line.own]
    link = f"{rt.contest_link(contest.id)}/draw?entry={own.hex()}"
    return OwnPlace(lines=found, link=link) if found else None


def _may_ask(check: OwnCheck, contest: Contest) -> bool:
    is_waiting = any(each.state is AppealState.OPEN for each in check.appeals)
    return contest.status in STARTED and not is_waiting


def _files(held: Held) -> list[dict[str, Any]]:
    found = [*held.promises, *([] if held.receipt is None else [held.receipt])]
    return [
        {"name": each.name, "bytes": each.bytes, "is_receipt": each is held.receipt}
        for each in found
    ]


def _stage(owned: Ownership, now: datetime) -> Stage:
    if owned.expires_at <= now:
        return Stage.EXPIRED
    return Stage.WAITING if owned.shown_at is None else Stage.SHOWN


def _kept(request: AnyRequest) -> Kept:
    """Read the cookie. Raises NotFoundError without one that was given here."""
    try:
        return msgspec.json.decode(
            bytes.fromhex(request.cookies.get(COOKIE, "")), type=Kept, strict=True
        )
    except (ValueError, msgspec.DecodeError):
        raise NotFoundError(
            "There is no such proof of ownership in this browser; begin another one."
        ) from None


def _cookie(kept: Kept, contest_id: UUID, rt: Runtime) -> Cookie:
    return Cookie(
        COOKIE,
        value=msgspec.json.encode(kept).hex(),
        path=f"{_own_path(contest_id)}",
        max_age=int(2 * own.GOOD_FOR.total_seconds()),
        httponly=True,
        secure=rt.public_url.startswith("https:"),
        samesite="lax",
    )


def _own_path(contest_id: UUID) -> str:
    return f"/contests/{contest_id}/check/own"


def _to(path: str, *, cookie: Cookie | None = None) -> Redirect:
    return Redirect(path, status_code=303, cookies=[] if cookie is None else [cookie])
