"""The audit bundle: what is in it is checked, or it is refused."""

import hashlib
import io
from collections.abc import Callable
from typing import Any

import pytest

from contest_service.proof.archive import ZipArchive
from contest_service.proof.bundle import (
    BundleWriter,
    Edition,
    check_bundle,
    check_folder,
)
from contest_service.proof.canonical import decode, encode
from contest_service.proof.check import Report, Verdict
from contest_service.proof.dispute import evidence_line
from contest_service.proof.errors import BundleError
from contest_service.proof.terms import terms_bytes
from proof import bundles, contests
from proof.bundles import (
    EVIDENCE,
    MESSAGE,
    PAGE,
    SALTS,
    SCAN,
    Folder,
    digest,
    dispute,
    lines_of,
    public,
    record,
    sealed,
)

Files = dict[str, bytes]


def checked(files: Files, *, practice: bool = True) -> Report:
    return check_bundle(Folder(files), practice=practice)


def terms_file(files: Files) -> str:
    return next(name for name in files if name.startswith("terms/"))


def test_a_public_edition_verifies_and_names_what_it_only_carries() -> None:
    report = checked(public())
    assert report.verdict is Verdict.PRACTICE
    assert [finding.code for finding in report.findings] == ["practice", "unverified_file"]
    assert "README.txt" in report.findings[1].text


def test_a_dispute_edition_verifies_and_names_what_it_only_carries() -> None:
    report = checked(dispute())
    assert report.verdict is Verdict.PRACTICE
    carried = [finding.text.split()[0] for finding in report.findings[1:]]
    assert carried == [
        "README.txt",
        "dispute/correspondence.jsonl",
        "dispute/overrides.jsonl",
        "dispute/pages.jsonl",
        "dispute/scans.jsonl",
    ]


def test_a_practice_bundle_is_refused_unless_asked_for() -> None:
    assert checked(public(), practice=False).reason == "foreign_beacon"


def test_a_bundle_may_come_without_what_is_optional() -> None:
    files = public()
    for name in ("openings.jsonl", "README.txt", "verify.py"):
        del files[name]
    assert checked(sealed(files)).verdict is Verdict.PRACTICE


@pytest.mark.parametrize("name", ["manifest.json", "events.jsonl", "entries.bin"])
def test_without_these_files_nothing_can_be_said(name: str) -> None:
    files = public()
    del files[name]
    report = checked(files)
    assert (report.verdict, report.reason) == (Verdict.UNREADABLE, "missing_file")
    assert report.where == name


def with_file(name: str, content: bytes) -> Callable[[Files], Files]:
    return lambda files: sealed(files | {name: content})


def changed_manifest(change: Callable[[dict[str, Any]], object]) -> Callable[[Files], Files]:
    def changed(files: Files) -> Files:
        manifest: Any = decode(files["manifest.json"])
        change(manifest)
        return files | {"manifest.json": encode(manifest)}

    return changed


