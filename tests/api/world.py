"""A workspace with one of everything, and a request for every operation on it."""

import hashlib
import zlib
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
from web import hostile

from api.answers import created
from api.operations import Operation
from api.staged import Stage, definition
from contest_service.domain.evidence import Said
from contest_service.domain.imports import PlacedEntry
from contest_service.domain.overrides import OverrideKind
from contest_service.domain.people import Actor, Role
from contest_service.domain.reasons import PersonReason
from contest_service.flows import own
from contest_service.flows.approve import propose
from contest_service.flows.notify import enqueue_notices
from contest_service.proof.quiz import commit_quiz
from contest_service.store import (
    announcements,
    appeals,
    channels,
    claims,
    entrants,
    evidence,
    imports,
    notices,
    overrides,
    promises,
    proof,
    quiz,
    scans,
    targets,
)
from contest_service.store.channels import ChannelKind
from contest_service.store.contests import Contest
from contest_service.store.imports import Source
from contest_service.store.overrides import NewOverride
from contest_service.store.ownerships import Network
from contest_service.store.promises import Promise
from contest_service.store.quiz import Quiz
from contest_service.store.rows import Connection
from contest_service.store.scans import ReadPage, Scan

ACCOUNT = {"platform": "bluesky", "id": "did:plc:a"}
OWNED = "did:plc:ann"
_HASHES = ("file", "sha256")
_NUMBERS = ("seq",)
BODIES: dict[str, Any] = {
    "create_workspace": {"name": "New"},
    "rename_workspace": {"name": "Other"},
    "add_person": {"name": "Ann", "role": "editor"},
    "change_role": {"role": "auditor"},
    "create_token": {"name": "t", "role": "auditor"},
    "connect_community": {
        "platform": "bluesky",
        "credential": {"identifier": "a.test", "app_password": "x"},
        "endpoints": {"pds": "https://forbidden.example"},
    },
    "replace_credential": {"credential": {}},
    "change_credential": {"credential": {"app_password": None}},
    "connect_practice_community": {"name": ""},
    "add_list_accounts": {"accounts": [ACCOUNT], "reason": "staff"},
    "remove_list_accounts": {"accounts": [ACCOUNT]},
    "import_entries": {"entries": [{"reference": "form 1", "label": "Ann"}]},
    "undo_import": {"reason": "the wrong file"},
    "change_signals": {"threshold": 70, "weights": {"burst": 20}},
    "hold_by_score": {"threshold": 70, "expected": 0, "reason": "suspected-bot"},
    "undo_quarantine": {"reason": "mistake"},
    "change_contest": {"definition": {"title": "Another"}},
    "cancel_contest": {"reason": "mistake"},
    "correct_announcement": {"said": "The mug is red."},
    "seal_quiz": {"answers": ["Paris"]},
    "start_dry_run": {},
    "proceed_contest": {"reason": "the counter is wrong"},
}


FILES = {
    "import_list_accounts": b"account,reason\ndid:plc:a,staff\n",
    "import_entries_file": b"reference,label\nform 1,Ann\n",
}


