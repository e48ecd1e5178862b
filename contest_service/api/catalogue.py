"""`/v1/catalogue`, and the same without login: what rules can ask for, and who can tell it."""

from litestar import Response, get

from contest_service.api.describe import open_to_all, read
from contest_service.api.gate import LOGIN_FREE
from contest_service.api.given import GivenActor
from contest_service.api.public import READABLE_ANYWHERE
from contest_service.flows.catalogue import Catalogue
from contest_service.flows.catalogue import read_catalogue as read_all

_FOR_AN_HOUR = {"Cache-Control": "public, max-age=3600"}


@get(
    "/catalogue",
    **read("read_catalogue", "Read what rules can ask for, and which platform can tell it"),
)
async def read_catalogue(actor: GivenActor) -> Catalogue:
    """Of each kind of condition: its JSON Schema, its words, and when it can have to hold."""
    return read_all()


@get(
    "/public/catalogue.json",
    operation_id="read_public_catalogue",
    summary="Read the catalogue without login",
    responses=open_to_all(),
    opt={LOGIN_FREE: True},
)
async def read_public_catalogue() -> Response[Catalogue]:
    """The same as `/v1/catalogue`."""
    return Response(read_all(), headers={**READABLE_ANYWHERE, **_FOR_AN_HOUR})
