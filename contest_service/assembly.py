"""Puts together, from the settings, what the API's and the workers' processes both need."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from importlib import resources

from redis.asyncio import Redis

from contest_service.beacon_client import Client, Fetched, fetch_round, open_client
from contest_service.domain.errors import ContestError
from contest_service.doorbell import Doorbell, open_queue
from contest_service.evidence_client import open_evidence_client
from contest_service.flows.runtime import FetchRound, Runtime
from contest_service.flows.signer import Cosigner, Post, Signer, SigningKey
from contest_service.log_keys import FileMemory, default_name, parse_seed, seeds
from contest_service.platforms.hosts import AllowedHosts
from contest_service.platforms.registry import PUBLIC_HOSTS
from contest_service.platforms.vk.lanes import Lanes
from contest_service.proof.beacon import Beacon
from contest_service.proof.terms import VERIFIERS
from contest_service.quota import RedisLimiter
from contest_service.sandbox.beacon import open_beacon
from contest_service.sandbox_client import open_sandbox
from contest_service.settings import Settings
from contest_service.store.pool import create_pool
from contest_service.store.proof import Verifier
from contest_service.vault import Vault

BEACON_FOLDER = "beacon"
"""Of the practice beacon, within the data folder."""
SANDBOX_FOLDER = "sandbox"
"""Of the practice networks, within the data folder."""
_REDIS_PATIENCE = 2.0
"""Seconds; nothing that is asked of Redis may hold up a request for longer."""


@asynccontextmanager
async def open_runtime(
    settings: Settings, redis: Redis, *, connections: int = 10
) -> AsyncIterator[Runtime]:
    """Open the database and whatever else flows need; all is closed with the context.

    `connections` is how many to the database there may be at once.
    Raises DatabaseUnreachableError, VaultError and BeaconFileError.
    """
    vault = Vault(settings.secret_keys)
    practice = _practice_beacon(settings)
    hosts = _allowed_hosts(settings)
    async with (
        await create_pool(settings.database_url or "", largest=connections) as pool,
        open_client() as client,
        open_evidence_client() as post,
        open_sandbox(settings.practice_vk) as practice_vk,
    ):
        yield Runtime(
            pool=pool,
            database_url=settings.database_url or "",
            vault=vault,
            hosts=hosts,
            lanes=Lanes(RedisLimiter(redis), hosts),
            fetch_round=_round_fetcher(settings, practice, client),
            ring=Doorbell(open_queue(redis)).ring,
            clock=_clock,
            public_url=settings.public_url,
            verifiers=verifiers(),
            practice_beacon=practice,
            practice_vk=practice_vk,
            vk_client_id=settings.vk_client_id,
            signer=make_signer(settings, post),
            cosigner=make_cosigner(settings),
        )


def make_signer(settings: Settings, post: Post) -> Signer | None:
    """What signs this installation's logs; None where no key was given."""
    log = settings.log
    if not log.key:
        return None
    return Signer(
        seeds=seeds(parse_seed(log.key)),
        base=log.origin or default_name(settings.public_url),
        is_named=bool(log.origin),
        memory=FileMemory(log.memory or settings.data),
        post=post,
        witnesses=log.witnesses,
        authorities=log.authorities,
    )


def make_cosigner(settings: Settings) -> Cosigner | None:
    """What vouches for the logs of others; None where there are none."""
    log = settings.log
    if not (log.witness_of and log.witness_key):
        return None
    name = log.witness_name or default_name(settings.public_url).removesuffix("log") + "witness"
    key = SigningKey(name=name, private=parse_seed(log.witness_key))
    return Cosigner(key=key, logs=log.witness_of)


def _allowed_hosts(settings: Settings) -> AllowedHosts:
    """The operator's list, or the platforms' public servers; the sandbox too, where it is on."""
    given = settings.allowed_hosts or AllowedHosts.parse(PUBLIC_HOSTS)
    if not settings.has_sandbox:
        return given
    practice = AllowedHosts.parse([f"127.0.0.1:{settings.sandbox_vk_port}"])
    return AllowedHosts((*given.patterns, *practice.patterns))


def open_redis(settings: Settings) -> Redis:
    """Make the client of Redis; it connects when it is used, and its maker closes it."""
    client: Redis = Redis.from_url(
        settings.redis_url or "",
        socket_timeout=_REDIS_PATIENCE,
        socket_connect_timeout=_REDIS_PATIENCE,
    )
    return client


def _round_fetcher(settings: Settings, practice: Beacon | None, client: Client) -> FetchRound:
    """Ask the practice beacon's relay for its own rounds, and the public relays for all others."""

    async def fetch(beacon: Beacon, round_: int) -> Fetched | None:
        is_practice = practice is not None and beacon.chain == practice.chain
        relays = (settings.practice_relay or "",) if is_practice else settings.beacon_relays
        return await fetch_round(beacon, round_, relays, client=client)

    return fetch


def _practice_beacon(settings: Settings) -> Beacon | None:
    if not settings.has_sandbox:
        return None
    opened = open_beacon(
        settings.data / BEACON_FOLDER, period=settings.sandbox_period, genesis=int(time.time())
    )
    return opened.public


def verifiers() -> tuple[Verifier, ...]:
    """The programs for everybody, as terms name them. Raises ContestError if one was not built."""
    folder = resources.files("contest_service.proof")
    try:
        return tuple(
            Verifier(name=name, bytes=folder.joinpath(name).read_bytes()) for name in VERIFIERS
        )
    except FileNotFoundError as error:
        raise ContestError(
            "verify.html is missing, which is built when the service is installed: install it "
            "again (in its source: make run)."
        ) from error


def _clock() -> datetime:
    return datetime.now(UTC)
