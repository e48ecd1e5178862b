"""Settings of the log: keys, names, and whom to ask, all faults told."""

import base64
from pathlib import Path

import pytest

from contest_service.cli.surroundings import with_keys
from contest_service.flows.signer import LogKeyError
from contest_service.log_keys import (
    FileMemory,
    default_name,
    parse_seed,
    read_or_create_seed,
)
from contest_service.proof import notes
from contest_service.proof.notes import Checkpoint, KeyKind, VerifierKey
from contest_service.settings import SettingsError, child_environment, read_settings
from contest_service.store.log import Log

SEED = base64.b64encode(bytes(32)).decode()
OTHER = base64.b64encode(b"\1" * 32).decode()
WITNESS = VerifierKey(name="w.test", kind=KeyKind.WITNESS, public=bytes(32)).text
LOG = VerifierKey(name="log.test", kind=KeyKind.LOG, public=bytes(32)).text


def faults(**environment: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        read_settings({"HOME": "/home/somebody"} | environment)
    return caught.value.message.splitlines()


def test_witnesses_and_authorities_are_pairs_on_lines_or_one() -> None:
    settings = read_settings(
        {
            "HOME": "/home/somebody",
            "CONTEST_WITNESSES": f"\n{WITNESS}  https://w.test/witness/\n",
            "CONTEST_TIMESTAMP_AUTHORITIES": "one https://a.test/tsr two http://b.test:8080/",
            "CONTEST_WITNESS_OF": LOG,
        }
    )
    (witness,) = settings.log.witnesses
    assert (witness.key.text, witness.url) == (WITNESS, "https://w.test/witness")
    assert [(each.name, each.url) for each in settings.log.authorities] == [
        ("one", "https://a.test/tsr"),
        ("two", "http://b.test:8080/"),
    ]
    assert [key.text for key in settings.log.witness_of] == [LOG]


WRONG = {
    "a witness without an address": ({"CONTEST_WITNESSES": WITNESS}, "a verifier key and an"),
    "a witness that is a log": ({"CONTEST_WITNESSES": f"{LOG} https://w.test"}, "not the key of a"),
    "a key with a wrong id": (
        {"CONTEST_WITNESSES": f"{WITNESS.replace('w.test', 'x.test')} https://w.test"},
        "is no verifier key",
    ),
    "a witness twice": (
        {"CONTEST_WITNESSES": f"{WITNESS} https://w.test {WITNESS} https://x.test"},
        "twice",
    ),
    "an address that is none": ({"CONTEST_WITNESSES": f"{WITNESS} w.test"}, "no address"),
    "an address of a file": ({"CONTEST_WITNESSES": f"{WITNESS} file:///etc/x"}, "no address"),
    "an authority without a name": (
        {"CONTEST_TIMESTAMP_AUTHORITIES": "https://a.test"},
        "a name and an address",
    ),
    "too many authorities": (
        {"CONTEST_TIMESTAMP_AUTHORITIES": " ".join(f"n{n} https://a.test" for n in range(17))},
        "more than 16",
    ),
    "a log that is a witness": ({"CONTEST_WITNESS_OF": WITNESS}, "not the key of a log"),
    "a key that is too short": ({"CONTEST_LOG_KEY": "c2hvcnQ="}, "32 bytes"),
    "a name with a plus": ({"CONTEST_LOG_ORIGIN": "a+b"}, "has blanks or +"),
    "one key for both": (
        {"CONTEST_LOG_KEY": SEED, "CONTEST_WITNESS_KEY": SEED},
        "are the same",
    ),
    "a witness without a key": (
        {
            "DATABASE_URL": "postgresql://db/x",
            "REDIS_URL": "redis://queue",
            "CONTEST_WITNESS_OF": LOG,
        },
        "CONTEST_WITNESS_KEY_FILE is needed",
    ),
}


@pytest.mark.parametrize(("environment", "told"), WRONG.values(), ids=list(WRONG))
def test_what_is_wrong_is_told_with_its_name(environment: dict[str, str], told: str) -> None:
    (found,) = [fault for fault in faults(**environment) if told in fault]
    assert found.startswith(("CONTEST_WITNESS", "CONTEST_LOG", "CONTEST_TIMESTAMP"))


def test_a_key_is_base64_or_hex() -> None:
    assert parse_seed(SEED) == parse_seed("00" * 32) == bytes(32)
    for text in ("", "00" * 31, "0" * 63, "no", base64.b64encode(bytes(33)).decode()):
        with pytest.raises(ValueError, match="32 bytes"):
            parse_seed(text)


def test_the_settings_never_show_a_key() -> None:
    settings = read_settings({"HOME": "/home/somebody", "CONTEST_LOG_KEY": OTHER})
    assert OTHER not in repr(settings) + repr(settings.log)


def test_the_embedded_default_makes_its_key_once_and_tells_its_children(tmp_path: Path) -> None:
    settings = read_settings({"CONTEST_DATA": str(tmp_path), "CONTEST_WITNESS_OF": LOG})
    first = with_keys(settings)
    assert with_keys(settings).log == first.log
    assert settings.log_key_file.stat().st_mode & 0o077 == 0
    assert first.log.key != first.log.witness_key
    environment = child_environment(first, {"CONTEST_WITNESS_OF": LOG})
    child = read_settings(environment | {"DATABASE_URL": "", "REDIS_URL": ""})
    assert child.log.key == first.log.key
    assert child.log.witness_key == first.log.witness_key
    assert child.log.memory == tmp_path


def test_a_key_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "log.key"
    read_or_create_seed(path)
    path.chmod(0o644)
    with pytest.raises(LogKeyError, match="can be read by others"):
        read_or_create_seed(path)


def test_a_damaged_key_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "log.key"
    path.write_text("not a key\n")
    path.chmod(0o600)
    with pytest.raises(LogKeyError, match="is damaged"):
        read_or_create_seed(path)
    assert path.read_text() == "not a key\n"


def test_a_log_is_named_after_where_it_is_served() -> None:
    assert default_name("https://example.org") == "example.org/log"
    assert default_name("http://127.0.0.1:8000/prize") == "127.0.0.1:8000/prize/log"


def test_the_memory_of_each_log_is_a_file_of_its_own(tmp_path: Path) -> None:
    memory = FileMemory(tmp_path)
    kept = {log: Checkpoint(origin=f"x/{log}", size=len(log), root=bytes(32)) for log in Log}
    for log, checkpoint in kept.items():
        assert memory.recall(log) is None
        memory.remember(log, checkpoint)
    assert {log: memory.recall(log) for log in Log} == kept
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "log-practice.last",
        "log-real.last",
    ]
    assert notes.parse_checkpoint(memory.path(Log.REAL).read_bytes()) == kept[Log.REAL]
