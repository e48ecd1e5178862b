"""VK ID: let an administrator sign in with a browser, and keep their tokens with the community's.

The browser leaves with a state and comes back with it within ten minutes, once; what the code is
exchanged with never leaves this service. All that speaks to VK comes first and holds no database
connection.
"""

import base64
import enum
import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from contest_service.domain.accounts import Platform
from contest_service.domain.errors import (
    ConflictError,
    ContestError,
    Fault,
    InvalidError,
    NotFoundError,
)
from contest_service.domain.people import Actor, Role
from contest_service.flows import connect
from contest_service.flows.runtime import Runtime, adapter_for
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.transport import Transport
from contest_service.platforms.vk import sign_in
from contest_service.platforms.vk.credential import read_community
from contest_service.store import audit, communities, members, sign_ins
from contest_service.store.communities import Community
from contest_service.store.rows import Connection
from contest_service.store.sign_ins import SignIn

GOOD_FOR = timedelta(minutes=10)
"""How long a browser may stay away."""
PATH = "/oauth/vk"
"""Where the browser comes back to, below the public address."""
_MAY = frozenset({Role.OWNER, Role.EDITOR})
_RENEWING = ("refresh_token", "device_id", "client_id")
"""The fields of a credential by which its token is renewed."""


class Refusal(enum.StrEnum):
    """Why a sign-in came to nothing."""

    UNKNOWN = "unknown"
    """Nobody began it here, or it has come back already."""
    EXPIRED = "expired"
    DENIED = "denied"
    """The person did not agree."""
    REFUSED = "refused"
    """VK does not give tokens for it."""
    UNREACHABLE = "unreachable"
    NO_ADMINISTRATOR = "no_administrator"
    """The tokens are good, but not for this community."""
    NOT_ALLOWED = "not_allowed"
    """Whoever began it may not do that any more."""
    CHANGED = "changed"
    """The community was removed, or its credential replaced, meanwhile."""
    ALREADY = "already"
    """The community was to be connected, and is connected already."""


class SignInError(Exception):
    """A sign-in came to nothing; `detail` is what the platform said of it, without any secret.

    `begun` is the sign-in, where it is known which.
    """

    def __init__(self, refusal: Refusal, detail: str = "") -> None:
        super().__init__(refusal.value)
        self.refusal = refusal
        self.detail = detail
        self.begun: SignIn | None = None


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """Where the browser is to go, and until when it may come back."""

    url: str
    expires_at: datetime

    def __repr__(self) -> str:
        return f"Begun(expires_at={self.expires_at})"


class Returned(msgspec.Struct, frozen=True, kw_only=True):
    """What the browser brought back."""

    state: str
    code: str
    device_id: str
    error: str

    def __repr__(self) -> str:
        return f"Returned(error={self.error!r})"


class Connected(msgspec.Struct, frozen=True, kw_only=True):
    """Who may be asked now, and for which community."""

    workspace_id: UUID
    community_id: UUID
    administrator: str
    community: str


async def begin(
    conn: Connection, rt: Runtime, actor: Actor, community_id: UUID, *, now: datetime
) -> Begun:
    """Begin a sign-in for a community. Raises NotFoundError, and ConflictError where there is no VK
    or no application to sign in with."""
    community = await communities.read(conn, actor.workspace_id, community_id)
    if community is None:
        raise NotFoundError("There is no such community in this workspace.")
    if community.platform is not Platform.VK:
        raise ConflictError("VK ID is for communities on VK.")
    begun, verifier = _begun(rt, actor, community_id=community_id, now=now)
    return await _leave(conn, rt, begun, servers=community.endpoints, verifier=verifier)


async def begin_connecting(
    conn: Connection,
    rt: Runtime,
    actor: Actor,
    named: str,
    *,
    endpoints: Mapping[str, str],
    now: datetime,
) -> Begun:
    """Begin a sign-in that connects a community, by its number, short name or address.

    Raises InvalidError for a name that is none or servers that are refused, and ConflictError where
    there is no application to sign in with.
    """
    servers = connect.servers_of(rt, Platform.VK, endpoints)
    try:
        name = read_community(named)
    except PlatformError as error:
        raise InvalidError([Fault(pointer="/community", detail=error.message)]) from None
    begun, verifier = _begun(
        rt, actor, community_id=None, named=name, endpoints=dict(endpoints), now=now
    )
    return await _leave(conn, rt, begun, servers=servers, verifier=verifier)


