"""What proves a contest, to take along: both editions, how to check them, and who saw them."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Stream

from contest_service.domain.errors import NotFoundError
from contest_service.downloads import Exports
from contest_service.flows.certificate import vouchers_of
from contest_service.flows.hand_out import handed_out
from contest_service.flows.outcome import FrozenList
from contest_service.proof.bundle import Edition
from contest_service.proof.grade import Evidence, Means, grade_of
from contest_service.proof.terms import parse_terms
from contest_service.store import contests, log, proof
from contest_service.store.contests import Contest
from contest_service.store.log import Log
from contest_service.store.rows import Connection
from contest_service.web.contest_tabs import root_of
from contest_service.web.contest_words import next_step
from contest_service.web.drawn import DRAWN, read_frozen
from contest_service.web.gate import AnyRequest, actor_of, runtime_of
from contest_service.web.grade_words import GradeSaid, say_grade, say_practice
from contest_service.web.language import Words, words_of
from contest_service.web.page import render

_PAGE = "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/bundles"


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """A version of the terms, its hash, and the verifiers that it names by theirs."""

    version: int
    sha256: str
    verifiers: list[tuple[str, str]]


class Vouched(msgspec.Struct, frozen=True, kw_only=True):
    """Who saw the frozen list in time, in words, and what that is worth."""

    by: list[str]
    grade: GradeSaid


@get(_PAGE, operation_id="page_bundles")
async def page_bundles(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    rt, words = runtime_of(request), words_of(request)
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, workspace_id, contest_id)
        versions = await _versions(conn, contest)
        freeze = await read_frozen(conn, contest)
        shown: dict[str, Any] = {
            "freeze": freeze,
            "vouched": await _vouched(conn, contest, freeze, words),
            "checkpoint": await log.newest(conn, Log.of(contest)) if versions else None,
            "taken": await handed_out(conn, contest),
        }
    return render(
        request,
        "bundles.html",
        contest=contest,
        zone=contest.definition.schedule.zone,
        root=root_of(workspace_id, contest_id),
        next=next_step(contest, words),
        now=rt.clock(),
        editions={each.value: _say_edition(each, words) for each in Edition},
        versions=versions,
        is_drawn=contest.status in DRAWN,
        public=rt.contest_files(contest.id),
        log_name=Log.of(contest).value,
        **shown,
    )


@get(f"{_PAGE}/{{edition:str}}", operation_id="take_bundle", media_type="application/zip")
async def take_bundle(
    request: AnyRequest,
    workspace_id: FromPath[UUID],
    contest_id: FromPath[UUID],
    edition: FromPath[str],
) -> Stream:
    """Download an edition; it is written down who took it along."""
    wanted = next((each for each in Edition if each.value == edition), None)
    if wanted is None:
        raise NotFoundError("There is no such edition of the bundle.")
    exports: Exports = request.app.state.exports
    made = await exports.hand_out(actor_of(request), contest_id, wanted)
    return Stream(made.pieces, media_type="application/zip", headers=made.headers)


async def _versions(conn: Connection, contest: Contest) -> list[Version]:
    """All versions of the terms, the newest first."""
    found = await proof.terms(conn, contest.workspace_id, contest.id)
    return [
        Version(
            version=each.version,
            sha256=each.sha256.hex(),
            verifiers=[(file.name, file.sha256) for file in parse_terms(each.bytes).verifiers],
        )
        for each in reversed(found)
    ]


async def _vouched(
    conn: Connection, contest: Contest, freeze: FrozenList | None, words: Words
) -> Vouched | None:
    if freeze is None:
        return None
    found = await vouchers_of(conn, contest, freeze)
    said = {
        Means.COSIGNATURE: words.gettext("Witness %(name)s"),
        Means.TIMESTAMP: words.gettext("Timestamp of %(name)s"),
    }
    seen = (Evidence(operator=each.by, means=each.means, size=each.size, time=0) for each in found)
    return Vouched(
        by=[said[each.means] % {"name": each.by} for each in found],
        grade=say_practice(words) if contest.practice else say_grade(grade_of(seen), words),
    )


def _say_edition(edition: Edition, words: Words) -> str:
    match edition:
        case Edition.PUBLIC:
            return words.gettext("Public edition")
        case Edition.DISPUTE:
            return words.gettext("Dispute edition")
