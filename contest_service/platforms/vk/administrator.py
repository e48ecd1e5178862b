"""The administrator's token: kept between runs, renewed before it expires, and once if refused.

A refresh token is good once, and several processes hold the same session. Whoever comes second is
refused, and takes over what the first one kept, for which it waits a little. None of the tokens
reaches a message or a repr.
"""

import asyncio
import hashlib
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from contest_service.platforms.base import Expiry, SessionKeeper
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.transport import Transport
from contest_service.platforms.vk import sign_in
from contest_service.platforms.vk.credential import Credential, Kind, read_credential

TOKEN_LIFE = timedelta(hours=1)
"""Of a person's token (dev.vk.com, access tokens)."""
SIGN_IN_LIFE = timedelta(days=180)
"""Of a refresh token, which each renewal replaces by a new one (id.vk.com)."""
_EARLY = 300.0
"""Seconds before its end at which a token is renewed, or a quarter of its life if that is less."""
_KEPT_BY_ANOTHER = 5.0
"""Seconds for which another process's renewal is waited for."""
_LOOK_AGAIN = 0.25


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """What was granted last."""

    access: str
    refresh: str
    renew_at: float
    """Unix seconds; a little before it expires."""
    mark: str
    """Of the credential it was made with, so that a new one is not passed by."""
    renewed_at: float = 0.0
    """Unix seconds; 0 where an earlier version of this program kept it."""

    def __repr__(self) -> str:
        return f"Session(renew_at={self.renew_at:.0f})"


class Administrator:
    """Holds the token of the person who runs the community."""

    def __init__(
        self,
        transport: Transport,
        *,
        endpoints: Mapping[str, str],
        credential: Credential,
        keeper: SessionKeeper,
    ) -> None:
        self._transport = transport
        self._endpoints = endpoints
        self._credential = credential
        self._keeper = keeper
        self._mark = _mark_of(credential, endpoints["oauth"])
        self._session: Session | None = None
        self._turn = asyncio.Lock()

    async def token(self) -> str:
        """Return a token that has not expired. Raises PlatformError CREDENTIAL_REJECTED if none
        can be had, UNREACHABLE if VK ID does not answer."""
        async with self._turn:
            if self._session is None:
                self._session = await self._kept() or self._given()
            if not _is_fresh(self._session):
                self._session = await self._renewed(self._session)
            return self._session.access

    async def renew(self, stale: str) -> str:
        """Return another token than `stale`, which was refused. Raises as `token` does."""
        async with self._turn:
            if self._session is None or self._session.access == stale:
                self._session = await self._renewed(self._session or self._given())
            return self._session.access

    async def _renewed(self, stale: Session) -> Session:
        kept = await self._kept()
        if kept is not None and kept.access != stale.access and _is_fresh(kept):
            return kept
        stale = kept or stale
        if not stale.refresh:
            raise _reconnect()
        try:
            granted = await sign_in.refresh(
                self._transport,
                self._endpoints,
                client_id=self._credential.client_id,
                device_id=self._credential.device_id,
                refresh_token=stale.refresh,
            )
        except sign_in.InvalidGrantError:
            return await self._kept_by_another(stale)
        session = Session(
            access=granted.access_token,
            refresh=granted.refresh_token or stale.refresh,
            renew_at=time.time() + granted.expires_in - min(_EARLY, granted.expires_in / 4),
            mark=self._mark,
            renewed_at=time.time(),
        )
        # Before it is kept: should that fail, the used-up one is of no use to anybody.
        self._session = session
        await self._keeper.save(msgspec.json.encode(session))
        return session

    async def _kept_by_another(self, stale: Session) -> Session:
        until = time.monotonic() + _KEPT_BY_ANOTHER
        while time.monotonic() < until:
            kept = await self._kept()
            if kept is not None and kept.access != stale.access:
                return kept
            await asyncio.sleep(_LOOK_AGAIN)
        raise _reconnect()

    async def _kept(self) -> Session | None:
        return _read_session(await self._keeper.load(), mark=self._mark)

    def _given(self) -> Session:
        """What the credential itself holds; how long its token lives is not known."""
        given = self._credential
        return Session(
            access=given.user_token,
            refresh=given.refresh_token,
            renew_at=float("inf") if given.user_token else 0.0,
            mark=self._mark,
        )


def expiry_of(
    raw: bytes,
    *,
    endpoints: Mapping[str, str],
    session: bytes | None,
    given_at: datetime | None,
) -> Expiry | None:
    """When a credential ends; None if no part of it does, or if that is not known.

    `session` is what was kept last, `given_at` when a person gave the credential, where that is
    known. A token that was pasted may have lived for a while, so that it ends then at the latest.
    Asks nobody. Raises PlatformError CREDENTIAL_REJECTED for a credential of no such form.
    """
    credential = read_credential(raw)
    if Kind.USER not in credential.kinds:
        return None
    renews = bool(credential.refresh_token)
    kept = _read_session(session, mark=_mark_of(credential, endpoints["oauth"]))
    since = given_at
    if kept is not None and kept.renewed_at:
        since = datetime.fromtimestamp(kept.renewed_at, UTC)
    if since is None:
        return None
    return Expiry(ends_at=since + (SIGN_IN_LIFE if renews else TOKEN_LIFE), renews=renews)


def current_token(
    credential: Credential, *, endpoints: Mapping[str, str], session: bytes | None
) -> str:
    """The token that is used now, as far as `session` tells; empty without one. Asks nobody."""
    kept = _read_session(session, mark=_mark_of(credential, endpoints["oauth"]))
    return credential.user_token if kept is None else kept.access


def _read_session(raw: bytes | None, *, mark: str) -> Session | None:
    """Read what was kept, if it is of the credential with this mark."""
    try:
        session = msgspec.json.decode(raw, type=Session) if raw else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        # Kept by another version of this program: the credential is begun with again.
        return None
    return session if session is not None and session.mark == mark else None


def _is_fresh(session: Session) -> bool:
    return time.time() < session.renew_at


def _reconnect() -> PlatformError:
    return PlatformError(
        FailureKind.CREDENTIAL_REJECTED,
        "VK does not accept the administrator's token any more: connect an administrator with VK "
        "ID again.",
    )


def _mark_of(credential: Credential, entrance: str) -> str:
    parts = (
        entrance,
        credential.user_token,
        credential.refresh_token,
        credential.device_id,
        credential.client_id,
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