def _begun(
    rt: Runtime,
    actor: Actor,
    *,
    community_id: UUID | None,
    now: datetime,
    named: str | None = None,
    endpoints: dict[str, str] | None = None,
) -> tuple[SignIn, str]:
    """A sign-in, and its verifier in clear. Raises ConflictError without an application."""
    if not rt.vk_client_id:
        raise ConflictError(
            "This service has no application at VK ID. An operator registers one at id.vk.com with "
            f"the trusted redirect address {_redirect_uri(rt)}, and sets CONTEST_VK_CLIENT_ID to "
            "its number.",
            code="vk_id_not_set_up",
        )
    if actor.person_id is None:
        raise LookupError("a sign-in without a person")
    verifier = secrets.token_urlsafe(64)
    begun = SignIn(
        workspace_id=actor.workspace_id,
        community_id=community_id,
        person_id=actor.person_id,
        verifier=rt.vault.seal(verifier.encode()),
        created_at=now,
        named=named,
        endpoints=endpoints or {},
    )
    return begun, verifier


async def _leave(
    conn: Connection, rt: Runtime, begun: SignIn, *, servers: Mapping[str, str], verifier: str
) -> Begun:
    """Remember a sign-in, and say where the browser goes."""
    state = secrets.token_urlsafe(32)
    await sign_ins.begin(conn, _digest(state), begun)
    url = sign_in.authorize_url(
        servers,
        client_id=rt.vk_client_id,
        redirect_uri=_redirect_uri(rt),
        state=state,
        challenge=_challenge(verifier),
    )
    return Begun(url=url, expires_at=begun.created_at + GOOD_FOR)


async def come_back(rt: Runtime, returned: Returned, *, request_id: str) -> Connected:
    """End a sign-in: exchange its code, and keep the tokens if they are an administrator's.

    Speaks to VK. Raises SignInError.
    """
    async with rt.pool.acquire() as conn:
        begun = await sign_ins.take(conn, _digest(returned.state))
    if begun is None:
        raise SignInError(Refusal.UNKNOWN)
    try:
        return await _finish(rt, begun, returned, request_id=request_id)
    except SignInError as error:
        error.begun = begun
        raise


async def _finish(rt: Runtime, begun: SignIn, returned: Returned, *, request_id: str) -> Connected:
    if begun.created_at + GOOD_FOR < rt.clock():
        raise SignInError(Refusal.EXPIRED)
    if returned.error or not returned.code:
        is_denied = returned.error == "access_denied"
        raise SignInError(Refusal.DENIED if is_denied else Refusal.REFUSED)
    async with rt.pool.acquire() as conn:
        actor = await _actor(conn, begun, request_id)
    if begun.community_id is None:
        return await _connect(rt, actor, begun, returned)
    async with rt.pool.acquire() as conn:
        community = await communities.read(conn, begun.workspace_id, begun.community_id)
        sealed = await communities.credential(conn, begun.workspace_id, begun.community_id)
    if community is None or sealed is None:
        raise SignInError(Refusal.CHANGED)
    granted = await _exchange(rt, begun, community.endpoints, returned)
    credential = _with_administrator(rt, sealed, granted, device_id=returned.device_id)
    await _keep(rt, actor, community, sealed=sealed, credential=credential, who=granted.user_id)
    return await _connected(rt, community, str(granted.user_id))


async def _connect(rt: Runtime, actor: Actor, begun: SignIn, returned: Returned) -> Connected:
    """Connect a community by its administrator alone. Only owners connect communities."""
    if actor.role is not Role.OWNER:
        raise SignInError(Refusal.NOT_ALLOWED)
    servers = connect.servers_of(rt, Platform.VK, begun.endpoints)
    granted = await _exchange(rt, begun, servers, returned)
    fields = _renewing(rt, granted, device_id=returned.device_id)
    credential = msgspec.json.encode(fields | {"community": begun.named or ""})
    try:
        new = await connect.sign_in(
            rt, platform=Platform.VK, endpoints=begun.endpoints, credential=credential
        )
    except InvalidError as error:
        raise _not_theirs(error) from None
    except PlatformError as error:
        raise _refused(error) from None
    try:
        async with rt.pool.acquire() as conn, conn.transaction():
            community = await connect.store_community(conn, actor, new, now=rt.clock())
    except ConflictError:
        raise SignInError(Refusal.ALREADY) from None
    return await _connected(rt, community, str(granted.user_id))


async def _connected(rt: Runtime, community: Community, account: str) -> Connected:
    return Connected(
        workspace_id=community.workspace_id,
        community_id=community.id,
        administrator=await _name(rt, community, account),
        community=community.name or community.handle,
    )


