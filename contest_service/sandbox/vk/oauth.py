"""VK ID over HTTP: the page on which somebody consents, and the endpoints of keys and profiles.

Owns the paths, parameters and answers of id.vk.com (OAuth 2.1 with PKCE). In the sandbox there is
no password: the page shows who there is, and a click is a login.
"""

import base64
import html
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

from contest_service.sandbox.vk import http
from contest_service.sandbox.vk.login import CODE_SECONDS, TOKEN_SECONDS, Grant, LoginError, Session
from contest_service.sandbox.vk.params import whole
from contest_service.sandbox.vk.records import App, Person, Token
from contest_service.sandbox.vk.site import Site

DEFAULT_SCOPE = "vkid.personal_info"
_SHOWN = 60
_CARRIED = (
    "response_type", "client_id", "redirect_uri", "state", "scope", "code_challenge",
    "code_challenge_method",
)  # fmt: skip


def answer(site: Site, request: http.Request) -> http.Answer | None:
    """Answer a request of VK ID; None if the path is none of its."""
    if request.path == "/authorize":
        return _authorize(site, request)
    endpoint = _ENDPOINTS.get(request.path)
    if endpoint is None:
        return None
    if request.method != "POST":
        return http.json(_refused("invalid_request", "POST is required", request), 405)
    try:
        return http.json(endpoint(site, request.given))
    except LoginError as error:
        return http.json(_refused(error.error, error.description, request), 400)


def _refused(error: str, description: str, request: http.Request) -> dict[str, str]:
    told = {"error": error, "error_description": description}
    state = request.given.get("state")
    return {**told, "state": state} if state else told


def _authorize(site: Site, request: http.Request) -> http.Answer:
    given = request.given
    app = site.world.apps.get(whole(given.get("client_id", "")) or 0)
    fault = _fault(app, given)
    if app is None or fault:
        return http.page(_page("Ошибка", f"<p>{html.escape(fault)}</p>"), 400)
    if request.method != "POST":
        return http.page(_consent_page(site, app, given))
    back = given["redirect_uri"]
    person_id = whole(given.get("person_id", ""))
    if person_id is None:
        told = {"error": "access_denied", "error_description": "User denied access"}
        return http.redirect(_with(back, {**told, "state": given.get("state", "")}))
    person = site.world.person(person_id)
    if person is None or person.deactivated:
        return http.page(_page("Ошибка", "<p>Такого человека нет.</p>"), 400)
    device_id = site.logins.device()
    code = site.logins.consent(
        Grant(
            app_id=app.id,
            person_id=person.id,
            redirect_uri=back,
            challenge=given["code_challenge"],
            device_id=device_id,
            scope=given.get("scope") or DEFAULT_SCOPE,
            expires_at=site.clock() + CODE_SECONDS,
        )
    )
    told = {
        "code": code,
        "expires_in": str(CODE_SECONDS),
        "device_id": device_id,
        "state": given.get("state", ""),
        "type": "code_v2",
    }
    return http.redirect(_with(back, told))


def _fault(app: App | None, given: dict[str, str]) -> str:
    """Say what is wrong with a request for consent; nothing if nothing is."""
    if app is None:
        return "client_id is incorrect"
    if given.get("redirect_uri") not in app.redirect_uris:
        return "redirect_uri is incorrect"
    if given.get("response_type") != "code":
        return "response_type is incorrect"
    if not given.get("code_challenge") or given.get("code_challenge_method", "").lower() != "s256":
        return "code_challenge is required, with the method s256"
    return ""


def _with(url: str, more: dict[str, str]) -> str:
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(more)}"


def _consent_page(site: Site, app: App, given: dict[str, str]) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{html.escape(given.get(name, ""))}">'
        for name in _CARRIED
    )
    admins = {id_ for community in site.world.communities.values() for id_ in community.admins}
    people = [site.world.person(id_) for id_ in sorted(admins)]
    people += [person for person in site.world.people.first(_SHOWN) if person.id not in admins]
    buttons = "".join(
        f'<button name="person_id" value="{person.id}">{html.escape(_label(person))}</button>'
        for person in people
        if person is not None and not person.deactivated
    )
    scope = html.escape(given.get("scope") or DEFAULT_SCOPE)
    return _page(
        f"Войти в {html.escape(app.title)}",
        f"<p>Учебный VK ID: пароля нет, выберите, кем войти. Доступ: {scope}</p>"
        f'<form method="post" action="/authorize">{hidden}{buttons}'
        '<button name="person_id" value="">Отказаться</button></form>',
    )


