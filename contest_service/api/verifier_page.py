"""`/verify.html`: the verifier that needs nothing but a browser.

The same bytes as in bundles, whose hash stands in the terms. What it may do is less than any other
page: no connection, no frame, its own script alone.
"""

import hashlib
import re

from litestar import Response, get

from contest_service.api.gate import LOGIN_FREE
from contest_service.api.given import GivenRuntime
from contest_service.api.public import is_known
from contest_service.api.writes import AnyRequest
from contest_service.domain.errors import NotFoundError

_NAME = "verify.html"
_POLICY = re.compile(rb'http-equiv="Content-Security-Policy" content="([^"]+)"')


@get(
    "/verify.html",
    operation_id="read_verifier_page",
    summary="Check a draw in the browser",
    opt={LOGIN_FREE: True},
    include_in_schema=False,
)
async def read_verifier_page(request: AnyRequest, rt: GivenRuntime) -> Response[bytes]:
    """Send the page under its own policy, which it also carries for when it is kept as a file."""
    page = next((each.bytes for each in rt.verifiers if each.name == _NAME), None)
    policy = _POLICY.search(page or b"")
    if page is None or policy is None:
        raise NotFoundError("This service was installed without the page that checks a draw.")
    tag = f'"{hashlib.sha256(page).hexdigest()}"'
    headers = {
        "Content-Security-Policy": f"{policy[1].decode()}; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
        "ETag": tag,
    }
    if is_known(request, tag):
        return Response(b"", status_code=304, headers=headers)
    return Response(page, media_type="text/html", headers=headers)
