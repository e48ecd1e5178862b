"""The trust file: whom a verifier was told to believe."""

import json
from base64 import b64encode
from typing import Any

import pytest

from contest_service.proof.errors import TrustError
from contest_service.proof.trust import NOBODY, parse_trust
from proof.witnessed import AUTHORITIES, LOG, WITNESSES, trust_file

GIVEN: dict[str, Any] = json.loads(trust_file())


def written(**changes: Any) -> bytes:
    return json.dumps(GIVEN | changes).encode()


def test_says_whose_keys_and_roots_are_believed() -> None:
    trust = parse_trust(trust_file())
    assert [(one.operator, one.key.text) for one in trust.logs] == [
        (LOG.operator, LOG.verifier_key)
    ]
    assert [one.operator for one in trust.witnesses] == [one.operator for one in WITNESSES]
    assert [(one.operator, one.certificate.raw) for one in trust.timestamps] == [
        (one.operator, one.root.der) for one in AUTHORITIES
    ]


def test_any_spelling_of_the_json_is_read() -> None:
    for text in (json.dumps(GIVEN, indent=3), json.dumps(GIVEN, separators=(",", ":"))):
        assert parse_trust(text.encode()) == parse_trust(trust_file())
    escaped = trust_file().replace(b'"Ann"', b'"\\u0041nn"')
    assert parse_trust(escaped) == parse_trust(trust_file())


def test_nobody_need_be_believed() -> None:
    assert parse_trust(written(logs=[], witnesses=[], timestamps=[])) == NOBODY


ROOT = GIVEN["timestamps"][0]
KEY = GIVEN["logs"][0]
WITNESS = GIVEN["witnesses"][0]
DEFECTS: dict[str, bytes] = {
    "empty": b"",
    "not JSON": b"{",
    "not UTF-8": trust_file().replace(b"Ann", b"\xff"),
    "an array": b"[]",
    "other version": written(v="drawproof/2"),
    "further key": written(more=1),
    "key missing": json.dumps({key: GIVEN[key] for key in GIVEN if key != "logs"}).encode(),
    "null for a list": written(logs=None),
    "further key of an item": written(logs=[KEY | {"url": "x"}]),
    "operator missing": written(logs=[{"key": KEY["key"]}]),
    "operator empty": written(logs=[KEY | {"operator": ""}]),
    "operator no text": written(logs=[KEY | {"operator": 1}]),
    "a witness among the logs": written(logs=[WITNESS], witnesses=[]),
    "a log among the witnesses": written(logs=[], witnesses=[KEY]),
    "key spelled wrongly": written(logs=[KEY | {"key": KEY["key"] + "="}]),
    "one key for two operators": written(witnesses=[WITNESS, WITNESS | {"operator": "Eve"}]),
    "one root for two operators": written(timestamps=[ROOT, ROOT | {"operator": "Eve"}]),
    "certificate no base64": written(timestamps=[ROOT | {"certificate": "?"}]),
    "certificate no certificate": written(
        timestamps=[ROOT | {"certificate": b64encode(b"0\x00").decode()}]
    ),
    "certificate cut off": written(
        timestamps=[
            ROOT | {"certificate": b64encode(AUTHORITIES[0].root.der[:-1]).decode()},
        ]
    ),
    "certificate and more": written(
        timestamps=[
            ROOT | {"certificate": b64encode(AUTHORITIES[0].root.der + b"\0").decode()},
        ]
    ),
    "too long": trust_file() + b" " * (1 << 20),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_refuses_a_trust_file_with_a_defect(defect: str) -> None:
    with pytest.raises(TrustError):
        parse_trust(DEFECTS[defect])
