"""`/public/contests/{id}/ownerships`: show that an account is one's own, and get what it holds.

Whoever begins gets a code to write with the account, and a secret that opens the rest once the code
was seen. For everybody who asks it looks the same, whether or not the account takes part.
"""

import enum
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, HeaderParameter, JSONBody

from contest_service.api.gate import count_apart
from contest_service.api.given import GivenReceipts, GivenRuntime
from contest_service.api.languages import VARIES, language_of
from contest_service.api.public import public, started
from contest_service.api.writes import AnyRequest
from contest_service.domain.answers import say_how
from contest_service.domain.errors import NotFoundError
from contest_service.flows import own
from contest_service.flows.held import File, Held, read_held
from contest_service.flows.receipt import Receipts
from contest_service.flows.runtime import Runtime
from contest_service.flows.self_check import OwnCheck, check_own
from contest_service.platforms.live import is_live
from contest_service.store import links
from contest_service.store.contests import Contest
from contest_service.store.ownerships import Ownership

_HEADER = "Ownership-Secret"
OF_ADDRESS = 10
"""Codes that one address is given in a minute."""
OF_CONTEST = 600
"""Codes that are given out for one contest in a minute."""

PRIVATE = VARIES | {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

Secret = Annotated[
    str,
    HeaderParameter(name=_HEADER, max_length=200, description="What came with the code."),
]


class OwnershipState(enum.StrEnum):
    """How far it is."""

    WAITING = "waiting"
    SHOWN = "shown"
    EXPIRED = "expired"


class Claimed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The account that somebody says is theirs: its address, its handle, or its stable id."""

    account: Annotated[str, msgspec.Meta(min_length=1, max_length=own.LONGEST_NAME)]


class BegunOwnership(msgspec.Struct, frozen=True, kw_only=True):
    """What to do by when. `secret` is shown once; `posts` are where a comment may be written."""

    id: UUID
    secret: str
    code: str
    expires_at: datetime
    how: list[str]
    posts: list[str]


class HeldFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file to keep, and where its exact bytes are."""

    name: str
    url: str


class OwnershipView(msgspec.Struct, frozen=True, kw_only=True):
    """How far it is, and once it is shown all that the account's owner may see.

    `linked` are the accounts that take part as one entry, if this one was linked with others.
    Promises and receipt are as section 8.9 of docs/draw-protocol.md has them, promises oldest
    first. The receipt is there some seconds after the list is fixed, if the entry is in it.
    """

    id: UUID
    state: OwnershipState
    expires_at: datetime
    check: OwnCheck | None = None
    linked: list[str] = []
    promises: list[dict[str, Any]] = []
    receipt: dict[str, Any] | None = None
    files: list[HeldFile] = []


@post(
    "/{contest_id:uuid}/ownerships",
    **public("begin_ownership", "Begin to show that an account is yours", 413, 415),
)
async def begin_ownership(
    contest_id: FromPath[UUID], data: JSONBody[Claimed], request: AnyRequest, rt: GivenRuntime
) -> Response[BegunOwnership]:
    """Write the code with the account within half an hour, then ask with the secret."""
    await count_apart(request, "own", str(contest_id), of_address=OF_ADDRESS, of_all=OF_CONTEST)
    async with rt.pool.acquire() as conn, conn.transaction():
        contest = await started(conn, contest_id)
        begun = await own.begin(conn, contest, data.account, now=rt.clock())
    given = BegunOwnership(
        id=begun.id,
        secret=begun.secret,
        code=begun.code,
        expires_at=begun.expires_at,
        how=say_how(
            language_of(request, contest),
            code=begun.code,
            by=begun.expires_at,
            zone=contest.definition.schedule.zone,
            by_message=any(is_live(post.platform) for post in begun.posts),
        ),
        posts=[post.url for post in begun.posts],
    )
    return Response(given, status_code=201, headers=PRIVATE)


@get(
    "/{contest_id:uuid}/ownerships/{ownership_id:uuid}",
    **public("read_ownership", "Read what an account's owner may see"),
)
async def read_ownership(
    contest_id: FromPath[UUID],
    ownership_id: FromPath[UUID],
    secret: Secret,
    request: AnyRequest,
    rt: GivenRuntime,
    receipts: GivenReceipts,
) -> Response[OwnershipView]:
    """Ask again every few seconds while it is `waiting`."""
    async with rt.pool.acquire() as conn:
        contest = await started(conn, contest_id)
        found = await own.read(conn, contest, ownership_id, secret)
        state = _state(found, rt)
        check, linked = None, []
        if state is OwnershipState.SHOWN and found.entrant_id is not None:
            language = language_of(request, contest)
            check = await check_own(conn, contest, found.entrant_id, language)
            members = await links.of_entry(conn, contest, found.entrant_id)
            linked = [each.subject for each in members] if len(members) > 1 else []
    view = OwnershipView(
        id=found.id, state=state, expires_at=found.expires_at, check=check, linked=linked
    )
    if check is not None:
        held = await _held(rt, receipts, contest, found)
        view = _with(view, held, link=f"{rt.contest_files(contest.id)}/ownerships/{found.id}")
    return Response(view, headers=PRIVATE)


@get(
    "/{contest_id:uuid}/ownerships/{ownership_id:uuid}/files/{name:str}",
    media_type="application/json",
    **public("download_held_file", "Download a promise or a receipt"),
)
async def download_held_file(
    contest_id: FromPath[UUID],
    ownership_id: FromPath[UUID],
    name: FromPath[str],
    secret: Secret,
    rt: GivenRuntime,
    receipts: GivenReceipts,
) -> Response[bytes]:
    """The exact bytes, for `verify.py --receipt` and the page that does the same."""
    async with rt.pool.acquire() as conn:
        contest = await started(conn, contest_id)
        found = await own.read(conn, contest, ownership_id, secret)
    if _state(found, rt) is OwnershipState.SHOWN:
        for each in _files(await _held(rt, receipts, contest, found)):
            if each.name == name:
                headers = {"Content-Disposition": f'attachment; filename="{each.name}"'}
                return Response(
                    each.bytes, media_type="application/json", headers=PRIVATE | headers
                )
    raise NotFoundError("There is no such file, or the code has not been seen yet.")


def _state(found: Ownership, rt: Runtime) -> OwnershipState:
    if found.expires_at <= rt.clock():
        return OwnershipState.EXPIRED
    return OwnershipState.WAITING if found.shown_at is None else OwnershipState.SHOWN


async def _held(rt: Runtime, receipts: Receipts, contest: Contest, found: Ownership) -> Held:
    if found.entrant_id is None:
        raise NotFoundError("Nobody of this name takes part.")
    return await read_held(rt, receipts, contest, found.entrant_id)


def _with(view: OwnershipView, held: Held, *, link: str) -> OwnershipView:
    receipt = held.receipt
    return msgspec.structs.replace(
        view,
        promises=[msgspec.json.decode(each.bytes) for each in held.promises],
        receipt=None if receipt is None else msgspec.json.decode(receipt.bytes),
        files=[HeldFile(name=each.name, url=f"{link}/files/{each.name}") for each in _files(held)],
    )


def _files(held: Held) -> list[File]:
    return [*held.promises, *([] if held.receipt is None else [held.receipt])]
