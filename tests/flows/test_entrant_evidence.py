"""What a verdict rests on: presences, the scans that showed them, and the very answers."""

import hashlib
import json
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from contest_service.domain.errors import NotFoundError
from contest_service.domain.evidence import Action
from contest_service.flows.entrant_evidence import read_evidence, read_page
from contest_service.store import actions, evidence, scans
from contest_service.store.contests import Contest
from contest_service.store.scans import ReadPage, Scan, StagedPage
from flows.made_up import account, connected, sighting, started, watched
from flows.overruled import entrant, judge
from flows.stage import Stage, open_stage


def _body(people: Sequence[str]) -> bytes:
    return json.dumps({"likes": [{"by": account(name)} for name in people]}).encode()


async def _read(stage: Stage, contest: Contest, pages: Sequence[Sequence[str]]) -> Scan:
    """Let a complete closing scan read these people, page by page, and keep the answers."""
    watch, target = await watched(stage, contest, Action.LIKE)
    now = stage.now()
    async with stage.transaction() as conn:
        scan = await scans.begin(conn, watch, closing=True, at=now)
        staged = [
            StagedPage(
                seq=seq,
                answer="present",
                seen_at=now,
                sightings=[sighting(each) for each in people],
            )
            for seq, people in enumerate(pages)
        ]
        bodies = [_body(people) for people in pages]
        read = [
            ReadPage(
                seq=seq,
                sha256=hashlib.sha256(body).digest(),
                size=len(body),
                fetched_at=now,
                body=zlib.compress(body),
            )
            for seq, body in enumerate(bodies)
        ]
        await scans.stage(conn, scan, staged, read, checkpoint=None)
        gone = await actions.compare(conn, watch, scan, asked=False)
        outcome = await actions.merge(
            conn,
            watch,
            scan,
            gone=gone,
            asked=False,
            absent_at=None,
            platform=target.platform,
            instance=target.instance,
            at=now,
        )
        await scans.finish(conn, scan, outcome, at=now, claimed=None)
        await evidence.credit_scan(conn, target, Action.LIKE, scan_id=scan.id, started_at=now)
    return scan


async def test_the_very_answers_are_found_while_they_are_kept(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await started(stage, await connected(stage))
        scan = await _read(stage, contest, [["ann", "annabel"], ["bob"]])
        await judge(stage, contest)
        key = (contest.workspace_id, contest.id)
        bob, ann = [await entrant(stage, contest, name) for name in ("bob", "ann")]
        found = await read_evidence(stage.rt, *key, bob.id)
        (presence,) = found.presences
        assert (presence.account, presence.action) == (account("bob"), Action.LIKE)
        assert presence.seen_scan == presence.scan_id == scan.id
        (seen_in,) = found.scans
        assert (seen_in.id, seen_in.is_exact, seen_in.pages) == (scan.id, True, 2)
        (page,) = seen_in.found_in
        body = await read_page(stage.rt, contest, scan.id, page.seq)
        assert body == _body(["bob"])
        assert hashlib.sha256(body).hexdigest() == page.sha256
        # A name within a longer one is nobody.
        (of_ann,) = (await read_evidence(stage.rt, *key, ann.id)).scans
        assert [each.seq for each in of_ann.found_in] == [0]

        async with stage.transaction() as conn:
            await conn.execute("UPDATE scan_pages SET body = NULL WHERE seq = 1")
        (later,) = (await read_evidence(stage.rt, *key, bob.id)).scans
        assert (later.is_exact, later.found_in) == (False, [])
        with pytest.raises(NotFoundError, match="not kept"):
            await read_page(stage.rt, contest, scan.id, 1)


async def test_nothing_is_told_of_scans_on_which_the_contest_does_not_rest(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await started(stage, await connected(stage))
        with pytest.raises(NotFoundError):
            await read_page(stage.rt, contest, uuid4(), 0)
        with pytest.raises(NotFoundError):
            await read_evidence(stage.rt, contest.workspace_id, contest.id, uuid4())
