"""Contests grown from a number with the service's own modules, and what may go wrong with them.

The same number always gives the same contest. A `Grown` is kept as plain values, so that any of
them can be changed; `files` seals what is left consistently, so that a change is the only defect.
"""

import copy
import json
import struct
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from typing import Any, TypeVar

import msgspec

from contest_service.proof.beacon import QUICKNET, Beacon
from contest_service.proof.chain import Chain
from contest_service.proof.entries import EntryList, Opening, leaf
from contest_service.proof.events import Anchor, EventType, Rules, Void
from contest_service.proof.terms import Terms, TermsSchedule
from proof import bundles, contests
from proof.generated import SIGNATURES, merkle, tagged, ticket

CONTESTS = ("c", "contest-2026", "розыгрыш", 'q"\\\u0000\u2028', "e\u0301", "\U0001f600" * 3)
TEXTS = ("mug", "a", "кружка", "\ufeff", "\u202e evil", "\x7f", "tab\tline\n", "\ud7ff\ue000", "é")
ROUNDS = (334, 1000, 5000)  # of the practice beacon; few, since a signature takes long to check


T = TypeVar("T")


class Dice:
    """Numbers that look random and follow from a seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._count = 0

    def below(self, limit: int) -> int:
        self._count += 1
        digest = sha256(b"%d/%d" % (self._seed, self._count)).digest()
        return int.from_bytes(digest, "big") % limit

    def chance(self, percent: int) -> bool:
        return self.below(100) < percent

    def choice(self, items: Sequence[T]) -> T:
        return items[self.below(len(items))]

    def some(self, items: Sequence[T], percent: int) -> list[T]:
        return [item for item in items if self.chance(percent)]


def encode(value: Any) -> bytes:
    """Canonical bytes, but of anything: what the profile forbids is written all the same."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def lines(values: Sequence[Any]) -> bytes:
    return b"".join(encode(value) + b"\n" for value in values)


