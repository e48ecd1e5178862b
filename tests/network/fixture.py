"""The fixtures `network`, the real AT-protocol network, started once per test process, and `roads`,
ways to it that a test can bar.

Where this machine cannot build it, tests that ask for it are skipped with the reason; with CI=true
that is a failure.
"""

import asyncio
import base64
import contextlib
import itertools
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx
import pytest
from atproto import Client

from network.detour import Roads, detour
from network.install import NetworkUnavailableError
from network.people import Person, independent_client, join
from network.process import Endpoints, running_network

_ADMIN = "Basic " + base64.b64encode(b"admin:admin-pass").decode()
"""The AppView's moderator, as the package sets it up."""

_PATIENCE = 60.0
_SETTLE_PATIENCE = 150.0


class Network:
    """The running network. What people do is seen by the AppView after `settle`."""

    def __init__(self, addresses: Endpoints) -> None:
        self.pds = addresses.pds
        self.plc = addresses.plc
        self.appview = addresses.appview
        self._control = addresses.control
        self._numbers = itertools.count(1)
        self._people: list[Person] = []
        self._readers: list[Client] = []

    @property
    def endpoints(self) -> dict[str, str]:
        """What a community's `endpoints` must say to be on this network."""
        return {"pds": self.pds, "appview": self.appview, "plc": self.plc}

    @property
    def hosts(self) -> tuple[str, ...]:
        """What the operator's allow-list must hold for this network."""
        return tuple(urlsplit(url).netloc for url in self.endpoints.values())

    @property
    def instance(self) -> str:
        """How accounts of this network are told apart from real ones."""
        return urlsplit(self.plc).netloc

    def person(self, name: str = "person") -> Person:
        """Sign up a new account; a number makes its handle unique."""
        person = join(self.pds, f"{name}-{next(self._numbers)}.test")
        self._people.append(person)
        return person

    def people(self, count: int, name: str = "person") -> list[Person]:
        """Sign up several new accounts."""
        with ThreadPoolExecutor(max_workers=4) as pool:
            return list(pool.map(lambda _: self.person(name), range(count)))

    def take_down(self, person: Person) -> None:
        """Hide an account from everybody, as a moderator does."""
        self._moderate(person, is_applied=True)

    def put_back(self, person: Person) -> None:
        """Undo `take_down`."""
        self._moderate(person, is_applied=False)

    def settle(self) -> None:
        """Wait until the AppView shows all that has been done."""
        httpx.post(f"{self._control}/settle", timeout=_SETTLE_PATIENCE).raise_for_status()

    def reader(self) -> Client:
        """An independent client of the AppView that is not signed in."""
        reader = independent_client(self.appview)
        self._readers.append(reader)
        return reader

    def close(self) -> None:
        """Close the connections of all people and readers."""
        for person in self._people:
            person.close()
        for reader in self._readers:
            reader.request.close()

    def _moderate(self, person: Person, *, is_applied: bool) -> None:
        subject = {"$type": "com.atproto.admin.defs#repoRef", "did": person.did}
        httpx.post(
            f"{self.appview}/xrpc/com.atproto.admin.updateSubjectStatus",
            json={"subject": subject, "takedown": {"applied": is_applied, "ref": "test"}},
            headers={"Authorization": _ADMIN},
            timeout=_PATIENCE,
        ).raise_for_status()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep tests of the network together under `--dist loadgroup`, so that it starts seldom.

    Whole installations on it take as long as all the others, and may have another one.
    """
    for item in items:
        if "network" in getattr(item, "fixturenames", ()):
            group = "e2e" if item.path.parent.name == "e2e" else "network"
            item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session")
def network(postgres_url: str) -> Iterator[Network]:
    """The real network, on a database of its own that is dropped afterwards."""
    try:
        with (
            _database(postgres_url) as url,
            running_network(url) as addresses,
            contextlib.closing(Network(addresses)) as running,
        ):
            yield running
    except NetworkUnavailableError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(error))


@pytest.fixture
async def roads(network: Network) -> AsyncIterator[Roads]:
    """Ways to the network's servers that a test can bar; DID documents lead to them too."""
    async with (
        detour(network.appview) as appview,
        detour(network.pds) as pds,
        detour(network.plc) as plc,
    ):
        for way in (pds, plc):
            way.changes[network.pds.encode()] = pds.url.encode()
        yield Roads(appview=appview, pds=pds, plc=plc)


@contextlib.contextmanager
def _database(postgres_url: str) -> Iterator[str]:
    name = f"network_{secrets.token_hex(6)}"
    asyncio.run(_execute(postgres_url, f"CREATE DATABASE {name}"))
    try:
        yield urlunsplit(urlsplit(postgres_url)._replace(path=f"/{name}"))
    finally:
        asyncio.run(_execute(postgres_url, f"DROP DATABASE {name} WITH (FORCE)"))


async def _execute(postgres_url: str, statement: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
