"""Two owners, an editor and an auditor at their browsers, and a contest that runs."""

from typing import Any
from uuid import UUID

import msgspec
from api.staged import Stage
from litestar import Litestar

from contest_service.domain.people import Role
from contest_service.flows.sessions import Origin, begin_session
from contest_service.store import members
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection
from web.desks import Desk, browser

ORIGIN = Origin(address="127.0.0.1", agent="test", request_id="test")


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever decides. `owner` is the first owner; all were there when the contest started."""

    contest: Contest
    ids: list[UUID]
    """Of the entrants."""
    secrets: dict[str, str]
    """Of the sessions."""
    owner: Desk
    other: Desk
    editor: Desk
    auditor: Desk

    @property
    def root(self) -> str:
        return f"/w/{self.contest.workspace_id}/contests/{self.contest.id}"

    @property
    def home(self) -> str:
        return f"{self.root}/decisions"


async def assembled(
    app: Litestar,
    connection: Connection,
    stage: Stage,
    *,
    names: tuple[str, ...] = ("ann", "bob", "eve"),
    **changes: Any,
) -> Team:
    """A team, and a running contest in which some people take part."""
    workspace, now = await stage.workspace(), stage.rt.clock()
    people = {"owner": await connection.fetchval("SELECT person_id FROM memberships LIMIT 1")}
    for name, role in (("other", Role.OWNER), ("editor", Role.EDITOR), ("auditor", Role.AUDITOR)):
        people[name] = await members.create_person(connection, name.capitalize(), None, now=now)
        await members.add_member(connection, workspace, people[name], role, now=now)
    contest = await stage.start(await stage.draft(**changes))
    ids = await stage.judged(contest, *names)
    secrets = {}
    for name, id_ in people.items():
        async with connection.transaction():
            begun = await begin_session(connection, id_, ORIGIN, by="link", now=now)
        secrets[name] = begun.secret
    desks = {name: _desk(app, secret) for name, secret in secrets.items()}
    return Team(contest=contest, ids=ids, secrets=secrets, **desks)


def _desk(app: Litestar, secret: str) -> Desk:
    desk = browser(app)
    desk.client.cookies.set("session", secret)
    return desk


async def may_not(desk: Desk, path: str, **fields: str | list[str]) -> bool:
    """Whether somebody is kept from sending a form by their role."""
    await desk.open("/me")
    assert desk.hidden()
    answer = await desk.send(path, **fields)
    return answer.status_code == 403 and "Your role" in desk.text