class Grown:
    """A contest of the seed, as values that may be changed."""

    def __init__(self, dice: Dice) -> None:
        self.dice = dice
        self.practice = dice.chance(60)
        self.contest = dice.choice(CONTESTS)
        self.bare = dice.chance(30)
        self.edition = "dispute" if dice.chance(40) else "public"
        self._choose_round()
        self._choose_list()
        self.quizzes = [
            self._quiz(code) for code in ("a", "q-1", "z_2")[: dice.choice((0, 0, 1, 3))]
        ]
        self.terms = [
            self._terms(version) for version in range(1, 2 + dice.choice((0, 0, 0, 1, 2)))
        ]
        self.events: list[Any] = []
        self._chain = Chain(self.contest, self._entry_list(), practice=True)
        self._live()
        self.dispute: dict[str, list[Any]] = {}
        self.evidence = sorted(bundles.digest(number).hex() for number in bundles.SALTS)
        if self.edition == "dispute":
            self._dispute()
        self.extra = dict.fromkeys(dice.some(("README.txt", "verify.html"), 20), b"x")
        if not any(event["type"] == "freeze" for event in self.events):
            self.quizzes = dice.some(self.quizzes, 50)
        self.quiz_names = [f"quiz/{commitment_of(each)}.json" for each in self.quizzes]

    # --- growing ---

    def _choose_round(self) -> None:
        self.beacon: Beacon = contests.BEACON if self.practice else QUICKNET
        self.round = self.dice.choice(ROUNDS if self.practice else sorted(SIGNATURES)[1:])
        time = self.beacon.time_of(self.round)
        self.draw_at = time - self.dice.below(self.beacon.period)
        self.min_lead = self.dice.choice((600, 601, 3600))
        if self.practice and self.dice.chance(30):
            self.min_lead = 0
        self.freeze_at = self.draw_at - self.min_lead - self.dice.choice((0, 1, 500))
        self.closes_at = self.freeze_at - self.dice.choice((0, 0, 60))
        self.opens_at = self.closes_at - self.dice.choice((0, 86_400))

    def _choose_list(self) -> None:
        dice = self.dice
        count = dice.choice((0, 1, 2, 3, 5, 8, 13, 33))
        self.weights = [dice.choice((1, 1, 1, 2, 5)) for _ in range(count)]
        self.opened = [
            Opening(
                contest=self.contest,
                entry=f"e{number}",
                label=dice.choice((*TEXTS, "")),
                subject=f"import:e{number}"
                if number % 3 == 2
                else f"vk@{dice.choice(TEXTS)}:{number}",
                salt=sha256(b"salt %d" % number).hexdigest(),
            )
            for number in range(count)
        ]
        self.draws = tuple(
            msgspec.structs.replace(draw, tiers=tuple(self._tiers(draw.tiers)))
            for draw in contests.draws(
                *(
                    [dice.choice((1, 2, 4)) for _ in range(1 + dice.below(3))]
                    for _ in range(dice.choice((1, 1, 2)))
                )
            )
        )
        self.openings: list[Any] = [msgspec.to_builtins(item) for item in self.opened]
        if dice.chance(50):
            self.openings = dice.some(self.openings, 50)

    def _tiers(self, tiers: Sequence[Any]) -> list[Any]:
        return [
            msgspec.structs.replace(tier, id=f"{tier.id}{self.dice.choice(TEXTS)}")
            for tier in tiers
        ]

    def _entry_list(self) -> EntryList:
        pairs = zip(self.opened, self.weights, strict=True)
        return EntryList.parse(b"".join(sorted(leaf(one.commitment, w) for one, w in pairs)))

    def _quiz(self, code: str) -> Any:
        answers = [self.dice.choice(TEXTS) for _ in range(self.dice.choice((1, 1, 2, 5)))]
        salt = sha256(b"quiz " + code.encode()).hexdigest()
        opened = {"v": "drawproof/1", "contest": self.contest, "quiz": code}
        return opened | {"answers": answers, "salt": salt}

    def _terms(self, version: int) -> Any:
        schedule = TermsSchedule(
            opens_at=self.opens_at,
            closes_at=self.closes_at,
            freeze_at=self.freeze_at,
            draw_at=self.draw_at,
        )
        made: Terms = bundles.terms(
            version, contest=self.contest, schedule=schedule, zone="Asia/Omsk", verifiers=()
        )
        terms = msgspec.to_builtins(made)
        # An amendment may drop questions; those that stay keep their answers.
        asked = self.quizzes if version == 1 else self.dice.some(self.quizzes, 70)
        if asked:
            terms["quizzes"] = [
                {"quiz": each["quiz"], "commitment": commitment_of(each)} for each in asked
            ]
        return terms

    def _rules(self, number: int) -> Rules:
        return contests.rules(
            title=self.dice.choice(TEXTS),
            opens_at=self.opens_at,
            closes_at=self.closes_at,
            draw_at=self.draw_at,
            min_lead=self.min_lead,
            beacon=self.beacon,
            draws=self.draws,
            terms_sha256=sha256(encode(self.terms[number])).hexdigest(),
        )

    def _add(self, type_: EventType, at: int, body: Any) -> None:
        event = contests.append(self._chain, type_, at, body)
        self.events.append(msgspec.to_builtins(event))

    def _live(self) -> None:
        dice, chain = self.dice, self._chain
        self.entries = b""
        self._add(EventType.RULES, self.opens_at - 1000, self._rules(0))
        for number in range(1, len(self.terms)):
            self._add(EventType.AMEND, self.opens_at - 1000 + number, self._rules(number))
        if dice.chance(6):
            return
        if dice.chance(6):
            self._void(self.draw_at + dice.below(9))
            return
        self.entries = bytes(chain.entries.data)
        self._freeze()
        commits = [one.commitment.hex() for one in self.opened]
        early, late = dice.some(commits, 15), dice.some(commits, 30)
        time = chain.round_time
        in_time = self.freeze_at < time
        early = early if in_time else []
        for commit in early:
            self._dq(commit, self.freeze_at)
        if dice.chance(7):
            return
        if dice.chance(12):
            before = (time - 1, self.freeze_at) if in_time else ()
            self._void(dice.choice((*before, time + 604_800)))
            return
        self._add(EventType.RESULT, time + dice.below(5), chain.result_body(self._sign(self.round)))
        for commit in late:
            if commit not in early:
                self._dq(commit, time + 99)
        if dice.chance(50):
            self._add(EventType.CLOSE, time + 99, dice.choice(({"a": [True, {}]}, "done", 0, [])))

    def _freeze(self) -> None:
        evidence = anchor = None
        if self.dice.chance(60):
            evidence = sha256(bundles.EVIDENCE).hexdigest()
        if self.dice.chance(20):
            round_ = ROUNDS[0] - 1 if self.practice else min(SIGNATURES)
            if self.beacon.time_of(round_) <= self.freeze_at:
                anchor = Anchor(round=round_, signature=self._sign(round_))
        body = self._chain.freeze_body(evidence=evidence, anchor=anchor)
        self._add(EventType.FREEZE, self.freeze_at, body)

    def _dq(self, commit: str, at: int) -> None:
        body = {"commit": commit, "reason": self.dice.choice(("bot", "no-reply", "x" * 40))}
        self._add(EventType.DQ, at, msgspec.convert(body, contests.Dq))

    def _void(self, at: int) -> None:
        self._add(EventType.VOID, at, Void(reason="cancelled"))
        if self.dice.chance(50):
            self._add(EventType.CLOSE, at, True)

    def _sign(self, round_: int) -> str:
        return contests.sign(round_) if self.practice else SIGNATURES[round_]

    def _dispute(self) -> None:
        records = [
            {"record": bundles.record(number), "salt": bundles.SALTS[number].hex()}
            for number in bundles.SALTS
        ]
        for line in records:
            line["record"]["contest"] = self.contest
        self.evidence = sorted(evidence_of(line) for line in records)
        self.dispute = {
            "records": self.dice.some(records, 70),
            "scans": [bundles.SCAN, bundles.SCAN | {"scan": "s2", "state": "running"}],
            "pages": [bundles.PAGE, bundles.PAGE | {"seq": 1}],
            "overrides": [{"at": 5, "kind": "coverage", "reason": "late", "person": "p1"}],
        }
        if self.entries:
            commit = self.opened[0].commitment.hex()
            self.dispute["correspondence"] = [bundles.MESSAGE | {"commit": commit}]
        self.dispute = copy.deepcopy(self.dispute)
        if not any(
            "evidence" in event["body"] for event in self.events if event["type"] == "freeze"
        ):
            del self.dispute["records"]

    # --- sealing ---

    def files(self, *, seal: bool = True) -> dict[str, bytes]:
        if seal:
            self.relink()
        files = {"events.jsonl": lines(self.events), "entries.bin": self.entries}
        if self.openings and self.entries:
            files["openings.jsonl"] = lines(self.openings)
        if self.bare:
            return files
        for terms in self.terms:
            files[f"terms/{sha256(encode(terms)).hexdigest()}.json"] = encode(terms)
        for quiz, file in zip(self.quizzes, self.quiz_names, strict=True):
            files[file] = encode(quiz)
        if self.edition == "dispute":
            files |= {f"dispute/{name}.jsonl": lines(rows) for name, rows in self.dispute.items()}
            if "records" in self.dispute:
                files["dispute/evidence.txt"] = self.evidence_txt()
        files |= self.extra
        return bundles.sealed(files, edition=self.edition, contest=self.contest)

    def evidence_txt(self) -> bytes:
        return "".join(f"{digest}\n" for digest in self.evidence).encode()

    def relink(self) -> None:
        """Make everything follow from what comes before it: hashes, numbers, the list, winners."""
        rules, version, before = "", 0, "0" * 64
        frozen, freeze_hash, gone = {}, b"", set()
        for seq, event in enumerate(self.events):
            with suppress(KeyError, TypeError, IndexError, ValueError, AttributeError):
                if seq or event["seq"] != 0:
                    event |= {"seq": seq, "prev": before}
                body = event["body"]
                match event["type"]:
                    case "rules" | "amend":
                        body["terms_sha256"] = sha256(encode(self.terms[version])).hexdigest()
                        version += 1
                        frozen = body
                    case "freeze":
                        body["rules"] = rules
                        body["entries"] |= self._summary()
                        if "evidence" in body:
                            body["evidence"]["sha256"] = sha256(self.evidence_txt()).hexdigest()
                    case "dq":
                        gone.add(body["commit"])
                    case "result":
                        randomness = sha256(bytes.fromhex(body["signature"]))
                        body["randomness"] = randomness.hexdigest()
                        drawn = (randomness.digest(), freeze_hash)
                        body["draws"] = self._drawn(frozen["draws"], drawn, set(gone))
            before = tagged("event", encode(event)).hex()
            with suppress(KeyError, TypeError):
                if event["type"] in ("rules", "amend"):
                    rules = before
                if event["type"] == "freeze":
                    freeze_hash = bytes.fromhex(before)

    def _pairs(self) -> list[tuple[bytes, int]]:
        whole = len(self.entries) // 36 * 36
        return list(struct.iter_unpack(">32sI", self.entries[:whole]))

    def _summary(self) -> dict[str, Any]:
        return {
            "count": len(self.entries) // 36,
            "weight": sum(weight for _, weight in self._pairs()),
            "root": merkle([a + struct.pack(">I", b) for a, b in self._pairs()]).hex(),
            "sha256": sha256(self.entries).hexdigest(),
        }

    def _drawn(self, draws: Any, drawn: tuple[bytes, bytes], gone: set[str]) -> list[Any]:
        result = []
        for k, draw in enumerate(draws):
            seed = tagged("seed", *drawn, struct.pack(">I", k))
            left = sorted(
                (ticket(seed, commit, min(max(weight, 1), 50)), commit)
                for commit, weight in self._pairs()
                if commit.hex() not in gone
            )
            slots = []
            for tier in draw["tiers"]:
                for _ in range(min(tier["winners"], 50)):
                    slot = {"tier": tier["id"]}
                    if left:
                        value, commit = left.pop(0)
                        slot |= {"commit": commit.hex(), "ticket": value.hex()}
                    slots.append(slot)
            result.append(slots)
        return result


def commitment_of(opened: Any) -> str:
    sealed = {key: opened[key] for key in ("answers", "contest", "quiz")}
    digest: bytes = tagged("quiz", bytes.fromhex(opened["salt"]), encode(sealed))
    return digest.hex()


def evidence_of(line: Any) -> str:
    digest: bytes = tagged("evidence", bytes.fromhex(line["salt"]), encode(line["record"]))
    return digest.hex()
