"""`/public/contests/{id}`: without login, all that anybody needs to check, or to finish, a draw.

A contest is public from its start on. Whatever carries its own hash never changes and says so.
"""

import hashlib
import re
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Stream

from contest_service.api.describe import open_to_all
from contest_service.api.gate import LOGIN_FREE
from contest_service.api.given import GivenExports, GivenRuntime
from contest_service.api.quiz import PublicQuiz, quizzes_of
from contest_service.api.versions import TermsVersion, versions_of
from contest_service.api.writes import AnyRequest
from contest_service.domain.contest import Status
from contest_service.domain.errors import NotFoundError
from contest_service.domain.prizes import Draw
from contest_service.domain.rules import sentences
from contest_service.flows.outcome import FrozenList, read_freeze
from contest_service.flows.quiz import opened_files
from contest_service.flows.runtime import Runtime
from contest_service.proof import events
from contest_service.proof.bundle import Edition
from contest_service.proof.entries import LEAF_SIZE
from contest_service.store import contests, entrants, imports, proof, targets
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection

_EVERYBODY = {LOGIN_FREE: True}
READABLE_ANYWHERE = {"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff"}
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
ASK_AGAIN = {"Cache-Control": "no-cache"}
T = TypeVar("T")

_TERMS = re.compile(r"([0-9a-f]{64})\.json")
_HASH = re.compile(r"[0-9a-f]{64}")


class StateCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many entrants have a verdict, and for which reason."""

    state: str
    reason: str
    entrants: int


class PublicContest(msgspec.Struct, frozen=True, kw_only=True):
    """A contest as everybody sees it.

    `rules` are the rules in words. `obstacle` says what it is waiting for, if anything. `imported`
    is how many entries the organiser brought in without an account. `freeze` is null until the list
    is frozen; from then on `entries_url` answers.
    """

    id: UUID
    practice: bool
    status: Status
    title: str
    organiser: str
    language: str
    rules: list[str]
    draws: tuple[Draw, ...]
    opens_at: datetime
    closes_at: datetime
    freeze_at: datetime
    draw_at: datetime
    zone: str
    posts: list[str]
    obstacle: str
    void_reason: str | None
    terms: list[TermsVersion]
    quizzes: list[PublicQuiz]
    counts: list[StateCount]
    imported: int
    freeze: FrozenList | None
    events_url: str
    entries_url: str
    bundle_url: str


def public(operation_id: str, summary: str, *more: int, **options: Any) -> dict[str, Any]:
    """What all public operations have in common."""
    return {
        "operation_id": operation_id,
        "summary": summary,
        "responses": open_to_all(404, *more),
        "opt": _EVERYBODY,
        **options,
    }


@get("/{contest_id:uuid}", **public("read_public_contest", "Read a contest without login"))
async def read_public_contest(
    contest_id: FromPath[UUID], request: AnyRequest, rt: GivenRuntime
) -> Response[PublicContest]:
    async with rt.pool.acquire() as conn:
        contest = await started(conn, contest_id)
        freeze = await read_freeze(conn, contest) if contest.round is not None else None
        terms = await versions_of(conn, rt, contest)
        quizzes = await quizzes_of(conn, rt, contest)
        counts = await entrants.counts(conn, contest.workspace_id, contest.id)
        posts = await targets.posts(conn, contest.workspace_id, contest.id)
        imported = await imports.count(conn, contest.workspace_id, contest.id)
    seen = PublicContest(
        **_facts(contest),
        **_links(rt, contest),
        posts=[post.url for post in posts],
        terms=terms,
        quizzes=quizzes,
        counts=[
            StateCount(state=each.state, reason=each.reason, entrants=each.entrants)
            for each in counts
        ],
        imported=imported,
        freeze=freeze,
    )
    return tagged(request, seen)


@get(
    "/{contest_id:uuid}/events.jsonl",
    media_type="application/jsonl",
    **public("download_events", "Download the events, one a line"),
)
async def download_events(
    contest_id: FromPath[UUID], request: AnyRequest, rt: GivenRuntime
) -> Response[bytes]:
    """Each line is an event in canonical bytes and holds the hash of the one before."""
    async with rt.pool.acquire() as conn:
        contest = await started(conn, contest_id)
        lines = await proof.event_lines(conn, contest.workspace_id, contest.id)
    tag = _tag(events.hash_of_line(lines[-1]).hex())
    headers = READABLE_ANYWHERE | ASK_AGAIN | {"ETag": tag}
    if is_known(request, tag):
        return Response(b"", status_code=304, headers=headers)
    body = b"".join(line + b"\n" for line in lines)
    return Response(body, media_type="application/jsonl", headers=headers)


@get(
    "/{contest_id:uuid}/entries.bin",
    media_type="application/octet-stream",
    **public("download_entries", "Download the frozen list"),
)
async def download_entries(
    contest_id: FromPath[UUID], request: AnyRequest, rt: GivenRuntime, exports: GivenExports
) -> Stream | Response[bytes]:
    """From the freeze on: 36 bytes an entry. Its SHA-256 is the ETag and stands in the freeze."""
    async with rt.pool.acquire() as conn:
        contest = await started(conn, contest_id)
        freeze = await read_freeze(conn, contest)
    tag = _tag(freeze.sha256)
    headers = READABLE_ANYWHERE | _FOR_EVER | {"ETag": tag}
    if is_known(request, tag):
        return Response(b"", status_code=304, headers=headers)
    return Stream(
        exports.frozen_list(contest.workspace_id, contest.id),
        media_type="application/octet-stream",
        headers=headers | {"Content-Length": str(freeze.entries * LEAF_SIZE)},
    )


@get(
    "/{contest_id:uuid}/terms/{file:str}",
    media_type="application/json",
    **public("download_terms", "Download a version of the terms"),
)
async def download_terms(
    contest_id: FromPath[UUID], file: FromPath[str], rt: GivenRuntime
) -> Response[bytes]:
    """`file` is the SHA-256 of the terms, with `.json`."""
    named = _TERMS.fullmatch(file)
    async with rt.pool.acquire() as conn:
        contest = await started(conn, contest_id)
        versions = await proof.terms(conn, contest.workspace_id, contest.id)
    for each in versions:
        if named is not None and each.sha256.hex() == named[1]:
            headers = READABLE_ANYWHERE | _FOR_EVER | {"ETag": _tag(named[1])}
            return Response(each.bytes, media_type="application/json", headers=headers)
    raise NotFoundError("This contest has no such version of its terms.")


@get(
    "/{contest_id:uuid}/quiz/{quiz_file:str}",
    media_type="application/json",
    **public("download_quiz", "Download the opened answers to a quiz"),
)
async def download_quiz(
    contest_id: FromPath[UUID], quiz_file: FromPath[str], rt: GivenRuntime
) -> Response[bytes]:
    """`quiz_file` is the commitment in the terms, with `.json`. There is none before the close."""
    async with rt.pool.acquire() as conn:
        contest = await started(conn, contest_id)
        opened = await opened_files(conn, contest)
    for each in opened:
        if quiz_file == f"{each.commitment}.json":
            headers = READABLE_ANYWHERE | _FOR_EVER | {"ETag": _tag(each.commitment)}
            return Response(each.data, media_type="application/json", headers=headers)
    raise NotFoundError("No opened answers have this commitment. They are opened after the close.")


@get(
    "/{contest_id:uuid}/verifiers/{sha256:str}",
    media_type="application/octet-stream",
    **public("download_verifier", "Download a verifier that the terms name"),
)
async def download_verifier(
    contest_id: FromPath[UUID], sha256: FromPath[str], rt: GivenRuntime
) -> Response[bytes]:
    async with rt.pool.acquire() as conn:
        await started(conn, contest_id)
        found = None
        if _HASH.fullmatch(sha256):
            found = await proof.verifier(conn, bytes.fromhex(sha256))
    if found is None:
        raise NotFoundError("There is no such verifier.")
    headers = {"ETag": _tag(sha256), "Content-Disposition": f'attachment; filename="{found.name}"'}
    return Response(
        found.bytes,
        media_type="application/octet-stream",
        headers=READABLE_ANYWHERE | _FOR_EVER | headers,
    )


@get(
    "/{contest_id:uuid}/bundle.zip",
    media_type="application/zip",
    **public("download_public_bundle", "Download the public audit bundle"),
)
async def download_public_bundle(
    contest_id: FromPath[UUID], rt: GivenRuntime, exports: GivenExports
) -> Stream:
    """All that was published, with the openings of winners who agreed to be named."""
    async with rt.pool.acquire() as conn:
        contest = await started(conn, contest_id)
    made = await exports.bundle(
        contest.workspace_id,
        contest.id,
        Edition.PUBLIC,
        headers=READABLE_ANYWHERE | ASK_AGAIN,
    )
    return Stream(made.pieces, media_type="application/zip", headers=made.headers)


async def started(conn: Connection, contest_id: UUID) -> Contest:
    """Read a contest whose rules are public. Raises NotFoundError."""
    contest = await contests.read_public(conn, contest_id)
    if not contest.terms_version:
        raise NotFoundError("There is no such contest.")
    return contest


def tagged(request: AnyRequest, told: T) -> Response[T]:
    """Answer with what is told; with nothing to whoever has just that already."""
    tag = _tag(hashlib.sha256(msgspec.json.encode(told)).hexdigest())
    headers = READABLE_ANYWHERE | ASK_AGAIN | {"ETag": tag}
    if is_known(request, tag):
        nothing: Any = None
        return Response(nothing, status_code=304, headers=headers)
    return Response(told, headers=headers)


def _facts(contest: Contest) -> dict[str, Any]:
    definition = contest.definition
    return {
        "id": contest.id,
        "practice": contest.practice,
        "status": contest.status,
        "title": definition.title,
        "organiser": definition.organiser,
        "language": definition.language,
        "rules": sentences(definition.rules, definition.language),
        "draws": definition.draws,
        "opens_at": contest.opens_at,
        "closes_at": contest.closes_at,
        "freeze_at": contest.freeze_at,
        "draw_at": contest.draw_at,
        "zone": definition.schedule.zone,
        "obstacle": contest.obstacle,
        "void_reason": contest.void_reason,
    }


def _links(rt: Runtime, contest: Contest) -> dict[str, Any]:
    link = rt.contest_files(contest.id)
    return {
        "events_url": f"{link}/events.jsonl",
        "entries_url": f"{link}/entries.bin",
        "bundle_url": f"{link}/bundle.zip",
    }


def _tag(digest: str) -> str:
    return f'"{digest}"'


def is_known(request: AnyRequest, tag: str) -> bool:
    """Whether the client has this version already (RFC 9110, section 13.1.2)."""
    given = request.headers.get("if-none-match", "")
    return given.strip() == "*" or tag in [
        each.strip().removeprefix("W/") for each in given.split(",")
    ]
