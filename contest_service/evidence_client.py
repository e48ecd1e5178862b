"""The client of those who vouch for the log from outside: witnesses and timestamp authorities.

Owns the requests and how whom to ask is written. What an answer means is for the flows; here it is
only taken in time and not too long. Asks no host but the operator's own list.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from contest_service.domain.errors import ContestError
from contest_service.flows.signer import Answer, Authority, Post, UnreachableError, Witness
from contest_service.platforms.transport import authorities
from contest_service.proof.errors import NoteError
from contest_service.proof.notes import KeyKind, VerifierKey, parse_key

PATIENCE = 5.0
"""Seconds that an answer may take."""
MOST_BYTES = 65_536
"""Of an answer."""
MOST_ASKED = 16
"""Witnesses, or authorities: their words have to fit on a note and into a bundle."""
_ADDRESS = re.compile(
    r"https?://(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(:(?P<port>\d{1,5}))?(/[^?#\s]*)?", re.ASCII
)


@asynccontextmanager
async def open_evidence_client() -> AsyncIterator[Post]:
    """Open the client; its connections close with the context."""
    async with httpx.AsyncClient(
        follow_redirects=False,
        timeout=PATIENCE,
        headers={"Accept-Encoding": "identity"},
        verify=authorities(),
    ) as client:

        async def post(url: str, body: bytes, *, content_type: str) -> Answer:
            host = httpx.URL(url).netloc.decode("ascii")
            try:
                async with asyncio.timeout(PATIENCE):
                    return await _post(client, url, body, content_type=content_type)
            except (httpx.HTTPError, TimeoutError) as error:
                detail = str(error) or type(error).__name__
                raise UnreachableError(f"{host} does not answer ({detail}).") from None

        yield post


async def _post(client: httpx.AsyncClient, url: str, body: bytes, *, content_type: str) -> Answer:
    headers = {"Content-Type": content_type}
    async with client.stream("POST", url, content=body, headers=headers) as response:
        answer = b""
        async for chunk in response.aiter_raw():
            answer += chunk
            if len(answer) > MOST_BYTES:
                raise UnreachableError(f"{response.url.host} answers more than {MOST_BYTES} bytes.")
        return Answer(status=response.status_code, body=answer)


def parse_witnesses(text: str) -> tuple[Witness, ...]:
    """Read CONTEST_WITNESSES: a verifier key and an address each. Raises ContestError."""
    pairs = _pairs("CONTEST_WITNESSES", text, "a verifier key and an address")
    found = tuple(
        Witness(
            key=_key("CONTEST_WITNESSES", key, KeyKind.WITNESS),
            url=_url("CONTEST_WITNESSES", url).rstrip("/"),
        )
        for key, url in pairs
    )
    _require_different("CONTEST_WITNESSES", [each.key.name for each in found])
    return found


def parse_authorities(text: str) -> tuple[Authority, ...]:
    """Read CONTEST_TIMESTAMP_AUTHORITIES: a name and an address each. Raises ContestError."""
    name = "CONTEST_TIMESTAMP_AUTHORITIES"
    pairs = _pairs(name, text, "a name and an address")
    found = tuple(Authority(name=who, url=_url(name, url)) for who, url in pairs)
    _require_different(name, [each.name for each in found])
    return found


def parse_logs(text: str) -> tuple[VerifierKey, ...]:
    """Read CONTEST_WITNESS_OF: the verifier keys of logs. Raises ContestError."""
    return tuple(_key("CONTEST_WITNESS_OF", key, KeyKind.LOG) for key in text.split())


def _pairs(name: str, text: str, of: str) -> list[tuple[str, str]]:
    words = text.split()
    if len(words) % 2:
        raise ContestError(f"{name}: give {of} each, divided by blanks or lines.")
    if len(words) > 2 * MOST_ASKED:
        raise ContestError(f"{name} names more than {MOST_ASKED}.")
    return list(zip(words[::2], words[1::2], strict=True))


def _require_different(name: str, names: list[str]) -> None:
    for each in names:
        if names.count(each) > 1:
            raise ContestError(f"{name} names {each} twice.")


def _key(name: str, text: str, kind: KeyKind) -> VerifierKey:
    whose = "witness" if kind is KeyKind.WITNESS else "log"
    try:
        key = parse_key(text)
    except NoteError as error:
        raise ContestError(f"{name}: “{text}” is no verifier key. {error.message}") from None
    if key.kind is not kind:
        raise ContestError(f"{name}: {key.name} is not the key of a {whose}.")
    return key


def _url(name: str, text: str) -> str:
    address = _ADDRESS.fullmatch(text)
    if address is None or not 0 < int(address["port"] or 443) < 1 << 16:
        raise ContestError(f"{name}: “{text}” is no address such as https://witness.example.org.")
    return text
