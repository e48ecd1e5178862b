"""What persons decide by hand while a contest runs: overrides, by two of them, and who may."""

from typing import Any
from uuid import UUID

import pytest
from api.staged import Stage
from litestar import Litestar

from contest_service.store.rows import Connection
from web.decided import Team, assembled, may_not

MANY = """
INSERT INTO override_proposals (workspace_id, contest_id, kind, entrant_id, reason, proposed_by,
    proposed_role, proposed_at)
SELECT $1, $2, 'exclude', uuidv7(), 'fraud', m.person_id, m.role, now()
FROM memberships m, generate_series(1, 53) AS n
WHERE m.workspace_id = $1 AND m.role = 'editor'
"""


@pytest.fixture
async def team(app: Litestar, connection: Connection, stage: Stage) -> Team:
    return await assembled(app, connection, stage)


async def test_two_persons_keep_somebody_out_and_take_it_back(team: Team, connection: Any) -> None:
    ann = team.ids[0]
    await team.editor.open(f"{team.root}/entrants/{ann}")
    assert "Keep them out against what the rules say" in team.editor.text
    await team.editor.send(
        f"{team.root}/entrants/{ann}/override", kind="exclude", reason="staff", note="Her brother"
    )
    assert "It is proposed." in team.editor.text
    assert "waits for a second person" in team.editor.text

    # Whoever proposed it cannot approve it, nor an editor, nor an auditor; a second owner can.
    await team.editor.open(team.home)
    assert "You proposed this. Another person, an owner, has to approve it." in team.editor.text
    assert "/approve" not in team.editor.page.text
    await team.auditor.open(team.home)
    assert "Her brother" in team.auditor.text
    assert '<form method="post"' not in team.auditor.page.text
    await team.other.open(f"/w/{team.contest.workspace_id}")
    assert "1 decision waits for a second person" in team.other.text
    await team.other.open(team.home)
    assert {"Her brother", "works for the organiser"} <= _said(team.other.text)
    override = await connection.fetchval("SELECT id FROM override_proposals")
    for desk in (team.editor, team.auditor):
        assert await may_not(desk, f"{team.home}/overrides/{override}/approve")
    await team.other.open(team.home)
    sent: Any = {name: team.other.hidden(name) for name in ("csrf", "once")}
    await team.other.send(f"{team.home}/overrides/{override}/approve", **sent)
    assert "It is approved, and in force." in team.other.text
    assert "Nothing waits" in team.other.text
    # The same form once more leads where it led.
    assert (await team.other.send(f"{team.home}/overrides/{override}/approve", **sent)).is_success
    sent["once"] = "\0"
    answer = await team.other.send(f"{team.home}/overrides/{override}/approve", **sent)
    assert answer.status_code == 409, "no key, so it was done anew"

    await team.owner.open(team.home)
    assert "in force" in team.owner.text
    await team.owner.send(f"{team.home}/overrides/{override}/withdraw")
    assert "taken back" in team.owner.text
    actions = await connection.fetch("SELECT action FROM audit_log WHERE action LIKE '%override%'")
    assert [each["action"].rpartition("_")[2] for each in actions] == [
        "proposed", "effective", "withdrawn",
    ]  # fmt: skip


def _said(text: str) -> set[str]:
    """The phrases of this test that a page says."""
    return {each for each in ("Her brother", "works for the organiser") if each in text}


async def test_ones_own_proposal_is_not_approved_by_oneself(team: Team, connection: Any) -> None:
    where = f"{team.root}/entrants/{team.ids[0]}"
    await team.owner.open(where)
    await team.owner.send(f"{where}/override", kind="exclude", reason="fraud")
    override = await connection.fetchval("SELECT id FROM override_proposals")
    await team.owner.open(team.home)
    answer = await team.owner.send(f"{team.home}/overrides/{override}/approve")
    assert answer.status_code == 403
    assert "Another person has to approve what you proposed" in team.owner.text
    await team.other.open(team.home)
    await team.other.send(f"{team.home}/overrides/{override}/withdraw")
    assert "It is taken back." in team.other.text


async def test_what_is_wrong_with_a_proposal_is_told_where_it_was_made(team: Team) -> None:
    where = f"{team.root}/entrants/{team.ids[1]}"
    await team.owner.open(where)
    answer = await team.owner.send(f"{where}/override", kind="exclude", note="Because")
    assert answer.status_code == 422
    assert "Fill this in." in team.owner.text
    assert ">Because</textarea>" in team.owner.page.text
    answer = await team.owner.send(f"{where}/override", kind="admit", reason="platform-fault")
    assert answer.status_code == 409
    assert "there is nothing to admit" in team.owner.text
    await team.auditor.open(where)
    assert "Propose to keep them out" not in team.auditor.text
    assert await may_not(team.auditor, f"{where}/override", kind="exclude", reason="staff")


