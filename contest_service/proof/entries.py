"""Entries: identity, salt, commitment, opening, and the frozen list (section 3).

The list is the bytes of `entries.bin`: 36 bytes of leaf data per entry, strictly ascending by
commitment. It is checked and summarised in one pass over chunks and then read in place, so that a
million entries stay 36 MB. Salts are arguments: where they come from is the store's business.
"""

import hashlib
import struct
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from operator import lt

import msgspec

from contest_service.proof import merkle
from contest_service.proof.canonical import MAX_STRING, decode, encode, lines, sha256, tag
from contest_service.proof.errors import EntryError, ProofError

LEAF_SIZE = 36
MAX_WEIGHT = 2**32 - 1
MAX_TICKETS = 10**7
"""Most tickets of one contest: total weight times the number of draws."""

_LEAF = struct.Struct(">32sI")
_ENTRY_TAG = tag("entry")
_SALT_SIZE = 32

_encoder = msgspec.json.Encoder(order="sorted")


class Identity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who an entry is, as the commitment holds it. Never an e-mail address or a phone number."""

    contest: str
    entry: str
    label: str
    """The name shown when it entered; may be empty."""
    subject: str
    """The account that entered first: `vk:123`, a DID, `vk@host:123`, or `import:` and an id."""


class Opening(Identity, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An identity with the salt of its commitment, in hex."""

    salt: str

    @property
    def commitment(self) -> bytes:
        """The commitment that this opens, in 32 bytes."""
        identity = Identity(
            contest=self.contest, entry=self.entry, label=self.label, subject=self.subject
        )
        return commit(identity, bytes.fromhex(self.salt))


def commit(identity: Identity, salt: bytes) -> bytes:
    """Return the commitment of an entry: 32 bytes.

    Raises EntryError for a salt of another size or an empty id, CanonicalError for strings outside
    the profile.
    """
    if len(salt) != _SALT_SIZE:
        raise EntryError("bad_salt", "A salt has 32 bytes.")
    if not (identity.contest and identity.entry and identity.subject):
        raise EntryError("empty_identity", "Contest, entry and subject of an entry are not empty.")
    try:
        text = _encoder.encode(identity)
    except UnicodeEncodeError:
        return sha256(_ENTRY_TAG + salt + encode(identity))
    if len(text) > MAX_STRING:  # only then can one of its strings be too long
        text = encode(identity)
    return sha256(_ENTRY_TAG + salt + text)


