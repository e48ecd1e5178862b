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
from contest_service.web.assets import asset
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
_A_YEAR = 365 * 86400


def render(
    request: AnyRequest,
    template: str,
    *,
    status_code: int = 200,
    headers: Mapping[str, str] | None = None,
    **context: object,
) -> Response[bytes]:
    """Make a page, or a part of one, of a template.

    Beside `context` it knows `words`, `session` (who is signed in, or None), their `places`,
    `actor` (who they are in this page's workspace, or None), `csrf`, `path`, `languages` and
    `sections`. Nobody keeps it unless `headers` has another `Cache-Control`.
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
        "sections": entries_for(actor, request.scope["path"], words),
        **context,
    }
    text = _environment(words.language).get_template(template).render(given)
    asked = asked_language(request)
    return Response(
        text.encode(),
        status_code=status_code,
        media_type="text/html",
        headers={"Cache-Control": "no-store", **HEADERS, **dict(headers or {})},
        cookies=[] if asked is None else [_cookie(asked)],
    )


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
    }
    environment.globals |= {"asset": asset, "once": once}
    return environment
