"""Bundles with a log: checkpoints, witnesses, timestamps, trust files, promises and receipts.

Any sealed bundle of `generated`, `bundles` or `grown` can be given a log; nothing here uses the
service's own code. A `Witnessed` is open to changes, and `files` seals what is left consistently,
so that a change is the only defect:

    made = Made()                                # grade A with the trust file `TRUST`
    files = Witnessed(made.files()).files()
    files = witnessed_bundle(made.files(), checkpoints=[Checkpoint(covers=2), Checkpoint()])
"""

import json
import struct
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from proof.authorities import Authority, Stamp, authority, timestamp
from proof.generated import commitment, jcs, merkle, tagged

LOG_TYPE, WITNESS_TYPE = 1, 4


# --- keys --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Signer:
    """A log's key (type 1) or a witness's (type 4), and whose it is. The name makes the key."""

    operator: str
    name: str
    type: int = WITNESS_TYPE

    @cached_property
    def key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(sha256(self.name.encode()).digest())

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes_raw()

    @property
    def id(self) -> bytes:
        typed = bytes([self.type]) + self.public
        return sha256(self.name.encode() + b"\n" + typed).digest()[:4]

    @property
    def verifier_key(self) -> str:
        typed = b64encode(bytes([self.type]) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{typed}"

    def line(self, text: bytes, time: int | None = None) -> bytes:
        """Return the signature line over a note's text; `time` is what a witness adds."""
        if time is None:
            return self.written(self.key.sign(text))
        signature = self.key.sign(b"cosignature/v1\ntime %d\n" % time + text)
        return self.written(struct.pack(">Q", time) + signature)

    def written(self, signature: bytes) -> bytes:
        """Return a signature line with these bytes behind the key id, whatever they are."""
        return b"\xe2\x80\x94 %s %s\n" % (self.name.encode(), b64encode(self.id + signature))


def log_key(operator: str = "Operator", name: str = "log.example/contests") -> Signer:
    """Return the key of a log; its origin is the name."""
    return Signer(operator, name, LOG_TYPE)


def witness(operator: str, name: str = "") -> Signer:
    """Return the key of a witness."""
    return Signer(operator, name or f"{operator.lower()}.example/witness")


LOG = log_key()
WITNESSES = (witness("Ann"), witness("Bob"))
AUTHORITIES = (authority("Clock"), authority("Dial", "p256", between=0))


def trust_file(
    *,
    logs: Sequence[Signer] = (LOG,),
    witnesses: Sequence[Signer] = WITNESSES,
    authorities: Sequence[Authority] = AUTHORITIES,
    **changes: Any,
) -> bytes:
    """Return a trust file that believes these, with changed or further keys."""
    value = {
        "v": "drawproof/1",
        "logs": [{"operator": one.operator, "key": one.verifier_key} for one in logs],
        "witnesses": [{"operator": one.operator, "key": one.verifier_key} for one in witnesses],
        "timestamps": [
            {"operator": one.operator, "certificate": b64encode(one.root.der).decode()}
            for one in authorities
        ],
    }
    return json.dumps(value | changes, indent=1).encode()


# --- trees, as RFC 6962 writes them --------------------------------------------------------


def split(count: int) -> int:
    """Return the largest power of two below a number of leaves."""
    return 1 << ((count - 1).bit_length() - 1)


def inclusion(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the inclusion path of a leaf: RFC 6962, section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    left, right = list(leaves[:k]), list(leaves[k:])
    if index < k:
        return [*inclusion(left, index), merkle(right)]
    return [*inclusion(right, index - k), merkle(left)]


def subtrees(leaves: Sequence[bytes]) -> list[bytes]:
    """Return the roots of the perfect subtrees into which these leaves fall, from the left."""
    roots, start = [], 0
    for bit in reversed(range(len(leaves).bit_length())):
        if len(leaves) >> bit & 1:
            roots.append(merkle(list(leaves[start : start + (1 << bit)])))
            start += 1 << bit
    return roots


def foreign(number: int) -> bytes:
    """Return the leaf data of another contest's event."""
    name = sha256(b"other %d" % (number % 3)).digest()
    return name + struct.pack(">I", number) + sha256(b"event %d" % number).digest()


# --- the bundle ----------------------------------------------------------------------------


@dataclass
class Checkpoint:
    """A checkpoint over the first events of the contest, and who saw it when.

    `covers` is the number of the contest's own events below it, all of them if None; `further`
    the number of leaves of other contests behind them. A time that is None is a minute after the
    freeze (or after the last event if there is none).
    """

    covers: int | None = None
    further: int = 1
    cosigned: list[tuple[Signer, int | None]] = field(default_factory=list)
    stamped: list[tuple[Authority, Stamp | None]] = field(default_factory=list)
    edit_text: Callable[[bytes], bytes] = lambda text: text
    lines: bytes = b""
    """Further signature lines."""


def seen_by_all() -> list[Checkpoint]:
    """Return the checkpoints of an honest contest: one after the freeze, one at the end."""
    return [
        Checkpoint(
            covers=2,
            cosigned=[(one, None) for one in WITNESSES],
            stamped=[(one, None) for one in AUTHORITIES],
        ),
        Checkpoint(),
    ]


@dataclass
class Witnessed:
    """A sealed bundle with a log around its events.

    `before` leaves of other contests stand before the first event and `between` after each. The
    leaves may be changed by `edit_leaves`, which gets them all.
    """

    bundle: Mapping[str, bytes]
    checkpoints: list[Checkpoint] = field(default_factory=seen_by_all)
    log: Signer = LOG
    before: int = 5
    between: int = 2
    edit_leaves: Callable[[list[bytes]], None] = lambda leaves: None

    @cached_property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.bundle["events.jsonl"].splitlines()]

    @cached_property
    def leaves(self) -> list[bytes]:
        """Every leaf of the log, from its first."""
        numbers = iter(range(10**6))
        found = [foreign(next(numbers)) for _ in range(self.before)]
        for event in self.events:
            contest = sha256(event["contest"].encode()).digest()
            found.append(contest + struct.pack(">I", event["seq"]) + tagged("event", jcs(event)))
            found += [foreign(next(numbers)) for _ in range(self.between)]
        self.edit_leaves(found)
        return found

    @property
    def moment(self) -> int:
        """A minute after the freeze, or after the last event."""
        frozen = [event for event in self.events if event["type"] == "freeze"]
        return int((frozen or self.events)[-1]["at"]) + 60

    def index_of(self, seq: int) -> int:
        """Return the index of an event's leaf."""
        return self.before + seq * (self.between + 1)

    def size_of(self, checkpoint: Checkpoint) -> int:
        covers = len(self.events) if checkpoint.covers is None else checkpoint.covers
        return self.index_of(covers - 1) + 1 + min(checkpoint.further, self.between)

    def text_of(self, checkpoint: Checkpoint) -> bytes:
        size = self.size_of(checkpoint)
        root = b64encode(merkle(self.leaves[:size])).decode()
        return checkpoint.edit_text(f"{self.log.name}\n{size}\n{root}\n".encode())

    def note_of(self, checkpoint: Checkpoint) -> bytes:
        """Return the checkpoint with its signatures."""
        text = self.text_of(checkpoint)
        lines = [self.log.line(text)]
        lines += [
            one.line(text, self.moment if time is None else time)
            for one, time in checkpoint.cosigned
        ]
        return text + b"\n" + b"".join(lines) + checkpoint.lines

    def slice_json(self) -> dict[str, Any]:
        left = [root.hex() for root in subtrees(self.leaves[: self.before])]
        return {"v": "drawproof/1", "first": self.before, "left": left}

    def log_files(self) -> dict[str, bytes]:
        """Return what lies in `log/` and `evidence/`."""
        largest = max(map(self.size_of, self.checkpoints))
        files = {
            "log/slice.json": jcs(self.slice_json()),
            "log/slice.bin": b"".join(self.leaves[self.before : largest]),
        }
        for checkpoint in self.checkpoints:
            size = self.size_of(checkpoint)
            files[f"log/checkpoint-{size}.txt"] = self.note_of(checkpoint)
            for number, (clock, stamp) in enumerate(checkpoint.stamped, 1):
                answer = timestamp(
                    clock, self.text_of(checkpoint), stamp or Stamp(time=self.moment)
                )
                files[f"evidence/checkpoint-{size}.{number}.tsr"] = answer
        return files

    def files(self, **changes: bytes | None) -> dict[str, bytes]:
        """Return the sealed files. What is given by its name is put in place, or left out."""
        found: dict[str, bytes | None] = {**self.bundle, **self.log_files(), **changes}
        return sealed({name: data for name, data in found.items() if data is not None})


def witnessed_bundle(bundle: Mapping[str, bytes], **changes: Any) -> dict[str, bytes]:
    """Return the files of a bundle with a log; the changes are fields of `Witnessed`."""
    return Witnessed(bundle, **changes).files()


def sealed(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files with a manifest of format 2 that suits them; it keeps what it says."""
    plain = {name: data for name, data in files.items() if name != "manifest.json"}
    listed = [
        {"name": name, "size": len(data), "sha256": sha256(data).hexdigest()}
        for name, data in sorted(plain.items())
    ]
    manifest = json.loads(files["manifest.json"]) | {"format": 2, "files": listed}
    return {**plain, "manifest.json": jcs(manifest)}


# --- what an entrant holds -----------------------------------------------------------------


def promise(
    opening: Mapping[str, Any], weight: int, time: int, *, log: Signer = LOG, **changes: Any
) -> bytes:
    """Return the promise that an entry will stand in the list; changes come after signing."""
    commit = commitment(dict(opening))
    message = commit + struct.pack(">IQ", weight, time)
    signature = log.key.sign(b"drawproof/1 promise\0" + message)
    value = {
        "v": "drawproof/1",
        "kind": "promise",
        "contest": opening["contest"],
        "commit": commit.hex(),
        "weight": weight,
        "time": time,
        "log": log.verifier_key,
        "signature": signature.hex(),
    }
    return jcs(value | changes)


def receipt(
    found: Witnessed,
    opening: Mapping[str, Any],
    *,
    checkpoint: Checkpoint | None = None,
    **changes: Any,
) -> bytes:
    """Return the receipt for a frozen entry, with changes.

    The checkpoint is the first of the bundle that covers the freeze unless another one is given.
    """
    entries = found.bundle["entries.bin"]
    leaves = [entries[at : at + 36] for at in range(0, len(entries), 36)]
    commit = commitment(dict(opening))
    index = next(number for number, leaf in enumerate(leaves) if leaf[:32] == commit)
    freeze = next(event for event in found.events if event["type"] == "freeze")
    log_index = found.index_of(freeze["seq"])
    sized = [one for one in found.checkpoints if found.size_of(one) > log_index]
    note = checkpoint or min(sized, key=found.size_of)
    path = inclusion(leaves, index)
    log_path = inclusion(found.leaves[: found.size_of(note)], log_index)
    value = {
        "v": "drawproof/1",
        "kind": "receipt",
        "opening": dict(opening),
        "weight": struct.unpack(">I", leaves[index][32:])[0],
        "index": index,
        "path": [node.hex() for node in path],
        "freeze": freeze,
        "log_index": log_index,
        "log_path": [node.hex() for node in log_path],
        "checkpoint": found.note_of(note).decode(),
    }
    return jcs(value | changes)
