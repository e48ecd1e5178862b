"""Signing in with VK ID: where the browser goes, and how a code becomes tokens that renew.

VK ID is OAuth 2.1 with PKCE; a device id comes back with the code and has to be kept with the
refresh token (id.vk.com; github.com/VKCOM/vkid-web-sdk). Parameters go in the address and the body
alike, since servers read either; tokens and codes go in the body only.
"""

import secrets
from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec

from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.transport import Transport

SCOPE = "wall groups photos"
"""What an administrator grants: to publish, to see who reposted, to attach pictures."""

_PASSING = frozenset({"server_error", "temporarily_unavailable", "slow_down"})
"""Errors of OAuth that say nothing about the tokens."""
_LIFE = 3600
"""Seconds for which a token lives where VK ID does not say it."""


class Granted(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens as VK ID gives them; the refresh token is good once."""

    access_token: str
    refresh_token: str = ""
    expires_in: int = _LIFE
    """Seconds."""
    user_id: int | str = ""
    scope: str = ""

    def __repr__(self) -> str:
        return f"Granted(user_id={self.user_id!r}, scope={self.scope!r})"


class InvalidGrantError(PlatformError):
    """VK ID does not take this code or refresh token, or not any more."""


class _Refusal(msgspec.Struct, frozen=True, kw_only=True):
    error: str = ""
    error_description: str = ""


def authorize_url(
    endpoints: Mapping[str, str],
    *,
    client_id: str,
    redirect_uri: str,
    state: str,
    challenge: str,
    scope: str = SCOPE,
) -> str:
    """Where the administrator's browser goes; `challenge` is of a PKCE verifier, by SHA-256."""
    parameters = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "state": state,
        "scope": scope,
        "code_challenge": challenge,
        "code_challenge_method": "s256",
    }
    return f"{endpoints['oauth']}/authorize?{urlencode(parameters)}"


async def exchange(
    transport: Transport,
    endpoints: Mapping[str, str],
    *,
    client_id: str,
    redirect_uri: str,
    code: str,
    device_id: str,
    verifier: str,
) -> Granted:
    """Turn the code that came back into tokens. Raises InvalidGrantError, PlatformError."""
    public = {
        "grant_type": "authorization_code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "device_id": device_id,
        # Of no use to anybody without the code.
        "code_verifier": verifier,
    }
    return await _ask(transport, endpoints, public=public, secret={"code": code})


async def refresh(
    transport: Transport,
    endpoints: Mapping[str, str],
    *,
    client_id: str,
    device_id: str,
    refresh_token: str,
) -> Granted:
    """Renew the tokens; the old refresh token is used up. Raises InvalidGrantError, PlatformError.

    After UNREACHABLE it may be used up all the same.
    """
    public = {"grant_type": "refresh_token", "client_id": client_id, "device_id": device_id}
    secret = {"refresh_token": refresh_token}
    return await _ask(transport, endpoints, public=public, secret=secret)


async def _ask(
    transport: Transport,
    endpoints: Mapping[str, str],
    *,
    public: Mapping[str, str],
    secret: Mapping[str, str],
) -> Granted:
    """Ask VK ID for tokens."""
    public = {**public, "state": secrets.token_urlsafe(24)}
    reply = await transport.request(
        "POST",
        f"{endpoints['oauth']}/oauth2/auth",
        parameters=list(public.items()),
        body=urlencode({**public, **secret}).encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    try:
        return msgspec.json.decode(reply.body, type=Granted)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # No token: either a refusal, or a server that is out of order.
        pass
    try:
        said = msgspec.json.decode(reply.body, type=_Refusal)
    except (msgspec.DecodeError, UnicodeDecodeError):
        said = _Refusal()
    if not said.error or reply.status >= 500 or said.error in _PASSING:
        raise PlatformError(
            FailureKind.UNREACHABLE,
            f"{reply.host} answered the sign-in with status {reply.status} and no token.",
        )
    words = said.error_description
    for each in secret.values():
        words = words.replace(each, "…")
    raise InvalidGrantError(
        FailureKind.CREDENTIAL_REJECTED,
        f"VK ID does not go on with this sign-in ({said.error}: {words[:200]}): connect the "
        "administrator again.",
    )
