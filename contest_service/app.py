"""The composition root of the API's process: the application with all its parts.

Knows every part and does none of their work.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import msgspec
from litestar import Litestar, Response, Router
from litestar.di import Provide
from litestar.exceptions import HTTPException, NotFoundException
from litestar.handlers import BaseRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from contest_service.api import problems
from contest_service.api.envelope import Envelope
from contest_service.api.gate import AnyConnection, know_query, pass_gate
from contest_service.api.health import metrics_config
from contest_service.api.packing import Packing
from contest_service.api.requests import MOST_BYTES, JsonRequest
from contest_service.api.routes import (
    all_routes,
    provide_exports,
    provide_receipts,
    provide_rt,
)
from contest_service.api.writes import AlreadyDoneError, AnyRequest, replay
from contest_service.assembly import open_redis, open_runtime
from contest_service.domain.errors import ContestError
from contest_service.downloads import Exports
from contest_service.flows.line import Lines
from contest_service.flows.receipt import Receipts
from contest_service.limits import Limiter
from contest_service.pings import Pings
from contest_service.platforms.errors import PlatformError
from contest_service.settings import Settings
from contest_service.web import faulty
from contest_service.web.card_page import Cards
from contest_service.web.forms import MOST_VALUES
from contest_service.web.routes import all_pages

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]

API_VERSION = "1.0.0"
"""Of the API, not of the program: it changes when a client has to know."""
_DOCUMENT = "/openapi.json"
_DESCRIPTION = """
Contests on social communities, drawn by a public beacon, provable offline.

A token (`Authorization: Bearer cst_…`) belongs to a person in one workspace and implies it: ids of
other workspaces do not exist for it. Errors are `application/problem+json` (RFC 9457) with all
faults of the input at once. Lists are pages: `next` is the next page's `after`. Every write takes
an `Idempotency-Key`. Times are UTC.
"""


def create_app(settings: Settings) -> Litestar:
    """Make the application; its connections open and close with its lifespan."""
    return _make(lifespan=[lambda app: connected(app, settings)], body_limit=settings.body_limit)


@asynccontextmanager
async def connected(app: Litestar, settings: Settings) -> AsyncIterator[None]:
    """Give the application its connections, as the settings say, until the context ends."""
    async with open_redis(settings) as redis, open_runtime(settings, redis) as rt:
        app.state.rt = rt
        app.state.redis = redis
        app.state.exports = Exports(rt)
        app.state.receipts = Receipts(rt)
        app.state.lines = Lines(rt)
        app.state.cards = Cards()
        app.state.limiter = Limiter(redis, settings.rate_limit)
        app.state.pings = Pings(rt.pool, settings.database_url or "")
        async with app.state.pings.listen():
            yield


def openapi_document() -> bytes:
    """The API's OpenAPI 3.1 document as JSON, indented, with a newline at its end."""
    schema = _make().openapi_schema.to_schema()
    return msgspec.json.format(msgspec.json.encode(schema), indent=2) + b"\n"


def _make(*, lifespan: Sequence[Lifespan] = (), body_limit: int = MOST_BYTES) -> Litestar:
    app = Litestar(
        route_handlers=[
            Router("/", route_handlers=all_routes(), guards=[pass_gate, know_query]),
            all_pages(),
        ],
        lifespan=list(lifespan),
        dependencies={
            "rt": Provide(provide_rt, sync_to_thread=False),
            "exports": Provide(provide_exports, sync_to_thread=False),
            "receipts": Provide(provide_receipts, sync_to_thread=False),
        },
        exception_handlers={
            AlreadyDoneError: _replay,
            ContestError: problems.from_contest_error,
            PlatformError: problems.from_platform_error,
            HTTPException: _refuse,
            Exception: problems.from_anything,
        },
        logging_config=None,
        middleware=[metrics_config.middleware],
        openapi_config=_openapi_config(),
        request_class=JsonRequest,
        request_max_body_size=body_limit,
        multipart_form_part_limit=MOST_VALUES,
    )
    # Litestar's middleware begins behind its router; the envelope is for unknown addresses too.
    app.asgi_handler = Envelope(Packing(app.asgi_handler))
    return app


def _replay(_request: AnyRequest, error: AlreadyDoneError) -> Response[bytes]:
    return replay(error.reply)


def _refuse(request: AnyRequest, error: HTTPException) -> Response[Any]:
    """Answer persons with a page, and programs with a problem, at addresses that nobody has."""
    if faulty.wants_page(request):
        return faulty.from_http_exception(request, error)
    return problems.from_http_exception(request, error)


async def _only_the_document(connection: AnyConnection, _handler: BaseRouteHandler) -> None:
    """Leave nothing of what the framework adds beside the document."""
    if connection.scope["path"] != _DOCUMENT:
        raise NotFoundException


def _openapi_config() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Contest Service",
        version=API_VERSION,
        description=_DESCRIPTION.strip(),
        # No pages: they would load their code from elsewhere.
        openapi_router=Router(
            _DOCUMENT,
            route_handlers=[],
            guards=[pass_gate, know_query, _only_the_document],
            include_in_schema=False,
        ),
        render_plugins=[JsonRenderPlugin(path="/")],
        use_handler_docstrings=True,
        components=Components(
            security_schemes={
                "token": SecurityScheme(type="http", scheme="bearer", bearer_format="cst_…")
            }
        ),
    )