def leaf(commitment: bytes, weight: int) -> bytes:
    """Return an entry's leaf data: 36 bytes."""
    return _LEAF.pack(commitment, weight)


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What the freeze event says of the list. Hashes in hex."""

    count: int
    root: str
    sha256: str
    weight: int


class SummaryBuilder:
    """Checks and summarises `entries.bin` while its bytes arrive; chunks may be cut anywhere."""

    def __init__(self) -> None:
        self.heaviest = 0
        self._count = 0
        self._weight = 0
        self._last = b""
        self._rest = b""
        self._tree = merkle.RootBuilder()
        self._digest = hashlib.sha256()

    def add(self, chunk: bytes | memoryview) -> None:
        """Take the next bytes.

        Raises EntryError if they break the order, hold a weight of 0, or exceed the most tickets.
        """
        self._digest.update(chunk)
        data = self._rest + chunk if self._rest else chunk
        whole = len(data) - len(data) % LEAF_SIZE
        self._rest = bytes(data[whole:])
        if not whole:
            return
        data = bytes(data[:whole])
        # One unpacking of all is four times as fast as one of each.
        fields = struct.unpack(">" + "32sI" * (whole // LEAF_SIZE), data)
        commitments, weights = fields[::2], fields[1::2]
        self._require_order(commitments)
        if min(weights) == 0:
            raise EntryError("bad_weight", "An entry has the weight 0.")
        self._last = commitments[-1]
        self._count += len(weights)
        self._weight += sum(weights)
        self.heaviest = max(self.heaviest, *weights)
        if self._weight > MAX_TICKETS:
            raise EntryError("too_many_tickets", f"There are more than {MAX_TICKETS} tickets.")
        self._tree.extend(data[at : at + LEAF_SIZE] for at in range(0, whole, LEAF_SIZE))

    def finish(self) -> Summary:
        """Return the summary. Raises EntryError if the bytes end within an entry."""
        if self._rest:
            raise EntryError("bad_size", f"The list is not a multiple of {LEAF_SIZE} bytes.")
        return Summary(
            count=self._count,
            root=self._tree.root().hex(),
            sha256=self._digest.hexdigest(),
            weight=self._weight,
        )

    def _require_order(self, commitments: tuple[bytes, ...]) -> None:
        before = (self._last, *commitments)
        if not all(map(lt, before, commitments)):
            raise EntryError("not_ascending", "The commitments are not strictly ascending.")


class EntryList:
    """A frozen list: its bytes and their summary. Reads in place."""

    def __init__(self, data: bytes | memoryview, summary: Summary, *, heaviest: int) -> None:
        """Wrap bytes that a SummaryBuilder has seen whole; `parse` is for any others."""
        self.data = memoryview(data)
        self.summary = summary
        self.heaviest = heaviest

    @classmethod
    def parse(cls, data: bytes | memoryview) -> "EntryList":
        """Check and summarise the bytes of `entries.bin`. Raises EntryError."""
        builder = SummaryBuilder()
        view = memoryview(data)
        for start in range(0, len(view), _CHUNK):
            builder.add(view[start : start + _CHUNK])
        return cls(view, builder.finish(), heaviest=builder.heaviest)

    def __len__(self) -> int:
        return len(self.data) // LEAF_SIZE

    def __iter__(self) -> Iterator[tuple[bytes, int]]:
        """Yield (commitment, weight), ascending."""
        return _LEAF.iter_unpack(self.data)

    def commitment(self, index: int) -> bytes:
        """Return the commitment at `index`."""
        start = index * LEAF_SIZE
        return bytes(self.data[start : start + 32])

    def weight(self, index: int) -> int:
        """Return the weight of the entry at `index`."""
        weight: int = _LEAF.unpack_from(self.data, index * LEAF_SIZE)[1]
        return weight

    def index(self, commitment: bytes) -> int | None:
        """Return where a commitment stands in the list, None if it does not."""
        at = bisect_left(range(len(self)), commitment, key=self.commitment)
        return at if at < len(self) and self.commitment(at) == commitment else None

    def __contains__(self, commitment: bytes) -> bool:
        return self.index(commitment) is not None


_CHUNK = 65536 // LEAF_SIZE * LEAF_SIZE * 4

EMPTY = EntryList(b"", SummaryBuilder().finish(), heaviest=0)

_opening_decoder = msgspec.json.Decoder(Opening)


def parse_opening(line: bytes) -> Opening:
    """Read one line of `openings.jsonl`.

    Raises CanonicalError or EntryError.
    """
    try:
        opening = _opening_decoder.decode(line)
    except (ValueError, RecursionError) as error:
        decode(line)
        raise EntryError("bad_opening", f"An opening has another shape: {error}") from error
    if _encoder.encode(opening) != line:
        raise EntryError("not_canonical", "An opening is not spelled in its canonical form.")
    if len(line) > MAX_STRING:  # only then can one of its strings be too long
        decode(line)
    if not _is_hash(opening.salt):
        raise EntryError("bad_salt", "The salt of an opening is not 64 lower-case hex digits.")
    return opening


def check_openings(
    chunks: Iterable[bytes], *, contest: str, entries: EntryList
) -> Mapping[bytes, int]:
    """Check a whole `openings.jsonl` and return the line, from 1, that opens each commitment.

    Raises CanonicalError or EntryError: every opening is of this contest and of a listed entry, and
    no commitment, entry id or subject is opened twice.
    """
    opened: dict[bytes, int] = {}
    ids: set[str] = set()
    subjects: set[str] = set()
    for number, line in enumerate(lines(chunks), 1):
        try:
            opening = parse_opening(line)
            if opening.contest != contest:
                raise EntryError("foreign_opening", "An opening is of another contest.")
            opened[opening.commitment] = number
        except ProofError as error:
            error.at_line(number)
            raise
        ids.add(opening.entry)
        subjects.add(opening.subject)
        if not len(opened) == len(ids) == len(subjects) == number:
            raise EntryError(
                "opened_twice", "A commitment, an entry id or a subject is opened twice."
            ).at_line(number)
    listed = sum(commitment in opened for commitment, _ in entries)
    if listed != len(opened):
        unknown = min(opened[commitment] for commitment in opened if commitment not in entries)
        raise EntryError(
            "unknown_opening", "An opening is of no entry in the frozen list."
        ).at_line(unknown)
    return opened


def _is_hash(text: str) -> bool:
    return len(text) == 64 and not text.strip("0123456789abcdef")
