"""Decisions as people see them: every page of them, on phone and desk, in both languages."""

from typing import Any

from api.staged import Stage
from litestar import Litestar

from contest_service.store import lists
from contest_service.store.rows import Connection
from web.conftest import Visit
from web.decided import assembled
from web.test_appeal_pages import asked
from web.test_holding_pages import measured
from web.test_list_pages import LIST
from web.test_question_pages import said
from web.visits import Seen

RULES = {"kind": "any_of", "of": [{"kind": "liked"}, {"kind": "commented"}, {"kind": "entered"}]}
WAYS: tuple[dict[str, Any], ...] = (
    {"phone": True, "language": "ru"},
    {"dark": True},
)


async def look_at(seen: Seen, path: str, name: str) -> None:
    """Look at another page in the same window."""
    answer = await seen.go(path)
    assert answer.ok, path
    await check(seen, name)


async def check(seen: Seen, name: str) -> None:
    await seen.shot(name)
    assert await seen.axe() == []
    assert not await seen.overflows()


async def test_every_page_of_decisions_can_be_read(
    visit: Visit, app: Litestar, connection: Connection, stage: Stage
) -> None:
    team = await assembled(
        app,
        connection,
        stage,
        rules=RULES,
        holding={},
        title="A mug for the patient",
        names=("ann", "bob", "eve", "zoe", "kim"),
    )
    ann, bob, eve, zoe, kim = team.ids
    await measured(connection, team, 100, 90, 80, 70)
    where = f"{team.root}/entrants/{ann}"
    await team.editor.open(where)
    await team.editor.send(
        f"{where}/override", kind="exclude", reason="staff", note="The brother of our colleague"
    )
    await team.editor.open(f"{team.home}/held/choose?entrant={eve}&entrant={zoe}")
    await team.editor.send(
        f"{team.home}/held/hold",
        entrant=[str(eve), str(zoe)],
        reason="suspected-farm",
        note="Made on the same night",
    )
    appeal = await asked(connection, stage, team, "I did like it, look again please.", 1)
    await said(connection, stage, team, ann="А когда итоги", bob="Do you ship to Peru?")
    async with connection.transaction():
        blocked = await lists.create_list(
            connection, team.contest.workspace_id, "Cheats", now=stage.rt.clock()
        )
    pages = (
        (team.home, "decisions"),
        (f"{team.home}/held", "held"),
        (f"{team.home}/held/choose?entrant={ann}&entrant={kim}", "holding"),
        (f"{team.home}/appeals", "appeals"),
        (appeal, "appeal"),
        (f"{team.home}/questions", "questions"),
        (f"{team.home}/imports", "imports"),
        (f"{team.home}/exclusions", "exclusions"),
        (f"{team.root}/entrants/{bob}", "entrant-by-hand"),
        (f"{team.root}/what-if?threshold=20", "what-if-holding"),
        (f"{team.root}/entrants?score=1", "entrants-choosing"),
        (f"/w/{team.contest.workspace_id}", "desk-waiting"),
        (f"/w/{team.contest.workspace_id}/lists", "lists"),
    )
    where = f"/w/{team.contest.workspace_id}/lists/{blocked.id}"
    cookies = ({"name": "session", "value": team.secrets["other"]},)
    for way in WAYS:
        seen = await visit(team.home, cookies=cookies, **way)
        for path, name in pages:
            await look_at(seen, path, name)
        for data, name in ((LIST, "list-file"), (b"account\n?\n", "list-faults")):
            await seen.go(where)
            await seen.page.eval_on_selector(
                "details:has([enctype])", "each => { each.open = true; }"
            )
            file: Any = {"name": "a.csv", "mimeType": "text/csv", "buffer": data}
            await seen.page.set_input_files("input[type=file]", file)
            await seen.page.locator("form[enctype] button").click()
            await seen.page.wait_for_selector("#looked")
            await check(seen, name)
    await connection.execute("UPDATE contests SET status = 'closing'")
    owner = ({"name": "session", "value": team.secrets["owner"]},)
    seen = await visit(team.home, cookies=owner, **WAYS[0])
    await check(seen, "decisions-closing")