class World(msgspec.Struct, frozen=True, kw_only=True):
    """Ids by the names that paths have for them, and others for what the editor takes away."""

    ids: dict[str, str]
    editor_ids: dict[str, str]
    draft: str
    secret: str
    """Of the ownership, which is shown."""

    def path(self, operation: Operation, role: str | None) -> str:
        """The operation's path as `role` asks for it; without one, with ids that never were."""
        ids = dict(self.ids)
        if operation.id == "delete_contest":
            ids["contest_id"] = self.draft
        if role == "editor" and operation.id.startswith("delete_"):
            ids |= self.editor_ids
        if role is None:
            ids = {
                name: "0" * 64 if name in _HASHES else str(uuid4())
                for name in ids
                if name not in _NUMBERS
            } | dict.fromkeys(_NUMBERS, "0")
        return operation.path.format_map(ids)

    def options(self, operation: Operation, role: str) -> dict[str, Any]:
        """The rest of a request that is in order; what has to be unique names the role."""
        body = BODIES.get(operation.id)
        match operation.id:
            case "import_list_accounts" | "import_entries_file":
                return {"content": FILES[operation.id], "headers": {"Content-Type": "text/csv"}}
            case "upload_picture":
                return {"content": hostile.picture(), "headers": {"Content-Type": "image/png"}}
            case "create_list":
                body = {"name": f"List of {role}"}
            case "create_contest" | "replace_contest" | "lint_definition":
                body = {"definition": definition()}
            case "create_template":
                body = {"name": f"Template of {role}", "contest": self.ids["contest_id"]}
            case "rename_template":
                body = {"name": f"Another of {role}"}
            case "create_contest_from_template" | "clone_contest":
                body = {}
            case "amend_contest":
                body = {"definition": definition(), "reason": "weather"}
            case "propose_disqualification":
                body = {"entry": self.ids["entrant_id"], "reason": "staff"}
            case "propose_override":
                entrant = self.ids["entrant_id"]
                body = {"entrant": entrant, "kind": "exclude", "reason": "staff"}
            case "hold_entrants":
                body = {"entrants": [self.ids["entrant_id"]], "reason": "suspected-bot"}
            case "release_entrants":
                body = {"entrants": [self.ids["entrant_id"]], "reason": "checked"}
            case "answer_appeal":
                body = {"outcome": "nothing_to_do", "text": "We saw nothing to check."}
            case "list_differences":
                return {"params": {"since": "2026-01-01T00:00:00Z"}}
            case "make_appeal":
                headers = {"Ownership-Secret": self.secret}
                return {"headers": headers, "json": {"text": "I did like it."}}
            case "create_erasure":
                body = {"contest": self.ids["contest_id"], "entry": self.ids["entrant_id"]}
            case "note_claim" | "note_delivery" | "undo_delivery":
                body = {"entry": self.ids["entrant_id"]}
            case "check_account":
                return {"params": {"account": OWNED}}
            case "begin_ownership":
                body = {"account": OWNED}
            case "link_accounts":
                shown = {"id": self.ids["ownership_id"], "secret": self.secret}
                agreed = {"version": 1, "language": "en"}
                body = {"ownerships": [shown, shown], "consent": agreed}
            case "read_ownership" | "download_held_file" | "part_accounts":
                return {"headers": {"Ownership-Secret": self.secret}}
            case "attach_post":
                body = {"community_id": self.ids["community_id"], "url": "https://x.test/"}
        return {} if body is None else {"json": body}


async def make_world(owner: httpx.AsyncClient, stage: Stage) -> World:
    """Make one of everything in the owner's workspace; the contest there is drawn."""
    person = created(await owner.post("/v1/persons", json={"name": "Bob", "role": "editor"}))
    token = created(await owner.post("/v1/tokens", json={"name": "t", "role": "auditor"}))
    lists = [
        created(await owner.post("/v1/lists", json={"name": name}))["id"] for name in ("A", "B")
    ]
    kept = [
        created(
            await owner.post(
                "/v1/templates", json={"name": name, "definition": definition(), "practice": True}
            )
        )["id"]
        for name in ("A", "B")
    ]
    community = await stage.community()
    drafts = [await stage.draft(community) for _ in range(3)]
    contest = await stage.start(drafts[0])
    entrant, proposed = await stage.judged(contest, "ann", "bob")
    contest = await stage.draw(await stage.freeze(contest))
    key = (contest.workspace_id, contest.id)
    async with stage.rt.pool.acquire() as conn:
        await channels.renew(conn, key[0], community, ChannelKind.LONG_POLL, now=stage.rt.clock())
        announcement, *_ = await announcements.of_contest(conn, *key)
        post, *_ = await targets.posts(conn, *key)
        terms, *_ = await proof.terms(conn, *key)
        won = {entrant: ["A mug"]}
        await enqueue_notices(conn, stage.rt, contest, won, seq=2, now=stage.rt.clock())
        (notice,) = await notices.list_page(conn, *key, after=None, limit=2)
        opening = await entrants.opening_of(conn, *key, entrant)
        assert opening is not None
        await claims.name(conn, contest, {opening.commitment: entrant}, seq=2)
        # By somebody else than all those who may approve it or not.
        bob = Actor(
            workspace_id=key[0],
            person_id=UUID(person["id"]),
            token_id=None,
            role=Role.EDITOR,
            request_id="test",
        )
        reason = PersonReason.FRAUD
        proposal = await propose(
            conn, stage.rt, bob, contest.id, proposed, reason=reason, now=stage.rt.clock()
        )
        await _promise(conn, contest, entrant)
        brought = await _imported(conn, contest, UUID(person["id"]))
        override = await overrides.propose(
            conn,
            contest,
            NewOverride(kind=OverrideKind.EXCLUDE, entrant_id=proposed, reason="fraud"),
            person_id=UUID(person["id"]),
            role=Role.EDITOR,
            at=stage.rt.clock(),
            due_at=None,
        )
        judged = await entrants.read(conn, *key, entrant)
        assert judged is not None
        appeal = await appeals.make(conn, contest, judged, text="Why?", at=stage.rt.clock())
        scan = await _scanned(conn, contest, stage)
        opened = await _opened(conn, contest, stage)
        verifier = await conn.fetchval("SELECT encode(sha256, 'hex') FROM verifiers")
    begun = await _owned(stage, contest)
    erased = {"contest": str(contest.id), "entry": str(proposed)}
    erasure = created(await owner.post("/v1/erasures", json=erased))
    return World(
        ids={
            "workspace_id": str(contest.workspace_id),
            "person_id": person["id"],
            "token_id": token["token"]["id"],
            "list_id": lists[0],
            "template_id": kept[0],
            "community_id": str(community),
            "contest_id": str(contest.id),
            "entrant_id": str(entrant),
            "target_id": str(post.id),
            "announcement_id": str(announcement.id),
            "notice_id": str(notice.id),
            "disqualification_id": str(proposal.id),
            "erasure_id": erasure["id"],
            "file": f"{terms.sha256.hex()}.json",
            "quiz": "capital",
            "quiz_file": f"{opened.commitment}.json",
            "sha256": verifier,
            "ownership_id": begun["id"],
            "override_id": str(override.id),
            "appeal_id": str(appeal.id),
            "scan_id": str(scan.id),
            "seq": "0",
            "name": f"promise-{entrant}-1.json",
            "import_id": str(brought),
            "batch_id": str(uuid4()),
        },
        editor_ids={
            "list_id": lists[1],
            "template_id": kept[1],
            "contest_id": str(drafts[1].id),
        },
        draft=str(drafts[2].id),
        secret=begun["secret"],
    )


