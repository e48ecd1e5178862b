"""Appeals by page: what an entrant asks, what is known beside it, the answer, and who reads it."""

from typing import Any

from api.staged import Stage
from litestar import Litestar

from contest_service.domain.evidence import Said
from contest_service.flows import own
from contest_service.store import appeals, contests, entrants
from contest_service.store.ownerships import Network
from contest_service.store.rows import Connection
from web.decided import Team, assembled, may_not
from web.desks import Desk, browser


async def asked(connection: Connection, stage: Stage, team: Team, text: str, place: int) -> str:
    """Let an entrant ask to be checked again; return where the appeal is answered."""
    contest = team.contest
    entrant = await entrants.read(connection, contest.workspace_id, contest.id, team.ids[place])
    assert entrant is not None
    made = await appeals.make(connection, contest, entrant, text=text, at=stage.rt.clock())
    return f"{team.home}/appeals/{made.id}"


async def shown(app: Litestar, connection: Connection, stage: Stage, team: Team) -> Desk:
    """The browser of ann, who has shown that the account is hers."""
    desk = browser(app)
    where = f"/contests/{team.contest.id}/check/own"
    await desk.client.post(where, data={"account": "did:plc:ann"})
    await desk.open(where)
    code = next(each for each in desk.text.split() if each.count("-") >= 1 and each.isupper())
    network = Network(
        workspace_id=team.contest.workspace_id, platform="bluesky", instance="localhost:2582"
    )
    async with connection.transaction():
        said = [Said(account="did:plc:ann", text=code)]
        assert await own.notice(connection, network, said, at=stage.rt.clock()) == 1
    await desk.open(where)
    return desk


async def test_an_appeal_is_answered_with_what_is_so_and_read_where_it_was_made(
    app: Litestar, connection: Connection, stage: Stage
) -> None:
    team = await assembled(app, connection, stage)
    ann = await shown(app, connection, stage, team)
    await ann.client.post(
        f"/contests/{team.contest.id}/check/own/again", data={"text": "I did like it"}
    )
    await team.editor.open(f"{team.home}/appeals")
    assert "I did like it" in team.editor.text
    assert "Not answered yet · 1" in team.editor.text
    (appeal,) = await appeals.list_page(connection, team.contest, state=None, after=None, limit=2)
    where = f"{team.home}/appeals/{appeal.id}"
    await team.editor.open(where)
    assert "They were not checked again yet since they asked." in team.editor.text
    assert "Denied: checked again" not in team.editor.text
    answer = await team.editor.send(where, outcome="unchanged", text="You take part.")
    assert answer.status_code == 409
    assert ">You take part.</textarea>" in team.editor.page.text
    await contests.set_judged(connection, team.contest, stage.rt.clock())
    answer = await team.editor.send(where, outcome="", text="")
    assert answer.status_code == 422
    assert team.editor.text.count("Fill this in.") == 2
    assert "Denied: checked again, the verdict stays" in team.editor.text
    assert await may_not(team.auditor, where, outcome="unchanged", text="No.")
    await team.editor.open(where)
    await team.editor.send(where, outcome="unchanged", text="You take part.")
    assert "The answer is given." in team.editor.text
    assert "Nobody waits for an answer" in team.editor.text
    await team.editor.open(where)
    assert "You take part." in team.editor.text
    assert "Editor" in team.editor.text
    await ann.open(f"/contests/{team.contest.id}/check/own")
    assert "You take part." in ann.text
    assert "You were checked again, and the verdict stays." in ann.text


async def test_the_oldest_stand_first_and_an_override_upholds(
    app: Litestar, connection: Connection, stage: Stage
) -> None:
    team = await assembled(app, connection, stage)
    first = await asked(connection, stage, team, "The first to ask", 1)
    await asked(connection, stage, team, "The second to ask", 2)
    await team.owner.open(f"{team.home}/appeals")
    text = team.owner.text
    assert text.index("The first to ask") < text.index("The second to ask")
    await team.other.open(f"/w/{team.contest.workspace_id}")
    assert "2 appeals are open" in team.other.text
    bob = f"{team.root}/entrants/{team.ids[1]}"
    await team.owner.open(first)
    assert "Upheld: we decide otherwise by hand" not in team.owner.text
    await team.owner.open(bob)
    assert "The first to ask" in team.owner.text
    await team.owner.send(f"{bob}/override", kind="exclude", reason="own-request")
    await team.owner.open(first)
    await team.owner.send(first, outcome="override_proposed", text="You asked to be out.")
    assert "The answer is given." in team.owner.text
    await team.owner.open(f"{team.home}/appeals?state=answered")
    assert "Upheld: we decide otherwise by hand" in team.owner.text
    answer: Any = await team.owner.open(f"{team.home}/appeals/{team.ids[0]}")
    assert answer.status_code == 404