def _label(person: Person) -> str:
    return f"{person.first_name} {person.last_name} (id{person.id})"


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="ru"><meta charset="utf-8"><title>{title}</title>'
        "<style>body{font:16px/1.5 system-ui;max-width:40rem;margin:3rem auto;padding:0 1rem}"
        "button{display:block;width:100%;margin:.3rem 0;padding:.6rem;font:inherit;"
        f"text-align:left}}</style><h1>{title}</h1>{body}</html>"
    )


def _auth(site: Site, given: dict[str, str]) -> Any:
    match given.get("grant_type"):
        case "authorization_code":
            session, token = site.logins.exchange(site.world, given, now=site.clock())
        case "refresh_token":
            session, token = site.logins.refresh(site.world, given, now=site.clock())
        case _:
            raise LoginError("unsupported_grant_type", "grant_type is incorrect")
    return {
        "refresh_token": session.refresh_token,
        "access_token": token.value,
        "id_token": _id_token(site, session),
        "token_type": "Bearer",
        "expires_in": TOKEN_SECONDS,
        "user_id": session.person_id,
        "state": given.get("state", ""),
        "scope": session.scope,
    }


def _user_info(site: Site, given: dict[str, str]) -> Any:
    token = _live(site, given)
    person = _person(site, token.person_id)
    shown = _public(site, person)
    if "email" in token.scopes and person.email:
        shown["email"] = person.email
    if "phone" in token.scopes and person.phone:
        shown["phone"] = person.phone
    return {
        "user": {**shown, "sex": person.sex, "verified": person.verified, "birthday": person.bdate}
    }


def _public_info(site: Site, given: dict[str, str]) -> Any:
    parts = given.get("id_token", "").split(".")
    try:
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        claims = msgspec.json.decode(base64.urlsafe_b64decode(padded))
        person = site.world.person(int(claims["sub"]))
    except (IndexError, KeyError, TypeError, ValueError):
        person = None
    if person is None:
        raise LoginError("invalid_token", "id_token is incorrect")
    shown = _public(site, person)
    shown["last_name"] = shown["last_name"][:1] + "."
    return {"user": shown}


def _logout(site: Site, given: dict[str, str]) -> Any:
    site.logins.close(site.world, _live(site, given).value)
    return {"response": 1}


def _live(site: Site, given: dict[str, str]) -> Token:
    token = site.world.tokens.get(given.get("access_token", ""))
    is_dead = token is None or token.is_revoked or 0 < token.expires_at <= site.clock()
    if token is None or is_dead or token.kind != "user":
        raise LoginError("invalid_token", "access_token is invalid or expired")
    if given.get("client_id") != str(token.app_id):
        raise LoginError("invalid_client", "client_id is incorrect")
    return token


def _person(site: Site, person_id: int) -> Person:
    person = site.world.person(person_id)
    if person is None or person.deactivated:
        raise LoginError("invalid_token", "the user is gone")
    return person


def _public(site: Site, person: Person) -> dict[str, Any]:
    return {
        "user_id": str(person.id),
        "first_name": person.first_name,
        "last_name": person.last_name,
        "avatar": f"{site.world.address}/picture/person{person.id}.svg",
    }


def _id_token(site: Site, session: Session) -> str:
    """Write who somebody is as a JWT; nobody may trust a practice signature, so it has none."""
    head = {"alg": "none", "typ": "JWT"}
    claims = {
        "iss": "VK",
        "sub": session.person_id,
        "app": session.app_id,
        "iat": site.now,
        "exp": site.now + TOKEN_SECONDS,
    }
    parts = (
        base64.urlsafe_b64encode(msgspec.json.encode(part)).decode() for part in (head, claims)
    )
    return ".".join(part.rstrip("=") for part in parts) + "."


_ENDPOINTS: dict[str, Callable[[Site, dict[str, str]], Any]] = {
    "/oauth2/auth": _auth,
    "/oauth2/user_info": _user_info,
    "/oauth2/public_info": _public_info,
    "/oauth2/logout": _logout,
    "/oauth2/revoke": _logout,
}
