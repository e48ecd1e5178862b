"""Logins with VK ID: codes, and sessions whose refresh tokens rotate.

Owns who consented to what, PKCE, and the life of each key (id.vk.com, OAuth 2.1): a code is good
once and for ten minutes, a user's token for an hour, a refresh token once and for half a year. The
pages and the wire are `oauth`'s.
"""

import base64
import hashlib
import re

import msgspec

from contest_service.sandbox.vk.records import Kind, Token
from contest_service.sandbox.vk.world import World

CODE_SECONDS = 600
TOKEN_SECONDS = 3600
REFRESH_SECONDS = 180 * 86_400
_VERIFIER = re.compile(r"[A-Za-z0-9_-]{43,128}")


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody consented to, until its code is used."""

    app_id: int
    person_id: int
    redirect_uri: str
    challenge: str
    device_id: str
    scope: str
    expires_at: float


class Session(msgspec.Struct, kw_only=True):
    """A login that can be refreshed on its device."""

    app_id: int
    person_id: int
    device_id: str
    scope: str
    refresh_token: str
    expires_at: float
    tokens: list[str] = []


class LoginError(Exception):
    """A refusal of VK ID: OAuth's word for it, and a sentence."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


class Logins:
    """All codes and sessions."""

    def __init__(self) -> None:
        self.grants: dict[str, Grant] = {}
        self.sessions: list[Session] = []
        self.made: int = 0

    def consent(self, grant: Grant) -> str:
        """Keep a consent and return its code."""
        code = f"vk2.a.{self._secret('code')}"
        self.grants[code] = grant
        return code

    def device(self) -> str:
        """Make the id of a browser."""
        return self._secret("device")

    def exchange(self, world: World, given: dict[str, str], *, now: float) -> tuple[Session, Token]:
        """Open a session for a code. Raises LoginError; a code is used up even so."""
        grant = self.grants.pop(given.get("code", ""), None)
        if grant is None or grant.expires_at <= now:
            raise LoginError("invalid_grant", "code is invalid or expired")
        if given.get("client_id") != str(grant.app_id):
            raise LoginError("invalid_client", "client_id is incorrect")
        if given.get("redirect_uri") != grant.redirect_uri:
            raise LoginError("invalid_request", "redirect_uri is incorrect")
        if given.get("device_id") != grant.device_id:
            raise LoginError("invalid_grant", "device_id is incorrect")
        if not _answers(given.get("code_verifier", ""), grant.challenge):
            raise LoginError("invalid_grant", "code_verifier is incorrect")
        session = Session(
            app_id=grant.app_id,
            person_id=grant.person_id,
            device_id=grant.device_id,
            scope=grant.scope,
            refresh_token="",
            expires_at=0,
        )
        self.sessions.append(session)
        return session, self._renew(world, session, now=now)

    def refresh(self, world: World, given: dict[str, str], *, now: float) -> tuple[Session, Token]:
        """Go on with a session; its refresh token changes. Raises LoginError."""
        held = given.get("refresh_token", "")
        session = next((s for s in self.sessions if held and s.refresh_token == held), None)
        if session is None or session.expires_at <= now:
            raise LoginError("invalid_grant", "refresh_token is invalid or expired")
        if given.get("client_id") != str(session.app_id):
            raise LoginError("invalid_client", "client_id is incorrect")
        if given.get("device_id") != session.device_id:
            raise LoginError("invalid_grant", "device_id is incorrect")
        return session, self._renew(world, session, now=now)

    def close(self, world: World, token: str) -> None:
        """End the session of an access token: none of its keys works any more."""
        for session in self.sessions:
            if token in session.tokens:
                for value in session.tokens:
                    world.tokens[value].is_revoked = True
        self.sessions = [session for session in self.sessions if token not in session.tokens]

    def _renew(self, world: World, session: Session, *, now: float) -> Token:
        session.refresh_token = f"vk2.r.{self._secret('refresh')}"
        session.expires_at = now + REFRESH_SECONDS
        token = issue(
            world,
            "user",
            person_id=session.person_id,
            app_id=session.app_id,
            scopes=tuple(session.scope.split()),
            expires_at=int(now) + TOKEN_SECONDS,
        )
        session.tokens.append(token.value)
        return token

    def _secret(self, kind: str) -> str:
        self.made += 1
        text = f"practice vk {kind} {self.made}"
        return base64.urlsafe_b64encode(hashlib.sha512(text.encode()).digest()).decode()[:64]


def issue(
    world: World,
    kind: Kind,
    *,
    person_id: int = 0,
    group_id: int = 0,
    app_id: int = 0,
    scopes: tuple[str, ...] = (),
    expires_at: int = 0,
    value: str = "",
) -> Token:
    """Make a token; its value is computed unless it is given."""
    if not value:
        text = f"practice vk token {world.next_token}"
        value = f"vk1.a.{hashlib.sha256(text.encode()).hexdigest()}"
        world.next_token += 1
    token = Token(
        value=value,
        kind=kind,
        person_id=person_id,
        group_id=group_id,
        app_id=app_id,
        scopes=scopes,
        expires_at=expires_at,
    )
    world.tokens[value] = token
    return token


def _answers(verifier: str, challenge: str) -> bool:
    """Whether a verifier answers a challenge of kind S256 (RFC 7636)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    computed = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return bool(_VERIFIER.fullmatch(verifier)) and computed == challenge.rstrip("=")
