"""What a bundle carries beside the events: manifest, terms, openings and the dispute files."""

import copy
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from proof.generated import (
    ROUND_TIME,
    VERIFIER,
    Made,
    amended,
    commitment,
    dispute,
    jcs,
    jsonl,
    load_verifier,
    write_folder,
)

verifier = load_verifier()
Change = Callable[[Made], None]


def facts_of(tmp_path: Path, files: dict[str, bytes]) -> dict[str, Any]:
    facts: dict[str, Any] = verifier.verify(str(write_folder(tmp_path, files))).facts()
    return facts


def verdict_of(tmp_path: Path, files: dict[str, bytes]) -> tuple[str, str | None]:
    facts = facts_of(tmp_path, files)
    return facts["verdict"], facts["reason"]


def unverified(facts: dict[str, Any]) -> list[str]:
    return [
        finding["text"].split()[0]
        for finding in facts["findings"]
        if finding["code"] == "unverified-file"
    ]


# --- what holds ---


def test_a_public_bundle_holds_and_says_what_it_does_not_prove(tmp_path: Path) -> None:
    made = Made(draws=Made().draws * 2, dq_before=(0,), dq_after=(1, 2, 3, 4, 5))
    made.extra = {"README.txt": b"x", "verify.py": b"y", "verify.html": b"z"}
    made.openings = made.openings[:2]
    facts = facts_of(tmp_path, made.files())
    assert (facts["verdict"], facts["outcome"], facts["grade"]) == ("verified", "result", "D")
    assert facts["initial"] == made.initial(facts["freeze_hash"])
    assert facts["final"] == [[{"tier": slot["tier"]} for slot in d] for d in facts["initial"]]
    assert sorted(unverified(facts)) == ["README.txt", "verify.html", "verify.py"]
    assert "2 of 6 entries are opened" in str(facts["findings"])
    assert not any(finding["code"] == "bare-proof" for finding in facts["findings"])


def test_a_dispute_bundle_holds_and_names_what_nothing_binds(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, dispute().files())
    assert facts["verdict"] == "verified"
    assert unverified(facts) == [
        "README.txt",
        "dispute/correspondence.jsonl",
        "dispute/overrides.jsonl",
        "dispute/pages.jsonl",
        "dispute/scans.jsonl",
    ]


@pytest.mark.parametrize(
    ("upto", "verdict", "outcome"),
    [
        ("rules", "pending", "running"),
        ("freeze", "pending", "frozen"),
        ("void", "verified", "void"),
        ("close", "verified", "result"),
    ],
)
def test_a_contest_is_read_at_every_stage(
    upto: str, verdict: str, outcome: str, tmp_path: Path
) -> None:
    facts = facts_of(tmp_path, Made(upto=upto).files())
    assert (facts["verdict"], facts["outcome"]) == (verdict, outcome)
    assert facts["grade"] == ("D" if verdict == "verified" else None)
    assert (facts["freeze_hash"] is None) == (upto == "rules")
    assert (facts["initial"] is None) == (upto != "close")


def test_an_amended_contest_has_two_versions_of_its_terms(tmp_path: Path) -> None:
    assert verdict_of(tmp_path, amended().files()) == ("verified", None)


@pytest.mark.parametrize(("void_at", "said"), [(ROUND_TIME - 1, 0), (ROUND_TIME + 604_800, 1)])
def test_a_void_after_the_round_says_what_would_refute_it(
    void_at: int, said: int, tmp_path: Path
) -> None:
    facts = facts_of(tmp_path, Made(upto="void", void_at=void_at).files())
    assert (facts["verdict"], facts["outcome"]) == ("verified", "void")
    assert sum(finding["code"] == "void-after-round" for finding in facts["findings"]) == said


@pytest.mark.parametrize("void_at", [ROUND_TIME, ROUND_TIME + 604_799])
def test_a_void_once_the_round_is_out_is_refused(void_at: int, tmp_path: Path) -> None:
    files = Made(upto="void", void_at=void_at).files()
    assert verdict_of(tmp_path, files) == ("refused", "void-late")


def test_nobody_entered(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, Made(weights=()).files())
    assert facts["verdict"] == "verified"
    assert facts["final"] == [[{"tier": "gold"}, {"tier": "silver"}, {"tier": "silver"}]]


def test_an_erased_person_leaves_the_evidence_whole(tmp_path: Path) -> None:
    made = dispute()
    files = made.files()
    files["dispute/records.jsonl"] = jsonl(made.records[1:])
    files["openings.jsonl"] = jsonl(made.openings[1:])
    del files["manifest.json"]
    assert verdict_of(tmp_path, made.sealed(files)) == ("verified", None)


def test_the_named_verifier_is_bound_and_may_be_absent(tmp_path: Path) -> None:
    made = Made()
    own = VERIFIER.read_bytes()
    made.terms[0]["verifiers"] = [{"name": "verify.py", "sha256": sha256(own).hexdigest()}]
    assert verdict_of(tmp_path / "absent", made.files()) == ("verified", None)
    made.extra = {"verify.py": own}
    facts = facts_of(tmp_path / "named", made.files())
    assert (facts["verdict"], unverified(facts)) == ("verified", [])
    made.extra = {"verify.py": own + b"\n"}
    assert verdict_of(tmp_path / "other", made.files()) == ("refused", "verifier-changed")


