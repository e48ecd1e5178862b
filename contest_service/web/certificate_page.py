"""`/contests/{id}/certificate`: a finished draw with all that belongs to it, also on paper."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from contest_service.domain.errors import NotFoundError
from contest_service.downloads import Exports
from contest_service.flows.certificate import Certificate
from contest_service.flows.line import Lines
from contest_service.flows.runtime import Runtime
from contest_service.store import looks
from contest_service.store.contests import Contest
from contest_service.web.certificate_words import CertificateWords
from contest_service.web.contest_page import GivenRuntime, frame_of
from contest_service.web.drawn import DRAWN, commitment_in, show_draws
from contest_service.web.language import Words, words_of
from contest_service.web.qr import qr_of
from contest_service.web.visitors import shared, started

AnyRequest = Request[Any, Any, Any]


@get("/contests/{contest_id:uuid}/certificate", operation_id="show_certificate")
async def show_certificate(
    contest_id: FromPath[UUID], request: AnyRequest, rt: GivenRuntime
) -> Response[bytes]:
    words, now = words_of(request), rt.clock().replace(microsecond=0, second=0)
    async with rt.pool.acquire() as conn:
        contest = await started(conn, contest_id)
        if contest.status not in DRAWN:
            raise NotFoundError("Nothing is drawn yet in this contest.")
        look = await looks.read(conn, contest.workspace_id)
    exports: Exports = request.app.state.exports
    certificate = await exports.certificate(contest)
    lines: Lines = request.app.state.lines
    draws = await show_draws(
        lines,
        contest,
        certificate.outcome,
        freeze=certificate.freeze,
        words=words,
        own=commitment_in(request.query_params),
    )
    shown = _shown(contest, certificate, words, rt)
    facts = {**frame_of(contest, words, rt, now=now, look=look), **shown, "draws": draws}
    return shared(request, "public/certificate.html", facts)


def _shown(contest: Contest, certificate: Certificate, words: Words, rt: Runtime) -> dict[str, Any]:
    said = CertificateWords(certificate, words)
    link = f"{rt.public_url}/contests/{contest.id}/certificate"
    return {
        "certificate": certificate,
        "link": link,
        "qr": qr_of(link),
        "states": said.states(),
        "covered": said.covered(),
        "appeals": said.appeals(),
        "grade": said.grade(),
        "vouchers": said.vouchers(),
        "overrides": said.overrides(),
        "successions": said.successions(),
        "disqualified": said.disqualified(),
        "pending": said.pending(),
        "claims": said.claims(),
        "publications": said.publications(),
    }
