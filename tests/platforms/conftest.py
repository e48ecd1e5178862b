"""What the tests of platforms share: an adapter on the test network, and a keeper of sessions."""

import contextlib
from collections.abc import AsyncIterator

import msgspec
import pytest
from network.fixture import Network
from network.people import Person

from contest_service.domain.accounts import Platform
from contest_service.platforms.base import PlatformAdapter
from contest_service.platforms.hosts import AllowedHosts
from contest_service.platforms.registry import open_adapter


class Keeper:
    """Keeps a session in memory and counts how often it was saved."""

    def __init__(self, session: bytes | None = None) -> None:
        self.session = session
        self.saved = 0

    async def load(self) -> bytes | None:
        return self.session

    async def save(self, session: bytes) -> None:
        self.session = session
        self.saved += 1


class Community:
    """An account on the test network that contests are run with."""

    def __init__(self, network: Network, name: str) -> None:
        self.network = network
        self.person: Person = network.person(name)
        self.app_password = self.person.make_app_password("contests")

    @contextlib.asynccontextmanager
    async def opened(
        self, *, keeper: Keeper | None = None, identifier: str = "", app_password: str = ""
    ) -> AsyncIterator[PlatformAdapter]:
        """Open the adapter as the service does."""
        credential = {
            "identifier": identifier or self.person.handle,
            "app_password": app_password or self.app_password,
        }
        async with open_adapter(
            Platform.BLUESKY,
            endpoints=self.network.endpoints,
            credential=msgspec.json.encode(credential),
            session=keeper or Keeper(),
            hosts=AllowedHosts.parse(self.network.hosts),
        ) as adapter:
            yield adapter


@pytest.fixture(scope="session")
def community(network: Network) -> Community:
    """A community that all tests share; each makes posts of its own."""
    made = Community(network, "shop")
    made.person.introduce("The Shop", has_picture=True)
    return made


@pytest.fixture
async def adapter(community: Community) -> AsyncIterator[PlatformAdapter]:
    """The community's adapter."""
    async with community.opened() as opened:
        yield opened


@pytest.fixture(scope="session")
def people(network: Network) -> list[Person]:
    """Five accounts without a profile, for tests that leave them as they are."""
    return network.people(5, "fan")
