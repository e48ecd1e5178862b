"""Browsers without a screen: they keep cookies, fill forms in and send them as a page has them."""

import html
import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
from litestar import Litestar

from contest_service.domain.people import Role
from contest_service.flows import passwords
from contest_service.flows import sign_in as flow
from contest_service.store import members
from contest_service.store.audit import Signing
from contest_service.store.rows import Connection

BASE = "http://contest.test"
PASSWORD = "seven quiet otters"
_INPUT = re.compile(r"<input[^>]*>")
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')


class Desk:
    """Somebody's browser. `page` is what it shows."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.page = httpx.Response(204)

    @property
    def text(self) -> str:
        """What the page says, without its marks."""
        body = re.sub(r"<(script|style|head).*?</\1>", " ", self.page.text, flags=re.DOTALL)
        return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)))

    @property
    def here(self) -> str:
        return self.page.url.raw_path.decode()

    async def open(self, path: str, **given: Any) -> httpx.Response:
        """Open a page; follow where it leads."""
        self.page = await self.client.get(path, follow_redirects=True, **given)
        return self.page

    def hidden(self, name: str = "csrf") -> str:
        """A hidden field of the first form that has it."""
        for tag in _INPUT.findall(self.page.text):
            found = dict(_ATTRIBUTE.findall(tag))
            if found.get("name") == name:
                return html.unescape(found.get("value", ""))
        return ""

    async def send(
        self, path: str = "", *, headers: dict[str, str] | None = None, **fields: str | list[str]
    ) -> httpx.Response:
        """Send a form of this page, to `path` or to the page itself; follow where it leads."""
        data = {"csrf": self.hidden(), "once": self.hidden("once")} | fields
        sent = {"Origin": BASE, "Sec-Fetch-Site": "same-origin"} | (headers or {})
        self.page = await self.client.post(
            path or self.here, data=data, headers=sent, follow_redirects=True
        )
        return self.page


def browser(app: Litestar, address: str = "203.0.113.7") -> Desk:
    """A browser that was never here."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 1))
    headers = {"Accept": "text/html", "User-Agent": "Firefox"}
    return Desk(httpx.AsyncClient(transport=transport, base_url=BASE, headers=headers))


async def person(
    conn: Connection, workspace_id: UUID, role: Role, *, name: str, password: str = PASSWORD
) -> UUID:
    """Put somebody with an address and a password into a workspace."""
    now = datetime.now(UTC)
    made = await members.create_person(conn, name, f"{name.lower()}@mail.test", now=now)
    await members.add_member(conn, workspace_id, made, role, now=now)
    hashed = await passwords.checked_hash(password, known=())
    signing = Signing(person_id=made, session_id=None, request_id="test")
    await passwords.set_password(conn, signing, hashed, keeps=None, now=now)
    return made


async def signed_in(app: Litestar, conn: Connection, person_id: UUID) -> Desk:
    """A browser in which somebody is signed in, by a link."""
    desk = browser(app)
    link = await flow.make_link(conn, person_id, now=datetime.now(UTC))
    await desk.open(f"/sign-in/link/{link}")
    await desk.send()
    assert desk.page.status_code == 200, desk.text
    return desk