async def _opened(conn: Connection, contest: Contest, stage: Stage) -> Quiz:
    """A question whose answers are told."""
    now, answers, salt = stage.rt.clock(), ["Paris"], bytes(32)
    commitment = commit_quiz(contest=str(contest.id), quiz="capital", answers=answers, salt=salt)
    await quiz.seal(conn, contest, "capital", commitment=commitment, sealed=b"x", at=now)
    await quiz.promise(conn, contest, ["capital"], at=now)
    await quiz.open_quiz(conn, contest, "capital", answers=answers, salt=salt, at=now)
    (opened,) = await quiz.of_contest(conn, contest)
    return opened


async def _scanned(conn: Connection, contest: Contest, stage: Stage) -> Scan:
    """A closing scan of one page, whose body is kept."""
    first, *_ = await evidence.watched(conn, contest.workspace_id, contest.id)
    watch = await scans.read_watch(conn, contest.workspace_id, first.watch_id)
    now = stage.rt.clock()
    scan = await scans.begin(conn, watch, closing=True, at=now)
    body = b'{"likes": []}'
    page = ReadPage(
        seq=0,
        sha256=hashlib.sha256(body).digest(),
        size=len(body),
        fetched_at=now,
        body=zlib.compress(body),
    )
    async with conn.transaction():
        await scans.stage(conn, scan, [], [page], checkpoint=None)
    return scan


async def _imported(conn: Connection, contest: Contest, person_id: UUID) -> UUID:
    """Bring an entry without an account in, as if that had been while the contest ran."""
    made = await imports.create(
        conn,
        contest,
        [PlacedEntry(line=1, reference="form 0", label="Zoe")],
        source=Source.API,
        sha256=bytes(32),
        size=1,
        person_id=person_id,
        at=contest.opens_at,
    )
    return made.id


async def _promise(conn: Connection, contest: Contest, entrant_id: UUID) -> None:
    """Promise an entrant who is valid one ticket, as judging does."""
    opening = await entrants.opening_of(conn, contest.workspace_id, contest.id, entrant_id)
    assert opening is not None
    made = Promise(
        entrant_id=entrant_id, number=0, commitment=opening.commitment, weight=1, given_at=1
    )
    await promises.add(conn, contest, [made])


async def _owned(stage: Stage, contest: Contest) -> dict[str, Any]:
    """Show that an account is one's own."""
    url = f"/public/contests/{contest.id}/ownerships"
    begun = created(await stage.owner.post(url, json={"account": OWNED}))
    network = Network(
        workspace_id=contest.workspace_id, platform="bluesky", instance="localhost:2582"
    )
    said = [Said(account=OWNED, text=begun["code"])]
    async with stage.rt.pool.acquire() as conn, conn.transaction():
        assert await own.notice(conn, network, said, at=stage.rt.clock()) == 1
    return begun
