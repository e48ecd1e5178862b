"""Whole contests and bundles for the standalone verifier, made without the service's own code.

Everything is naive on purpose: it says once more, in the shortest way, what the specification says.
Tests change one thing, seal again, and look at what the verifier makes of it.
"""

import copy
import importlib.util
import json
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

from proof.given import QUICKNET

VERIFIER = Path(__file__).parents[2] / "contest_service" / "proof" / "verify.py"
CONTEST = "c-2026"
ROUND = 32026121
INFO = QUICKNET["info_v1"]
SIGNATURES = {item["round"]: item["signature"] for item in QUICKNET["rounds"]}
BEACON = {
    "chain": INFO["hash"],
    "genesis": INFO["genesis_time"],
    "period": INFO["period"],
    "public_key": INFO["public_key"],
    "scheme": INFO["schemeID"],
}
ROUND_TIME = INFO["genesis_time"] + (ROUND - 1) * INFO["period"]


def load_verifier() -> ModuleType:
    """Load verify.py by its path, as a stranger's program would be."""
    spec = importlib.util.spec_from_file_location("standalone_verifier", VERIFIER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def jcs(value: object) -> bytes:
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def tagged(name: str, *parts: bytes) -> bytes:
    return sha256(b"drawproof/1 " + name.encode() + b"\0" + b"".join(parts)).digest()


def jsonl(values: list[Any]) -> bytes:
    return b"".join(jcs(value) + b"\n" for value in values)


def merkle(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, as it is written there."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0]).digest()
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return sha256(b"\1" + merkle(leaves[:k]) + merkle(leaves[k:])).digest()


def ticket(seed: bytes, commit: bytes, weight: int) -> bytes:
    return min(tagged("ticket", seed, commit, struct.pack(">I", j)) for j in range(weight))


@dataclass
class Made:
    """A contest to be changed and sealed. `files` is what the verifier gets."""

    weights: tuple[int, ...] = (1, 2, 3, 1, 1, 5)
    draws: list[Any] = field(
        default_factory=lambda: [
            {
                "tiers": [
                    {"id": "gold", "prize": "a car", "winners": 1},
                    {"id": "silver", "prize": "a bike", "winners": 2},
                ]
            }
        ]
    )
    edition: str = "public"
    dq_before: tuple[int, ...] = ()
    dq_after: tuple[int, ...] = ()
    upto: str = "close"
    evidence: bool = False
    void_at: int = ROUND_TIME - 100

    def __post_init__(self) -> None:
        self.openings: list[dict[str, Any]] = [
            {
                "contest": CONTEST,
                "entry": f"e{number}",
                "label": f"Ann {number}",
                "salt": sha256(b"salt %d" % number).hexdigest(),
                "subject": f"vk:{number}",
            }
            for number in range(len(self.weights))
        ]
        self.commits = [commitment(opening) for opening in self.openings]
        self.records = [
            {
                "record": {"contest": CONTEST, "entrant": f"n{number}", "verdict": "valid"},
                "salt": sha256(b"record %d" % number).hexdigest(),
            }
            for number in range(3)
        ]
        schedule = {
            "opens_at": ROUND_TIME - 90_000,
            "closes_at": ROUND_TIME - 5_000,
            "freeze_at": ROUND_TIME - 4_000,
            "draw_at": ROUND_TIME - 1,
        }
        self.terms: list[dict[str, Any]] = [
            {
                "v": "drawproof/1",
                "contest": CONTEST,
                "version": 1,
                "reason": "",
                "rules": {"condition": "liked", "version": 1},
                "schedule": schedule,
                "zone": "Europe/Moscow",
                "texts": {"en": ["Like the post."], "ru": ["Поставьте лайк."]},
                "verifiers": [],
            }
        ]
        self.rules: dict[str, Any] = {
            "title": "Spring draw",
            "organiser": "vk:club1",
            "opens_at": schedule["opens_at"],
            "closes_at": schedule["closes_at"],
            "draw_at": schedule["draw_at"],
            "min_lead": 600,
            "beacon": copy.deepcopy(BEACON),
            "draws": self.draws,
            "max_weight": 10,
            "terms_sha256": "",
        }
        self.extra: dict[str, bytes] = {}
        self.manifest: dict[str, Any] = {}
        self.edit_event: Callable[[dict[str, Any]], None] = lambda event: None

    # --- the list ---

    @property
    def leaves(self) -> list[bytes]:
        pairs = zip(self.commits, self.weights, strict=True)
        return sorted(commit + struct.pack(">I", weight) for commit, weight in pairs)

    def ranking(self, freeze_hash: str, k: int) -> list[tuple[bytes, bytes]]:
        randomness = sha256(bytes.fromhex(SIGNATURES[ROUND])).digest()
        seed = tagged("seed", randomness, bytes.fromhex(freeze_hash), struct.pack(">I", k))
        pairs = zip(self.commits, self.weights, strict=True)
        return sorted((ticket(seed, commit, weight), commit) for commit, weight in pairs)

    def initial(self, freeze_hash: str) -> list[list[dict[str, str]]]:
        gone = {self.commits[number] for number in self.dq_before}
        draws = []
        for k, draw in enumerate(self.draws):
            left = [item for item in self.ranking(freeze_hash, k) if item[1] not in gone]
            slots: list[dict[str, str]] = []
            for tier in draw["tiers"]:
                for _ in range(tier["winners"]):
                    slot = {"tier": tier["id"]}
                    if left:
                        value, commit = left.pop(0)
                        slot |= {"commit": commit.hex(), "ticket": value.hex()}
                    slots.append(slot)
            draws.append(slots)
        return draws

    # --- the events ---

    def events(self) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = []

        def add(kind: str, at: int, body: Any) -> str:
            prev = tagged("event", jcs(events[-1])).hex() if events else "0" * 64
            event = {"v": "drawproof/1", "contest": CONTEST, "seq": len(events), "prev": prev}
            event |= {"type": kind, "at": at, "body": copy.deepcopy(body)}
            self.edit_event(event)
            events.append(event)
            return tagged("event", jcs(event)).hex()

        rules_hash = add("rules", ROUND_TIME - 100_000, self.rules_body(0))
        for number in range(1, len(self.terms)):
            rules_hash = add("amend", ROUND_TIME - 100_000 + number, self.rules_body(number))
        if self.upto == "rules":
            return events
        freeze_hash = add("freeze", ROUND_TIME - 4_000, self.freeze_body(rules_hash))
        for number in self.dq_before:
            add("dq", ROUND_TIME - 3_000, {"commit": self.commits[number].hex(), "reason": "bot"})
        if self.upto == "freeze":
            return events
        if self.upto == "void":
            add("void", self.void_at, {"reason": "cancelled"})
            add("close", ROUND_TIME + 10**7, [])
            return events
        add("result", ROUND_TIME + 2, self.result_body(freeze_hash))
        for number in self.dq_after:
            body = {"commit": self.commits[number].hex(), "reason": "no-reply"}
            add("dq", ROUND_TIME + 90_000, body)
        add("close", ROUND_TIME + 99_000, {"note": "done"})
        return events

    def rules_body(self, number: int) -> dict[str, Any]:
        return self.rules | {"terms_sha256": sha256(jcs(self.terms[number])).hexdigest()}

    def freeze_body(self, rules_hash: str) -> dict[str, Any]:
        body: dict[str, Any] = {
            "rules": rules_hash,
            "round": ROUND,
            "entries": {
                "count": len(self.weights),
                "weight": sum(self.weights),
                "root": merkle(self.leaves).hex(),
                "sha256": sha256(b"".join(self.leaves)).hexdigest(),
            },
        }
        if self.evidence:
            body["evidence"] = {"sha256": sha256(self.evidence_txt()).hexdigest()}
        return body

    def result_body(self, freeze_hash: str) -> dict[str, Any]:
        signature = SIGNATURES[ROUND]
        return {
            "round": ROUND,
            "signature": signature,
            "randomness": sha256(bytes.fromhex(signature)).hexdigest(),
            "draws": self.initial(freeze_hash),
        }

    def evidence_txt(self) -> bytes:
        digests = [
            tagged("evidence", bytes.fromhex(line["salt"]), jcs(line["record"])).hex()
            for line in self.records
        ]
        return b"".join(digest.encode() + b"\n" for digest in sorted(digests))

    # --- the files ---

    def bare(self) -> dict[str, bytes]:
        return {
            "events.jsonl": jsonl(self.events()),
            "entries.bin": b"".join(self.leaves) if self.upto != "rules" else b"",
            "openings.jsonl": jsonl(self.openings if self.upto != "rules" else []),
        }

    def files(self) -> dict[str, bytes]:
        files = self.bare()
        for terms in self.terms:
            files[f"terms/{sha256(jcs(terms)).hexdigest()}.json"] = jcs(terms)
        if self.evidence and self.edition == "dispute":
            files["dispute/evidence.txt"] = self.evidence_txt()
            files["dispute/records.jsonl"] = jsonl(self.records)
        return self.sealed(files | self.extra)

    def sealed(self, files: dict[str, bytes]) -> dict[str, bytes]:
        """Add the manifest of these files, with the changes that were asked for."""
        listed = [
            {"name": name, "size": len(data), "sha256": sha256(data).hexdigest()}
            for name, data in sorted(files.items())
        ]
        manifest = {
            "v": "drawproof/1",
            "format": 1,
            "edition": self.edition,
            "contest": CONTEST,
            "files": listed,
        }
        return files | {"manifest.json": jcs(manifest | self.manifest)}


def commitment(opening: dict[str, Any]) -> bytes:
    identity = {key: value for key, value in opening.items() if key != "salt"}
    return tagged("entry", bytes.fromhex(opening["salt"]), jcs(identity))


def amended(**changes: Any) -> Made:
    """A contest whose rules were changed once, in the open."""
    made = Made()
    second = copy.deepcopy(made.terms[0]) | {"version": 2, "reason": "A clearer text."}
    made.terms.append(second | changes)
    return made


def dispute() -> Made:
    """The dispute edition with every file that it may have."""
    made = Made(edition="dispute", evidence=True)
    digest = sha256(b"page").hexdigest()
    scan = {
        "scan": "s1",
        "target": "at://post",
        "action": "like",
        "closing": True,
        "started_at": 10,
        "finished_at": 20,
        "state": "complete",
        "pages": 1,
        "seen": 6,
        "claimed": 7,
        "hidden": 1,
    }
    page = {"scan": "s1", "seq": 0, "sha256": digest, "size": 4, "fetched_at": 11}
    override = {"at": 12, "kind": "verdict", "reason": "An appeal.", "person": "p1"}
    message = {"at": 99, "commit": made.commits[0].hex(), "direction": "out", "channel": "reply"}
    made.extra = {
        "README.txt": "Для людей.\n".encode(),
        "dispute/scans.jsonl": jsonl([scan]),
        "dispute/pages.jsonl": jsonl([page]),
        "dispute/overrides.jsonl": jsonl([override | {"entrant": "n1"}]),
        "dispute/correspondence.jsonl": jsonl(
            [message | {"text": ["You won.", "Congratulations"]}]
        ),
    }
    return made


def write_folder(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder
