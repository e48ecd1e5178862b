"""Signing in: what lets somebody in, what does not, and what is left of it in the audit log."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pyotp
import pytest

from contest_service.domain.errors import ConflictError, InvalidError, NotFoundError
from contest_service.domain.people import Actor, Role
from contest_service.flows import invitations, passwords, people, sessions, totp
from contest_service.flows import sign_in as flow
from contest_service.flows.bootstrap import ensure_first_workspace
from contest_service.flows.invitations import Newcomer
from contest_service.flows.runtime import Runtime
from contest_service.flows.sessions import Origin, find_session, network_of
from contest_service.store import members, person_secrets, ways_in
from contest_service.store import sessions as session_store
from contest_service.store.audit import Signing
from contest_service.store.rows import Connection, Pool
from contest_service.vault import Vault, generate_key

EMAIL = "ann@mail.test"
PASSWORD = "seven quiet otters"
ORIGIN = Origin(address="203.0.113.77", agent="Firefox", request_id="test")
NOW = datetime(2027, 5, 3, 12, 0, tzinfo=UTC)
LEFT = """
SELECT (SELECT count(*) FROM sessions) + (SELECT count(*) FROM sign_in_links)
    + (SELECT count(*) FROM invitations)
"""
KEPT = """
SELECT (SELECT json_agg(s) FROM sessions s), (SELECT json_agg(s) FROM person_secrets s),
    (SELECT json_agg(s) FROM recovery_codes s), (SELECT json_agg(s) FROM sign_in_links s),
    (SELECT json_agg(s) FROM invitations s), (SELECT json_agg(s) FROM audit_log s)
