"""Guards of pages: however much there is, a page looks at little more than it shows."""

from datetime import timedelta

from contest_service.domain.accounts import AccountKey, Platform
from contest_service.domain.contest import Status
from contest_service.domain.evidence import Action
from contest_service.domain.judging import EntrantState
from contest_service.domain.people import Actor, Role
from contest_service.store import (
    accounts,
    audit,
    communities,
    contests,
    coverage,
    disqualifications,
    entrants,
    entries,
    evidence,
    heard,
    lists,
    members,
    notices,
    people,
    resting,
    scans,
    sealed,
    tours,
    work,
)
from contest_service.store.rows import Connection
from contest_service.store.sealed import SealedQuiz, SealedRow
from store.crowded import Places
from store.guards import PAGE, Call, Guard, guard, pages

ASKED_AT_ONCE = 50
LISTED = 400
"""Accounts on each list."""
COMMUNITIES = 500
"""Of the first workspace, and a little more."""
# Of all rows a few belong to the page, and the way there is a little longer than the page.
FEW = 2 * PAGE
# One row in so many is of a kind: where kinds are mixed, a walk past the others is fine.
MIXED = 20 * PAGE


def _entrants(*, is_late: bool = False, **chosen: object) -> Call:
    async def call(conn: Connection, at: Places) -> object:
        after = at.middle["entrants"] if is_late else None
        return await entrants.list_page(conn, *at.crowded, after=after, limit=PAGE, **chosen)

    return call


def _actors(*, after: str) -> Call:
    async def call(conn: Connection, at: Places) -> object:
        return await accounts.actors(
            conn, at.post, Action.LIKE, since=None, after=after, limit=ASKED_AT_ONCE
        )

    return call


def _doubtful(*, after: str) -> Call:
    async def call(conn: Connection, at: Places) -> object:
        return await entrants.doubtful(
            conn,
            at.contest,
            platform=at.post.platform,
            instance=at.post.instance,
            since=at.now,
            after=after,
            limit=PAGE,
        )

    return call


def _actor(at: Places) -> Actor:
    workspace_id, token_id = at.busiest
    return Actor(
        workspace_id=workspace_id,
        person_id=None,
        token_id=token_id,
        role=Role.OWNER,
        request_id="",
    )


def _sealed(at: Places) -> SealedRow:
    id_ = at.middle["communities"]
    return SealedRow(workspace_id=at.workspace_id, id=id_, credential=b"", session=None)


def _sealed_quiz(at: Places) -> SealedQuiz:
    return SealedQuiz(workspace_id=at.workspace_id, contest_id=at.contest.id, quiz="", sealed=b"")


_LISTED = AccountKey(platform=Platform.BLUESKY, instance="bsky.social", id="did:plc:8")

