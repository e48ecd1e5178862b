"""The files of a bundle about the log: which may be there, and which defects refuse it."""

import io
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contest_service.proof.archive import ZipArchive
from contest_service.proof.bundle import BundleWriter, Edition, check_bundle
from contest_service.proof.canonical import decode, encode
from contest_service.proof.check import Report, Verdict
from contest_service.proof.errors import BundleError
from contest_service.proof.grade import Grade
from contest_service.proof.log_files import (
    MAX_STAMPS,
    SLICE,
    SLICE_HEAD,
    checkpoint_name,
    timestamp_name,
)
from contest_service.proof.trust import parse_trust
from proof.authorities import Stamp, timestamp
from proof.bundles import Folder
from proof.generated import CONTEST, ROUND_TIME, Made
from proof.witnessed import (
    AUTHORITIES,
    LOG,
    WITNESSES,
    Checkpoint,
    Witnessed,
    foreign,
    sealed,
    trust_file,
    witness,
)

Files = dict[str, bytes]
TRUST = parse_trust(trust_file())
BUNDLE = Witnessed(Made().files())
FILES = BUNDLE.files()
SMALL, LARGE = map(BUNDLE.size_of, BUNDLE.checkpoints)
STAMP = timestamp_name(SMALL, 1)


def checked(files: Files) -> Report:
    return check_bundle(Folder(files), trust=TRUST)


def test_an_honest_bundle_has_the_best_grade() -> None:
    report = checked(FILES)
    assert (report.verdict, report.grade) == (Verdict.VERIFIED, Grade.A)
    assert [finding.code for finding in report.findings] == ["shown_by_witnesses"]


@pytest.mark.parametrize("format_", [1, 2])
def test_a_bundle_without_a_log_may_be_of_either_format(format_: int) -> None:
    made = Made()
    made.manifest = {"format": format_}
    assert checked(made.files()).verdict is Verdict.VERIFIED


def test_a_checkpoint_needs_no_evidence() -> None:
    files = {name: data for name, data in FILES.items() if not name.startswith("evidence/")}
    assert checked(sealed(files)).grade is Grade.A


def test_the_contest_may_be_the_first_in_the_log() -> None:
    assert checked(Witnessed(Made().files(), before=0).files()).grade is Grade.A


def test_further_lines_of_strangers_change_nothing() -> None:
    bundle = Witnessed(Made().files())
    text = bundle.text_of(bundle.checkpoints[0])
    stranger = witness("Eve")
    bundle.checkpoints[0].lines = stranger.line(text, 5) + stranger.written(b"whatever it is")
    assert checked(bundle.files()).grade is Grade.A


def test_names_are_what_the_specification_says() -> None:
    assert checkpoint_name(12) == "log/checkpoint-12.txt"
    assert timestamp_name(12, MAX_STAMPS) == "evidence/checkpoint-12.99.tsr"


def put(name: str, content: bytes) -> Callable[[Files], Files]:
    return lambda files: files | {name: content}


def drop(name: str) -> Callable[[Files], Files]:
    return lambda files: {other: files[other] for other in files if other != name}


def move(name: str, new: str) -> Callable[[Files], Files]:
    return lambda files: put(new, files[name])(drop(name)(files))


def edit(name: str, change: Callable[[bytes], bytes]) -> Callable[[Files], Files]:
    return lambda files: files | {name: change(files[name])}


def head(**changes: Any) -> Callable[[Files], Files]:
    def change(data: bytes) -> bytes:
        value = decode(data)
        assert isinstance(value, dict)
        return encode(value | changes)

    return edit(SLICE_HEAD, change)


