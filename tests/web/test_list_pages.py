"""Lists of accounts, and entries without accounts, by page: from a file in two steps, and back."""

import base64
from typing import Any

import httpx
import pytest
from api.staged import Stage
from litestar import Litestar

from contest_service.store import lists
from contest_service.store.rows import Connection
from web.decided import Team, assembled, may_not
from web.desks import BASE, Desk

ENTERED = {"kind": "any_of", "of": [{"kind": "liked"}, {"kind": "entered"}]}
LIST = b"account,platform,reason,expires_at\ndid:plc:mallory,bluesky,cheated,2030-01-31\n"
PEOPLE = b"reference;label\nform 1;Ann\nform 2;Bob\n"


async def bring(desk: Desk, path: str, data: bytes, **fields: str) -> httpx.Response:
    """Choose a file in a form of this page, and send it."""
    sent = {"csrf": desk.hidden(), "once": desk.hidden("once"), **fields}
    desk.page = await desk.client.post(
        path,
        data=sent,
        files={"file": ("a.csv", data, "text/csv")},
        headers={"Origin": BASE, "Sec-Fetch-Site": "same-origin"},
        follow_redirects=True,
    )
    return desk.page


@pytest.fixture
async def team(app: Litestar, connection: Connection, stage: Stage) -> Team:
    return await assembled(app, connection, stage, rules=ENTERED)


async def test_a_list_is_made_filled_and_saved(team: Team, connection: Connection) -> None:
    home = f"/w/{team.contest.workspace_id}/lists"
    desk = team.editor
    await desk.open(home)
    assert "No lists yet" in desk.text
    assert (await desk.send(home, name="")).status_code == 422
    await desk.send(home, name="Cheats")
    assert "The list is made." in desk.text
    where = desk.here.partition("?")[0]
    assert "Nobody is on this list" in desk.text
    answer = await desk.send(home, name="Cheats")
    assert answer.status_code == 409
    assert "There is a list called" in desk.text

    await desk.open(where)
    answer = await desk.send(
        f"{where}/accounts", account="nobody at all", reason="cheated", expires_at="soon"
    )
    assert answer.status_code == 422
    assert "give a day such as 2027-01-31" in desk.text
    assert 'value="nobody at all"' in desk.page.text
    await desk.send(
        f"{where}/accounts", account="did:plc:eve", reason="works here", expires_at="2031-05-01"
    )
    assert "Put on the list." in desk.text
    assert {"did:plc:eve", "2031,"} <= set(desk.text.split())
    assert "works here" in desk.text

    await bring(desk, f"{where}/file", b"account,until\nx,y\n")
    assert "names a column" in desk.text
    await bring(desk, f"{where}/file", LIST)
    assert "Put 1 account on the list" in desk.text
    assert await connection.fetchval("SELECT count(*) FROM list_accounts") == 1
    kept = desk.hidden("kept")
    assert base64.b64decode(kept) == LIST
    await desk.send(f"{where}/file", kept=kept)
    assert await connection.fetchval("SELECT count(*) FROM list_accounts") == 2
    for broken in ("%%%", "ж"):
        assert (await desk.send(f"{where}/file", kept=broken)).status_code == 422
    saved = await team.auditor.client.get(f"{where}/file")
    assert "did:plc:mallory" in saved.text
    assert saved.headers["content-disposition"].endswith('.csv"')

    key: dict[str, Any] = {"platform": "bluesky", "instance": "", "account": "did:plc:eve"}
    assert await may_not(team.auditor, f"{where}/accounts/remove", **key)
    await desk.open(where)
    await desk.send(f"{where}/accounts/remove", **key)
    assert "Taken off the list." in desk.text
    assert await connection.fetchval("SELECT count(*) FROM list_accounts") == 1
    await desk.send(f"{where}/accounts/remove", **key)
    assert "it was so already" in desk.text
    removals = "SELECT count(*) FROM audit_log WHERE action = 'list.accounts_removed'"
    assert await connection.fetchval(removals) == 1
    await desk.send(f"{where}/delete")
    assert "The list is deleted." in desk.text
    assert (await desk.open(where)).status_code == 404


async def test_entries_are_looked_through_brought_in_and_taken_back(
    team: Team, connection: Connection
) -> None:
    where = f"{team.home}/imports"
    desk = team.editor
    await desk.open(where)
    assert "Nothing was brought in" in desk.text
    answer = await bring(desk, where, b"reference,label\n1,ann@mail.test\n,Bob\n")
    assert answer.status_code == 422
    assert "looks like an e-mail address" in desk.text
    assert "Nothing was taken from the file." in desk.text
    await bring(desk, where, PEOPLE)
    assert "2 entries can be brought in." in desk.text
    assert await connection.fetchval("SELECT count(*) FROM imported_entries") == 0
    await desk.send(where, kept=desk.hidden("kept"))
    assert "The entries are brought in." in desk.text
    assert await connection.fetchval("SELECT count(*) FROM imported_entries") == 2
    await bring(desk, where, PEOPLE)
    await desk.send(where, kept=desk.hidden("kept"))
    assert "has entered already" in desk.text
    found = await connection.fetchval("SELECT id FROM imports")
    assert await may_not(team.auditor, f"{where}/{found}/undo", why="wrong")
    await desk.open(where)
    assert (await desk.send(f"{where}/{found}/undo", why="")).status_code == 422
    assert "Say why it is taken back." in desk.text
    await desk.send(f"{where}/{found}/undo", why="The wrong file")
    assert "The wrong file" in desk.text
    assert "Take 2 entries back" not in desk.text
    answer = await bring(desk, where, b"x" * (1024 * 1024 + 1))
    assert answer.status_code == 422
    assert "larger than 1 MB" in desk.text


async def test_whom_the_rules_keep_out_is_said_with_where_it_stands(
    app: Litestar, connection: Connection, stage: Stage
) -> None:
    async with connection.transaction():
        workspace = await stage.workspace()
        made = await lists.create_list(connection, workspace, "Cheats", now=stage.rt.clock())
    excluding = [
        {"kind": "not_listed", "list_id": str(made.id), "name": "Rule breakers"},
        {"kind": "not_past_winner", "days": 30},
    ]
    rules = {"kind": "all_of", "of": [{"kind": "liked"}, *excluding]}
    team = await assembled(app, connection, stage, rules=rules)
    # No platform of this contest tells who is staff, so that such rules do not start.
    rules["of"] = [*excluding, {"kind": "not_staff"}]
    await connection.execute(
        "UPDATE contests SET definition = jsonb_set(definition, '{rules}', $1)", rules
    )
    await team.auditor.open(f"{team.home}/exclusions")
    text = team.auditor.text
    assert {"Cheats", "30"} <= set(text.split())
    assert "the terms call it “Rule breakers”" in text
    assert "not told: nobody is taken for a stranger by that" in text
    assert "Nobody has won anything in that time." in text
    await connection.execute(
        "INSERT INTO staff (workspace_id, community_id, accounts, read_at, tried_at, failure)"
        " SELECT workspace_id, id, '{did:plc:boss}', now(), now(), '' FROM communities"
    )
    await connection.execute("DELETE FROM lists")
    await team.auditor.open(f"{team.home}/exclusions")
    assert "did:plc:boss" in team.auditor.text
    assert "Cheats" not in team.auditor.text


async def test_rules_that_keep_nobody_out_say_so(team: Team) -> None:
    await team.auditor.open(f"{team.home}/exclusions")
    assert "The rules keep nobody out" in team.auditor.text
