"""`/public/contests/{id}/links`: take part with several accounts as one entry, by consent.

Somebody shows two accounts to be theirs, each as an ownership, reads what they agree to, and links
them with both secrets. Nobody else learns of it: what a stranger may ask about either account is
answered as if it stood alone, but that the entry keeps the account that entered first.
"""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post
from litestar.params import FromPath, JSONBody

from contest_service.api.envelope import request_id_of
from contest_service.api.gate import count_apart
from contest_service.api.given import GivenRuntime
from contest_service.api.languages import VARIES, language_of
from contest_service.api.ownerships import PRIVATE, Secret
from contest_service.api.public import ASK_AGAIN, READABLE_ANYWHERE, public, started
from contest_service.api.writes import AnyRequest
from contest_service.domain.conditions import Language
from contest_service.domain.consent import ConsentText, consent_text
from contest_service.flows import link
from contest_service.flows.link import Given, Key
from contest_service.flows.self_check import OwnCheck, check_own
from contest_service.store import links

OF_ADDRESS = 10
"""Links, and parted ones, of one address in a minute."""
OF_CONTEST = 300
"""Links, and parted ones, in one contest in a minute."""


class Opened(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An ownership whose code was seen, by its id, and the secret that came with it."""

    id: UUID
    secret: Annotated[str, msgspec.Meta(max_length=200)]


class Agreement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """To which version of the text somebody agrees, and in which language they read it."""

    version: int
    language: Language


class Linking(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The ownerships of two accounts, and the consent to take part with both as one entry."""

    ownerships: Annotated[list[Opened], msgspec.Meta(min_length=2, max_length=2)]
    consent: Agreement


class LinkedEntry(msgspec.Struct, frozen=True, kw_only=True):
    """The one entry: its accounts as the draw protocol spells them, and how it stands.

    The account that entered first comes first, and is named if the entry wins.
    """

    accounts: list[str]
    check: OwnCheck


@get(
    "/{contest_id:uuid}/links/consent",
    **public("read_link_consent", "Read what you agree to by linking accounts"),
)
async def read_link_consent(
    contest_id: FromPath[UUID], request: AnyRequest, rt: GivenRuntime
) -> Response[ConsentText]:
    """In the contest's language, or in another that `Accept-Language` prefers."""
    async with rt.pool.acquire() as conn:
        contest = await started(conn, contest_id)
    text = consent_text(language_of(request, contest))
    return Response(text, headers=READABLE_ANYWHERE | ASK_AGAIN | VARIES)


@post(
    "/{contest_id:uuid}/links",
    **public("link_accounts", "Take part with two accounts as one entry", 409, 413, 415),
)
async def link_accounts(
    contest_id: FromPath[UUID], data: JSONBody[Linking], request: AnyRequest, rt: GivenRuntime
) -> Response[LinkedEntry]:
    """Only with both secrets, and until the list is fixed. Sent again, it changes nothing more."""
    await _count(request, contest_id)
    async with rt.pool.acquire() as conn, conn.transaction():
        contest = await started(conn, contest_id)
        entry_id = await link.link(
            conn,
            contest,
            [Key(id=each.id, secret=each.secret) for each in data.ownerships],
            Given(version=data.consent.version, language=data.consent.language),
            now=rt.clock(),
            request_id=request_id_of(request.scope),
        )
        members = await links.of_entry(conn, contest, entry_id)
        check = await check_own(conn, contest, entry_id, language_of(request, contest))
    entry = LinkedEntry(accounts=[each.subject for each in members], check=check)
    return Response(entry, status_code=201, headers=PRIVATE)


@delete(
    "/{contest_id:uuid}/ownerships/{ownership_id:uuid}/link",
    **public("part_accounts", "Take part with each account by itself again", 409, status_code=204),
)
async def part_accounts(
    contest_id: FromPath[UUID],
    ownership_id: FromPath[UUID],
    secret: Secret,
    request: AnyRequest,
    rt: GivenRuntime,
) -> None:
    """Takes back the consent for all accounts that are linked with this one."""
    await _count(request, contest_id)
    async with rt.pool.acquire() as conn, conn.transaction():
        contest = await started(conn, contest_id)
        await link.part(
            conn,
            contest,
            Key(id=ownership_id, secret=secret),
            now=rt.clock(),
            request_id=request_id_of(request.scope),
        )


async def _count(request: AnyRequest, contest_id: UUID) -> None:
    await count_apart(request, "link", str(contest_id), of_address=OF_ADDRESS, of_all=OF_CONTEST)
