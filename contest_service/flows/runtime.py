"""What flows need from the outside, put together once by the composition root."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from contest_service.domain.errors import ConflictError, NotFoundError
from contest_service.domain.practice import Gathering
from contest_service.flows.signer import Cosigner, Signer
from contest_service.platforms.base import Capabilities, PlatformAdapter
from contest_service.platforms.hosts import AllowedHosts
from contest_service.platforms.registry import capabilities_of, open_adapter
from contest_service.platforms.vk.lanes import Lanes
from contest_service.proof.beacon import QUICKNET, Beacon
from contest_service.store import communities
from contest_service.store.contests import Contest
from contest_service.store.proof import Verifier
from contest_service.store.rows import Connection, Pool
from contest_service.store.work import Due


class Sealed(Protocol):
    """Encrypts credentials at rest."""

    def seal(self, secret: bytes) -> bytes: ...
    def open(self, sealed: bytes) -> bytes: ...


class BeaconRound(Protocol):
    """A round that was verified when it was fetched."""

    @property
    def signature(self) -> str: ...
    @property
    def randomness(self) -> bytes: ...
    @property
    def source(self) -> str: ...


class Practice(Protocol):
    """A practice network: what is needed of it beside what its platform's adapter asks."""

    @property
    def endpoints(self) -> Mapping[str, str]:
        """Its servers, as a community's are named."""

    async def open_community(self, name: str) -> bytes:
        """Make a community; return a credential for all of it. Raises PlatformError."""

    async def gather(self, account: str, gathering: Gathering) -> str:
        """Publish a post there with people around it; return its address. Raises PlatformError."""


FetchRound = Callable[[Beacon, int], Awaitable[BeaconRound | None]]
Ring = Callable[[Sequence[Due]], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """The outside, as flows see it.

    `database_url` is where `pool` leads, for processes that a judging starts; `lanes` carry this
    process's calls to platforms that are asked that way; `fetch_round` asks the relays of a beacon
    once; `ring` tells the workers that something is due, and may fail in silence, since the rows
    are there; `public_url` has no slash at its end. `vk_client_id` names the operator's application
    to VK ID, and is empty where there is none. `signer` signs the log, where a key was given;
    `cosigner` vouches for the logs of others, where any were.
    """

    pool: Pool
    database_url: str
    vault: Sealed
    hosts: AllowedHosts
    lanes: Lanes
    fetch_round: FetchRound
    ring: Ring
    clock: Callable[[], datetime]
    public_url: str
    verifiers: tuple[Verifier, ...]
    practice_beacon: Beacon | None = None
    practice_vk: Practice | None = None
    vk_client_id: str = ""
    signer: Signer | None = None
    cosigner: Cosigner | None = None

    def beacon_for(self, contest: Contest) -> Beacon:
        """The beacon that decides a contest. Raises ConflictError without a practice beacon."""
        if not contest.practice:
            return QUICKNET
        if self.practice_beacon is None:
            raise ConflictError(
                "This service runs no practice beacon. An operator can switch it on with "
                "CONTEST_SANDBOX=1."
            )
        return self.practice_beacon

    def contest_link(self, contest_id: UUID) -> str:
        """Where people find a contest's rules and proof."""
        return f"{self.public_url}/contests/{contest_id}"

    def organiser_link(self, workspace_id: UUID) -> str:
        """Where people find what came of all contests of an organiser."""
        return f"{self.public_url}/organisers/{workspace_id}"

    def contest_files(self, contest_id: UUID) -> str:
        """Where programs find the same."""
        return f"{self.public_url}/public/contests/{contest_id}"


class _Session:
    """Keeps an adapter's session in the community's row, encrypted."""

    def __init__(self, rt: Runtime, community: communities.Community) -> None:
        self._rt = rt
        self._community = community

    async def load(self) -> bytes | None:
        async with self._rt.pool.acquire() as conn:
            sealed = await communities.session(
                conn, self._community.workspace_id, self._community.id
            )
        return None if sealed is None else self._rt.vault.open(sealed)

    async def save(self, session: bytes) -> None:
        sealed = self._rt.vault.seal(session)
        async with self._rt.pool.acquire() as conn:
            await communities.set_session(
                conn, self._community.workspace_id, self._community.id, sealed
            )


async def capabilities_for(
    conn: Connection, rt: Runtime, workspace_id: UUID, community_id: UUID
) -> Capabilities:
    """What a community's platform can tell with its credential; asks nobody.

    Raises NotFoundError if it is not connected any more.
    """
    community = await communities.read(conn, workspace_id, community_id)
    sealed = await communities.credential(conn, workspace_id, community_id)
    if community is None or sealed is None:
        raise _not_connected()
    return capabilities_of(community.platform, rt.vault.open(sealed))


def _not_connected() -> NotFoundError:
    return NotFoundError("This community is not connected any more; connect it again.")


@asynccontextmanager
async def adapter_for(
    rt: Runtime, workspace_id: UUID, community_id: UUID
) -> AsyncIterator[PlatformAdapter]:
    """Open a community's platform with its credential. Raises NotFoundError, PlatformError."""
    async with rt.pool.acquire() as conn:
        community = await communities.read(conn, workspace_id, community_id)
        sealed = await communities.credential(conn, workspace_id, community_id)
    if community is None or sealed is None:
        raise _not_connected()
    async with open_adapter(
        community.platform,
        endpoints=community.endpoints,
        credential=rt.vault.open(sealed),
        session=_Session(rt, community),
        hosts=rt.hosts,
        lanes=rt.lanes,
    ) as adapter:
        yield adapter