# --- manifest ---


def manifest(**changes: Any) -> dict[str, bytes]:
    made = Made()
    made.manifest = changes
    return made.files()


def listed(change: Callable[[list[dict[str, Any]]], None]) -> dict[str, bytes]:
    """The honest bundle with its list of files changed."""
    files = Made().files()
    items: list[dict[str, Any]] = [
        {"name": name, "size": len(data), "sha256": sha256(data).hexdigest()}
        for name, data in sorted(files.items())
        if name != "manifest.json"
    ]
    change(items)
    return manifest(files=items)


def spelled(files: dict[str, bytes], change: Callable[[bytes], bytes]) -> dict[str, bytes]:
    return files | {"manifest.json": change(files["manifest.json"])}


MANIFESTS: dict[str, tuple[Callable[[], dict[str, bytes]], str]] = {
    "another version": (lambda: manifest(v="drawproof/2"), "version"),
    "another format": (lambda: manifest(format=3), "format"),
    "a format that is true": (lambda: manifest(format=True), "form"),
    "an unknown edition": (lambda: manifest(edition="private"), "edition"),
    "another contest": (lambda: manifest(contest="c-2027"), "manifest-contest"),
    "an unknown key": (lambda: manifest(note="x"), "form"),
    "no list": (lambda: manifest(files={}), "form"),
    "a wrong size": (lambda: listed(lambda x: x[0].update(size=1)), "file-changed"),
    "a wrong hash": (lambda: listed(lambda x: x[0].update(sha256="00" * 32)), "file-changed"),
    "a hash in capitals": (lambda: listed(lambda x: x[0].update(sha256="AB" * 32)), "form"),
    "a file that is not listed": (lambda: listed(lambda x: x.pop()), "file-unlisted"),
    "a file that is not there": (
        lambda: listed(lambda x: x.append({"name": "zzz", "size": 0, "sha256": "0" * 64})),
        "file-missing",
    ),
    "itself": (
        lambda: listed(
            lambda x: x.insert(2, {"name": "manifest.json", "size": 0, "sha256": "0" * 64})
        ),
        "file-missing",
    ),
    "a file twice": (lambda: listed(lambda x: x.insert(0, dict(x[0]))), "manifest-order"),
    "out of order": (lambda: listed(lambda x: x.reverse()), "manifest-order"),
    "a line feed at the end": (
        lambda: spelled(Made().files(), lambda data: data + b"\n"),
        "not-canonical",
    ),
    "a space": (
        lambda: spelled(Made().files(), lambda data: data.replace(b":", b": ", 1)),
        "not-canonical",
    ),
    "no JSON": (lambda: spelled(Made().files(), lambda data: data[:-1]), "json"),
    "bytes that are no text": (lambda: spelled(Made().files(), lambda _: b'"\xff"'), "json"),
}


@pytest.mark.parametrize("defect", MANIFESTS)
def test_a_manifest_with_a_defect_is_refused(defect: str, tmp_path: Path) -> None:
    make, code = MANIFESTS[defect]
    assert verdict_of(tmp_path, make()) == ("refused", code)


def test_a_file_that_was_changed_after_sealing_is_refused(tmp_path: Path) -> None:
    for name, data in dispute().files().items():
        if name == "manifest.json":
            continue
        files = dispute().files() | {name: data + b"x"}
        verdict = verdict_of(tmp_path / name.replace("/", "-"), files)
        assert verdict == ("refused", "file-changed"), name


# --- terms ---


def terms(**changes: Any) -> Made:
    made = Made()
    made.terms[0] |= changes
    return made


def schedule(**changes: int) -> Made:
    made = Made()
    made.terms[0]["schedule"] |= changes
    return made


MADE = Made()
TERMS: dict[str, tuple[Callable[[], Made], str]] = {
    "another version of the protocol": (lambda: terms(v="drawproof/2"), "version"),
    "another contest": (lambda: terms(contest="c-2027"), "terms-contest"),
    "version 2 first": (lambda: terms(version=2, reason="x"), "terms-version"),
    "a reason in the first": (lambda: terms(reason="because"), "terms-reason"),
    "no reason in the second": (lambda: amended(reason=""), "terms-reason"),
    "version 3 second": (lambda: amended(version=3), "terms-version"),
    "an unknown key": (lambda: terms(note="x"), "form"),
    "rules that are a list": (lambda: terms(rules=[]), "form"),
    "no zone": (lambda: terms(zone=""), "form"),
    "texts that are no paragraphs": (lambda: terms(texts={"en": "Like it."}), "form"),
    "an unknown verifier": (
        lambda: terms(verifiers=[{"name": "verify.exe", "sha256": "0" * 64}]),
        "form",
    ),
    "verifiers out of order": (
        lambda: terms(verifiers=[{"name": n, "sha256": "0" * 64} for n in ("verify.py",) * 2]),
        "terms-verifiers",
    ),
    "another opening time": (lambda: schedule(opens_at=1), "terms-schedule"),
    "another close": (lambda: schedule(closes_at=MADE.rules["closes_at"] - 1), "terms-schedule"),
    "another draw": (lambda: schedule(draw_at=MADE.rules["draw_at"] + 1), "terms-schedule"),
    "a freeze before the close": (
        lambda: schedule(freeze_at=MADE.rules["closes_at"] - 1),
        "terms-freeze",
    ),
    "a freeze without its lead": (
        lambda: schedule(freeze_at=MADE.rules["draw_at"] - 599),
        "terms-freeze",
    ),
    "a schedule with another key": (lambda: schedule(ends_at=1), "form"),
}


