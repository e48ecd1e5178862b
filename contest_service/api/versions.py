"""`/v1/contests/{id}/versions`: what every version of the terms changed, in words, and why."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from litestar import get
from litestar.params import FromPath

from contest_service.api.describe import read
from contest_service.api.given import GivenActor, GivenRuntime
from contest_service.api.pages import Page
from contest_service.domain.schedule import moment
from contest_service.flows.runtime import Runtime
from contest_service.store import contests, proof, versions
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection
from contest_service.store.versions import Version


class TermsVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One version of the terms, and where its bytes are.

    `changes` are sentences by language, such as `en` and `ru`: what is different from the version
    before; none in the first version. `in_force_from` is null, and `changes` are missing, where a
    contest began before they were kept.
    """

    version: int
    sha256: str
    url: str
    in_force_from: datetime | None
    reason: str
    changes: Mapping[str, Sequence[str]]


class VersionPage(Page[TermsVersion], frozen=True, kw_only=True):
    """All versions of a contest's terms, oldest first."""


@get(
    "/contests/{contest_id:uuid}/versions",
    **read("list_versions", "List the versions of the terms, with what changed in words", 404),
)
async def list_versions(
    contest_id: FromPath[UUID], actor: GivenActor, rt: GivenRuntime
) -> VersionPage:
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, actor.workspace_id, contest_id)
        found = await versions_of(conn, rt, contest)
    return VersionPage(items=found, next=None)


async def versions_of(conn: Connection, rt: Runtime, contest: Contest) -> list[TermsVersion]:
    """All versions of a contest's terms, for everybody to read."""
    known = {each.version: each for each in await versions.of_contest(conn, contest)}
    return [
        _told(rt, contest, terms, known.get(terms.version))
        for terms in await proof.terms(conn, contest.workspace_id, contest.id)
    ]


def _told(
    rt: Runtime, contest: Contest, terms: proof.Terms, version: Version | None
) -> TermsVersion:
    digest = terms.sha256.hex()
    return TermsVersion(
        version=terms.version,
        sha256=digest,
        url=f"{rt.contest_files(contest.id)}/terms/{digest}.json",
        in_force_from=None if version is None else moment(version.in_force_at),
        reason="" if version is None else version.reason,
        changes={} if version is None else version.changes,
    )
