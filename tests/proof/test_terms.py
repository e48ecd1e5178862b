"""Terms against the events that name them."""

from typing import Any

import msgspec
import pytest

from contest_service.proof.canonical import decode, encode
from contest_service.proof.errors import BundleError, ProofError
from contest_service.proof.terms import (
    TermsSchedule,
    VerifierFile,
    parse_terms,
    require_terms,
    terms_bytes,
)
from proof.bundles import rules_of, terms
from proof.contests import CLOSES, CONTEST, DRAWS, OPENS


def test_reads_back_what_it_writes() -> None:
    assert parse_terms(terms_bytes(terms())) == terms()


def schedule(**changes: int) -> TermsSchedule:
    made = TermsSchedule(opens_at=OPENS, closes_at=CLOSES, freeze_at=CLOSES, draw_at=DRAWS)
    return msgspec.structs.replace(made, **changes)


@pytest.mark.parametrize("freeze_at", [CLOSES, DRAWS - 600])
def test_the_list_may_be_frozen_from_the_close_to_the_lead(freeze_at: int) -> None:
    made = terms(schedule=schedule(freeze_at=freeze_at))
    require_terms(made, contest=CONTEST, version=1, rules=rules_of(made))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"contest": "another"}, "foreign_terms"),
        ({"version": 2, "reason": "x"}, "foreign_terms"),
        ({"reason": "a first version needs none"}, "no_reason"),
        ({"schedule": schedule(opens_at=OPENS + 1)}, "other_schedule"),
        ({"schedule": schedule(closes_at=CLOSES - 1)}, "other_schedule"),
        ({"schedule": schedule(draw_at=DRAWS + 1)}, "other_schedule"),
        ({"schedule": schedule(freeze_at=CLOSES - 1)}, "bad_freeze_at"),
        ({"schedule": schedule(freeze_at=DRAWS - 599)}, "bad_freeze_at"),
    ],
)
def test_terms_that_do_not_suit_their_event_are_refused(changes: dict[str, Any], code: str) -> None:
    made = terms(**changes)
    with pytest.raises(BundleError) as refusal:
        require_terms(made, contest=CONTEST, version=1, rules=rules_of(made))
    assert refusal.value.code == code


def test_a_later_version_says_why_it_exists() -> None:
    made = terms(2)
    require_terms(made, contest=CONTEST, version=2, rules=rules_of(made))
    silent = terms(2, reason="")
    with pytest.raises(BundleError, match="reason"):
        require_terms(silent, contest=CONTEST, version=2, rules=rules_of(silent))


HASH = "0" * 64


@pytest.mark.parametrize(
    "changes",
    [
        {"v": "drawproof/2"},
        {"version": 0},
        {"zone": ""},
        {"rules": []},
        {"texts": {"en": "one text"}},
        {"texts": {"EN": []}},
        {"verifiers": [{"name": "other.py", "sha256": HASH}]},
        {"verifiers": [{"name": name, "sha256": HASH} for name in ("verify.py", "verify.html")]},
        {"verifiers": [{"name": "verify.py", "sha256": HASH}] * 2},
        {"verifiers": [{"name": "verify.py", "sha256": "0"}]},
        {"extra": 1},
        {"schedule": {"opens_at": 1, "closes_at": 1, "draw_at": 1}},
    ],
)
def test_refuses_terms_of_another_shape(changes: dict[str, Any]) -> None:
    plain: Any = decode(terms_bytes(terms()))
    with pytest.raises(ProofError):
        parse_terms(_write(plain | changes))


def _write(value: Any) -> bytes:
    return msgspec.json.encode(value, order="sorted")


@pytest.mark.parametrize(
    "key",
    [field for field in msgspec.structs.fields(type(terms())) if field.required],
    ids=lambda f: f.name,
)
def test_every_key_has_to_be_there(key: Any) -> None:
    plain: Any = decode(terms_bytes(terms()))
    del plain[key.name]
    with pytest.raises(BundleError):
        parse_terms(encode(plain))


def test_both_verifiers_may_be_named_in_order() -> None:
    both = tuple(VerifierFile(name=name, sha256=HASH) for name in ("verify.html", "verify.py"))
    assert parse_terms(terms_bytes(terms(verifiers=both))).verifiers == both


def test_terms_have_at_most_one_mebibyte() -> None:
    long = terms(texts={"en": ("a" * 4096,) * 256})
    with pytest.raises(BundleError, match="longer"):
        terms_bytes(long)
    with pytest.raises(BundleError, match="longer"):
        parse_terms(b" " * ((1 << 20) + 1))
