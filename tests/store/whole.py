"""Guards of everything else: rows by their key, and whole sets without the rows of others."""

import secrets
from datetime import timedelta

from contest_service.domain.accounts import Profile
from contest_service.domain.evidence import Action
from contest_service.store import (
    accounts,
    actions,
    announcements,
    cases,
    claims,
    contests,
    disqualifications,
    dossier,
    entrants,
    evidence,
    folded,
    idempotency,
    members,
    notices,
    people,
    proof,
    scans,
    targets,
    work,
)
from contest_service.store.idempotency import Key
from contest_service.store.rows import Connection
from store.crowded import SOME, Places
from store.guards import Guard, drained, guard

# Of `SOME` people in a contest all like, half comment, and half follow.
ACTIONS = 2 * SOME
SCANS, SCAN_PAGES = 3 * 401, 3 * 3 * 150
GONE = SOME // 10
NAMED = 100
"""How many entries a call names that looks up some."""
FEW = 20
"""A contest's own rows: its posts, its evidence and what is watched."""
MOVING = 400
"""Contests of a workspace in one state of their life, and a little more."""
KEPT = timedelta(hours=24)
"""For how long idempotency keys are kept: those of the last four hours are past that."""


async def _keep_profiles(conn: Connection, at: Places) -> None:
    known = [Profile(account=account, handle=secrets.token_hex(4)) for account in at.accounts]
    await accounts.keep_profiles(conn, at.post, known, at=at.now)


async def _merge(conn: Connection, at: Places) -> None:
    gone = await actions.compare(conn, at.likes, at.scan, asked=False)
    assert gone
    await actions.merge(
        conn,
        at.likes,
        at.scan,
        gone=gone,
        asked=False,
        absent_at=None,
        platform=at.post.platform,
        instance=at.post.instance,
        at=at.now,
    )


async def _merge_incomplete(conn: Connection, at: Places) -> None:
    await actions.merge(
        conn,
        at.likes,
        at.scan,
        gone=None,
        asked=True,
        absent_at=None,
        platform=at.post.platform,
        instance=at.post.instance,
        at=at.now,
    )


async def _merge_asked(conn: Connection, at: Places) -> None:
    await actions.compare(conn, at.likes, at.scan, asked=True)
    await _merge_incomplete(conn, at)


async def _unfold(conn: Connection, at: Places) -> None:
    record = "".join(f"\x01piece{number:06}" for number in range(NAMED))
    assert await folded.unfold(conn, *at.crowded, [record]) == ["{}" * NAMED]


def _key(at: Places) -> Key:
    return Key(
        workspace_id=at.workspace_id,
        person_id=at.middle["persons"],
        key="key 400",
        request_digest=b"",
    )


ANY_STATISTICS: tuple[Guard, ...] = (
    guard("accounts.KEEP", _keep_profiles, rows=2 * NAMED),
    guard(
        "actions.COMPARE",
        lambda conn, at: actions.compare(conn, at.likes, at.scan, asked=False),
        rows=ACTIONS,
    ),
    guard(
        "actions.COMPARE_ASKED",
        lambda conn, at: actions.compare(conn, at.likes, at.scan, asked=True),
        rows=ACTIONS,
    ),
    guard("actions.INSERT_NEW_NAMED", _merge, rows=GONE),
    guard("actions.INSERT_NEW_NAMED", _merge_asked, rows=2 * GONE, what="asked"),
    guard("actions.CLOSE", _merge, rows=GONE),
    guard("actions.COUNT_OPEN", _merge, rows=SOME + GONE),
    guard("actions.COUNT_SEEN", _merge_incomplete, rows=GONE),
    guard(
        "accounts.ACTORS_AMONG",
        lambda conn, at: accounts.actors_among(conn, at.post, Action.LIKE, at.accounts, since=None),
        rows=4 * NAMED,
    ),
    guard(
        "cases.GATHER_SPAN",
        lambda conn, at: cases.gather_span(
            conn, *at.crowded, tuple(sorted(at.accounts)[:2]), lists=[at.middle["lists"]]
        ),
        rows=20 * NAMED,
    ),
    guard(
        "cases.GATHER_FIRST",
        lambda conn, at: cases.gather_span(
            conn,
            *at.crowded,
            tuple(sorted(at.accounts)[:2]),
            lists=[at.middle["lists"]],
            is_first=True,
        ),
        rows=20 * NAMED,
    ),
    guard("cases.ANYBODY", lambda conn, at: cases.is_anybody_judged(conn, *at.crowded), rows=2),
    guard(
        "cases.GATHER",
        lambda conn, at: cases.gather(
            conn, *at.crowded, at.accounts[:3], lists=[at.middle["lists"]]
        ),
        rows=60,
        what="of three winners",
    ),
    guard(
        "cases.WITHOUT_EVIDENCE",
        lambda conn, at: cases.without_evidence(
            conn, *at.crowded, at.entrants[:3], lists=[at.middle["lists"]]
        ),
        rows=30,
    ),
    guard(
        "cases.SPAN_END",
        lambda conn, at: drained(cases.spans(conn, *at.usual, size=NAMED)),
        rows=2 * ACTIONS,
    ),
    guard(
        "cases.ARE_MORE_THAN",
        lambda conn, at: cases.are_more_than(conn, *at.usual, NAMED),
        rows=2 * ACTIONS,
    ),
    guard(
        "cases.UNSEEN",
        lambda conn, at: cases.unseen(conn, *at.usual, after=None, limit=NAMED),
        rows=12 * SOME,
    ),
    guard(
        "entrants.KNOWN",
        lambda conn, at: entrants.known(conn, *at.crowded, at.subjects),
        rows=2 * NAMED,
    ),
    guard("folded.READ", _unfold, rows=NAMED),
    guard("proof.COUNTED", lambda conn, at: drained(proof.counted(conn, at.other)), rows=2 * SOME),
    guard("proof.DIGESTS", lambda conn, at: drained(proof.digests(conn, at.other)), rows=SOME),
)
"""Of tables that fill by a million rows within seconds: good whatever the statistics say."""

