"""Makes pages: a template with what every page needs, in the visitor's language, under one policy.

`render` is for whole pages and for parts of them; a part's template has no frame.
"""

import functools
import secrets
from collections.abc import Mapping
from typing import Any

import jinja2
from litestar import Request, Response
from litestar.datastructures import Cookie

from contest_service.domain.conditions import Language
from contest_service.domain.people import Actor
from contest_service.store.looks import Look
from contest_service.store.sessions import Place
from contest_service.web.accent import accent_address
from contest_service.web.assets import asset
from contest_service.web.contest_tabs import tabs_for
from contest_service.web.language import (
    COOKIE,
    NAMES,
    address,
    addresses_by_language,
    asked_language,
    words_in,
    words_of,
)
from contest_service.web.navigation import entries_for

AnyRequest = Request[Any, Any, Any]

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_FEATURES = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()"
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": _FEATURES,
    "Cross-Origin-Opener-Policy": "same-origin",
}
_FRAMED: Mapping[str, str] = {
    **{name: value for name, value in HEADERS.items() if name != "X-Frame-Options"},
    "Content-Security-Policy": CONTENT_POLICY.replace("ancestors 'none'", "ancestors *"),
    "Cross-Origin-Resource-Policy": "cross-origin",
}
_A_YEAR = 365 * 86400


def render(
    request: AnyRequest,
    template: str,
    *,
    status_code: int = 200,
    headers: Mapping[str, str] | None = None,
    framed: bool = False,
    **context: object,
) -> Response[bytes]:
    """Make a page, or a part of one, of a template.

    Beside `context` it knows `words`, `session` (who is signed in, or None), their `places`,
    `actor` (who they are in this page's workspace, or None), `csrf`, `path`, `languages`,
    `look` (of the actor's workspace, or None), `sections` and `tabs`. Nobody keeps it unless
    `headers` has another `Cache-Control`. A `framed` page may stand within those of others, and
    sets no cookie.
    """
    words = words_of(request)
    state = request.scope["state"]
    actor: Actor | None = state.get("actor")
    given = {
        "words": words,
        "actor": actor,
        "session": state.get("session"),
        "places": state.get("places", []),
        "csrf": state.get("csrf", ""),
        "path": request.scope["path"],
        "languages": addresses_by_language(request),
        "language_names": NAMES,
        "look": _look(actor, state.get("places", [])),
        "sections": entries_for(actor, request.scope["path"], words),
        "tabs": tabs_for(request.scope["path"], words) if actor else [],
        **context,
    }
    text = _environment(words.language).get_template(template).render(given)
    asked = asked_language(request)
    return Response(
        text.encode(),
        status_code=status_code,
        media_type="text/html",
        headers={
            "Cache-Control": "no-store",
            **(_FRAMED if framed else HEADERS),
            **dict(headers or {}),
        },
        cookies=[] if asked is None or framed else [_cookie(asked)],
    )


def _look(actor: Actor | None, places: list[Place]) -> Look | None:
    """How the pages of the actor's workspace look."""
    here = actor.workspace_id if actor else None
    return next((each.look for each in places if each.workspace.id == here), None)


def once() -> str:
    """Make the key by which a form, sent twice, does one thing."""
    return secrets.token_urlsafe(18)


def _cookie(language: Language) -> Cookie:
    return Cookie(COOKIE, value=language.value, path="/", max_age=_A_YEAR, samesite="lax")


@functools.cache
def _environment(language: Language) -> jinja2.Environment:
    words = words_in(language)
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("contest_service.web", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined] # the extension's
        words.catalogue.ugettext, words.catalogue.ungettext, newstyle=True
    )
    environment.filters |= {
        "time": words.time,
        "time_and_zone": words.time_and_zone,
        "span": words.span,
        "address": address,
        "number": words.number,
        "refusal": words.refusal,
    }
    environment.globals |= {"asset": asset, "once": once, "accent_address": accent_address}
    return environment
