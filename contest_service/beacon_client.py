"""The drand client: asks several relays for one round, and believes none of them.

Owns the requests to relays and what counts as an answer. A signature is returned only after
`proof.beacon.verify` accepted it for exactly this round and chain, so a relay can at worst stay
silent. Makes one pass and never waits for a round, never takes another round, and talks to no host
but the given relays: when to ask again is the caller's matter.
"""

import asyncio
import re
import secrets
from collections.abc import Sequence

import httpx
import msgspec
import structlog

from contest_service.domain.errors import ContestError
from contest_service.platforms.transport import authorities
from contest_service.proof.beacon import Beacon, verify
from contest_service.proof.errors import BeaconError

Client = httpx.AsyncClient
"""What `open_client` opens and `fetch_round` takes."""
PUBLIC_RELAYS = (
    "https://api.drand.sh",
    "https://api2.drand.sh",
    "https://api3.drand.sh",
    "https://drand.cloudflare.com",
)
"""Relays of quicknet (https://docs.drand.love/developer/http-api)."""
GRACE = 1
"""Seconds after a round's time from which asking for it makes sense."""

_SLOW = 0.25
"""Seconds without an answer after which the next relay is asked as well."""
_TIMEOUT = 5.0
"""Seconds that one request has as a whole."""
_MAX_BODY = 16 * 1024
"""Bytes; a round's answer has about 250."""
_MAX_DETAIL = 200
"""Characters of a failure's text in the log."""
_NOT_YET = (404, 425)
"""A round that is not out: 404 from drand's nodes, 425 from the newer relays."""

_ADDRESS = re.compile(
    r"https?://([^/?#@\s]+@)?(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(:(?P<port>\d{1,5}))?(/[^?#\s]*)?"
)

_log = structlog.get_logger(__name__)


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """A verified round: the signature in hex, its randomness (32 bytes), and which URL had it."""

    signature: str
    randomness: bytes
    source: str


class _Body(msgspec.Struct, frozen=True):
    round: int
    signature: str
    randomness: str | None = None


class _RefusedError(Exception):
    """An answer that is not this round: `reason` is a stable code for the log."""

    def __init__(self, reason: str, detail: object = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


def open_client() -> httpx.AsyncClient:
    """Open the client that `fetch_round` takes; it is closed by whoever opened it."""
    return httpx.AsyncClient(
        follow_redirects=False,
        headers={
            # Unpacking would let a small answer become a huge one.
            "Accept-Encoding": "identity",
            # A 404 from before the round may be kept by a cache on the way.
            "Cache-Control": "no-cache",
            "Pragma": "no-cache",
        },
        timeout=_TIMEOUT,
        verify=authorities(),
    )


def parse_relays(text: str) -> tuple[str, ...]:
    """Read base URLs, divided by commas or blanks, as CONTEST_BEACON_RELAYS has them.

    Any host is allowed, since the operator listed it. Raises ContestError for what is no base URL.
    """
    relays = tuple(text.replace(",", " ").split())
    for relay in relays:
        address = _ADDRESS.fullmatch(relay)
        if address is None or not 0 < int(address["port"] or 443) < 1 << 16:
            raise ContestError(
                f"CONTEST_BEACON_RELAYS: {_without_password(relay)} is no address such as "
                f"{PUBLIC_RELAYS[0]}.",
                code="bad_relay",
            )
    if not relays:
        raise ContestError("CONTEST_BEACON_RELAYS names no relay.", code="bad_relay")
    return relays


async def fetch_round(
    beacon: Beacon,
    round_: int,
    relays: Sequence[str],
    *,
    client: httpx.AsyncClient,
    patience: float = _TIMEOUT,
) -> Fetched | None:
    """Ask the relays (base URLs, in order of preference) for one round, once.

    Returns the first answer that verifies, or None if no relay has one now: then ask again in a
    few seconds, for the same round. Takes at most `patience` seconds and half a second for each
    relay. The beacon itself is taken as it is: `proof.beacon.require_usable` comes first.
    """
    bases = [relay.rstrip("/") for relay in dict.fromkeys(relays)]
    # Never v1 without the chain hash: there it means another chain. Not every relay has v2.
    urls = [f"{base}/v2/chains/{beacon.chain}/rounds/{round_}" for base in bases]
    urls += [f"{base}/{beacon.chain}/public/{round_}" for base in bases]
    left = iter(urls)
    asking: set[asyncio.Task[Fetched | None]] = set()
    async with asyncio.TaskGroup() as group:
        while True:
            if (url := next(left, None)) is not None:
                ask = _ask(beacon, round_, url, client=client, patience=patience)
                asking.add(group.create_task(ask))
            elif not asking:
                return None
            # The next one is asked as soon as one has failed, or is slow.
            done, asking = await asyncio.wait(
                asking,
                timeout=_SLOW if url is not None else None,
                return_when=asyncio.FIRST_COMPLETED,
            )
            for task in done:
                if (fetched := task.result()) is not None:
                    for rest in asking:
                        rest.cancel()
                    return fetched


async def _ask(
    beacon: Beacon,
    round_: int,
    url: str,
    *,
    client: httpx.AsyncClient,
    patience: float,
) -> Fetched | None:
    source = _without_password(url)
    log = _log.bind(round=round_, source=source)
    try:
        async with asyncio.timeout(patience):
            body = await _get(client, url)
        if body is None:
            log.debug("beacon_round_not_out")
            return None
        signature, randomness = _believe(beacon, round_, body)
    except _RefusedError as refused:
        log.warning("beacon_relay_failed", reason=refused.reason, detail=refused.detail)
        return None
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        # What is not HTTP stands in the message, at any length.
        detail = (str(error) or type(error).__name__)[:_MAX_DETAIL]
        log.warning("beacon_relay_failed", reason="unreachable", detail=detail)
        return None
    return Fetched(signature=signature, randomness=randomness, source=source)


async def _get(client: httpx.AsyncClient, url: str) -> bytes | None:
    """Get an answer's body, or None for a round that is not out there."""
    # The number keeps caches that ignore our headers from answering with an older 404.
    fresh = f"{url}?{secrets.token_hex(8)}"
    async with client.stream("GET", fresh, follow_redirects=False) as response:
        if response.status_code in _NOT_YET:
            return None
        if response.status_code != httpx.codes.OK:
            raise _RefusedError("bad_status", response.status_code)
        body = b""
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > _MAX_BODY:
                raise _RefusedError("body_too_large", f"more than {_MAX_BODY} bytes")
        return body


def _believe(beacon: Beacon, round_: int, body: bytes) -> tuple[str, bytes]:
    """Return signature and randomness if the answer is this round of this chain."""
    try:
        answer = msgspec.json.decode(body, type=_Body)
    except (ValueError, RecursionError) as error:
        raise _RefusedError("malformed", str(error)) from error
    if answer.round != round_:
        raise _RefusedError("other_round", answer.round)
    try:
        randomness = verify(beacon, round_, answer.signature)
    except BeaconError as error:
        raise _RefusedError(error.code, error.message) from error
    if answer.randomness is not None and answer.randomness != randomness.hex():
        raise _RefusedError("bad_randomness", "The randomness is not the signature's hash.")
    return answer.signature, randomness


def _without_password(url: str) -> str:
    """Name a relay in logs and records; what stands before its host is nobody else's business."""
    return url.rpartition("@")[2]
