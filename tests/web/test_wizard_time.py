"""The times of a contest by HTTP: clocks of its zone, what cannot be, what comes twice."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from api.staged import Stage
from litestar import Litestar

from contest_service.domain.people import Role
from contest_service.proof.beacon import QUICKNET
from contest_service.store.rows import Connection
from web.desks import Desk, person, signed_in
from web.drafts import STEPS, berlin, contest_of, made
from web.drafts import desk as desk
from web.drafts import place as place


async def test_times_are_read_by_the_clocks_of_their_zone(
    desk: Desk, place: UUID, connection: Connection
) -> None:
    root = await made(desk, place)
    await desk.open(f"{root}/time")
    await desk.send(f"{root}/time", **berlin(), do="look", revision="1")
    assert "open for 9 days 10 h" in desk.text
    assert "29 March 2031, 20:00 UTC+01:00" in desk.text
    assert "31 March 2031, 20:00 UTC+02:00" in desk.text
    assert "31 March 2031, 18:00 UTC" in desk.text
    first = QUICKNET.first_round_at(int(datetime(2031, 3, 31, 18, tzinfo=UTC).timestamp()))
    assert f"Round {first:,} of the beacon".replace(",", " ") in desk.text
    await desk.open(f"{root}/time")
    await desk.send(f"{root}/time", **berlin(), revision=desk.hidden("revision"))
    assert desk.here == f"{root}/time?note=saved"
    row = await contest_of(connection)
    assert row["closes_at"] == datetime(2031, 3, 29, 19, tzinfo=UTC)
    assert 'value="2031-03-29T20:00"' in desk.page.text


REFUSED = (
    ({"closes_at": "2031-03-30T02:30"}, "closes_at", "never show this time"),
    ({"closes_at": "2020-01-01T10:00", "opens_at": "2019-12-01T10:00"}, "closes_at", "past"),
    ({"closes_at": "2031-03-01T10:00"}, "closes_at", "after the opening"),
    ({"draw_at": "2031-03-29T20:05"}, "draw_at", "at least 10 min"),
    ({"freeze_at": "2031-03-29T19:00"}, "freeze_at", "before the close"),
    ({"opens_at": "soon"}, "opens_at", "Give a date and a time."),
    ({"opens_at": "0001-01-01T00:00"}, "opens_at", "Give a date and a time."),
    ({"draw_at": "9999-12-31T23:59"}, "draw_at", "Give a date and a time."),
    ({"draw_at": "9998-12-31T23:59"}, "draw_at", ""),
    ({"zone": "Mars/Base"}, "zone", "Choose one that is offered."),
)


async def test_times_that_cannot_be_are_refused_beside_their_fields(
    desk: Desk, place: UUID
) -> None:
    root = await made(desk, place)
    await desk.open(f"{root}/time")
    for changes, field, said in REFUSED:
        await desk.send(f"{root}/time", **berlin(**changes), revision=desk.hidden("revision"))
        assert desk.page.status_code == 422
        assert said in desk.text
        assert f'id="field-{field}-fault-1"' in desk.page.text
        assert 'value="2031-03-' in desk.page.text


async def test_of_a_time_that_comes_twice_one_is_chosen(
    desk: Desk, place: UUID, connection: Connection
) -> None:
    root = await made(desk, place)
    twice = berlin(
        opens_at="2031-10-20T10:00", closes_at="2031-10-26T02:30", draw_at="2031-10-27T20:00"
    )
    await desk.open(f"{root}/time")
    await desk.send(f"{root}/time", **twice, revision=desk.hidden("revision"))
    assert desk.page.status_code == 422
    assert "26 October 2031, 02:30 UTC+01:00" in desk.text
    revision = desk.hidden("revision")
    await desk.send(f"{root}/time", **twice, closes_at_fold="1", revision=revision)
    assert desk.here == f"{root}/time?note=saved"
    closes_at = await connection.fetchval("SELECT closes_at FROM contests")
    assert closes_at == datetime(2031, 10, 26, 1, 30, tzinfo=UTC)
    assert 'name="closes_at_fold" value="1" checked' in desk.page.text


SCHEDULED = {"opens_at": 0, "closes_at": 1, "draw_at": 2}
"""Days from tomorrow."""


async def test_a_scheduled_contest_is_changed_until_its_opening(
    stage: Stage, app: Litestar, connection: Connection
) -> None:
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    ahead = {name: later + timedelta(days=days) for name, days in SCHEDULED.items()}
    contest = await stage.draft(
        schedule={name: at.isoformat() for name, at in ahead.items()} | {"min_lead": 60}
    )
    assert (await stage.owner.post(f"/v1/contests/{contest.id}/schedule")).status_code == 200
    ann = await person(connection, contest.workspace_id, Role.EDITOR, name="Ann")
    desk = await signed_in(app, connection, ann)
    root = f"/w/{contest.workspace_id}/contests/{contest.id}/edit"
    await desk.open(f"{root}/time")
    assert "It can be changed until" in desk.text
    revision = desk.hidden("revision")
    past = berlin(opens_at="2020-01-01T10:00")
    await desk.send(f"{root}/time", **past, revision=revision)
    assert desk.page.status_code == 422
    assert "its opening has to lie in the future" in desk.text
    await desk.send(f"{root}/time", **berlin(), revision=desk.hidden("revision"))
    assert desk.here == f"{root}/time?note=saved"
    due = await connection.fetchval("SELECT due_at FROM work WHERE kind = 'advance'")
    assert due == datetime(2031, 3, 20, 9, tzinfo=UTC)


async def test_a_post_whose_community_is_gone_is_told_at_every_step(
    stage: Stage, app: Litestar, connection: Connection
) -> None:
    contest = await stage.draft()
    await connection.execute("UPDATE communities SET removed_at = now()")
    ann = await person(connection, contest.workspace_id, Role.EDITOR, name="Ann")
    desk = await signed_in(app, connection, ann)
    root = f"/w/{contest.workspace_id}/contests/{contest.id}/edit"
    for step in STEPS:
        assert (await desk.open(f"{root}/{step}")).status_code == 200
    await desk.open(root)
    assert desk.here == f"{root}/post"
    assert "is not connected any more" in desk.text