GUARDS: tuple[Guard, ...] = (
    guard(
        "actions.HAS_OPEN",
        lambda conn, at: actions.compare(conn, at.likes, at.scan, asked=False),
        rows=1,
    ),
    guard(
        "actions.MARK_ALL",
        lambda conn, at: conn.execute(actions.MARK_ALL, at.workspace_id, at.scan.id),
        rows=GONE,
    ),
    guard(
        "announcements.OF_CONTEST",
        lambda conn, at: announcements.of_contest(conn, *at.usual),
        rows=5,
    ),
    guard(
        "announcements.OF_EVENT",
        lambda conn, at: announcements.of_event(conn, at.other.id, 3, at.post),
        rows=10,
    ),
    guard("contests.READ", lambda conn, at: contests.read(conn, *at.usual), rows=1),
    guard(
        "contests.READ_PUBLIC",
        lambda conn, at: contests.read_public(conn, at.other.id),
        rows=1,
        across=True,
    ),
    guard("contests.OVERRIDES", lambda conn, at: contests.overrides(conn, *at.usual), rows=1),
    guard("dossier.VERIFIERS", lambda conn, at: dossier.verifiers_in_force(conn, at.other), rows=5),
    guard(
        "dossier.OPENINGS",
        lambda conn, at: drained(dossier.frozen_openings(conn, at.other)),
        rows=2 * SOME,
    ),
    guard("dossier.RECORDS", lambda conn, at: drained(dossier.records(conn, at.other)), rows=SOME),
    guard(
        "dossier.SCANS", lambda conn, at: drained(dossier.scans(conn, at.other)), rows=SCANS + FEW
    ),
    guard(
        "dossier.PAGES",
        lambda conn, at: drained(dossier.pages(conn, at.other)),
        rows=SCANS + SCAN_PAGES + FEW,
    ),
    guard(
        "entrants.READ",
        lambda conn, at: entrants.read(conn, *at.crowded, at.entrants[0]),
        rows=1,
    ),
    guard("entrants.COUNTS", lambda conn, at: entrants.counts(conn, *at.usual), rows=SOME),
    guard(
        "entrants.OPENINGS",
        lambda conn, at: entrants.openings(conn, *at.crowded, at.commitments),
        rows=NAMED,
    ),
    guard(
        "notices.HOLDERS",
        lambda conn, at: notices.holders(conn, at.contest, at.entrants),
        rows=2 * NAMED + FEW,
    ),
    guard(
        "notices.FIND",
        lambda conn, at: notices.find(conn, *at.crowded, at.middle["notices"]),
        rows=1,
    ),
    guard(
        "notices.NAMED",
        lambda conn, at: notices.named(conn, at.other.id, 3, at.post),
        rows=FEW,
    ),
    guard(
        "disqualifications.OPEN",
        lambda conn, at: disqualifications.open_ones(conn, at.contest),
        rows=1,
    ),
    guard(
        "claims.HOLDERS",
        lambda conn, at: claims.holders(conn, at.other, besides=[b""]),
        rows=FEW,
    ),
    guard("proof.FROZEN_AT", lambda conn, at: proof.frozen_at(conn, at.other), rows=1),
    guard("notices.DUE", lambda conn, at: notices.due(conn, *at.usual, 3), rows=FEW),
    guard(
        "entrants.OPENING_OF",
        lambda conn, at: entrants.opening_of(conn, *at.crowded, at.entrants[0]),
        rows=1,
    ),
    guard(
        "entrants.ACCOUNTS_OF",
        lambda conn, at: entrants.accounts_of(conn, *at.crowded, at.entrants),
        rows=NAMED + FEW,  # some have two
    ),
    guard(
        "evidence.DISCOUNT",
        lambda conn, at: evidence.discount(
            conn, at.other, at.post.id, Action.LIKE, why="it saw too little"
        ),
        rows=ACTIONS,
    ),
    guard("evidence.WATCHED", lambda conn, at: evidence.watched(conn, *at.usual), rows=FEW),
    guard(
        "evidence.SET_CLOSING",
        lambda conn, at: evidence.credit_scan(
            conn, at.post, Action.LIKE, scan_id=at.scan.id, started_at=at.now
        ),
        rows=MOVING,
    ),
    guard(
        "evidence.SET_RECHECK",
        lambda conn, at: evidence.credit_scan(
            conn, at.page, Action.FOLLOW, scan_id=at.scan.id, started_at=at.now
        ),
        rows=MOVING,
    ),
    guard(
        "evidence.WAITING",
        lambda conn, at: evidence.awaited_since(conn, at.page, Action.FOLLOW, now=at.now),
        rows=MOVING,
    ),
    guard(
        "evidence.ACTIVE",
        lambda conn, at: evidence.next_close(conn, at.page, Action.FOLLOW),
        rows=MOVING,
    ),
    guard(
        "evidence.DEPENDENTS",
        lambda conn, at: evidence.running_contests(conn, at.page, Action.FOLLOW),
        rows=MOVING,
    ),
    guard("idempotency.FIND", lambda conn, at: idempotency.find(conn, _key(at)), rows=1),
    guard(
        "idempotency.FILL",
        lambda conn, at: idempotency.fill(conn, _key(at), status=200, reply=b""),
        rows=1,
    ),
    guard(
        "idempotency.FORGET",
        lambda conn, at: idempotency.forget(conn, before=at.now - KEPT),
        rows=4000,
        across=True,
    ),
    guard(
        "members.READ",
        lambda conn, at: members.read_member(conn, at.workspace_id, at.middle["persons"]),
        rows=2,
    ),
    guard(
        "people.BEARER",
        lambda conn, at: people.find_bearer(conn, at.digest, now=at.now),
        rows=2,
        across=True,
    ),
    guard("proof.LINES", lambda conn, at: proof.event_lines(conn, *at.usual), rows=4),
    guard("proof.RESULT_SEQ", lambda conn, at: proof.result_seq(conn, at.other), rows=1),
    guard("proof.TERMS", lambda conn, at: proof.terms(conn, *at.usual), rows=2),
    guard("proof.CHUNK", lambda conn, at: proof.chunk(conn, *at.usual, "entries", seq=1), rows=1),
    guard("proof.ROUND", lambda conn, _at: proof.kept_round(conn, b"R", 2500), rows=1),
    guard("proof.VERIFIER", lambda conn, _at: proof.verifier(conn, b""), rows=1),
    guard("scans.RUNNING", lambda conn, at: scans.running(conn, at.likes), rows=1),
    guard("scans.COUNT_STAGED", lambda conn, at: scans.count_staged(conn, at.scan), rows=GONE),
    guard(
        "scans.CHECKPOINT",
        lambda conn, at: scans.stage(conn, at.scan, [], [], checkpoint=None),
        rows=10,
    ),
    guard("targets.POSTS", lambda conn, at: targets.posts(conn, *at.usual), rows=4),
    guard(
        "targets.OF_COMMUNITY",
        lambda conn, at: targets.of_community(conn, at.workspace_id, at.middle["communities"]),
        rows=10,
    ),
    guard(
        "work.TAKE", lambda conn, at: work.take(conn, at.workspace_id, at.due, now=at.now), rows=1
    ),
    guard(
        "work.DROP",
        lambda conn, at: work.drop(conn, at.workspace_id, work.Kind.ADVANCE, at.due),
        rows=1,
    ),
)
"""Statements that run often, or over all that belongs to a contest."""