async def _actor(conn: Connection, begun: SignIn, request_id: str) -> Actor:
    """Who began it, as they are now. Raises SignInError if they may not do it any more."""
    try:
        member = await members.read_member(conn, begun.workspace_id, begun.person_id)
    except NotFoundError:
        raise SignInError(Refusal.NOT_ALLOWED) from None
    if member.role not in _MAY:
        raise SignInError(Refusal.NOT_ALLOWED)
    return Actor(
        workspace_id=begun.workspace_id,
        person_id=begun.person_id,
        token_id=None,
        role=member.role,
        request_id=request_id,
    )


async def _exchange(
    rt: Runtime, begun: SignIn, servers: Mapping[str, str], returned: Returned
) -> sign_in.Granted:
    try:
        verifier = rt.vault.open(begun.verifier).decode()
    except ContestError:
        # The key that it was encrypted with is gone.
        raise SignInError(Refusal.EXPIRED) from None
    try:
        async with Transport(rt.hosts) as transport:
            return await sign_in.exchange(
                transport,
                servers,
                client_id=rt.vk_client_id,
                redirect_uri=_redirect_uri(rt),
                code=returned.code,
                device_id=returned.device_id,
                verifier=verifier,
            )
    except PlatformError as error:
        raise _refused(error) from None


def _with_administrator(
    rt: Runtime, sealed: bytes, granted: sign_in.Granted, *, device_id: str
) -> bytes:
    """The community's credential with these tokens in place of an earlier administrator's."""
    try:
        kept = msgspec.json.decode(rt.vault.open(sealed), type=dict[str, str])
    except ContestError:
        # Unreadable without its key: the other tokens have to be given again anyway.
        raise SignInError(Refusal.CHANGED) from None
    kept = {name: value for name, value in kept.items() if name not in _RENEWING}
    return msgspec.json.encode(kept | _renewing(rt, granted, device_id=device_id))


def _renewing(rt: Runtime, granted: sign_in.Granted, *, device_id: str) -> dict[str, str]:
    """What was granted, as a credential has it, with what renews it if VK ID lets it be renewed."""
    token = {"user_token": granted.access_token}
    if not granted.refresh_token:
        return token
    values = (granted.refresh_token, device_id, rt.vk_client_id)
    return token | dict(zip(_RENEWING, values, strict=True))


async def _keep(
    rt: Runtime,
    actor: Actor,
    community: Community,
    *,
    sealed: bytes,
    credential: bytes,
    who: int | str,
) -> None:
    """Try the credential, and keep it if nobody replaced `sealed` meanwhile."""
    try:
        new = await connect.sign_in_again(rt, actor, community.id, credential)
    except InvalidError as error:
        raise _not_theirs(error) from None
    except NotFoundError:
        raise SignInError(Refusal.CHANGED) from None
    except PlatformError as error:
        raise _refused(error) from None
    async with rt.pool.acquire() as conn, conn.transaction():
        now = rt.clock()
        await communities.read_locked(conn, actor.workspace_id, community.id)
        if await communities.credential(conn, actor.workspace_id, community.id) != sealed:
            raise SignInError(Refusal.CHANGED)
        await connect.replace_credential(conn, actor, community.id, new, now=now)
        await audit.record(
            conn,
            actor,
            "community.administrator_connected",
            subject=community.id,
            at=now,
            detail={"account": str(who)},
        )


def _not_theirs(error: InvalidError) -> SignInError:
    detail = "; ".join(fault.detail for fault in error.faults)
    return SignInError(Refusal.NO_ADMINISTRATOR, detail)


def _refused(error: PlatformError) -> SignInError:
    passes = error.kind in (FailureKind.UNREACHABLE, FailureKind.RATE_LIMITED)
    return SignInError(Refusal.UNREACHABLE if passes else Refusal.REFUSED, error.message)


async def _name(rt: Runtime, community: Community, account: str) -> str:
    """What to call the administrator: by name, or by number where that cannot be read."""
    try:
        async with adapter_for(rt, community.workspace_id, community.id) as adapter:
            profiles = await adapter.profiles([account])
    except (PlatformError, ContestError):
        profiles = []
    return next((each.name or each.handle for each in profiles), f"id{account}")


def _redirect_uri(rt: Runtime) -> str:
    return rt.public_url + PATH


def _digest(state: str) -> bytes:
    return hashlib.sha256(state.encode("utf-8", "surrogatepass")).digest()


def _challenge(verifier: str) -> str:
    """PKCE's S256 (RFC 7636, section 4.2)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
