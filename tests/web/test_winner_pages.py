"""The winners of a contest: who they are, told or not, claims, deliveries, succession."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from api.staged import Stage
from litestar import Litestar

from contest_service.domain.people import Role
from contest_service.store import notices
from contest_service.store.contests import Contest
from contest_service.store.notices import How, NoticeState
from contest_service.store.rows import Connection
from web.announced import NAMES, announced, outbox, winners
from web.conftest import Visit
from web.desks import Desk, person, signed_in
from web.signed_in import sign_in
from web.test_draw_page import drawn, listed
from web.test_running_pages import looked_at

CAME = """
UPDATE memberships SET created_at = created_at + $2
WHERE person_id = (SELECT id FROM persons WHERE name = $1)
"""
HOUR = {"claim_within": 3600}


async def desk_of(app: Litestar, conn: Connection, contest: Contest, role: Role, name: str) -> Desk:
    return await signed_in(app, conn, await person(conn, contest.workspace_id, role, name=name))


def page_of(contest: Contest, entry: UUID | None = None) -> str:
    root = f"/w/{contest.workspace_id}/contests/{contest.id}/winners"
    return root if entry is None else f"{root}/{entry}"


async def told(stage: Stage, contest: Contest, entry: UUID, **how: Any) -> None:
    async with stage.rt.pool.acquire() as conn:
        (notice,) = await notices.of_entrants(conn, contest, [entry])
        if "failure" in how:
            await notices.set_failure(conn, notice, how["failure"], state=NoticeState.FAILED)
        else:
            at = stage.rt.clock()
            await notices.set_told(conn, notice, How.MESSAGE, ref=None, url=None, at=at)


async def test_a_winner_is_told_again_claims_and_gets_the_prize(
    app: Litestar, stage: Stage, connection: Connection
) -> None:
    contest = await announced(app, stage, **HOUR)
    first, second, _ = await winners(stage, contest)
    desk = await desk_of(app, connection, contest, Role.EDITOR, "Ed")
    await told(stage, contest, first, failure="The server is down.")
    await told(stage, contest, second)
    await desk.open(page_of(contest))
    assert all(f"Place {place} A mug" in desk.text for place in (1, 2, 3))
    assert "Not told" in desk.text
    assert "by a message to them alone" in desk.text
    assert "Can be claimed until" in desk.text

    await desk.open(page_of(contest).removesuffix("/winners"))
    assert "1 winner could not be told To the winners" in desk.text
    await desk.open(page_of(contest, first))
    assert "You have won: A mug" in desk.text
    (retry,) = [each for each in desk.page.text.split('"') if each.endswith("/retry")]
    await desk.send(retry)
    assert "They are being told again." in desk.text
    assert "Will be told" in desk.text

    here = page_of(contest, first)
    await desk.send(f"{here}/delivery")
    assert desk.page.status_code == 409
    assert "Note the claim first" in desk.text
    await desk.open(here)
    await desk.send(f"{here}/claim")
    assert "noted by your side" in desk.text
    once = desk.hidden("once")
    for _ in range(2):
        await desk.send(f"{here}/delivery", once=once)
        assert "The delivery is noted." in desk.text
    assert await connection.fetchval("SELECT count(*) FROM deliveries") == 1
    await desk.open(page_of(contest))
    assert "Delivered" in desk.text
    await desk.open(here)
    await desk.send(f"{here}/delivery/undo")
    assert "Not delivered" in desk.text
    actions = await connection.fetch("SELECT action FROM audit_log WHERE action LIKE '%prize%'")
    assert [row["action"] for row in actions] == [
        "contest.prize_claimed",
        "contest.prize_delivered",
        "contest.prize_delivery_undone",
    ]


async def test_a_prize_passes_on_only_by_two_persons_and_in_public(
    app: Litestar, stage: Stage, connection: Connection
) -> None:
    contest = await announced(app, stage)
    first, *_ = await winners(stage, contest)
    owner = await desk_of(app, connection, contest, Role.OWNER, "Ann")
    other = await desk_of(app, connection, contest, Role.OWNER, "Bob")
    late = await desk_of(app, connection, contest, Role.OWNER, "Late")
    here = page_of(contest, first)
    await owner.open(here)
    assert "Another person has to approve it" in owner.text
    assert "The next in order takes over" in owner.text
    await owner.send(f"{here}/out", reason="")
    assert owner.page.status_code == 422
    assert "Fill this in." in owner.text
    await owner.send(f"{here}/out", reason="declined")
    assert "Waits for a second person the prize was declined" in owner.text
    assert ">Approve<" not in owner.page.text
    assert "You proposed this." in owner.text
    proposal = await connection.fetchval("SELECT id FROM disqualifications")
    await owner.send(f"{here}/out/{proposal}/approve")
    assert owner.page.status_code == 403
    assert "Another person has to approve what you proposed" in owner.text
    await connection.execute(CAME, "Late", timedelta(days=1))
    await late.open(here)
    assert "came too late to the workspace" in late.text
    assert ">Approve<" not in late.page.text
    await late.send(f"{here}/out/{proposal}/approve")
    assert late.page.status_code == 403
    assert "Only an owner may approve" in late.text
    assert "What they hold" in late.text
    await other.open(here)
    csrf = other.hidden()
    await other.send(f"{here}/out/{proposal}/approve")
    assert "Out the prize was declined" in other.text
    assert "hold nothing" in other.text
    await other.open(page_of(contest))
    assert "in the place of" in other.text
    assert {each.kind.value for each in await outbox(stage, contest)} >= {"result", "succession"}
    await other.open(f"/contests/{contest.id}/certificate")
    assert "the prize was declined; proposed by one person and approved by another" in other.text
    await other.send(f"{here}/out/{proposal}/withdraw", csrf=csrf)
    assert other.page.status_code == 409
    assert "This proposal is effective already" in other.text


async def test_whoever_is_alone_waits_in_public_and_may_take_it_back(
    app: Litestar, stage: Stage, connection: Connection
) -> None:
    contest = await announced(app, stage)
    first, *_ = await winners(stage, contest)
    editor = await desk_of(app, connection, contest, Role.EDITOR, "Ed")
    await connection.execute("UPDATE memberships SET created_at = now() + interval '1 day'")
    here = page_of(contest, first)
    await editor.open(here)
    assert "takes effect by itself after 60 seconds" in editor.text
    await editor.send(f"{here}/out", reason="unreachable")
    assert "Public, takes effect by itself could not be reached" in editor.text
    proposal = await connection.fetchval("SELECT id FROM disqualifications")
    await editor.open(f"/contests/{contest.id}/certificate")
    assert "could not be reached" in editor.text
    await editor.open(here)
    await editor.send(f"{here}/out/{proposal}/withdraw")
    assert "Taken back could not be reached" in editor.text


async def test_an_auditor_sees_all_and_changes_nothing(
    app: Litestar, stage: Stage, connection: Connection
) -> None:
    contest = await announced(app, stage)
    first, *_ = await winners(stage, contest)
    desk = await desk_of(app, connection, contest, Role.AUDITOR, "Au")
    here = page_of(contest, first)
    await desk.open(here)
    assert "<form" not in desk.page.text.partition("<main")[2]
    await desk.open("/me")
    csrf = desk.hidden()
    for what in ("claim", "delivery", "delivery/undo", "out", f"out/{uuid4()}/withdraw"):
        await desk.send(f"{here}/{what}", csrf=csrf, reason="declined")
        assert desk.page.status_code == 403, what
        await desk.open("/me")
    for entry in (uuid4(), contest.id):
        answer = await desk.open(page_of(contest, entry))
        assert answer.status_code == 404


async def test_many_prizes_stand_on_pages_and_names_are_the_organisers_alone(
    app: Litestar, stage: Stage, connection: Connection
) -> None:
    contest = await drawn(stage, *NAMES, winners=60, naming=False, recheck_winners=True)
    desk = await desk_of(app, connection, contest, Role.EDITOR, "Ed")
    await desk.open(page_of(contest))
    assert "Only you see names here." in desk.text
    assert "Not checked yet" in desk.text
    assert set(NAMES) <= set(desk.text.split())
    assert "Everybody on the list holds a prize, or is out." in desk.text
    await connection.execute("UPDATE contests SET rechecked_at = now()")
    await desk.open(f"{page_of(contest)}?from=50")
    assert "Place 51 A mug nobody is left" in desk.text
    assert "Place 50 " not in desk.text
    assert "Checked once more" in desk.text
    await desk.open(f"{page_of(contest)}?from=60")
    assert "There are fewer prizes" in desk.text
    for strange in ("-1", "x", "%00", "99999999999"):
        assert (await desk.open(f"{page_of(contest)}?from={strange}")).status_code == 200


async def test_the_next_in_order_can_be_looked_at_before_their_turn(
    app: Litestar, stage: Stage, connection: Connection
) -> None:
    contest = await announced(app, stage, winners=5)
    held = await winners(stage, contest)
    desk = await desk_of(app, connection, contest, Role.OWNER, "Ann")
    entry = await connection.fetchval(
        "SELECT entrant_id FROM openings WHERE entrant_id <> ALL ($1)", held
    )
    await desk.open(page_of(contest, entry))
    assert "Holds no prize" in desk.text
    assert "They cannot take a prize over any more." in desk.text
    await desk.open(page_of(contest))
    assert str(entry) in desk.page.text


async def test_before_the_draw_it_says_when(visit: Visit, stage: Stage) -> None:
    contest = await listed(stage, "ann")
    cookies = ({"name": "session", "value": await sign_in(stage)},)
    seen = await looked_at(visit, page_of(contest), "winners-none", cookies=cookies)
    assert "Nobody has won yet" in await seen.text()


async def test_winners_are_looked_at_and_followed(
    app: Litestar, visit: Visit, stage: Stage, connection: Connection
) -> None:
    contest = await announced(app, stage, recheck_winners=False, **HOUR)
    first, second, third = await winners(stage, contest)
    await told(stage, contest, first)
    await told(stage, contest, second, failure="The server is down.")
    cookies = ({"name": "session", "value": await sign_in(stage)},)
    seen = await looked_at(visit, page_of(contest), "winners", cookies=cookies)
    await connection.execute(
        "INSERT INTO deliveries (workspace_id, contest_id, commitment, delivered_at) "
        "SELECT workspace_id, contest_id, commitment, $2 FROM namings WHERE entry = $1",
        third,
        datetime.now(UTC),
    )
    await seen.page.get_by_text("Delivered", exact=True).wait_for()
    seen = await looked_at(visit, page_of(contest, second), "winner", cookies=cookies)
    assert "Hand the prize on" in await seen.text()
