"""Lives in which the platform, the post or the credential fails, on the real network."""

import secrets
from pathlib import Path
from typing import Any

import msgspec
import pytest
from network.detour import Answer, Request

from contest_service.domain.contest import Status
from contest_service.flows import connect
from contest_service.platforms.bluesky import xrpc
from contest_service.store import announcements
from contest_service.store.announcements import AnnouncementKind
from contest_service.store.communities import Health
from flows.lives import Life, living

POSTPONED = ["amend"] * 6


def _out_of_order(request: Request) -> Answer | None:
    if request.name != "app.bsky.feed.getLikes":
        return None
    return Answer(status=503, headers={}, body=b"")


async def _until_it_ends(lived: Life) -> None:
    """Let one freeze time after the other pass."""
    await lived.until("closes_at")
    for _ in range(10):
        if (await lived.until("freeze_at")).status is not Status.CLOSING:
            return


async def _reconnect(lived: Life) -> None:
    """Give the page's community a new app password."""
    rt, actor = lived.stage.rt, lived.stage.actor
    community = await lived.community()
    credential = {
        "identifier": lived.page.handle,
        "app_password": lived.page.make_app_password(secrets.token_hex(4)),
    }
    new = await connect.sign_in_again(rt, actor, community.id, msgspec.json.encode(credential))
    async with lived.stage.transaction() as conn:
        await connect.replace_credential(conn, actor, community.id, new, now=lived.stage.now())


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks Bluesky in vain asks again at once."""
    monkeypatch.setattr(xrpc, "FIRST_PAUSE", 0.001)


@pytest.mark.usefixtures("hasty")
async def test_closing_scans_that_never_finish_postpone_six_times_and_then_make_it_void(
    pool: Any, network: Any, roads: Any, tmp_path: Path
) -> None:
    async with living(pool, network, tmp_path, endpoints=roads.endpoints) as lived:
        roads.appview.answer_itself = _out_of_order
        await _until_it_ends(lived)
        contest = await lived.contest()
        assert (contest.status, contest.void_reason) == (Status.VOID, "evidence-incomplete")
        assert await lived.events() == ["rules", *POSTPONED, "void", "close"]
        assert await lived.announced() == [AnnouncementKind.AMENDMENT] * 6 + [AnnouncementKind.VOID]
        assert set((await lived.verdicts()).values()) == {"all_conditions_hold"}


@pytest.mark.usefixtures("hasty")
async def test_a_closing_scan_that_fails_for_a_while_only_postpones(
    pool: Any, network: Any, roads: Any, tmp_path: Path
) -> None:
    async with living(pool, network, tmp_path, endpoints=roads.endpoints) as lived:
        roads.appview.answer_itself = _out_of_order
        await lived.until("closes_at")
        postponed = await lived.until("freeze_at")
        assert postponed.status is Status.CLOSING
        assert "not complete" in postponed.obstacle
        roads.appview.answer_itself = lambda _request: None
        assert (await lived.until("freeze_at")).status is Status.FROZEN
        assert (await lived.until("draw_at")).status is Status.ANNOUNCED
        assert await lived.events() == ["rules", "amend", "freeze", "result"]


async def test_a_contest_post_that_is_deleted_makes_it_void_and_that_is_published_alone(
    pool: Any, network: Any, tmp_path: Path
) -> None:
    async with living(pool, network, tmp_path) as lived:
        lived.page.undo(lived.post.uri)
        network.settle()
        await lived.until("closes_at")
        assert "deleted" in (await lived.until("freeze_at")).obstacle
        await _until_it_ends(lived)
        contest = await lived.contest()
        assert (contest.status, contest.void_reason) == (Status.VOID, "evidence-incomplete")
        assert (await lived.announced())[-1] is AnnouncementKind.VOID
        # Nobody's like was undone: there is nothing left that could show it.
        assert set((await lived.verdicts()).values()) == {"all_conditions_hold"}


async def test_a_revoked_credential_holds_up_announcements_until_a_person_gives_another(
    pool: Any, network: Any, tmp_path: Path
) -> None:
    async with living(pool, network, tmp_path) as lived:
        await lived.until("closes_at")
        lived.page.revoke_app_passwords()
        async with pool.acquire() as conn:
            await conn.execute("UPDATE communities SET session = NULL")
        frozen = await lived.until("freeze_at")
        # The page is read without signing in, so evidence and the freeze go on.
        assert frozen.status is Status.FROZEN
        assert (await lived.community()).health is Health.RECONNECT
        async with pool.acquire() as conn:
            (row,) = await announcements.of_contest(conn, frozen.workspace_id, frozen.id)
        assert (row.state, row.kind) == ("due", AnnouncementKind.FREEZE)
        assert row.failure
        await lived.until("draw_at")
        await _reconnect(lived)
        await lived.stage.work()
        assert (await lived.contest()).status is Status.ANNOUNCED
        assert await lived.announced() == [AnnouncementKind.FREEZE, AnnouncementKind.RESULT]
        assert (await lived.community()).health is Health.HEALTHY
