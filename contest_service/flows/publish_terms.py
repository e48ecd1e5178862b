"""Make a version of the terms public: its bytes, its hash, and the event that binds the contest."""

import hashlib
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.errors import Fault, InvalidError
from contest_service.domain.evidence import Action
from contest_service.domain.rules import actions_asked
from contest_service.domain.schedule import unix
from contest_service.domain.terms import VerifierFile, rules_facts, terms_object
from contest_service.flows import tend
from contest_service.flows.ledger import append, load_chain
from contest_service.flows.runtime import Runtime, capabilities_for
from contest_service.platforms.base import Support
from contest_service.proof import canonical, events
from contest_service.proof.errors import ProofError
from contest_service.proof.events import Event, EventType, Rules
from contest_service.store import contests, evidence, proof, targets, work
from contest_service.store.contests import Contest
from contest_service.store.evidence import Rest
from contest_service.store.rows import Connection
from contest_service.store.targets import StoredTarget


async def publish_terms(
    conn: Connection, rt: Runtime, contest: Contest, *, reason: str, now: datetime
) -> Event:
    """Write the next version of the terms and its rules or amend event.

    Raises InvalidError if the definition cannot be put into terms, ProofError if the event may not
    stand where the contest is.
    """
    version = contest.terms_version + 1
    posts = await targets.posts(conn, contest.workspace_id, contest.id)
    data = await _terms_bytes(conn, rt, contest, posts, version=version, reason=reason)
    digest = hashlib.sha256(data).digest()
    await proof.keep_terms(conn, contest, proof.Terms(version=version, sha256=digest, bytes=data))
    await contests.set_terms_version(conn, contest, version)
    body = msgspec.convert(
        {
            **rules_facts(contest.definition),
            "beacon": msgspec.to_builtins(rt.beacon_for(contest)),
            "terms_sha256": digest.hex(),
        },
        Rules,
    )
    if events.longest_result(str(contest.id), body) > canonical.MAX_LINE:
        raise InvalidError(
            [Fault(pointer="/draws", detail="has more winners than one result can name")]
        )
    chain = await load_chain(conn, contest)
    type_ = EventType.RULES if version == 1 else EventType.AMEND
    return await append(conn, contest, chain, type_, body=body, now=now)


async def _terms_bytes(
    conn: Connection,
    rt: Runtime,
    contest: Contest,
    posts: list[StoredTarget],
    *,
    version: int,
    reason: str,
) -> bytes:
    files = []
    for verifier in rt.verifiers:
        digest = hashlib.sha256(verifier.bytes).digest()
        await proof.keep_verifier(conn, digest, verifier)
        files.append(VerifierFile(name=verifier.name, sha256=digest.hex()))
    terms = terms_object(
        contest.definition,
        contest=str(contest.id),
        version=version,
        reason=reason,
        posts=posts,
        verifiers=files,
        practice=contest.practice,
        round_=rt.beacon_for(contest).first_round_at(unix(contest.draw_at)),
        link=rt.contest_link(contest.id),
    )
    try:
        return canonical.encode(terms)
    except ProofError as error:
        raise InvalidError([Fault(pointer="", detail=str(error))]) from error


async def watch_evidence(conn: Connection, rt: Runtime, contest: Contest, *, now: datetime) -> None:
    """Let the contest rest on what its rules ask about, and scan and judge that from now on.

    What a platform cannot tell at all is not waited for.
    """
    asked = actions_asked(contest.definition.rules, contest.definition.tickets)
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
