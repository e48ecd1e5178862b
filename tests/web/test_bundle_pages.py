"""What proves a contest, taken along by session, and checked without the service."""

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from api.staged import Stage
from litestar import Litestar

from contest_service.domain.people import Role
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection
from web.announced import announced
from web.conftest import Visit
from web.desks import person, signed_in
from web.signed_in import sign_in
from web.test_draw_page import listed
from web.test_running_pages import looked_at

PRACTICE = 3
"""What `verify.py` exits with for a practice draw that was computed as it says."""
VERIFY = Path("contest_service/proof/verify.py")


def page_of(contest: Contest) -> str:
    return f"/w/{contest.workspace_id}/contests/{contest.id}/bundles"


@pytest.mark.parametrize("edition", ["public", "dispute"])
async def test_a_bundle_is_taken_along_on_record_and_holds_offline(
    app: Litestar, stage: Stage, connection: Connection, tmp_path: Path, edition: str
) -> None:
    contest = await announced(app, stage)
    auditor = await person(connection, contest.workspace_id, Role.AUDITOR, name="Au")
    desk = await signed_in(app, connection, auditor)
    answer = await desk.open(f"{page_of(contest)}/{edition}")
    assert answer.headers["content-type"] == "application/zip"
    assert f"contest-{contest.id}-{edition}.zip" in answer.headers["content-disposition"]
    path = tmp_path / "bundle.zip"
    path.write_bytes(answer.content)
    checked = subprocess.run(
        [sys.executable, VERIFY, path, "--practice"], capture_output=True, text=True, check=False
    )
    assert checked.returncode == PRACTICE, checked.stdout
    await desk.open(page_of(contest))
    text = re.sub(r"\s", "", desk.text)
    assert hashlib.sha256(answer.content).hexdigest() in text
    assert f"{edition.capitalize()}edition" in text
    assert (await desk.open(f"{page_of(contest)}/secret")).status_code == 404


async def test_a_stranger_gets_nothing(app: Litestar, stage: Stage, connection: Connection) -> None:
    contest = await announced(app, stage)
    elsewhere = await connection.fetchval(
        "INSERT INTO workspaces (name) VALUES ('Elsewhere') RETURNING id"
    )
    desk = await signed_in(
        app, connection, await person(connection, elsewhere, Role.OWNER, name="Eve")
    )
    for path in (page_of(contest), f"{page_of(contest)}/dispute"):
        assert (await desk.open(path)).status_code == 404
        own = path.replace(str(contest.workspace_id), str(elsewhere))
        assert (await desk.open(own)).status_code == 404


async def test_the_page_says_what_can_be_proved_by_now(
    app: Litestar, visit: Visit, stage: Stage, connection: Connection
) -> None:
    draft = await stage.draft()
    cookies = ({"name": "session", "value": await sign_in(stage)},)
    seen = await visit(page_of(draft), cookies=cookies)
    assert "Nothing to prove yet" in await seen.text()
    assert await seen.axe() == []
    await connection.execute("DELETE FROM contest_posts")
    await connection.execute("DELETE FROM targets")
    await connection.execute("DELETE FROM communities")
    contest = await announced(app, stage)
    seen = await looked_at(visit, page_of(contest), "bundles", cookies=cookies)
    async with seen.page.expect_download() as waiting:
        await seen.page.get_by_role("link", name="Download the dispute edition").click()
    assert (await (await waiting.value).path()).stat().st_size > 1000
    await seen.go(page_of(contest))
    await seen.shot("bundles-taken")
    assert "Dispute edition" in await seen.text("tbody")


async def test_before_the_draw_it_grades_nothing(visit: Visit, stage: Stage) -> None:
    contest = await listed(stage, "ann")
    cookies = ({"name": "session", "value": await sign_in(stage)},)
    seen = await visit(page_of(contest), cookies=cookies)
    assert "Not graded yet" in await seen.text()