"""


class Desk(msgspec.Struct, kw_only=True):
    """A workspace whose owner has a password, and the outside as flows of signing in see it."""

    pool: Any
    vault: Any
    workspace_id: UUID
    owner: UUID
    now: datetime = NOW

    def clock(self) -> datetime:
        return self.now

    @property
    def rt(self) -> Runtime:
        return self  # type: ignore[return-value] # the part of it that these flows use

    @property
    def signing(self) -> Signing:
        return Signing(person_id=self.owner, session_id=None, request_id="test")

    @property
    def actor(self) -> Actor:
        return Actor(
            workspace_id=self.workspace_id,
            person_id=self.owner,
            token_id=None,
            role=Role.OWNER,
            request_id="test",
        )


@pytest.fixture
async def desk(pool: Pool) -> Desk:
    async with pool.acquire() as conn:
        workspace, _ = await ensure_first_workspace(conn)
        owner = await members.first_owner(conn, workspace.id)
        made = Desk(
            pool=pool, vault=Vault([generate_key()]), workspace_id=workspace.id, owner=owner.id
        )
        await people.describe_oneself(conn, made.signing, name="Ann", email=EMAIL, now=NOW)
        hashed = await passwords.checked_hash(PASSWORD, known=(EMAIL,))
        await passwords.set_password(conn, made.signing, hashed, keeps=None, now=NOW)
    return made


async def enter(desk: Desk, password: str = PASSWORD, email: str = EMAIL) -> Any:
    return await flow.sign_in(desk.rt, email, password, origin=ORIGIN)


async def session_of(desk: Desk, begun: Any) -> Any:
    async with desk.pool.acquire() as conn:
        return await find_session(conn, begun.secret, now=desk.now)


async def with_totp(conn: Connection, desk: Desk) -> tuple[pyotp.TOTP, list[str]]:
    planned = await totp.plan_totp(conn, desk.vault, desk.owner)
    device = pyotp.TOTP(planned.secret)
    codes = await totp.begin_totp(
        conn, desk.vault, desk.signing, code=device.at(desk.now), now=desk.now
    )
    return device, codes


async def actions(conn: Connection) -> list[str]:
    return [row["action"] for row in await conn.fetch("SELECT action FROM audit_log ORDER BY id")]


async def test_the_right_password_begins_a_session_whatever_the_case_of_the_address(
    desk: Desk, connection: Connection
) -> None:
    begun = await enter(desk, email="ANN@mail.test ")
    session = await session_of(desk, begun)
    assert (session.person_id, session.waits_for_code) == (desk.owner, False)
    assert session.address == "203.0.113.0/24"
    row = await connection.fetchrow("SELECT * FROM audit_log WHERE action = 'session.begun'")
    assert (row["session_id"], row["detail"]) == (session.id, {"by": "password"})


async def test_no_secret_stands_in_the_database(desk: Desk, connection: Connection) -> None:
    begun = await enter(desk)
    _, codes = await with_totp(connection, desk)
    link = await flow.make_link(connection, desk.owner, now=NOW)
    invited = await invitations.invite(
        connection, desk.actor, role=Role.EDITOR, email=None, now=NOW
    )
    rows = str(await connection.fetchrow(KEPT))
    assert "argon2id" in rows
    secrets = (begun.secret, link, invited, PASSWORD, *codes)
    assert not any(each in rows or each.encode().hex() in rows for each in secrets)


@pytest.mark.parametrize(
    ("email", "password"),
    [(EMAIL, "seven quiet badgers"), ("nobody@mail.test", PASSWORD), (EMAIL, "")],
)
async def test_whoever_fails_gets_nothing(desk: Desk, email: str, password: str) -> None:
    assert await enter(desk, password, email) is None


async def test_nobody_learns_from_the_time_whether_somebody_is_known(desk: Desk) -> None:
    for email in (EMAIL, "nobody@mail.test"):
        begun = time.monotonic()
        assert await enter(desk, "wrong", email) is None
        assert time.monotonic() - begun >= 0.25


async def test_whoever_has_a_password_keeps_an_address(desk: Desk, connection: Connection) -> None:
    with pytest.raises(InvalidError):
        await people.describe_oneself(connection, desk.signing, name="Ann", email=None, now=NOW)


async def test_what_has_ended_is_forgotten(desk: Desk, connection: Connection) -> None:
    await enter(desk)
    await flow.make_link(connection, desk.owner, now=NOW)
    await invitations.invite(connection, desk.actor, role=Role.EDITOR, email=None, now=NOW)
    for at, left in ((NOW, 3), (NOW + sessions.LIFE + timedelta(days=1), 0)):
        await session_store.forget(connection, before=at)
        await ways_in.forget(connection, before=at)
        assert await connection.fetchval(LEFT) == left


async def test_failures_in_a_row_are_told_once(desk: Desk, connection: Connection) -> None:
    for _ in range(7):
        await enter(desk, "wrong")
    assert (await actions(connection)).count("session.refused") == 1


async def test_a_hash_with_old_parameters_is_made_anew(desk: Desk, connection: Connection) -> None:
    weak = passwords.PasswordHasher(time_cost=1, memory_cost=8192).hash(PASSWORD)
    await person_secrets.set_password(connection, desk.owner, weak, now=NOW)
    assert await enter(desk) is not None
    kept = (await person_secrets.read(connection, desk.owner)).password
    assert kept is not None
    assert kept != weak
    assert await enter(desk) is not None


async def test_a_changed_password_ends_the_other_sessions_and_links(
    desk: Desk, connection: Connection
) -> None:
    one, other = await enter(desk), await enter(desk)
    link = await flow.make_link(connection, desk.owner, now=NOW)
    kept = await session_of(desk, one)
    hashed = await passwords.checked_hash("eight loud herons", known=())
    await passwords.set_password(connection, desk.signing, hashed, keeps=kept.id, now=NOW)
    assert await session_of(desk, one) is not None
    assert await session_of(desk, other) is None
    assert await flow.use_link(connection, link, ORIGIN, now=NOW) is None
    assert await enter(desk) is None


@pytest.mark.parametrize("password", ["short", "a" * 20, EMAIL, "x" * 201])
async def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(InvalidError):
        await passwords.checked_hash(password, known=(EMAIL,))


async def test_a_session_ends_idle_and_in_any_case(desk: Desk, connection: Connection) -> None:
    begun = await enter(desk)
    for days in (6, 12, 18, 24, 29):
        at = NOW + timedelta(days=days)
        assert await find_session(connection, begun.secret, now=at) is not None
    over = NOW + sessions.LIFE + timedelta(seconds=1)
    assert await find_session(connection, begun.secret, now=over) is None
    idle = await enter(desk)
    later = NOW + session_store.IDLE + timedelta(seconds=1)
    assert await find_session(connection, idle.secret, now=later) is None


async def test_nobody_ends_the_session_of_another(desk: Desk, connection: Connection) -> None:
    session = await session_of(desk, await enter(desk))
    bob = await members.create_person(connection, "Bob", None, now=NOW)
    stranger = Signing(person_id=bob, session_id=None, request_id="test")
    with pytest.raises(NotFoundError):
        await sessions.end_session(connection, stranger, session.id, now=NOW)


# The second factor -------------------------------------------------------------------------------


async def test_with_a_second_factor_a_session_waits_for_the_code(
    desk: Desk, connection: Connection
) -> None:
    device, _ = await with_totp(connection, desk)
    waiting = await session_of(desk, await enter(desk))
    assert waiting.waits_for_code
    desk.now += timedelta(seconds=30)
    done = await flow.show_code(desk.rt, waiting, device.at(desk.now), origin=ORIGIN)
    assert done is not None
    assert not (await session_of(desk, done)).waits_for_code


async def test_a_code_counts_once(desk: Desk, connection: Connection) -> None:
    device, _ = await with_totp(connection, desk)
    waiting = await session_of(desk, await enter(desk))
    # The code by which it was set up is used, and so is every one of an earlier step.
    assert await flow.show_code(desk.rt, waiting, device.at(desk.now), origin=ORIGIN) is None
    desk.now += timedelta(seconds=30)
    code = device.at(desk.now)
    assert await flow.show_code(desk.rt, waiting, code, origin=ORIGIN) is not None
    again = await session_of(desk, await enter(desk))
    assert await flow.show_code(desk.rt, again, code, origin=ORIGIN) is None
    earlier = device.at(desk.now - timedelta(seconds=30))
    assert await flow.show_code(desk.rt, again, earlier, origin=ORIGIN) is None


async def test_a_recovery_code_counts_once_however_it_is_typed(
    desk: Desk, connection: Connection
) -> None:
    _, codes = await with_totp(connection, desk)
    typed = codes[3].upper().replace("-", " ")
    waiting = await session_of(desk, await enter(desk))
    assert await flow.show_code(desk.rt, waiting, typed, origin=ORIGIN) is not None
    again = await session_of(desk, await enter(desk))
    assert await flow.show_code(desk.rt, again, typed, origin=ORIGIN) is None
    assert await person_secrets.count_codes(connection, desk.owner) == totp.CODES - 1


async def test_ten_wrong_codes_close_the_way_for_a_while(
    desk: Desk, connection: Connection
) -> None:
    device, _ = await with_totp(connection, desk)
    waiting = await session_of(desk, await enter(desk))
    for _ in range(totp.MOST_WRONG):
        assert await flow.show_code(desk.rt, waiting, "wrong", origin=ORIGIN) is None
    desk.now += timedelta(minutes=1)
    right = device.at(desk.now)
    assert await flow.show_code(desk.rt, waiting, right, origin=ORIGIN) is None
    desk.now += person_secrets.BURST
    right = device.at(desk.now)
    assert await flow.show_code(desk.rt, waiting, right, origin=ORIGIN) is not None
    assert (await actions(connection)).count("session.refused") == 1


async def test_while_codes_are_not_taken_none_lengthens_the_pause(
    desk: Desk, connection: Connection
) -> None:
    device, _ = await with_totp(connection, desk)
    waiting = await session_of(desk, await enter(desk))
    for _ in range(totp.MOST_WRONG):
        await flow.show_code(desk.rt, waiting, "wrong", origin=ORIGIN)
    desk.now += person_secrets.BURST - timedelta(minutes=1)
    for code in ("wrong", device.at(desk.now)):
        assert await flow.show_code(desk.rt, waiting, code, origin=ORIGIN) is None
    desk.now += timedelta(minutes=1)
    right = device.at(desk.now)
    assert await flow.show_code(desk.rt, waiting, right, origin=ORIGIN) is not None


async def test_an_authenticator_ends_the_sessions_that_never_showed_a_code(
    desk: Desk, connection: Connection
) -> None:
    one, stolen = await enter(desk), await enter(desk)
    kept = await session_of(desk, one)
    signing = Signing(person_id=desk.owner, session_id=kept.id, request_id="test")
    planned = await totp.plan_totp(connection, desk.vault, desk.owner)
    code = pyotp.TOTP(planned.secret).at(desk.now)
    await totp.begin_totp(connection, desk.vault, signing, code=code, now=desk.now)
    assert await session_of(desk, one) is not None
    assert await session_of(desk, stolen) is None


async def test_an_authenticator_is_not_replaced_by_a_second_one(
    desk: Desk, connection: Connection
) -> None:
    await with_totp(connection, desk)
    with pytest.raises(ConflictError):
        await totp.plan_totp(connection, desk.vault, desk.owner)


async def test_the_operator_lets_in_whoever_lost_the_phone(
    desk: Desk, connection: Connection
) -> None:
    await with_totp(connection, desk)
    wanted = flow.Rescue(workspace_id=desk.workspace_id, forgets_totp=True)
    link = await flow.rescue(connection, wanted, now=NOW)
    begun = await flow.use_link(connection, link, ORIGIN, now=NOW)
    assert begun is not None
    assert not begun.waits_for_code
    assert {"person.totp_ended", "person.link_made"} <= set(await actions(connection))


# Links and invitations ---------------------------------------------------------------------------


async def test_a_link_lets_in_once_and_within_half_an_hour(
    desk: Desk, connection: Connection
) -> None:
    link = await flow.make_link(connection, desk.owner, now=NOW)
    late = await flow.make_link(connection, desk.owner, now=NOW - flow.LINK_LIFE)
    assert await flow.is_link_open(connection, link, now=NOW)
    assert await flow.use_link(connection, link, ORIGIN, now=NOW) is not None
    assert await flow.use_link(connection, link, ORIGIN, now=NOW) is None
    assert await flow.use_link(connection, late, ORIGIN, now=NOW) is None


async def test_an_invitation_brings_somebody_new_in_once(
    desk: Desk, connection: Connection
) -> None:
    secret = await invitations.invite(connection, desk.actor, role=Role.EDITOR, email=None, now=NOW)
    bob = Newcomer(name="Bob", email="bob@mail.test", password="nine slow lemurs")
    joined, begun = await invitations.accept_as_new(desk.rt, secret, bob, origin=ORIGIN)
    session = await session_of(desk, begun)
    member = await members.read_member(connection, joined.workspace_id, session.person_id)
    assert (member.name, member.role) == ("Bob", Role.EDITOR)
    eve = msgspec.structs.replace(bob, email="eve@mail.test")
    with pytest.raises(NotFoundError):
        await invitations.accept_as_new(desk.rt, secret, eve, origin=ORIGIN)


async def test_an_address_that_somebody_has_leaves_the_invitation_unused(
    desk: Desk, connection: Connection
) -> None:
    secret = await invitations.invite(connection, desk.actor, role=Role.EDITOR, email=None, now=NOW)
    ann = Newcomer(name="Ann", email=EMAIL, password="nine slow lemurs")
    with pytest.raises(ConflictError):
        await invitations.accept_as_new(desk.rt, secret, ann, origin=ORIGIN)
    assert await invitations.find(connection, secret, now=NOW) is not None


async def test_an_invitation_for_an_address_is_for_no_other(
    desk: Desk, connection: Connection
) -> None:
    secret = await invitations.invite(
        connection, desk.actor, role=Role.EDITOR, email="bob@mail.test", now=NOW
    )
    eve = Newcomer(name="Eve", email="eve@mail.test", password="nine slow lemurs")
    with pytest.raises(InvalidError):
        await invitations.accept_as_new(desk.rt, secret, eve, origin=ORIGIN)


async def test_an_invitation_is_none_once_its_maker_owns_nothing_or_its_week_is_over(
    desk: Desk, connection: Connection
) -> None:
    secret = await invitations.invite(connection, desk.actor, role=Role.OWNER, email=None, now=NOW)
    assert await invitations.find(connection, secret, now=NOW) is not None
    assert await invitations.find(connection, secret, now=NOW + invitations.LIFE) is None
    await connection.execute("UPDATE memberships SET role = 'auditor'")
    assert await invitations.find(connection, secret, now=NOW) is None


@pytest.mark.parametrize(
    ("address", "network"),
    [("203.0.113.7", "203.0.113.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48"), ("unix", "")],
)
def test_of_an_address_the_network_is_kept(address: str, network: str) -> None:
    assert network_of(address) == network