CHECKPOINT = checkpoint_name(SMALL)
DEFECTS: dict[str, tuple[Callable[[Files], Files], str, str]] = {
    "slice without its head": (drop(SLICE_HEAD), "missing_slice", SLICE_HEAD),
    "head without its slice": (drop(SLICE), "missing_slice", SLICE),
    "slice without a checkpoint": (
        lambda files: drop(STAMP)(
            drop(timestamp_name(SMALL, 2))(drop(CHECKPOINT)(drop(checkpoint_name(LARGE))(files)))
        ),
        "missing_checkpoint",
        SLICE,
    ),
    "stamp without its checkpoint": (drop(CHECKPOINT), "missing_checkpoint", STAMP),
    "largest checkpoint missing": (drop(checkpoint_name(LARGE)), "other_size", SLICE),
    "stamp of another checkpoint": (
        move(STAMP, timestamp_name(LARGE, 1)),
        "other_imprint",
        timestamp_name(LARGE, 1),
    ),
    "stamp number 0": (move(STAMP, f"evidence/checkpoint-{SMALL}.0.tsr"), "unknown_file", ""),
    "stamp number 100": (move(STAMP, f"evidence/checkpoint-{SMALL}.100.tsr"), "unknown_file", ""),
    "stamp number 01": (move(STAMP, f"evidence/checkpoint-{SMALL}.01.tsr"), "unknown_file", ""),
    "zero before a size": (move(CHECKPOINT, f"log/checkpoint-0{SMALL}.txt"), "unknown_file", ""),
    "a checkpoint of size 0": (put("log/checkpoint-0.txt", b""), "unknown_file", ""),
    "another name in log/": (put("log/tile", b""), "unknown_file", "log/tile"),
    "another name in evidence/": (put("evidence/post.txt", b""), "unknown_file", ""),
    "a checkpoint under another size": (
        move(checkpoint_name(LARGE), checkpoint_name(LARGE + 1)),
        "other_size",
        checkpoint_name(LARGE + 1),
    ),
    "a checkpoint that is none": (put(CHECKPOINT, b"?"), "bad_note", CHECKPOINT),
    "a checkpoint too long": (put(CHECKPOINT, b"?" * 65_537), "too_large", "manifest.json"),
    "a stamp too long": (put(STAMP, b"?" * 65_537), "too_large", "manifest.json"),
    "a stamp that is none": (put(STAMP, b"?"), "bad_der", STAMP),
    "head with a further key": (head(more=1), "bad_slice", SLICE_HEAD),
    "head with another beginning": (head(first=6), "other_root", SLICE),
    "head with another subtree": (head(left=["00" * 32] * 2), "other_root", SLICE),
    "a leaf changed": (
        edit(SLICE, lambda data: data[:-1] + bytes([data[-1] ^ 1])),
        "other_root",
        SLICE,
    ),
    "a leaf dropped": (edit(SLICE, lambda data: data[:-68]), "other_size", SLICE),
    "a leaf added": (edit(SLICE, lambda data: data + foreign(9)), "other_size", SLICE),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_refuses_a_bundle_with_a_defect(defect: str) -> None:
    damage, code, where = DEFECTS[defect]
    report = checked(sealed(damage(FILES)))
    assert (report.verdict, report.reason) == (Verdict.REFUSED, code)
    assert report.grade is None
    if where:
        assert report.where == where


def test_refuses_a_log_in_a_bundle_of_format_1() -> None:
    manifest: Any = decode(FILES["manifest.json"])
    report = checked(FILES | {"manifest.json": encode(manifest | {"format": 1})})
    assert (report.verdict, report.reason) == (Verdict.REFUSED, "unknown_file")


def test_refuses_a_second_freeze_in_the_log() -> None:
    def freeze_twice(leaves: list[bytes]) -> None:
        own = sha256(CONTEST.encode()).digest()
        leaves[BUNDLE.index_of(1) + 1] = own + (1).to_bytes(4, "big") + sha256(b"another").digest()

    report = checked(Witnessed(Made().files(), edit_leaves=freeze_twice).files())
    assert (report.verdict, report.reason, report.where) == (Verdict.REFUSED, "not_clean", SLICE)


def test_refuses_a_checkpoint_that_ends_before_the_contest() -> None:
    bundle = Witnessed(Made().files())
    early = bundle.before
    text = bundle.text_of(bundle.checkpoints[0]).replace(b"\n%d\n" % SMALL, b"\n%d\n" % early)
    files = bundle.files(**{checkpoint_name(early): text + b"\n" + LOG.line(text)})
    assert checked(files).reason == "early_checkpoint"


def test_refuses_a_line_of_a_trusted_key_that_does_not_hold() -> None:
    for signer in (LOG, *WITNESSES):
        for data in (bytes(64), bytes(72), b"x"):
            bundle = Witnessed(Made().files())
            bundle.checkpoints[-1].lines = signer.written(data)
            report = checked(bundle.files())
            assert (report.verdict, report.reason) == (Verdict.REFUSED, "bad_signature")
            assert report.where == checkpoint_name(LARGE)
            assert check_bundle(Folder(bundle.files())).verdict is Verdict.VERIFIED


def test_refuses_a_cosignature_of_another_checkpoint() -> None:
    bundle = Witnessed(Made().files())
    text = bundle.text_of(bundle.checkpoints[0])
    bundle.checkpoints[-1].lines = WITNESSES[0].line(text, bundle.moment)
    assert checked(bundle.files()).reason == "bad_signature"


def test_a_timestamp_that_does_not_count_is_named_with_its_reason() -> None:
    stamp = Stamp(time=ROUND_TIME - 60, with_attributes=False)
    seen = Checkpoint(covers=2, stamped=[(AUTHORITIES[0], stamp), (AUTHORITIES[1], None)])
    report = checked(Witnessed(Made().files(), checkpoints=[seen, Checkpoint()]).files())
    assert (report.verdict, report.grade) == (Verdict.VERIFIED, Grade.C)
    [found] = [one for one in report.findings if one.code == "timestamp_does_not_count"]
    assert found.text.startswith(f"{STAMP} does not count (no_signed_attributes): ")


def test_several_timestamps_of_one_checkpoint_count_each() -> None:
    text = BUNDLE.text_of(BUNDLE.checkpoints[0])
    answer = timestamp(AUTHORITIES[0], text, Stamp(time=ROUND_TIME - 60))
    files = sealed(FILES | {timestamp_name(SMALL, 99): answer})
    assert checked(files).grade is Grade.A


@pytest.mark.parametrize("edition", Edition)
def test_the_writer_writes_a_log_that_is_read(edition: Edition) -> None:
    files = Witnessed(Made(edition=edition, evidence=True).files()).files()
    writer = BundleWriter(edition=edition, contest=CONTEST)
    plain = [(name, data) for name, data in files.items() if name != "manifest.json"]
    written = b"".join(writer.add(name, data) for name, data in plain) + writer.finish()
    archive = ZipArchive(io.BytesIO(written))
    assert {name: b"".join(archive.chunks(name)) for name in archive.names()} == files
    assert check_bundle(archive, trust=TRUST).grade is Grade.A


def test_the_writer_refuses_other_names() -> None:
    writer = BundleWriter(edition=Edition.DISPUTE, contest=CONTEST)
    for name in ("log/tile", "log/checkpoint-01.txt", "evidence/checkpoint-1.tsr", "log/"):
        with pytest.raises(BundleError):
            writer.begin(name)


LATE = Checkpoint(
    covers=2,
    cosigned=[(one, ROUND_TIME) for one in WITNESSES],
    stamped=[(AUTHORITIES[0], Stamp(time=ROUND_TIME - 1)), (AUTHORITIES[1], None)],
)
SEEN_LATE = Witnessed(Made().files(), checkpoints=[LATE, Checkpoint()]).files()
"""All but one saw the freeze when the round was out: grade C."""
OUTSIDE = sorted(name for name in SEEN_LATE if name.startswith(("log/", "evidence/")))


@given(st.data())
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_a_flipped_bit_refuses_or_says_no_more_than_before(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(OUTSIDE))
    content = bytearray(SEEN_LATE[name])
    place = data.draw(st.integers(0, 8 * len(content) - 1))
    content[place // 8] ^= 1 << place % 8
    report, honest = checked(sealed(SEEN_LATE | {name: bytes(content)})), checked(SEEN_LATE)
    assert honest.grade is Grade.C
    if report.verdict is Verdict.REFUSED:
        return
    # Bits of what is not signed, and of lines that then belong to nobody.
    assert name.startswith(("evidence/", "log/checkpoint-"))
    assert report.verdict is Verdict.VERIFIED
    assert report.grade in {Grade.C, Grade.D}
    assert (report.final, report.freeze_hash) == (honest.final, honest.freeze_hash)
