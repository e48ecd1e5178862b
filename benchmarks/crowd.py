"""A made-up crowd: accounts whose ids are spread like real ones, and what they did.

The same numbers give the same people, so that a second pass over a post sees the first one's.
"""

import hashlib
import secrets
from base64 import b32encode
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import TypeVar
from uuid import UUID

from contest_service.domain.accounts import Profile
from contest_service.domain.evidence import Sighting
from contest_service.store.scans import ReadPage, StagedPage

T = TypeVar("T")

PAGE = 100
"""Actions on a page of Bluesky."""
_PAGE_BYTES = 30_000


def did(number: int) -> str:
    """The stable id of somebody; ids of neighbours are far apart."""
    digest = hashlib.sha256(number.to_bytes(8, "big")).digest()
    return f"did:plc:{b32encode(digest[:15]).decode().lower()}"


def profile(number: int) -> Profile:
    return Profile(
        account=did(number),
        handle=f"person{number}.bsky.social",
        name=f"Person {number}",
        created_at=1_600_000_000 + number % 100_000_000,
        has_picture=True,
    )


def like(number: int, at: int) -> Sighting:
    """A like, as a page shows it: it has a time and no name of its own."""
    return Sighting(account=did(number), ref="", at=at - number % 3000)


def comment(number: int, at: int) -> Sighting:
    """A comment with a few words, a hashtag and a mention."""
    account = did(number)
    return Sighting(
        account=account,
        ref=f"at://{account}/app.bsky.feed.post/3k{number:011}",
        at=at - number % 3000,
        text=f"I would so love to win this mug number {number} for my morning coffee! #mug",
        tags=("mug",),
        mentions=(did(number + 1),),
    )


def staged_pages(sightings: Iterator[Sighting], at: datetime) -> Iterator[StagedPage]:
    """Lay actions out on pages, as a scan reads them."""
    for seq, page in enumerate(batches(sightings, PAGE)):
        yield StagedPage(seq=seq, answer="present", seen_at=at, sightings=page)


def read_pages(first: int, count: int, at: datetime) -> list[ReadPage]:
    """The digests of some pages."""
    return [
        ReadPage(
            seq=seq,
            sha256=hashlib.sha256(seq.to_bytes(8, "big")).digest(),
            size=_PAGE_BYTES,
            fetched_at=at,
            body=None,
        )
        for seq in range(first, first + count)
    ]


def new_id(number: int) -> UUID:
    """A UUIDv7 of its own for each number, ascending as those of PostgreSQL do."""
    millis = 1_767_600_000_000 + number // 50
    head = millis << 80 | 0x7 << 76 | (number % 50 * 80) << 64
    return UUID(int=head | 0b10 << 62 | secrets.randbits(62))


def batches(items: Iterator[T], size: int) -> Iterator[Sequence[T]]:
    while batch := list(islice(items, size)):
        yield batch
