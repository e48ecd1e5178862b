"""`/public/contests/{id}/certificate.json`: a draw and its proof, for everybody and for ever."""

from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath

from contest_service.api.given import GivenExports, GivenRuntime
from contest_service.api.public import public, started, tagged
from contest_service.api.writes import AnyRequest
from contest_service.flows.certificate import Certificate


@get(
    "/{contest_id:uuid}/certificate.json",
    **public("read_certificate", "Read the certificate of a draw"),
)
async def read_contest_certificate(
    contest_id: FromPath[UUID], request: AnyRequest, rt: GivenRuntime, exports: GivenExports
) -> Response[Certificate]:
    """From the result on. Whoever lost a prize stays on it, with the reason and the successor."""
    async with rt.pool.acquire() as conn:
        contest = await started(conn, contest_id)
    certificate = await exports.certificate(contest)
    return tagged(request, certificate)
