"""The browser verifier's core on all given cases, on containers, and on its own sentences."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from proof import bundles
from proof.browser import SOURCES, BrowserVerifier
from proof.generated import Made, amended, dispute, write_folder
from proof.given import CASES, QUICKNET, Case
from proof.packed import members, zipped
from proof.test_verify_beacon import practice, twist_point_outside_the_subgroup
from proof.test_verify_bundle import MANIFESTS, OPENINGS, TERMS
from proof.test_verify_zip import DEFECTS

EXIT_STATUS = {"verified": 0, "refused": 1, "unreadable": 2, "practice": 3, "pending": 4}
REFUSED_FOR = {
    "winners swapped": ("winners", "winners"),
    "entry added": ("entries-count", "list"),
    "re-frozen after the round": ("winners", "winners"),
    "frozen too late": ("frozen-late", "list"),
    "rules amended after the freeze": ("event-order", "rules"),
    "signature of another round": ("signature", "beacon"),
    "bundle brings its own beacon key": ("beacon-not-pinned", "rules"),
    "disqualified between the round and the result": ("dq-late", "list"),
    "closes after the draw": ("schedule", "rules"),
    "amend changes the beacon": ("beacon-changed", "rules"),
    "freeze names the old rules": ("freeze-rules", "list"),
    "dq before and after the result": ("dq-twice", "list"),
    "entries without a freeze": ("not-frozen", "list"),
    "time goes back": ("time", "rules"),
    "other version": ("version", "rules"),
    "anchor with a false signature": ("anchor-signature", "list"),
    "slot missing": ("winners-count", "winners"),
    "no newline at the end": ("line-end", "rules"),
    "key twice": ("not-canonical", "rules"),
    "no events": ("no-events", "rules"),
    "opening twice": ("opened-twice", "list"),
    "weight 0, sealed": ("entry-weight", "list"),
    "more than 10^7 tickets": ("too-many-tickets", "list"),
    "entries out of order, sealed": ("entries-order", "list"),
    "practice with a chain hash that is not derived": ("practice-chain", "rules"),
}
KEY = QUICKNET["info_v1"]["public_key"]


@pytest.fixture(scope="module")
def verifier() -> Iterator[BrowserVerifier]:
    with BrowserVerifier() as running:
        yield running


def verdict_of(verifier: BrowserVerifier, path: Path) -> tuple[str, str | None]:
    facts = verifier.verify(path)
    return facts["verdict"], facts["reason"]


# --- given cases ---


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_given_case_has_its_exit_status_and_its_facts(
    case: Case, verifier: BrowserVerifier, tmp_path: Path
) -> None:
    found = verifier.look(write_folder(tmp_path, case.files), practice=case.practice)
    facts = found["facts"]
    assert EXIT_STATUS[facts["verdict"]] == case.exit
    for name in facts.keys() & case.expected.keys():
        assert facts[name] == case.expected[name], name
    reason, failed = facts["reason"], found["failed"]
    assert (reason is not None) == (case.exit == 1)
    assert (reason, failed) == REFUSED_FOR.get(case.name, (reason, failed))


def test_the_back_dated_lie_earns_no_more_than_d(verifier: BrowserVerifier, tmp_path: Path) -> None:
    case = next(case for case in CASES if case.name.startswith("back-dated lie"))
    facts = verifier.verify(write_folder(tmp_path, case.files))
    assert facts["grade"] == "D"
    assert "on the operator’s word alone" in str(facts["findings"])


def test_practice_is_said_first_of_all(verifier: BrowserVerifier, tmp_path: Path) -> None:
    facts = verifier.verify(write_folder(tmp_path, bundles.dispute()), practice=True)
    assert (facts["verdict"], facts["practice"]) == ("practice", True)
    assert facts["findings"][0]["code"] == "practice"


# --- the beacon ---


@pytest.mark.parametrize("item", QUICKNET["rounds"], ids=lambda item: str(item["round"]))
def test_a_real_round_is_believed(item: dict[str, Any], verifier: BrowserVerifier) -> None:
    assert verifier.ask("round", key=KEY, round=item["round"], signature=item["signature"])


@pytest.mark.parametrize("item", QUICKNET["must_be_refused"], ids=lambda item: str(item["name"]))
def test_a_forged_round_is_refused(item: dict[str, Any], verifier: BrowserVerifier) -> None:
    assert not verifier.ask("round", key=KEY, round=item["round"], signature=item["signature"])


@pytest.mark.parametrize("change", [str.upper, lambda text: text + "\n", lambda text: " " + text])
def test_a_real_signature_in_another_spelling_is_refused(
    change: Any, verifier: BrowserVerifier
) -> None:
    item = QUICKNET["rounds"][0]
    signature = change(item["signature"])
    assert not verifier.ask("round", key=KEY, round=item["round"], signature=signature)


@pytest.mark.parametrize(
    ("key", "sound"),
    [
        (KEY, True),
        (practice()["public_key"], True),
        ("00" * 96, False),
        ("c0" + "00" * 95, False),
        (twist_point_outside_the_subgroup(), False),
        ("9a" + "11" * 95, False),
    ],
)
def test_a_key_is_a_point_of_the_subgroup(key: str, sound: bool, verifier: BrowserVerifier) -> None:
    assert verifier.ask("key", key=key) is sound


# --- containers ---


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_zip_with_a_defect_is_refused(
    defect: str, verifier: BrowserVerifier, tmp_path: Path
) -> None:
    path = tmp_path / "bundle.zip"
    path.write_bytes(DEFECTS[defect][0]())
    assert verifier.verify(path)["verdict"] == "refused"


@pytest.mark.parametrize("made", [Made(), dispute(), amended(), Made(upto="rules"), Made(())])
def test_a_sound_zip_is_read_in_every_form(
    made: Made, verifier: BrowserVerifier, tmp_path: Path
) -> None:
    path = tmp_path / "bundle.zip"
    path.write_bytes(zipped(members(made.files())))
    expected = "pending" if made.upto == "rules" else "verified"
    assert verdict_of(verifier, path) == (expected, None)


def test_what_is_no_zip_is_unreadable(verifier: BrowserVerifier, tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    for data in (b"", b"PK", b"#!/bin/sh\n" + zipped(members(Made().files()))):
        path.write_bytes(data)
        assert verdict_of(verifier, path) == ("unreadable", "not-a-zip")


@pytest.mark.parametrize("name", ["events.jsonl", "entries.bin"])
def test_what_nothing_goes_without_is_unreadable_when_missing(
    name: str, verifier: BrowserVerifier, tmp_path: Path
) -> None:
    files = {key: data for key, data in Made().files().items() if key != name}
    assert verdict_of(verifier, write_folder(tmp_path, files)) == ("unreadable", "missing")


def test_a_folder_with_a_link_or_a_strange_folder_is_refused(
    verifier: BrowserVerifier, tmp_path: Path
) -> None:
    linked = write_folder(tmp_path / "linked", Made().files())
    (linked / "README.txt").symlink_to("entries.bin")
    assert verdict_of(verifier, linked) == ("refused", "not-a-file")
    strange = write_folder(tmp_path / "strange", Made().files())
    (strange / "more").mkdir()
    assert verdict_of(verifier, strange) == ("refused", "name")


@pytest.mark.parametrize("defect", [*MANIFESTS, *(f"terms: {name}" for name in TERMS)])
def test_a_bundle_with_a_defect_is_refused(
    defect: str, verifier: BrowserVerifier, tmp_path: Path
) -> None:
    kind, _, name = defect.rpartition(": ")
    files = TERMS[name][0]().files() if kind else MANIFESTS[name][0]()
    if defect == "another format":
        files = {**files, "manifest.json": files["manifest.json"].replace(b":2,", b":3,", 1)}
    assert verifier.verify(write_folder(tmp_path, files))["verdict"] == "refused"


@pytest.mark.parametrize("defect", OPENINGS)
def test_openings_with_a_defect_are_refused(
    defect: str, verifier: BrowserVerifier, tmp_path: Path
) -> None:
    make, code = OPENINGS[defect]
    assert verdict_of(verifier, write_folder(tmp_path, make().files())) == ("refused", code)


# --- steps ---


def test_steps_that_need_a_result_wait_for_it(verifier: BrowserVerifier, tmp_path: Path) -> None:
    found = verifier.look(write_folder(tmp_path / "frozen", Made(upto="freeze").files()))
    states = dict(found["states"])
    assert (states["list"], states["beacon"], states["winners"]) == ("passed", "waiting", "waiting")
    found = verifier.look(write_folder(tmp_path / "void", Made(upto="void").files()))
    assert dict(found["states"])["tickets"] == "unneeded"


def test_a_step_that_fails_is_the_last(verifier: BrowserVerifier, tmp_path: Path) -> None:
    case = next(case for case in CASES if case.name == "winners swapped")
    found = verifier.look(write_folder(tmp_path, case.files))
    assert found["failed"] == "winners"
    assert found["states"][-1] == ["winners", "running"]


# --- words ---

CORE = sorted((SOURCES / "core").glob("*.js"))
REFUSALS = re.compile(r"(?:Refused|Unreadable)\('([a-z0-9-]+)'")
DEMANDS = re.compile(r"\bdemand\((.*?)\);", re.DOTALL)
FINDINGS = re.compile(r"findings\.(?:add|first)\('([a-z-]+)'")


def codes() -> set[str]:
    found = set()
    for path in CORE:
        text = path.read_text()
        found |= set(REFUSALS.findall(text))
        for statement in DEMANDS.findall(text):
            last = re.search(r"'([a-z][a-z0-9-]+)'(?:, [^']*)?$", statement)
            found |= {last.group(1)} if last else set()
    return found


def test_every_reason_has_a_sentence_in_both_languages(verifier: BrowserVerifier) -> None:
    found = codes()
    assert len(found) > 100
    for code in found:
        kind = "receipt" if code.startswith("receipt-") else "reason"
        english, russian = verifier.ask(kind, code=code)
        assert re.search("[a-z]", english), code
        assert re.search("[а-я]", russian), code


def test_every_finding_has_a_sentence_in_both_languages(verifier: BrowserVerifier) -> None:
    found = {code for path in CORE for code in FINDINGS.findall(path.read_text())}
    found |= {f"grade-{grade}" for grade in "abcd"}
    found |= set(re.findall(r"'(timestamp-[a-z]+)'", (SOURCES / "core/timestamp.js").read_text()))
    for code in found - {"timestamp-form", "timestamp-imprint"}:
        english, russian = verifier.ask("finding", code=code)
        assert re.search("[a-z]", english), code
        assert re.search("[а-я]", russian), code


@pytest.mark.parametrize("path", sorted(SOURCES.rglob("*.*js")), ids=lambda path: path.name)
def test_a_source_is_short_and_says_what_it_is(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert len(lines) < 400
    assert lines[0].startswith("// ")
