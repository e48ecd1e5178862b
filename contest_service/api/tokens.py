"""`/v1/tokens`: the tokens of a workspace."""

from datetime import datetime
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post
from litestar.params import FromPath, JSONBody

from contest_service.api.describe import read, write
from contest_service.api.given import GivenActor, GivenRuntime, GivenWrite
from contest_service.api.pages import After, Limit, Page, by_id, page_of
from contest_service.domain.people import Role
from contest_service.flows import tokens as flow
from contest_service.flows.tokens import IssuedToken
from contest_service.store import people
from contest_service.store.people import Token

_SHOWN_ONCE = "Keep the secret now: it is shown this once."
_SHOWN_BEFORE = "The secret was in the first reply to this request and is kept nowhere."


class NewToken(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a token is to be. Without `person_id` it is the asking person's own."""

    name: str
    role: Role
    person_id: UUID | None = None
    expires_at: datetime | None = None


class CreatedToken(msgspec.Struct, frozen=True, kw_only=True):
    """A new token. `secret` is null in a repeated reply."""

    token: Token
    secret: str | None
    note: str


def created(issued: IssuedToken) -> CreatedToken:
    return CreatedToken(token=issued.token, secret=issued.secret, note=_SHOWN_ONCE)


def without_secret(token: CreatedToken) -> CreatedToken:
    """What is stored of the reply."""
    return CreatedToken(token=token.token, secret=None, note=_SHOWN_BEFORE)


class TokenPage(Page[Token], frozen=True, kw_only=True):
    """A page of tokens."""


@get("/tokens", **read("list_tokens", "List tokens, revoked ones too"))
async def list_tokens(
    actor: GivenActor,
    rt: GivenRuntime,
    limit: Limit = 50,
    after: After = None,
) -> TokenPage:
    async with rt.pool.acquire() as conn:
        found = await people.list_tokens(conn, actor.workspace_id, after=after, limit=limit + 1)
    return page_of(TokenPage, found, limit=limit, cursor=by_id)


@post("/tokens", **write("create_token", "Create a token for a person", 404))
async def create_token(data: JSONBody[NewToken], write: GivenWrite) -> Response[CreatedToken]:
    """Its role is at most the creator's, and at any time at most its person's."""
    async with write.transaction() as tx:
        issued = await flow.issue_token(
            tx.conn,
            write.actor,
            person_id=data.person_id or write.person_id,
            name=data.name,
            role=data.role,
            expires_at=data.expires_at,
            now=tx.now,
        )
        token = created(issued)
        return await tx.reply(token, stored=without_secret(token))


@delete(
    "/tokens/{token_id:uuid}",
    status_code=200,
    **write("revoke_token", "Revoke a token, at once and for ever", 404),
)
async def revoke_token(token_id: FromPath[UUID], write: GivenWrite) -> Response[Token]:
    async with write.transaction() as tx:
        revoked = await flow.revoke_token(tx.conn, write.actor, token_id, now=tx.now)
        return await tx.reply(revoked)
