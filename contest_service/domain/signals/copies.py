"""Copies: comments that repeat what somebody else wrote before, found among half a million.

A text is reduced to its own words: without mentions, hashtags, links, signs and pictures, in one
case, with letters that were drawn out counted once. Below `LEAST_WORDS` of them it is a saying that
anybody may write ("count me in", "хочу, всем удачи") and no copy of anything. The rest is compared
by its pairs of neighbouring words: two texts are the same if they share half of all pairs that
either has (Jaccard), so that in each stretch of eight words one may differ.

Nobody compares everything with everything. Each text has a sketch, twenty numbers that are the
smallest of twenty hashes over its pairs (MinHash; A. Broder, 1997), in ten bands of two. Texts that
are the same share a band in more than nineteen of twenty cases, others seldom, and only those that
share one are compared. Each text is compared with the first ones of their kind, the *sources*, and
not with every copy of them, so that a thousand copies cost as much as a thousand texts.
"""

import re
import struct
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise
from operator import itemgetter
from uuid import UUID

import msgspec

LEAST_WORDS = 8
"""Of its own, below which a comment is no copy of another."""
SAME = 0.5
"""The share of all pairs of neighbouring words that two texts have in common if they are the same.
"""
COMMON = 10
"""Per cent of a contest's commenters; what more of them write was asked for, or is in fashion, and
is no copy."""
LEAST_COMMON = 25
"""Commenters whom that needs at least."""
_BANDS = 10
MOST_ALIKE = 20
"""Sources in one band; one with more tells nothing of any of them, and is left out."""
_MOST_WORDS = 200
"""What comes after in a longer text does not count."""
_HASHES = struct.Struct(f"<{2 * _BANDS}I")
_GREATEST = (0xFFFFFFFF,) * (2 * _BANDS)
_LEFT_OUT = re.compile(
    r"\[(?:id|club|public)\d+\|[^\]]*\]"  # a mention as VK writes it
    r"|https?://\S+|www\.\S+|[#@*][\w.\-]+"
)
_WORD = re.compile(r"[^\W_]+")
_DRAWN_OUT = re.compile(r"(\w)\1{2,}")


class Sketch(msgspec.Struct, frozen=True, gc=False):
    """A text as it is compared: how many words, the hashes of its pairs, and its bands."""

    words: int
    features: frozenset[int]
    bands: tuple[int, ...]


def own_words(text: str) -> list[str]:
    """Reduce a text to its own words."""
    plain = unicodedata.normalize("NFKC", _LEFT_OUT.sub(" ", text)).casefold().replace("ё", "е")
    return _WORD.findall(_DRAWN_OUT.sub(r"\1", plain))[:_MOST_WORDS]


def sketch(text: str) -> Sketch | None:
    """Sketch a text; None if it is too short to be a copy. Bands fit a signed 64-bit column."""
    words = own_words(text)
    return _sketched(" ".join(words)) if len(words) >= LEAST_WORDS else None


@lru_cache(maxsize=4096)
def _sketched(plain: str) -> Sketch:
    words = plain.split(" ")
    pairs = dict.fromkeys(pairwise(words))
    hashes = [_hashes(pair) for pair in pairs]
    # A second row of the greatest number, since `min` takes no single one.
    least = tuple(map(min, *hashes, _GREATEST))
    bands = tuple(
        (least[2 * band] << 32 | least[2 * band + 1]) - (1 << 63) ^ band for band in range(_BANDS)
    )
    return Sketch(words=len(words), features=frozenset(map(itemgetter(0), hashes)), bands=bands)


@lru_cache(maxsize=1 << 16)
def _hashes(pair: tuple[str, str]) -> tuple[int, ...]:
    # One digest holds sixteen numbers; the others are of the pair the other way round.
    there, back = (blake2b(" ".join(way).encode()).digest() for way in (pair, pair[::-1]))
    return _HASHES.unpack((there + back)[: _HASHES.size])


def is_same(one: frozenset[int], other: frozenset[int]) -> bool:
    """Whether two texts are the same, by their features."""
    shared = len(one & other)
    return shared >= SAME * (len(one) + len(other) - shared)


def packed(features: frozenset[int]) -> bytes:
    """Features as bytes: 4 each, ascending."""
    return struct.pack(f"<{len(features)}I", *sorted(features))


def unpacked(data: bytes) -> frozenset[int]:
    """The other way round."""
    return frozenset(struct.unpack(f"<{len(data) // 4}I", data))


def is_common(writers: int, commenters: int) -> bool:
    """Whether so many of all commenters write a text that it is no copy."""
    return writers >= LEAST_COMMON and writers * 100 > COMMON * commenters


class Said(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A comment: who wrote it, what the platform calls it, when (unix seconds), and its text."""

    account: str
    ref: str
    at: int
    text: str


class Source(msgspec.Struct, kw_only=True):
    """The first comment of its kind; whoever wrote it copied nobody."""

    id: UUID
    account: str
    ref: str
    at: int
    words: int
    features: frozenset[int]
    bands: tuple[int, ...] = ()
    former: tuple[str, ...] = ()
    """Who was taken for the first, until an earlier comment took the place."""
    is_new: bool = False

    @property
    def is_changed(self) -> bool:
        """Whether it stands otherwise where it was kept."""
        return bool(self.former) and not self.is_new


class Sources:
    """The sources known so far, to compare with. `place` finds one for each comment."""

    def __init__(self, known: Iterable[tuple[int, Source]] = ()) -> None:
        self._by_band: dict[int, list[Source]] = {}
        for band, source in known:
            self._by_band.setdefault(band, []).append(source)

    def place(self, said: Said, shape: Sketch, *, new_id: UUID) -> Source:
        """Return the source that a comment repeats; it may be itself, as a new one with `new_id`.

        Comments may come in any order: one that was written before its source takes its place.
        """
        source = self._find(shape)
        if source is None:
            return self._add(said, shape, new_id)
        if (said.at, said.ref) < (source.at, source.ref):
            source.former = (*source.former, source.account)
            source.account, source.ref, source.at = said.account, said.ref, said.at
        return source

    def _find(self, shape: Sketch) -> Source | None:
        looked_at: set[UUID] = set()
        for band in shape.bands:
            found = self._by_band.get(band, ())
            for source in found if len(found) <= MOST_ALIKE else ():
                if source.id in looked_at:
                    continue
                looked_at.add(source.id)
                if is_same(source.features, shape.features):
                    return source
        return None

    def _add(self, said: Said, shape: Sketch, new_id: UUID) -> Source:
        source = Source(
            id=new_id,
            account=said.account,
            ref=said.ref,
            at=said.at,
            words=shape.words,
            features=shape.features,
            bands=shape.bands,
            is_new=True,
        )
        for band in set(shape.bands):
            self._by_band.setdefault(band, []).append(source)
        return source