PUBLIC_DEFECTS: dict[str, tuple[Callable[[Files], Files], str]] = {
    "file not listed": (lambda files: files | {"verify.html": b""}, "other_files"),
    "listed file missing": (
        lambda files: {name: files[name] for name in files if name != "README.txt"},
        "other_files",
    ),
    "listed twice": (
        changed_manifest(lambda m: m["files"].append(m["files"][-1])),
        "bad_manifest",
    ),
    "listed out of order": (changed_manifest(lambda m: m["files"].reverse()), "bad_manifest"),
    "manifest lists itself": (
        changed_manifest(
            lambda m: m["files"].insert(3, {"name": "manifest.json", "size": 0, "sha256": "0" * 64})
        ),
        "other_files",
    ),
    "other size": (changed_manifest(lambda m: m["files"][0].update(size=1)), "other_content"),
    "other hash": (
        changed_manifest(lambda m: m["files"][0].update(sha256="0" * 64)),
        "other_content",
    ),
    "format 3": (changed_manifest(lambda m: m.update(format=3)), "bad_manifest"),
    "format true": (changed_manifest(lambda m: m.update(format=True)), "bad_manifest"),
    "other version": (changed_manifest(lambda m: m.update(v="drawproof/2")), "bad_manifest"),
    "other edition": (changed_manifest(lambda m: m.update(edition="press")), "bad_manifest"),
    "other contest": (changed_manifest(lambda m: m.update(contest="x")), "foreign_manifest"),
    "extra key": (changed_manifest(lambda m: m.update(extra=1)), "bad_manifest"),
    "key missing": (changed_manifest(lambda m: m.pop("edition")), "bad_manifest"),
    "newline after the manifest": (
        lambda files: files | {"manifest.json": files["manifest.json"] + b"\n"},
        "not_canonical",
    ),
    "unknown file": (with_file("notes.txt", b""), "unknown_file"),
    "log in format 1": (with_file("log/checkpoint", b""), "unknown_file"),
    "evidence in format 1": (with_file("evidence/a.tsr", b""), "unknown_file"),
    "path upwards": (with_file("../verify.py", b""), "unknown_file"),
    "path from the root": (with_file("/README.txt", b""), "unknown_file"),
    "backslash": (with_file("terms\\a.json", b""), "unknown_file"),
    "other case": (with_file("readme.txt", b""), "unknown_file"),
    "dispute file in the public edition": (
        with_file("dispute/evidence.txt", EVIDENCE),
        "unknown_file",
    ),
    "terms that no event names": (with_file(f"terms/{'0' * 64}.json", b"{}"), "unknown_file"),
    "terms missing": (
        lambda files: sealed({n: c for n, c in files.items() if n != terms_file(files)}),
        "missing_terms",
    ),
    "terms changed": (
        lambda files: sealed(files | {terms_file(files): files[terms_file(files)] + b" "}),
        "other_terms",
    ),
    "another verifier than the terms name": (with_file("verify.py", b"lies"), "other_verifier"),
    "entries changed": (with_file("entries.bin", b""), "other_entries"),
    "openings of strangers": (
        with_file("openings.jsonl", lines_of(contests.opening(99))),
        "unknown_opening",
    ),
    "large manifest": (
        lambda files: files | {"manifest.json": b" " * ((1 << 20) + 1)},
        "too_large",
    ),
    "too many files": (
        lambda files: sealed(files | {f"x{number}": b"" for number in range(1000)}),
        "too_large",
    ),
}


@pytest.mark.parametrize("defect", PUBLIC_DEFECTS)
def test_refuses_a_public_edition_with_a_defect(defect: str) -> None:
    damage, code = PUBLIC_DEFECTS[defect]
    report = checked(damage(public()))
    assert (report.verdict, report.reason) == (Verdict.REFUSED, code)
    assert report.where


def with_dispute(name: str, content: bytes) -> Callable[[Files], Files]:
    return lambda files: sealed(files | {f"dispute/{name}": content}, edition="dispute")


def without_dispute(*names: str) -> Callable[[Files], Files]:
    return lambda files: sealed(
        {name: files[name] for name in files if name.removeprefix("dispute/") not in names},
        edition="dispute",
    )


KEPT = {"record": record(0), "salt": SALTS[0].hex()}
FOREIGN = record(0) | {"contest": "another"}

DISPUTE_DEFECTS: dict[str, tuple[Callable[[Files], Files], str]] = {
    "evidence missing": (without_dispute("evidence.txt", "records.jsonl"), "other_evidence"),
    "evidence line missing": (with_dispute("evidence.txt", EVIDENCE[65:]), "other_evidence"),
    "evidence out of order": (
        with_dispute("evidence.txt", EVIDENCE[65:] + EVIDENCE[:65]),
        "evidence_order",
    ),
    "evidence line twice": (
        with_dispute("evidence.txt", EVIDENCE[:65] + EVIDENCE),
        "evidence_order",
    ),
    "evidence in capitals": (with_dispute("evidence.txt", EVIDENCE.upper()), "bad_evidence"),
    "evidence line too short": (with_dispute("evidence.txt", b"00\n"), "bad_evidence"),
    "evidence without a newline": (with_dispute("evidence.txt", EVIDENCE[:-1]), "no_newline"),
    "record of nobody": (
        with_dispute("records.jsonl", lines_of(KEPT | {"record": record(9)})),
        "unknown_record",
    ),
    "record with another salt": (
        with_dispute("records.jsonl", lines_of(KEPT | {"salt": "0" * 64})),
        "unknown_record",
    ),
    "record twice": (with_dispute("records.jsonl", lines_of(KEPT, KEPT)), "record_twice"),
    "record of another contest": (
        with_dispute("records.jsonl", lines_of(KEPT | {"record": FOREIGN})),
        "foreign_record",
    ),
    "record with an extra key": (
        with_dispute("records.jsonl", lines_of(KEPT | {"extra": 1})),
        "bad_line",
    ),
    "scan twice": (with_dispute("scans.jsonl", lines_of(SCAN, SCAN)), "scan_twice"),
    "scan without a state": (
        with_dispute("scans.jsonl", lines_of({k: SCAN[k] for k in SCAN if k != "state"})),
        "bad_line",
    ),
    "page of an unknown scan": (
        with_dispute("pages.jsonl", lines_of(PAGE | {"scan": "s9"})),
        "bad_page",
    ),
    "page twice": (with_dispute("pages.jsonl", lines_of(PAGE, PAGE)), "bad_page"),
    "pages without scans": (without_dispute("scans.jsonl"), "bad_page"),
    "overrides out of order": (
        with_dispute(
            "overrides.jsonl",
            lines_of(*({"at": at, "kind": "coverage", "reason": "x"} for at in (2, 1))),
        ),
        "time_goes_back",
    ),
    "message to nobody": (
        with_dispute("correspondence.jsonl", lines_of(MESSAGE | {"commit": "0" * 64})),
        "unknown_entry",
    ),
    "message in no direction": (
        with_dispute(
            "correspondence.jsonl",
            lines_of(
                MESSAGE | {"commit": contests.opening(1).commitment.hex(), "direction": "sideways"}
            ),
        ),
        "bad_line",
    ),
    "spaces in a line": (with_dispute("pages.jsonl", b'{"scan": "s1"}\n'), "not_canonical"),
}


