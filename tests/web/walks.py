"""What the walks through a whole installation share: it, a practice contest in it, and whoever asks
the practice world or the API beside the browser.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec
from e2e.running import Installation
from patience import PATIENCE

from contest_service.cli.sample import sample
from contest_service.flows.bootstrap import ensure_first_workspace
from contest_service.store.pool import connect

T = TypeVar("T")

SECONDS = 60
"""From the start of the practice contest to its draw."""
PEOPLE = 40
LONG = 5 * PATIENCE
"""A whole contest on a machine that has much else to do."""


class Walked:
    """A running installation with a practice contest that lives by itself."""

    def __init__(self, installation: Installation, token: str) -> None:
        self.installation = installation
        self.url = installation.url
        self.world = f"http://127.0.0.1:{installation.environment['CONTEST_SANDBOX_VK_PORT']}"
        self.workspace_id = self.contest_id = ""
        self._headers = {"Authorization": f"Bearer {token}"}

    @property
    def contest(self) -> str:
        """The address of the contest's public page."""
        return f"/contests/{self.contest_id}"

    @property
    def own(self) -> str:
        """The address of the contest's page in its workspace."""
        return f"/w/{self.workspace_id}{self.contest}"

    async def begin(self) -> None:
        """Start the practice contest, as the first start of the service does."""
        definition = msgspec.to_builtins(sample(datetime.now(UTC)))
        draft = await self.ask("POST", "/contests", {"definition": definition})
        self.contest_id = (
            await self.ask(
                "POST",
                f"/contests/{draft['id']}/dry-run",
                {"seconds": SECONDS, "people": PEOPLE, "seed": "walks"},
            )
        )["id"]
        self.workspace_id = (await self.ask("GET", "/me"))["workspace"]["id"]

    async def ask(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """Ask the API, as the owner."""
        # A client of its own each time, since tests have event loops of their own.
        async with httpx.AsyncClient(headers=self._headers, timeout=PATIENCE) as client:
            url = f"{self.url}/v1{path}"
            answer = await client.request(method, url, json=body, params=query)
        assert answer.is_success, answer.text
        return answer.json()

    async def act(self, **act: Any) -> None:
        """Let somebody of the practice world do something."""
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            answer = await client.post(f"{self.world}/sandbox/acts", json={"acts": [act]})
        assert answer.is_success, answer.text

    async def publish(self, community_id: str, text: str) -> str:
        """Let a practice community publish a post on its wall; return its address."""
        community = await self.ask("GET", f"/communities/{community_id}")
        wanted = {"owner_id": int(community["account"]), "text": text}
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            answer = await client.post(f"{self.world}/sandbox/posts", json=wanted)
        assert answer.is_success, answer.text
        return f"{self.world}/wall{wanted['owner_id']}_{answer.json()['id']}"

    async def until(self, look: Callable[[], Awaitable[T]], *, what: str) -> T:
        """Look again and again until there is something."""
        return await self.installation.until(look, patience=LONG, what=what)

    async def until_status(self, *statuses: str, contest_id: str = "") -> None:
        """Wait until a contest has come to one of these states."""
        path = f"/contests/{contest_id or self.contest_id}"

        async def has_come() -> bool:
            return (await self.ask("GET", path))["status"] in statuses

        await self.until(has_come, what=" or ".join(statuses))

    async def somebody_valid(self) -> dict[str, Any]:
        """An entrant of whom the service says that they take part."""

        async def find() -> dict[str, Any] | None:
            path = f"/contests/{self.contest_id}/entrants"
            found = (await self.ask("GET", path, state="valid", limit=1))["items"]
            return found[0] if found else None

        found = await self.until(find, what="somebody who takes part")
        assert found is not None
        return found

    async def post(self) -> tuple[int, int]:
        """The owner and the number of the contest's post."""
        (post,) = (await self.ask("GET", f"/contests/{self.contest_id}/posts"))["items"]
        owner, _, number = post["ref"].partition("_")
        return int(owner), int(number)


async def first_owner(database_url: str) -> None:
    """Make the first workspace, as the first start does."""
    connection = await connect(database_url)
    await ensure_first_workspace(connection)
    await connection.close()


async def start(installation: Installation, database_url: str) -> str:
    """Start everything; return an owner's token."""
    await first_owner(database_url)
    await installation.start()
    return await asyncio.to_thread(installation.command, "token")


def link_of(installation: Installation) -> str:
    """A link by which the owner signs in, as the first start prints it."""
    return installation.command("sign-in-link")


def installed(database_url: str, redis_url: str, folder: Path) -> Installation:
    """The service as processes, not started yet."""
    return Installation(
        database_url=database_url,
        redis_url=redis_url,
        folder=folder,
        hosts=("127.0.0.1:*",),
        workers=1,
    )
