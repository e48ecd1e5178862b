"""The life of a contest on the real network, step by step, with a clock that can be moved."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from contest_service.domain.contest import Status
from contest_service.flows import life
from contest_service.flows.export import export_bundle
from contest_service.flows.ledger import load_chain
from contest_service.flows.succeed import name_slots
from contest_service.proof.bundle import Edition
from contest_service.store import announcements, contests, notices
from contest_service.store.announcements import AnnouncementKind
from contest_service.store.notices import How
from flows.stage import VERIFY, Stage, definition, open_stage, verdicts


async def test_contest_lives_from_start_to_announcement(
    pool: Any, network: Any, tmp_path: Path
) -> None:
    page, stays, leaves, unfollowed, lurker = network.people(5, "life")
    post = page.post("Win a mug")
    stays.like(post)
    like = leaves.like(post)
    unfollowed.like(post)
    for person in (stays, leaves, lurker):
        person.follow(page)
    network.settle()
    async with open_stage(pool, tmp_path, network.hosts) as stage:
        community = await stage.community(page, network.endpoints)
        contest = await stage.contest(definition(stage), community, [post.uri])
        async with stage.transaction() as conn:
            contest = await life.start_contest(
                conn, stage.rt, stage.actor, contest.id, now=stage.now()
            )
        assert contest.status is Status.RUNNING
        await stage.work()
        assert await verdicts(stage, contest) == {
            stays.did: "all_conditions_hold",
            leaves.did: "all_conditions_hold",
            unfollowed.did: "follows.not_seen",
        }
        leaves.undo(like)
        network.settle()
        for moment in (contest.closes_at, contest.freeze_at, contest.draw_at):
            stage.pass_time(moment + timedelta(seconds=2))
            await stage.work()
        async with pool.acquire() as conn:
            contest = await contests.read(conn, contest.workspace_id, contest.id)
            chain = await load_chain(conn, contest)
            ((winner,),) = await name_slots(conn, contest, chain)
            rows = await announcements.of_contest(conn, contest.workspace_id, contest.id)
            (told,) = await notices.list_page(
                conn, contest.workspace_id, contest.id, after=None, limit=2
            )
        assert contest.status is Status.ANNOUNCED
        assert await verdicts(stage, contest) == {
            stays.did: "all_conditions_hold",
            leaves.did: "liked.undone",
            unfollowed.did: "follows.not_seen",
        }
        assert winner.label == f"@{stays.handle}"
        assert [row.kind for row in rows] == [AnnouncementKind.FREEZE, AnnouncementKind.RESULT]
        assert (chain.freeze_hash or b"").hex() in rows[0].text
        assert (told.account, told.how, told.told_ref) == (
            stays.did,
            How.MENTION,
            rows[1].published_ref,
        )
        assert _mentioned(network, told.told_ref) == [stays.did]
        for edition in Edition:
            report = await _verify(stage, contest.workspace_id, contest.id, edition, tmp_path)
            assert report["verdict"] == "practice", report
            assert report["final"] == [[{
                "tier": "mug", "commit": winner.commitment, "ticket": winner.ticket,
            }]]  # fmt: skip


def _mentioned(network: Any, uri: str) -> list[str]:
    """Whom a post mentions in the way that notifies."""
    network.settle()
    [shown] = network.reader().app.bsky.feed.get_posts({"uris": [uri]}).posts
    features = [feature for facet in shown.record.facets for feature in facet.features]
    return [feature.did for feature in features if hasattr(feature, "did")]


async def _verify(
    stage: Stage, workspace_id: Any, contest_id: Any, edition: Edition, folder: Path
) -> dict[str, Any]:
    """Export a bundle and check it with the standalone verifier, in an interpreter of its own."""
    path = folder / f"{edition}.zip"
    with path.open("wb") as file:
        async for piece in export_bundle(stage.rt, workspace_id, contest_id, edition):
            file.write(piece)
    done = subprocess.run(
        [sys.executable, "-I", "-S", VERIFY, "--practice", "--json", path],
        capture_output=True,
        check=False,
    )
    return dict(json.loads(done.stdout), status=done.returncode)