@pytest.mark.parametrize("defect", TERMS)
def test_terms_with_a_defect_are_refused(defect: str, tmp_path: Path) -> None:
    make, code = TERMS[defect]
    assert verdict_of(tmp_path, make().files()) == ("refused", code)


def resealed(made: Made, change: Callable[[dict[str, bytes]], None]) -> dict[str, bytes]:
    files = made.files()
    del files["manifest.json"]
    change(files)
    return made.sealed(files)


def test_changed_terms_are_refused_even_if_the_manifest_agrees(tmp_path: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        name = next(name for name in files if name.startswith("terms/"))
        files[name] = files[name].replace(b"Like the post.", b"Pay a fee.")

    assert verdict_of(tmp_path, resealed(Made(), change)) == ("refused", "terms-changed")


def test_missing_and_unnamed_terms_are_refused(tmp_path: Path) -> None:
    def drop(files: dict[str, bytes]) -> None:
        del files[next(name for name in files if name.startswith("terms/"))]

    def add(files: dict[str, bytes]) -> None:
        files[f"terms/{'0' * 64}.json"] = b"{}"

    assert verdict_of(tmp_path / "drop", resealed(Made(), drop)) == ("refused", "terms-missing")
    assert verdict_of(tmp_path / "add", resealed(Made(), add)) == ("refused", "terms-unnamed")


def test_a_line_feed_after_the_terms_is_refused(tmp_path: Path) -> None:
    made = Made()
    data = jcs(made.terms[0]) + b"\n"
    digest = sha256(data).hexdigest()

    def name_them(event: dict[str, Any]) -> None:
        if event["type"] == "rules":
            event["body"]["terms_sha256"] = digest

    made.edit_event = name_them

    def replace(files: dict[str, bytes]) -> None:
        del files[next(name for name in files if name.startswith("terms/"))]
        files[f"terms/{digest}.json"] = data

    assert verdict_of(tmp_path, resealed(made, replace)) == ("refused", "not-canonical")


# --- openings ---


def opened(change: Callable[[list[dict[str, Any]]], None]) -> Made:
    made = Made()
    change(made.openings)
    return made


def renamed(**changes: str) -> Made:
    """An opening with another content, whose commitment really is in the list."""
    made = Made()
    made.openings[1] |= changes
    made.commits[1] = commitment(made.openings[1])
    return made


OPENINGS: dict[str, tuple[Callable[[], Made], str]] = {
    "of another contest": (lambda: renamed(contest="c-2027"), "opening-contest"),
    "with another name": (lambda: opened(lambda x: x[0].update(label="Bob")), "opening-unknown"),
    "with another salt": (lambda: opened(lambda x: x[0].update(salt="0" * 64)), "opening-unknown"),
    "without an account": (lambda: renamed(subject=""), "form"),
    "without an entry": (lambda: renamed(entry=""), "form"),
    "with another key": (lambda: opened(lambda x: x[0].update(mail="a@b")), "form"),
    "with a salt in capitals": (lambda: opened(lambda x: x[0].update(salt="AB" * 32)), "form"),
    "twice": (lambda: opened(lambda x: x.append(x[0])), "opened-twice"),
    "an entry id twice": (lambda: renamed(entry="e0"), "opened-twice"),
    "an account twice": (lambda: renamed(subject="vk:0"), "opened-twice"),
}


@pytest.mark.parametrize("defect", OPENINGS)
def test_openings_with_a_defect_are_refused(defect: str, tmp_path: Path) -> None:
    make, code = OPENINGS[defect]
    assert verdict_of(tmp_path, make().files()) == ("refused", code)


def test_an_empty_name_and_an_unusual_one_are_opened(tmp_path: Path) -> None:
    made = renamed(label="")
    made.openings[2]["label"] = 'ё "x" \\ \u0000 \u2028 \U0001f600 e\u0301'
    made.commits[2] = commitment(made.openings[2])
    assert verdict_of(tmp_path, made.files()) == ("verified", None)


def test_an_opening_without_a_frozen_list_is_refused(tmp_path: Path) -> None:
    files = Made(upto="rules").bare()
    files["openings.jsonl"] = jsonl(copy.deepcopy(Made().openings[:1]))
    assert verdict_of(tmp_path, files) == ("refused", "opening-unknown")