GUARDS: tuple[Guard, ...] = (
    guard("accounts.ACTORS", _actors(after=""), rows=4 * ASKED_AT_ONCE, what="first"),
    guard("accounts.ACTORS", _actors(after="did:plc:8"), rows=4 * ASKED_AT_ONCE, what="middle"),
    *pages(
        "audit.LIST",
        lambda conn, at, start: audit.list_page(
            conn, at.workspace_id, subject=None, before=start, limit=PAGE
        ),
        of="audit_log",
        rows=FEW,
    ),
    *pages(
        "audit.LIST",
        lambda conn, at, start: audit.list_page(
            conn, at.workspace_id, subject=at.subject, before=start, limit=PAGE
        ),
        of="audit_log",
        rows=FEW,
        what="of a subject",
    ),
    guard(
        "audit.BUNDLES",
        lambda conn, at: audit.bundles_taken(conn, at.workspace_id, at.subject, limit=PAGE),
        rows=FEW,
    ),
    *pages(
        "communities.LIST",
        lambda conn, at, start: communities.list_page(
            conn, at.workspace_id, after=start, limit=PAGE
        ),
        of="communities",
        rows=FEW,
    ),
    guard(
        "communities.AT_SERVERS",
        lambda conn, at: communities.at_servers(
            conn, at.workspace_id, Platform.BLUESKY, {"pds": "http://127.0.0.1:1"}
        ),
        rows=COMMUNITIES,
    ),
    *pages(
        "contests.LIST",
        lambda conn, at, start: contests.list_page(
            conn, at.workspace_id, status=None, before=start, limit=PAGE
        ),
        of="contests",
        rows=FEW,
    ),
    *pages(
        "contests.LIST_IN",
        lambda conn, at, start: contests.list_page(
            conn, at.workspace_id, status=Status.CLOSING, before=start, limit=PAGE
        ),
        of="contests",
        rows=FEW,
    ),
    guard(
        "tours.NEWEST_PRACTICE",
        lambda conn, at: tours.newest_practice(conn, at.workspace_id),
        rows=FEW,
    ),
    guard(
        "contests.LIST",
        lambda conn, at: contests.list_page(conn, at.idle, status=None, before=None, limit=PAGE),
        rows=FEW,
        what="of an idle workspace",
    ),
    guard("entrants.DOUBTFUL", _doubtful(after=""), rows=MIXED, what="first"),
    guard("entrants.DOUBTFUL", _doubtful(after="did:plc:8"), rows=MIXED, what="middle"),
    guard("entrants.LIST", _entrants(), rows=FEW, what="first"),
    guard("entrants.LIST", _entrants(is_late=True), rows=FEW, what="middle"),
    *(
        guard(
            name,
            _entrants(is_late=is_late, **chosen),
            rows=MIXED,
            what=f"{'middle' if is_late else 'first'} {' '.join(chosen.values())}",
        )
        for name in ("entrant_choice.OF_KINDS_BACK", "entrants.OF_IDS")
        for is_late in (False, True)
        for chosen in (
            {"state": EntrantState.INVALID},
            {"state": EntrantState.QUARANTINED},
            {"state": EntrantState.INVALID, "reason": "liked.absent"},
            {"reason": "follows.absent"},
            {"reason": "follows.hidden"},
            {"reason": "of nobody"},
        )
    ),
    guard("entrants.LIST", _entrants(who="@person77"), rows=FEW, what="with a label"),
    guard("entrants.LIST", _entrants(who="@nobody"), rows=FEW, what="of nobody"),
    guard("entrants.LIST", _entrants(score=60), rows=2 * MIXED, what="with a score"),
    *pages(
        "entries.LIST",
        lambda conn, at, start: entries.list_page(conn, *at.crowded, after=start, limit=PAGE),
        of="entrants",
        rows=2 * FEW,
    ),
    guard(
        "evidence.POPULATION",
        lambda conn, at: evidence.population(
            conn, at.page, Action.FOLLOW, after="", limit=ASKED_AT_ONCE
        ),
        rows=10 * ASKED_AT_ONCE,
        what="first",
    ),
    guard(
        "evidence.POPULATION",
        lambda conn, at: evidence.population(
            conn, at.page, Action.FOLLOW, after="did:plc:8", limit=ASKED_AT_ONCE
        ),
        rows=10 * ASKED_AT_ONCE,
        what="middle",
    ),
    guard(
        "heard.UNMERGED",
        lambda conn, at: heard.unmerged(conn, at.workspace_id, at.post.community_id, limit=PAGE),
        rows=PAGE,
    ),
    guard(
        "heard.FORGET",
        lambda conn, at: conn.execute(heard.FORGET, at.now - timedelta(days=7), PAGE),
        rows=4 * PAGE,
        across=True,
    ),
    guard(
        "heard.LISTENED",
        lambda conn, at: heard.lock_listened(
            conn,
            at.workspace_id,
            [at.post.ref],
            platform=at.post.platform,
            instance=at.post.instance,
            author=at.post.author,
        ),
        rows=20,
    ),
    *pages(
        "lists.LIST",
        lambda conn, at, start: lists.list_lists(conn, at.workspace_id, after=start, limit=10),
        of="lists",
        rows=10 * (LISTED + 5),
    ),
    guard(
        "lists.ACCOUNTS",
        lambda conn, at: lists.list_accounts(
            conn, at.workspace_id, at.middle["lists"], after=None, limit=PAGE
        ),
        rows=FEW,
        what="first",
    ),
    guard(
        "lists.ACCOUNTS",
        lambda conn, at: lists.list_accounts(
            conn, at.workspace_id, at.middle["lists"], after=_LISTED, limit=PAGE
        ),
        rows=FEW,
        what="middle",
    ),
    *pages(
        "members.LIST",
        lambda conn, at, start: members.list_members(
            conn, at.workspace_id, after=start, limit=PAGE
        ),
        of="persons",
        rows=2 * FEW,
    ),
    *pages(
        "disqualifications.LIST",
        lambda conn, at, start: disqualifications.list_page(
            conn, at.contest, after=start, limit=PAGE
        ),
        of="disqualifications",
        rows=PAGE,
    ),
    *pages(
        "disqualifications.OPEN_PAGE",
        lambda conn, at, start: disqualifications.open_page(
            conn, at.contest, after=start, limit=PAGE
        ),
        of="disqualifications",
        rows=PAGE,
    ),
    *pages(
        "notices.LIST",
        lambda conn, at, start: notices.list_page(conn, *at.crowded, after=start, limit=PAGE),
        of="notices",
        rows=PAGE,
    ),
    *pages(
        "people.LIST_TOKENS",
        lambda conn, at, start: people.list_tokens(conn, at.workspace_id, after=start, limit=PAGE),
        of="tokens",
        rows=FEW,
    ),
    *pages(
        "people.LIST_WORKSPACES",
        lambda conn, at, start: people.list_workspaces(conn, _actor(at), after=start, limit=PAGE),
        of="workspaces",
        rows=2 * FEW + 1,
    ),
    *pages(
        "scans.OF_CONTEST",
        lambda conn, at, start: scans.of_contest(conn, *at.usual, before=start, limit=10),
        of="scans",
        rows=FEW,
    ),
    guard(
        "scans.PAGES",
        lambda conn, at: scans.pages(conn, at.workspace_id, at.scan.id, after=-1, limit=10),
        rows=FEW // 5,
        what="first",
    ),
    guard(
        "scans.PAGES",
        lambda conn, at: scans.pages(conn, at.workspace_id, at.scan.id, after=74, limit=10),
        rows=FEW // 5,
        what="middle",
    ),
    guard(
        "sealed.LIST",
        lambda conn, _at: sealed.lock_sealed(conn, None),
        rows=sealed.BATCH + FEW,
        what="first",
        across=True,
    ),
    guard(
        "sealed.LIST",
        lambda conn, at: sealed.lock_sealed(conn, _sealed(at)),
        rows=sealed.BATCH + FEW,
        what="middle",
        across=True,
    ),
    guard(
        "sealed.QUIZZES",
        lambda conn, _at: sealed.lock_quizzes(conn, None),
        rows=2 * sealed.BATCH,  # opened ones lie between
        what="first",
        across=True,
    ),
    guard(
        "sealed.QUIZZES",
        lambda conn, at: sealed.lock_quizzes(conn, _sealed_quiz(at)),
        rows=2 * sealed.BATCH,  # opened ones lie between
        what="middle",
        across=True,
    ),
    guard(
        "work.DUE",
        lambda conn, at: work.due(conn, at.now, limit=500),
        rows=FEW,
        across=True,
    ),
    guard(
        "work.DUE_IN",
        lambda conn, at: work.due_in(conn, at.workspace_id, at.now, limit=100),
        rows=FEW,
        across=True,
    ),
    guard(
        "work.DUE_IN",
        lambda conn, at: work.due_in(conn, at.idle, at.now, limit=100),
        rows=FEW,
        what="of an idle workspace",
        across=True,
    ),
    # The latest, the first, or any of many: a page of one row.
    guard(
        "communities.NEEDED_BY",
        lambda conn, at: communities.needed_by(conn, at.workspace_id, at.middle["communities"]),
        rows=FEW,
    ),
    guard(
        "resting.LIST",
        lambda conn, at: resting.list_resting(
            conn, at.workspace_id, at.middle["communities"], limit=PAGE
        ),
        rows=FEW,
    ),
    guard("coverage.OF_CONTEST", lambda conn, at: coverage.of_contest(conn, *at.usual), rows=FEW),
    guard(
        "lists.NEEDED_BY",
        lambda conn, at: conn.fetchval(lists.NEEDED_BY, at.idle, str(at.middle["lists"])),
        rows=600,
    ),
    guard(
        "people.FIRST_WORKSPACE",
        lambda conn, _at: people.first_workspace(conn),
        rows=1,
        across=True,
    ),
    guard("scans.LATEST", lambda conn, at: scans.latest_complete(conn, at.likes), rows=3),
)
