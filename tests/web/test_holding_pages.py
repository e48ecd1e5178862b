"""Holding for checking by page: one, several, all above a score; and letting go."""

from typing import Any
from uuid import UUID, uuid4

from api.staged import Stage
from litestar import Litestar

from contest_service.domain.signals import scores
from contest_service.store import signals
from contest_service.store.rows import Connection
from contest_service.store.signals import Measurement
from web.decided import Team, assembled, may_not

HOLDING: dict[str, Any] = {"holding": {}}


async def held(connection: Connection) -> set[UUID]:
    rows = await connection.fetch("SELECT entrant_id FROM quarantines WHERE released_at IS NULL")
    return {row["entrant_id"] for row in rows}


async def measured(connection: Connection, team: Team, *points: int) -> None:
    """Let signals say something about the entrants, in their order."""
    whole = [scores.score([100], [weight]) for weight in scores.WEIGHTS.values()]
    assert max(whole) >= 30
    rows = [
        Measurement(
            entrant_id=id_,
            score=score,
            strengths=(score, *[0] * (len(scores.SIGNALS) - 1)),
            facts={scores.SIGNALS[0].name: {"days": 3, "estimate": 0}},
            age_days=3,
        )
        for id_, score in zip(team.ids, points, strict=False)
    ]
    await signals.write(connection, team.contest, rows, at=team.contest.created_at)


async def test_several_are_held_and_let_go_by_name(
    app: Litestar, connection: Connection, stage: Stage
) -> None:
    team = await assembled(app, connection, stage, **HOLDING)
    ann, bob, eve = team.ids
    await team.editor.open(f"{team.home}/held")
    assert "Nobody is held" in team.editor.text
    await team.editor.open(f"{team.home}/held/choose?entrant={ann}&entrant={bob}&entrant=x")
    assert "Hold 2 entrants" in team.editor.text
    assert {"ann", "bob"} <= set(team.editor.text.split())
    answer = await team.editor.send(f"{team.home}/held/hold", entrant=[str(ann), str(bob)])
    assert answer.status_code == 422
    assert "Fill this in." in team.editor.text
    assert "Hold 2 entrants" in team.editor.text
    fields: Any = {"entrant": [str(ann), str(bob)], "reason": "suspected-bot", "note": "at night"}
    sent: Any = {name: team.editor.hidden(name) for name in ("csrf", "once")}
    for _ in range(2):
        await team.editor.send(f"{team.home}/held/hold", **fields, **sent)
        assert "They are held." in team.editor.text
    assert await held(connection) == {ann, bob}
    assert await connection.fetchval("SELECT count(*) FROM quarantines") == 2
    assert {"ann", "bob"} <= set(team.editor.text.split())
    assert "looks like a bot" in team.editor.text
    assert "at night" in team.editor.text
    assert "Editor" in team.editor.text

    # One by one from the entrant's page, and all of one decision at once.
    await team.owner.open(f"{team.root}/entrants/{ann}")
    assert "Let go…" in team.owner.text
    await team.owner.open(f"{team.home}/held/choose?do=release&entrant={ann}")
    await team.owner.send(f"{team.home}/held/release", entrant=str(ann), reason="checked")
    assert await held(connection) == {bob}
    await team.owner.open(f"{team.home}/held/choose?entrant={eve}")
    await team.owner.send(f"{team.home}/held/hold", entrant=str(eve), reason="complaint")
    batch = await connection.fetchval("SELECT batch FROM quarantines WHERE entrant_id = $1", bob)
    await team.owner.open(f"{team.home}/held")
    await team.owner.send(f"{team.home}/held/batches/{batch}/undo", reason="mistake")
    assert await held(connection) == {eve}
    await team.owner.open(f"{team.home}/held?show=released")
    assert "held by mistake" in team.owner.text

    # Who only reads sees all and changes nothing.
    await team.auditor.open(f"{team.home}/held")
    assert "eve" in team.auditor.text
    assert "Let the chosen go" not in team.auditor.text
    for path in ("hold", "release"):
        assert await may_not(
            team.auditor, f"{team.home}/held/{path}", entrant=str(eve), reason="other"
        )
    assert await held(connection) == {eve}


async def test_nobody_is_held_where_the_terms_do_not_say_so(
    app: Litestar, connection: Connection, stage: Stage
) -> None:
    team = await assembled(app, connection, stage)
    await team.owner.open(f"{team.home}/held/choose?entrant={team.ids[0]}")
    assert "The published terms do not say that accounts may be held" in team.owner.text
    await team.owner.open("/me")
    answer = await team.owner.send(
        f"{team.home}/held/hold", entrant=str(team.ids[0]), reason="other"
    )
    assert answer.status_code == 409
    assert await held(connection) == set()
    answer = await team.owner.open(f"{team.home}/held/choose")
    assert answer.status_code == 200
    await team.owner.open("/me")
    answer = await team.owner.send(f"{team.home}/held/batches/{uuid4()}/undo", reason="other")
    assert answer.status_code == 409


async def test_exactly_those_are_held_whom_the_preview_counts(
    app: Litestar, connection: Connection, stage: Stage
) -> None:
    team = await assembled(app, connection, stage, **HOLDING)
    await measured(connection, team, 100, 100, 10)
    settings = await signals.settings(connection, team.contest.workspace_id)
    threshold = scores.score([100, *[0] * (len(scores.SIGNALS) - 1)], settings.in_order)
    where = f"{team.root}/what-if"
    await team.editor.open(f"{where}?threshold={threshold}")
    assert f"Hold exactly these 2 entrants with {threshold} or more" in team.editor.text
    fields: Any = {"threshold": str(threshold), "reason": "suspected-farm"}
    answer = await team.editor.send(where, **fields, expected="3")
    assert answer.status_code == 409
    assert "It would be 2 entrants now, and not 3" in team.editor.text
    assert await held(connection) == set()
    for strange in ("0", "00601", "9" * 5000):
        await team.editor.open(f"{where}?threshold={threshold}")
        answer = await team.editor.send(where, threshold=strange, expected="2", reason="other")
        assert answer.status_code == 422
        assert (await team.editor.open(f"{where}?threshold={strange}")).status_code == 200
    await team.editor.open(f"{where}?threshold={threshold}")
    await team.editor.send(where, **fields, expected="2")
    assert "They are held." in team.editor.text
    assert await held(connection) == set(team.ids[:2])
    await team.auditor.open(f"{where}?threshold={threshold}")
    assert "Hold exactly" not in team.auditor.text
