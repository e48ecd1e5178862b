"""Callbacks: events that a platform sends to an address that only it knows.

Nothing is kept before an event has said what it must carry and whose it is. What it tells is worked
in later (`hear`), so that the platform is answered at once.
"""

import asyncio
import hashlib
import hmac
import re
import secrets

import msgspec

from contest_service.domain.accounts import Platform
from contest_service.domain.codes import find_codes
from contest_service.domain.errors import ContestError, ForbiddenError, NotFoundError
from contest_service.flows.runtime import Runtime
from contest_service.platforms.errors import PlatformError
from contest_service.platforms.live import Event, read_event, write_message
from contest_service.store import channels, heard, work
from contest_service.store.channels import Addressed
from contest_service.store.heard import Arrival
from contest_service.store.work import Due

_PATH = re.compile(r"[A-Za-z0-9_-]{43}")
_DIGEST = "sha256:"
_LOOK_AGAIN = 0.1
"""Seconds."""


class Secrets(msgspec.Struct, frozen=True, kw_only=True):
    """What makes a callback believable: its address, and what each event must carry.

    `code` is what the platform wants to hear when it tries the address; empty until it has told.
    """

    path: str
    secret: str
    code: str = ""

    def __repr__(self) -> str:
        return "Secrets(…)"


def make_secrets() -> Secrets:
    """Make an address, and what must come with whatever is sent there."""
    return Secrets(path=secrets.token_urlsafe(32), secret=secrets.token_urlsafe(32))


def seal_secrets(rt: Runtime, known: Secrets) -> bytes:
    """Encrypt what is kept of a callback."""
    return rt.vault.seal(msgspec.json.encode(known))


def open_secrets(rt: Runtime, sealed: bytes) -> Secrets:
    """Read what is kept of a callback. Raises ContestError if none of the keys opens it."""
    return msgspec.json.decode(rt.vault.open(sealed), type=Secrets)


def digest_of(path: str) -> bytes:
    """What an address is found by: the digest of its last part."""
    return hashlib.sha256(path.encode()).digest()


def arrival_of(platform: Platform, event: Event, body: bytes) -> Arrival | None:
    """An event under the platform's name for it, or where it has none under its digest.

    Of a message nothing is kept but the codes in it, and of one without a code nothing at all.
    """
    id_ = event.id or _DIGEST + hashlib.sha256(body).hexdigest()
    if not event.is_message:
        return Arrival(event_id=id_, body=body)
    found = find_codes(event.said.text) if event.said else ()
    if not found:
        return None
    return Arrival(event_id=id_, body=write_message(platform, event, " ".join(found)))


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What to answer, and what became due."""

    answer: str
    due: tuple[Due, ...] = ()


async def take_event(rt: Runtime, platform: Platform, path: str, *, body: bytes) -> Taken:
    """Keep what came to an address, and say what the platform wants to hear.

    A platform that tries the address is answered with the code as soon as that is known; whoever
    calls sets a limit to the wait. Raises NotFoundError for an address that is none, ForbiddenError
    for whatever is not to be believed.
    """
    addressed = None
    if _PATH.fullmatch(path):
        async with rt.pool.acquire() as conn:
            addressed = await channels.find(conn, digest_of(path))
    if addressed is None or addressed.platform is not platform:
        raise NotFoundError("There is no such address.")
    event = _believed(rt, addressed, body)
    if event.is_confirmation:
        return Taken(answer=await _code(rt, addressed))
    arrival = arrival_of(platform, event, body)
    if arrival is None:
        return Taken(answer="ok")
    async with rt.pool.acquire() as conn, conn.transaction():
        now = rt.clock()
        key = (addressed.workspace_id, addressed.community_id)
        if not await heard.add(conn, *key, [arrival], at=now):
            return Taken(answer="ok")
        due = await work.plan(conn, key[0], work.Kind.HEAR, key[1], due_at=now)
    return Taken(answer="ok", due=(due,))


def _believed(rt: Runtime, addressed: Addressed, body: bytes) -> Event:
    """Read an event. Raises ForbiddenError, which does not tell why."""
    refusal = ForbiddenError("This is not accepted.")
    try:
        event = read_event(addressed.platform, body)
        secret = open_secrets(rt, addressed.secrets).secret
    except (PlatformError, ContestError):
        raise refusal from None
    given = event.secret.encode("utf-8", "surrogatepass")
    is_secret = hmac.compare_digest(given, secret.encode())
    if not is_secret or event.community != addressed.account:
        raise refusal
    return event


async def _code(rt: Runtime, addressed: Addressed) -> str:
    """What the platform wants to hear. It may ask in the moment before it is told to us."""
    sealed: bytes | None = addressed.secrets
    while sealed is not None:
        if code := open_secrets(rt, sealed).code:
            return code
        await asyncio.sleep(_LOOK_AGAIN)
        async with rt.pool.acquire() as conn:
            sealed = await channels.secrets(conn, addressed.workspace_id, addressed.community_id)
    raise NotFoundError("There is no such address.")
