"""Signing in by HTTP: links, passwords, codes, and everything that must not let anybody in."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pyotp
import pytest
from litestar import Litestar

from contest_service.domain.people import Role
from contest_service.flows import sign_in as flow
from contest_service.flows.bootstrap import ensure_first_workspace
from contest_service.store import members
from contest_service.store.rows import Connection
from web.desks import BASE, PASSWORD, Desk, browser, person, signed_in


@pytest.fixture
async def place(connection: Connection) -> UUID:
    workspace, _ = await ensure_first_workspace(connection)
    return workspace.id


@pytest.fixture
async def ann(connection: Connection, place: UUID) -> UUID:
    """An owner with a password."""
    return await person(connection, place, Role.OWNER, name="Ann")


async def sign_in(desk: Desk, *, password: str = PASSWORD, email: str = "ann@mail.test") -> None:
    await desk.open("/sign-in")
    await desk.send("/sign-in", email=email, password=password)


async def test_the_first_link_lets_the_owner_in_once_and_asks_for_a_password(
    app: Litestar, connection: Connection, place: UUID
) -> None:
    owner = await members.first_owner(connection, place)
    link = await flow.make_link(connection, owner.id, now=datetime.now(UTC))
    desk, thief = browser(app), browser(app)
    # Previewers open links; that uses nothing.
    for _ in range(3):
        assert (await desk.open(f"/sign-in/link/{link}")).status_code == 200
    await desk.send()
    assert desk.here == "/me/password?next=/"
    await desk.send("/me/password", email="boss@mail.test", password=PASSWORD, next="/me")
    assert desk.here == "/me"
    assert "boss@mail.test" in desk.page.text
    await thief.open(f"/sign-in/link/{link}")
    assert thief.page.status_code == 404
    await sign_in(thief, email="boss@mail.test")
    assert thief.page.status_code == 200 or thief.here.startswith("/w/")


async def test_a_stolen_link_that_was_used_lets_nobody_in(
    app: Litestar, connection: Connection, ann: UUID
) -> None:
    link = await flow.make_link(connection, ann, now=datetime.now(UTC))
    thief, desk = browser(app), browser(app)
    await thief.open(f"/sign-in/link/{link}")
    await desk.open(f"/sign-in/link/{link}")
    await desk.send()
    await thief.send()
    assert thief.page.status_code == 404
    assert (await thief.open("/me")).url.path == "/sign-in"


async def test_the_cookie_is_for_this_site_alone(app: Litestar, ann: UUID) -> None:
    desk = browser(app)
    await sign_in(desk)
    cookies = [line for each in desk.page.history for line in each.headers.get_list("set-cookie")]
    assert any(
        line.startswith("session=") and "HttpOnly" in line and "SameSite=lax" in line
        for line in cookies
    )


async def test_every_failure_has_one_answer(app: Litestar, ann: UUID, place: UUID) -> None:
    answers = set()
    for email, password in (
        ("ann@mail.test", "wrong"),
        ("nobody@mail.test", PASSWORD),
        ("ann@mail.test", " " + PASSWORD),
    ):
        desk = browser(app)
        await sign_in(desk, email=email, password=password)
        assert desk.page.status_code == 422
        answers.add(desk.text)
    assert len(answers) == 1
    assert "not right" in answers.pop()


@pytest.mark.parametrize(("email", "enters"), [("ann@mail.test", 200), ("nobody@mail.test", 422)])
async def test_too_many_attempts_are_refused_where_they_come_from(
    app: Litestar, ann: UUID, email: str, enters: int
) -> None:
    statuses = []
    for number in range(12):
        desk = browser(app, address=f"203.0.113.{number}")
        await sign_in(desk, email=email, password="wrong")
        statuses.append(desk.page.status_code)
    assert statuses == [422] * 10 + [429] * 2
    desk = browser(app, address="203.0.113.200")
    await sign_in(desk, email=email.upper())
    assert desk.page.status_code == 429
    # A stranger who knows an address keeps nobody out elsewhere.
    desk = browser(app, address="198.51.100.7")
    await sign_in(desk, email=email.upper())
    assert desk.page.status_code == enters


async def test_very_many_attempts_from_everywhere_are_refused(
    app: Litestar, ann: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contest_service.web.sign_in._FROM_EVERYWHERE", 3)
    statuses = []
    for number in range(4):
        desk = browser(app, address=f"203.0.{number}.7")
        await sign_in(desk, password="wrong")
        statuses.append(desk.page.status_code)
    assert statuses == [422] * 3 + [429]


async def test_a_form_that_is_no_text_is_refused_in_words(app: Litestar, ann: UUID) -> None:
    desk = browser(app)
    await desk.open("/sign-in")
    head = b'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n'
    kind = {"Content-Type": "multipart/form-data; boundary=x", "Origin": BASE}
    page = await desk.client.post("/sign-in", content=head + b"\xff\r\n--x--\r\n", headers=kind)
    assert page.status_code == 400
    assert "text/html" in page.headers["content-type"]


@pytest.mark.parametrize(
    ("fields", "headers"),
    [
        ({"csrf": ""}, {}),
        ({"csrf": "forged"}, {}),
        ({}, {"Origin": "https://evil.test"}),
        ({}, {"Origin": "null"}),
        ({}, {"Origin": "http://["}),
        ({}, {"Sec-Fetch-Site": "cross-site"}),
        ({}, {"Sec-Fetch-Site": "same-site"}),
    ],
)
async def test_a_form_that_is_not_ours_does_nothing(
    app: Litestar,
    connection: Connection,
    ann: UUID,
    fields: dict[str, str],
    headers: dict[str, str],
) -> None:
    before = browser(app)
    await before.open("/sign-in")
    sent = {"email": "ann@mail.test", "password": PASSWORD} | fields
    assert (await before.send("/sign-in", headers=headers, **sent)).status_code == 403
    desk = await signed_in(app, connection, ann)
    await desk.open("/me")
    page = await desk.send("/me", headers=headers, **{"name": "Eve", **fields})
    assert page.status_code == 403
    assert await connection.fetchval("SELECT name FROM persons WHERE id = $1", ann) == "Ann"


async def test_the_token_of_another_session_is_none(
    app: Litestar, connection: Connection, ann: UUID, place: UUID
) -> None:
    bob = await person(connection, place, Role.EDITOR, name="Bob")
    his, hers = await signed_in(app, connection, bob), await signed_in(app, connection, ann)
    await his.open("/me")
    await hers.open("/me")
    page = await hers.send("/me", name="Eve", csrf=his.hidden())
    assert page.status_code == 403


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.test",
        "//evil.test",
        "/\\evil.test",
        "/%0d%0aevil",
        "javascript:alert(1)",
        "me",
        "//[",
        "/ж",
    ],
)
async def test_nobody_is_led_elsewhere(app: Litestar, ann: UUID, wanted: str) -> None:
    desk = browser(app)
    await desk.open("/sign-in", params={"next": wanted})
    sent = {"email": "ann@mail.test", "password": PASSWORD, "next": wanted, "csrf": desk.hidden()}
    answer = await desk.client.post("/sign-in", data=sent)
    assert answer.status_code == 303
    assert answer.headers["location"] in ("/", "/%0d%0aevil")


async def test_a_lost_session_comes_back_to_where_it_was(
    app: Litestar, ann: UUID, place: UUID
) -> None:
    desk = browser(app)
    await desk.open(f"/w/{place}/log?kind=token")
    assert desk.page.url.path == "/sign-in"
    await desk.send("/sign-in", email="ann@mail.test", password=PASSWORD, next=desk.hidden("next"))
    assert desk.here == f"/w/{place}/log?kind=token"
    # A form that was sent too late leads back to the page that it stood on.
    stood = {"Referer": f"{BASE}/w/{place}/people", "Origin": BASE}
    late = await browser(app).client.post(f"/w/{place}/people", headers=stood)
    assert late.headers["location"] == f"/sign-in?next=%2Fw%2F{place}%2Fpeople"
    parts = await browser(app).client.get("/me", headers={"HX-Request": "true"})
    assert (parts.status_code, parts.headers["hx-redirect"]) == (401, "/sign-in?next=%2Fme")


async def test_a_changed_password_ends_the_sessions_elsewhere(
    app: Litestar, connection: Connection, ann: UUID
) -> None:
    desk, other = browser(app), browser(app)
    await sign_in(desk)
    await sign_in(other)
    await desk.open("/me/password")
    await desk.send("/me/password", current="wrong", password="eight loud herons")
    assert desk.page.status_code == 422
    await desk.send("/me/password", current=PASSWORD, password="eight loud herons")
    assert desk.here == "/me?note=password-set"
    assert (await other.open("/me")).url.path == "/sign-in"


async def test_a_session_ends_by_signing_out_and_from_another_browser(
    app: Litestar, connection: Connection, ann: UUID, place: UUID
) -> None:
    desk, other, third = [await signed_in(app, connection, ann) for _ in range(3)]
    await desk.open("/me")
    ids = [row["id"] for row in await connection.fetch("SELECT id FROM sessions ORDER BY id")]
    await desk.send(f"/me/sessions/{ids[1]}/end")
    assert (await other.open("/me")).url.path == "/sign-in"
    cookie = third.client.cookies["session"]
    await third.open("/me")
    await third.send("/sign-out")
    third.client.cookies.set("session", cookie, domain="contest.test")
    assert (await third.open("/me")).url.path == "/sign-in"
    bob = await signed_in(app, connection, await person(connection, place, Role.EDITOR, name="Bob"))
    await bob.open("/me")
    assert (await bob.send(f"/me/sessions/{ids[0]}/end")).status_code == 404
    assert (await desk.open("/me")).url.path == "/me"


async def test_the_second_factor_by_pages(
    app: Litestar, connection: Connection, ann: UUID, place: UUID
) -> None:
    desk = await signed_in(app, connection, ann)
    await desk.open("/me/totp")
    key = desk.page.text.split('user-select-all">')[1].split("<")[0].replace(" ", "")
    assert "data:image/svg+xml" in desk.page.text
    await desk.send("/me/totp", code="000000 wrong")
    assert desk.page.status_code == 422
    code = pyotp.TOTP(key).now()
    await desk.send("/me/totp", code=code)
    assert "Recovery codes" in desk.text
    recovery = desk.page.text.split('user-select-all">')[1].split("<")[0]
    other = browser(app)
    await sign_in(other)
    assert other.page.url.path == "/sign-in/code"
    # A session that waits for its code opens nothing.
    assert (await other.client.get(f"/w/{place}/people")).status_code == 303
    assert (await other.client.get("/me")).status_code == 303
    await other.open("/sign-in/code")
    await other.send("/sign-in/code", code=code)
    assert other.page.status_code == 422  # it was used to set this up
    await other.send("/sign-in/code", code=recovery, next="/me")
    assert other.here == "/me"
    await other.open("/me/totp")
    await other.send("/me/totp/end", current="wrong")
    assert other.page.status_code == 422
    await other.send("/me/totp/end", current=PASSWORD)
    assert other.here == "/me?note=totp-ended"


async def test_a_form_sent_twice_shows_codes_once(
    app: Litestar, connection: Connection, ann: UUID
) -> None:
    desk = await signed_in(app, connection, ann)
    await desk.open("/me/totp")
    key = desk.page.text.split('user-select-all">')[1].split("<")[0].replace(" ", "")
    form = {
        "csrf": desk.hidden(),
        "once": desk.hidden("once"),
        "code": pyotp.TOTP(key).now(),
    }
    first = await desk.client.post("/me/totp", data=form)
    again = await desk.client.post("/me/totp", data=form)
    assert (first.status_code, again.status_code) == (200, 303)
    assert again.headers["location"] == "/me/totp?note=shown-once"


async def test_a_password_form_sent_twice_is_no_fault(
    app: Litestar, connection: Connection, ann: UUID
) -> None:
    desk = await signed_in(app, connection, ann)
    await desk.open("/me/password")
    form = {
        "csrf": desk.hidden(),
        "once": desk.hidden("once"),
        "current": PASSWORD,
        "password": "eight loud herons",
    }
    first = await desk.client.post("/me/password", data=form)
    again = await desk.client.post("/me/password", data=form)
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.headers["location"] == again.headers["location"]
    row = await connection.fetchval(
        "SELECT count(*) FROM audit_log WHERE action = 'person.password_set'"
        " AND session_id IS NOT NULL"
    )
    assert row == 1


async def test_secrets_in_addresses_stand_in_no_log(
    app: Litestar, connection: Connection, ann: UUID, capsys: Any
) -> None:
    link = await flow.make_link(connection, ann, now=datetime.now(UTC))
    desk = browser(app)
    await desk.open(f"/sign-in/link/{link}")
    await desk.open(f"/invitations/{link}")
    said = capsys.readouterr()
    assert link not in said.out + said.err


async def test_a_session_that_was_made_up_is_none(app: Litestar, ann: UUID) -> None:
    for secret in ("x", "A" * 43, str(uuid4())):
        desk = browser(app)
        desk.client.cookies.set("session", secret, domain="contest.test")
        assert (await desk.open("/me")).url.path == "/sign-in"
