"""Make a version of the terms public: its bytes, its hash, and the event that binds the contest."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.amendments import Amendments
from contest_service.domain.changes import changes
from contest_service.domain.conditions import Language
from contest_service.domain.contest import Definition
from contest_service.domain.errors import Fault, InvalidError
from contest_service.domain.evidence import Action
from contest_service.domain.schedule import unix
from contest_service.domain.terms import VerifierFile, rules_facts, terms_object
from contest_service.flows import quiz, tend
from contest_service.flows.ledger import append, load_chain
from contest_service.flows.runtime import Runtime, capabilities_for
from contest_service.flows.versions import asked_by, counting
from contest_service.platforms.base import Support
from contest_service.proof import canonical, events
from contest_service.proof.errors import ProofError
from contest_service.proof.events import Event, EventType, Rules
from contest_service.store import contests, evidence, proof, targets, versions, work
from contest_service.store.contests import Contest
from contest_service.store.evidence import Rest
from contest_service.store.rows import Connection
from contest_service.store.targets import StoredTarget
from contest_service.store.versions import Version


async def publish_terms(
    conn: Connection, rt: Runtime, contest: Contest, *, reason: str, now: datetime
) -> Event:
    """Write the next version of the terms and its rules or amend event.

    Raises InvalidError if the definition cannot be put into terms, ProofError if the event may not
    stand where the contest is.
    """
    version = contest.terms_version + 1
    posts = await targets.posts(conn, contest.workspace_id, contest.id)
    past = await versions.of_contest(conn, contest)
    before = past[-1].definition if past else None
    made = Made(
        version=version,
        reason=reason,
        before=before,
        quizzes=await quiz.promise_answers(conn, rt, contest, now=now),
    )
    for verifier in rt.verifiers:
        await proof.keep_verifier(conn, hashlib.sha256(verifier.bytes).digest(), verifier)
    terms = _terms(rt, contest, posts, made)
    await proof.keep_terms(conn, contest, terms)
    await contests.set_terms_version(conn, contest, version)
    body = msgspec.convert(
        {
            **rules_facts(contest.definition, most_tickets=_most_tickets(contest, past)),
            "beacon": msgspec.to_builtins(rt.beacon_for(contest)),
            "terms_sha256": terms.sha256.hex(),
        },
        Rules,
    )
    if events.longest_result(str(contest.id), body) > canonical.MAX_LINE:
        raise InvalidError(
            [Fault(pointer="/draws", detail="has more winners than one result can name")]
        )
    chain = await load_chain(conn, contest)
    type_ = EventType.RULES if version == 1 else EventType.AMEND
    event = await append(conn, contest, chain, type_, body=body, now=now)
    await _keep_version(conn, contest, made, in_force_at=event.at)
    return event


async def terms_ahead(conn: Connection, rt: Runtime, contest: Contest) -> proof.Terms:
    """The terms that a contest would have if it started as it is now; nothing is written.

    Raises InvalidError if the definition cannot be put into terms, or a question has no answers.
    """
    posts = await targets.posts(conn, contest.workspace_id, contest.id)
    quizzes = await quiz.commitments(conn, rt, contest)
    made = Made(version=1, reason="", before=None, quizzes=quizzes)
    return _terms(rt, contest, posts, made)


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """What a version of the terms is made from, beside the contest's definition."""

    version: int
    reason: str
    before: Definition | None
    """The definition of the version before."""
    quizzes: dict[str, str]
    """Commitments in hex, by quiz."""


def _most_tickets(contest: Contest, past: Sequence[Version]) -> int:
    """The most tickets that an entry can hold by any version that counts for somebody."""
    most = contest.definition.tickets.most
    if contest.definition.amendments is Amendments.AS_ENTERED:
        most = max([most, *(each.definition.tickets.most for each in past)])
    return most


async def _keep_version(
    conn: Connection, contest: Contest, made: Made, *, in_force_at: int
) -> None:
    said = {}
    if made.before is not None:
        said = {
            language.value: tuple(changes(made.before, contest.definition, language))
            for language in Language
        }
    version = Version(
        version=made.version,
        definition=contest.definition,
        in_force_at=in_force_at,
        reason=made.reason,
        changes=said,
    )
    await versions.keep(conn, contest, version)


def _terms(rt: Runtime, contest: Contest, posts: list[StoredTarget], made: Made) -> proof.Terms:
    files = [
        VerifierFile(name=each.name, sha256=hashlib.sha256(each.bytes).hexdigest())
        for each in rt.verifiers
    ]
    terms = terms_object(
        contest.definition,
        contest=str(contest.id),
        version=made.version,
        reason=made.reason,
        posts=posts,
        verifiers=files,
        practice=contest.practice,
        round_=rt.beacon_for(contest).first_round_at(unix(contest.draw_at)),
        link=rt.contest_link(contest.id),
        quizzes=made.quizzes,
        before=made.before,
    )
    try:
        data = canonical.encode(terms)
    except ProofError as error:
        raise InvalidError([Fault(pointer="", detail=str(error))]) from error
    return proof.Terms(version=made.version, sha256=hashlib.sha256(data).digest(), bytes=data)


async def watch_evidence(conn: Connection, rt: Runtime, contest: Contest, *, now: datetime) -> None:
    """Let the contest rest on what its rules ask about, and scan and judge that from now on.

    What a platform cannot tell at all is not waited for.
    """
    asked = asked_by(await counting(conn, contest))
    rests: dict[tuple[UUID, Action], Rest] = {}
    posts = await targets.posts(conn, contest.workspace_id, contest.id)
    for post in posts:
        able = await capabilities_for(conn, rt, post.workspace_id, post.community_id)
        community = await targets.of_community(conn, post.workspace_id, post.community_id)
        for action in asked & able.actions.keys():
            is_live = able.actions[action] is Support.LIVE
            for target in community if action is Action.FOLLOW else [post]:
                rests[target.id, action] = Rest(target_id=target.id, action=action, is_live=is_live)
    await evidence.rest_on(conn, contest, list(rests.values()))
    await plan_scans(conn, contest, now=now)
    await tend.begin_for(conn, posts, now=now)
    # Scans ask for a judgement only by what they change, and much may be known already.
    await work.plan(conn, contest.workspace_id, work.Kind.JUDGE, contest.id, due_at=now)


async def plan_scans(conn: Connection, contest: Contest, *, now: datetime) -> None:
    """Let everything that a contest rests on be scanned as soon as a worker is free."""
    for each in await evidence.watched(conn, contest.workspace_id, contest.id):
        if not each.is_live:
            await work.plan(conn, contest.workspace_id, work.Kind.SCAN, each.watch_id, due_at=now)
