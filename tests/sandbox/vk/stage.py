"""A practice VK with a few people in it, and short ways to ask it things over HTTP.

Anna (1001) is the page's administrator, Boris (1002) its editor, Vera (1003) its moderator; Gleb
(1004) and Darya (1005) are readers, Egor (1006) has a closed profile. The page is 501, and its
first post -501_1. Rates are off unless a test sets them.
"""

from typing import Any

import httpx

from contest_service.sandbox.vk.server import Served
from sandbox.clock import Clock
from sandbox.vk import schema

VERSION = "5.199"
NOW = 1_800_000_000
PAGE = 501
WALL = -PAGE
ANNA, BORIS, VERA, GLEB, DARYA, EGOR = range(1001, 1007)
_PEOPLE = [
    {"first_name": "Анна", "last_name": "Белова", "sex": 1, "screen_name": "anna"},
    {"first_name": "Борис", "last_name": "Титов", "sex": 2},
    {"first_name": "Вера", "last_name": "Зимина", "sex": 1},
    {"first_name": "Глеб", "last_name": "Носов", "sex": 2, "bdate": "1.2.1990"},
    {"first_name": "Дарья", "last_name": "Орлова", "sex": 1, "bdate": "3.4"},
    {"first_name": "Егор", "last_name": "Ильин", "sex": 2, "bdate": "5.6", "is_closed": True},
]


class Refused(Exception):  # noqa: N818 - it is VK's answer
    """An API error."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["error_code"], error["error_msg"])
        self.code: int = error["error_code"]
        self.error = error


class Stage:
    """A practice VK and a client of it."""

    def __init__(self, vk: Served, client: httpx.AsyncClient, clock: Clock, ticks: Clock) -> None:
        self.vk = vk
        self.client = client
        self.clock = clock
        self.ticks = ticks
        self.anna = self.boris = self.vera = self.gleb = self.egor = ""
        self.page = self.service = ""
        self.post_id = 0

    async def build(self) -> None:
        """Fill the world."""
        await self.make("people", people=_PEOPLE)
        await self.make(
            "communities",
            name="Кофейня",
            screen_name="coffee",
            admins={ANNA: "administrator", BORIS: "editor", VERA: "moderator"},
        )
        self.anna, self.boris, self.vera, self.gleb, self.egor = [
            await self.token("user", person_id=person) for person in (ANNA, BORIS, VERA, GLEB, EGOR)
        ]
        self.page = await self.token("group", group_id=PAGE)
        self.service = await self.token("service", app_id=1)
        self.post_id = (await self.make("posts", owner_id=WALL, text="Розыгрыш!"))["id"]
        await self.make("limits", user=0, service=0, group=0)

    async def make(self, path: str, **body: Any) -> Any:
        """Ask the sandbox's own API to do something."""
        answer = await self.client.post(f"/sandbox/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def look(self, path: str, **query: Any) -> Any:
        """Ask the sandbox's own API for the truth."""
        answer = await self.client.get(f"/sandbox/{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def token(self, kind: str, **fields: Any) -> str:
        """Make a token."""
        made = await self.make("tokens", kind=kind, **fields)
        return str(made["value"])

    async def act(self, do: str, person: int, **what: Any) -> Any:
        """Let somebody do something, by default to the page's first post."""
        target = {"owner_id": WALL, "post_id": self.post_id, "group_id": PAGE, **what}
        done = await self.make("acts", acts=[{"do": do, "person": person, **target}])
        return done["results"][0]

    async def ask(self, method: str, token: str, **params: Any) -> Any:
        """Call a method and return the whole answer, which has to be of VK's shape."""
        given = {name: value for name, value in params.items() if value is not None}
        answer = await self.client.post(
            f"/method/{method}", data={"access_token": token, "v": VERSION, **given}
        )
        assert answer.status_code == 200
        body = answer.json()
        _require_shape(method, body)
        return body

    async def call(self, method: str, token: str, **params: Any) -> Any:
        """Call a method and return its response. Raises Refused."""
        body = await self.ask(method, token, **params)
        if "error" in body:
            raise Refused(body["error"])
        return body["response"]

    async def likers(self, token: str, **params: Any) -> list[int]:
        """Read the ids of a page of those who like the post."""
        target = {"type": "post", "owner_id": WALL, "item_id": self.post_id}
        page = await self.call("likes.getList", token, **{**target, **params})
        return list(page["items"])


def _require_shape(method: str, body: Any) -> None:
    official = schema.load()
    if official is None or method == "execute":
        return
    if "error" in body:
        assert not official.error_faults(body["error"])
    elif body["response"] != []:  # PHP's way to write that there is no such thing
        assert not official.faults(method, body)