@pytest.mark.parametrize("defect", DISPUTE_DEFECTS)
def test_refuses_a_dispute_edition_with_a_defect(defect: str) -> None:
    damage, code = DISPUTE_DEFECTS[defect]
    report = checked(damage(dispute()))
    assert (report.verdict, report.reason) == (Verdict.REFUSED, code)
    assert report.where


def test_erasing_a_record_leaves_the_evidence_whole() -> None:
    for names in ([], ["records.jsonl"]):
        assert checked(without_dispute(*names)(dispute())).verdict is Verdict.PRACTICE
    only_one = with_dispute("records.jsonl", lines_of(KEPT))(dispute())
    assert checked(only_one).verdict is Verdict.PRACTICE
    assert evidence_line(digest(0)) in EVIDENCE


def test_a_verifier_that_the_terms_do_not_name_is_only_carried() -> None:
    report = checked(public(bundles.terms(verifiers=())))
    assert [finding.text.split()[0] for finding in report.findings[1:]] == [
        "README.txt",
        "verify.py",
    ]


def streamed(files: Files, edition: Edition) -> bytes:
    writer = BundleWriter(edition=edition, contest=contests.CONTEST)
    out = b""
    for name, content in files.items():
        if name == "manifest.json":
            continue
        out += writer.begin(name)
        for at in range(0, len(content), 50):
            out += writer.write(content[at : at + 50])
        out += writer.end()
    return out + writer.finish()


@pytest.mark.parametrize("edition", Edition)
def test_what_the_writer_streams_verifies(edition: Edition) -> None:
    files = public() if edition is Edition.PUBLIC else dispute()
    data = streamed(files, edition)
    archive = ZipArchive(io.BytesIO(data))
    manifest: Any = decode(files["manifest.json"])
    written = files | {"manifest.json": encode(manifest | {"format": 2})}
    assert {name: b"".join(archive.chunks(name)) for name in archive.names()} == written
    assert check_bundle(archive, practice=True) == checked(files)
    assert streamed(files, edition) == data


def test_the_writer_refuses_names_that_the_edition_does_not_have() -> None:
    writer = BundleWriter(edition=Edition.PUBLIC, contest=contests.CONTEST)
    for name in ("dispute/evidence.txt", "../x", "log/tile"):
        with pytest.raises(BundleError):
            writer.begin(name)


def test_a_folder_without_a_manifest_is_a_bare_proof() -> None:
    files = public()
    bare = {name: files[name] for name in ("events.jsonl", "entries.bin", "openings.jsonl")}
    report = check_folder(Folder(bare), practice=True)
    assert report.verdict is Verdict.PRACTICE
    assert "terms_not_checked" in {finding.code for finding in report.findings}
    assert check_folder(Folder(files), practice=True) == checked(files)
    more = check_folder(Folder(bare | {"README.txt": b""}), practice=True)
    assert (more.verdict, more.where) == (Verdict.REFUSED, "README.txt")
    for name in ("events.jsonl", "entries.bin"):
        less = check_folder(Folder({k: v for k, v in bare.items() if k != name}))
        assert (less.verdict, less.where) == (Verdict.UNREADABLE, name)


def test_terms_hash_what_the_event_names() -> None:
    made = bundles.terms()
    name = terms_file(public(made))
    assert name == f"terms/{hashlib.sha256(terms_bytes(made)).hexdigest()}.json"