async def test_whoever_is_alone_is_told_of_the_delay(
    app: Litestar, connection: Connection, stage: Stage
) -> None:
    alone = await assembled(app, connection, stage)
    await connection.execute("DELETE FROM memberships WHERE role = 'owner' AND person_id <> ("
        "SELECT proposer FROM (SELECT min(person_id::text)::uuid AS proposer FROM memberships"
        " WHERE role = 'owner') m)")  # fmt: skip
    where = f"{alone.root}/entrants/{alone.ids[0]}"
    await alone.owner.open(where)
    assert "Nobody else could approve it" in alone.owner.text
    await alone.owner.send(f"{where}/override", kind="exclude", reason="own-request")
    await alone.owner.open(alone.home)
    assert "Takes effect by itself" in alone.owner.text
    assert "Until then everybody can see it." in alone.owner.text


async def test_going_on_below_the_coverage_is_proposed_and_approved(
    team: Team, connection: Any
) -> None:
    await team.owner.open(team.home)
    assert "Too little was seen" not in team.owner.text
    await connection.execute("UPDATE contests SET status = 'closing'")
    await team.editor.open(team.home)
    assert "Only an owner can propose to go on." in team.editor.text
    assert await may_not(team.editor, f"{team.home}/coverage", reason="The counter is wrong")
    await team.owner.open(team.home)
    answer = await team.owner.send(f"{team.home}/coverage", reason="")
    assert answer.status_code == 422
    await team.owner.send(f"{team.home}/coverage", reason="The counter is wrong")
    assert "It is proposed." in team.owner.text
    override = await connection.fetchval("SELECT id FROM override_proposals")
    await team.other.open(team.home)
    assert "The counter is wrong" in team.other.text
    await team.other.send(f"{team.home}/overrides/{override}/approve")
    assert "It is approved, and in force." in team.other.text


async def test_a_disqualification_waits_with_the_others(team: Team, stage: Stage) -> None:
    frozen = await stage.freeze(team.contest)
    entry = f"{team.root}/winners/{team.ids[0]}"
    await team.editor.open(f"{team.root}/entrants/{team.ids[0]}")
    assert "To their entry" in team.editor.text
    await team.editor.open(entry)
    await team.editor.send(f"{entry}/out", reason="fraud")
    await team.editor.open(team.home)
    assert "You proposed this. Another person, an owner, has to approve it." in team.editor.text
    await team.other.open(f"/w/{frozen.workspace_id}")
    assert "1 decision waits for a second person" in team.other.text
    await team.other.open(team.home)
    assert "Disqualify ann" in team.other.text
    assert "Once it is approved it cannot be taken back." in team.other.text
    forms = [each for each in team.other.page.text.split('action="') if "/approve" in each]
    await team.other.send(forms[0].partition('"')[0])
    await team.other.open(team.home)
    assert "Disqualify ann" not in team.other.text


async def test_many_proposals_stand_on_pages(team: Team, connection: Any) -> None:
    await connection.execute(MANY, team.contest.workspace_id, team.contest.id)
    await team.other.open(team.home)
    assert team.other.page.text.count('<article class="decision">') == 50
    (further,) = [each for each in team.other.page.text.split('"') if each.startswith("?open=")]
    await team.other.open(team.home + further)
    assert team.other.page.text.count('<article class="decision">') == 3
    assert "… more" not in team.other.text
    await team.other.open(f"{team.home}?open={UUID(int=2**128 - 1)}")
    assert "No more wait" in team.other.text


async def test_decisions_of_others_are_not_found(
    team: Team, app: Litestar, connection: Connection, stranger: Any
) -> None:
    elsewhere = (await stranger.get("/v1/me")).json()["workspace"]["id"]
    for path in ("", "/held", "/held/choose", "/appeals", "/questions"):
        # The first owner made the other workspace, too.
        answer = await team.owner.open(f"/w/{elsewhere}/contests/{team.contest.id}/decisions{path}")
        assert answer.status_code == 404
        answer = await team.other.open(f"/w/{elsewhere}/contests/{team.contest.id}/decisions{path}")
        assert answer.status_code == 404
