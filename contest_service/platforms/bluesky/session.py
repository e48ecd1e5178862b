"""The community's session: signed in rarely, refreshed when it expires, kept between runs.

The only place that sees the app password and the tokens; none of them reaches a message or a repr.
"""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from contest_service.platforms.base import SessionKeeper
from contest_service.platforms.bluesky.wire import SessionAnswer, server_in
from contest_service.platforms.bluesky.xrpc import Xrpc, XrpcError, decode
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.transport import Parameters, Reply

_CREATE = "com.atproto.server.createSession"
_REFRESH = "com.atproto.server.refreshSession"
_GET = "com.atproto.server.getSession"
_PLC = re.compile(r"did:plc:[a-z2-7]{1,64}")
_RENEWALS = 2
"""Another process's renewed session first, which may have expired too, then one of our own."""


PART = "app_password"
"""The name of a credential's one part."""


class Credential(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a community is connected with, as JSON."""

    identifier: str
    """The account's handle or DID."""
    app_password: str

    def __repr__(self) -> str:
        return f"Credential(identifier={self.identifier!r})"


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A session at the account's own server."""

    did: str
    handle: str
    server: str
    access: str
    refresh: str
    mark: str
    """Of the credential it was made with, so that a new one is not passed by."""

    def __repr__(self) -> str:
        return f"Session(did={self.did!r}, server={self.server!r})"


def read_credential(raw: bytes) -> Credential:
    """Decode a credential. Raises PlatformError CREDENTIAL_REJECTED that names the fault."""
    try:
        credential = msgspec.json.decode(raw, type=Credential)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PlatformError(
            FailureKind.CREDENTIAL_REJECTED,
            f"A Bluesky credential has an “identifier” and an “app_password”: {error}",
        ) from None
    identifier = credential.identifier.strip().removeprefix("@")
    if not identifier or not credential.app_password:
        raise PlatformError(
            FailureKind.CREDENTIAL_REJECTED,
            "A Bluesky credential needs the account's handle or DID and an app password.",
        )
    return Credential(identifier=identifier, app_password=credential.app_password)


def fingerprints_of(raw: bytes) -> dict[str, str]:
    """The one part of a credential, with a digest that changes when it does."""
    given = read_credential(raw)
    secret = f"{given.identifier}\n{given.app_password}"
    return {PART: hashlib.sha256(secret.encode()).hexdigest()}


def changed_credential(raw: bytes, changes: Mapping[str, str | None], *, account: str) -> bytes:
    """A credential with other fields. Raises PlatformError CREDENTIAL_REJECTED without a password.

    `account` is the community's DID, by which it signs in from now on: a handle may change hands.
    """
    kept = {"app_password": read_credential(raw).app_password, "identifier": account}
    fields = kept | {name: value or "" for name, value in changes.items()}
    changed = msgspec.json.encode(fields)
    read_credential(changed)
    return changed


class SignIn:
    """Calls methods of the account's own server as the community."""

    def __init__(
        self,
        xrpc: Xrpc,
        *,
        endpoints: Mapping[str, str],
        credential: Credential,
        keeper: SessionKeeper,
    ) -> None:
        self._xrpc = xrpc
        self._entrance = endpoints["pds"]
        self._directory = endpoints["plc"]
        self._credential = credential
        self._mark = _mark_of(credential, self._entrance)
        self._keeper = keeper
        self._session: Session | None = None
        self._turn = asyncio.Lock()

    async def current(self) -> Session:
        """Return the session, kept or new; it may turn out to have expired. Raises PlatformError.

        CREDENTIAL_REJECTED if the password is not accepted, FORBIDDEN if the account's own server
        is outside the allow-list or the account is taken down.
        """
        async with self._turn:
            if self._session is None:
                self._session = await self._kept() or await self._sign_in()
            return self._session

    async def confirm(self) -> SessionAnswer:
        """Ask the server who is signed in, so that a revoked password is noticed."""
        return decode(_GET, await self.query(_GET), SessionAnswer)

    async def query(self, method: str, parameters: Parameters = ()) -> Reply:
        """Read as the community."""
        return await self._renewing(
            lambda session: self._xrpc.query(
                session.server, method, parameters, token=session.access
            )
        )

    async def procedure(self, method: str, body: Mapping[str, Any]) -> Reply:
        """Write as the community, once."""
        return await self._renewing(
            lambda session: self._xrpc.procedure(session.server, method, body, token=session.access)
        )

    async def _renewing(self, call: Callable[[Session], Awaitable[Reply]]) -> Reply:
        session = await self.current()
        for _ in range(_RENEWALS):
            try:
                return await call(session)
            except XrpcError as error:
                if error.kind is not FailureKind.CREDENTIAL_REJECTED:
                    raise
            session = await self._renew(session)
        return await call(session)

    async def _renew(self, stale: Session) -> Session:
        async with self._turn:
            if self._session is not None and self._session.access != stale.access:
                return self._session
            kept = await self._kept()
            if kept is not None and kept.access != stale.access:
                self._session = kept
            else:
                self._session = await self._refresh(stale) or await self._sign_in()
            return self._session

    async def _refresh(self, stale: Session) -> Session | None:
        try:
            reply = await self._xrpc.procedure(stale.server, _REFRESH, token=stale.refresh)
        except XrpcError as error:
            if error.kind is FailureKind.CREDENTIAL_REJECTED:
                return None
            raise
        return await self._keep(decode(_REFRESH, reply, SessionAnswer))

    async def _sign_in(self) -> Session:
        body = {
            "identifier": self._credential.identifier,
            "password": self._credential.app_password,
        }
        try:
            reply = await self._xrpc.procedure(
                self._entrance, _CREATE, body, secret=self._credential.app_password
            )
        except XrpcError as error:
            if error.kind is FailureKind.CREDENTIAL_REJECTED or error.name.startswith("AuthFactor"):
                raise PlatformError(
                    FailureKind.CREDENTIAL_REJECTED,
                    "Bluesky does not accept this name with this password. Make a new app password "
                    "in the account's settings, and connect the community with it.",
                ) from None
            raise
        return await self._keep(decode(_CREATE, reply, SessionAnswer))

    async def _keep(self, answer: SessionAnswer) -> Session:
        session = Session(
            did=answer.did,
            handle=answer.handle,
            server=await self._server_of(answer),
            access=answer.access_jwt,
            refresh=answer.refresh_jwt,
            mark=self._mark,
        )
        await self._keeper.save(msgspec.json.encode(session))
        return session

    async def _kept(self) -> Session | None:
        raw = await self._keeper.load()
        try:
            session = msgspec.json.decode(raw, type=Session) if raw else None
        except (msgspec.DecodeError, UnicodeDecodeError):
            # Kept by another version of this program: signing in replaces it.
            return None
        return session if session is not None and session.mark == self._mark else None

    async def _server_of(self, answer: SessionAnswer) -> str:
        """Find the account's own server: at the public entrance people of many servers sign in."""
        document = answer.did_doc
        if document is None and _PLC.fullmatch(answer.did):
            reply = await self._xrpc.did_document(self._directory, answer.did)
            document = decode("for a DID", reply, dict)
        return server_in(document) or self._entrance


def _mark_of(credential: Credential, entrance: str) -> str:
    parts = (entrance, credential.identifier, credential.app_password)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
