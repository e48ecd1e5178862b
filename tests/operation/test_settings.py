"""Settings: every fault at once, every secret from a file, nothing left to chance in children."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_service.beacon_client import PUBLIC_RELAYS
from contest_service.settings import (
    SYSTEM_DATA,
    LogFormat,
    Settings,
    SettingsError,
    child_environment,
    read_settings,
)
from contest_service.vault import generate_key

GIVEN = {
    "DATABASE_URL": "postgresql://u:hush@db/contest",
    "REDIS_URL": "redis://:hush@queue:6379/0",
    "CONTEST_SECRET_KEY": generate_key(),
}


def faults(environment: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        read_settings(environment)
    return caught.value.message.splitlines()


def test_nothing_set_means_the_embedded_servers_on_loopback() -> None:
    settings = read_settings({"HOME": "/home/somebody"})
    assert settings.is_embedded
    assert settings.database_url is None
    assert settings.has_sandbox
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.beacon_relays == PUBLIC_RELAYS
    assert settings.allowed_hosts is None
    assert settings.log_format is LogFormat.TEXT


def test_given_servers_are_used_and_practice_is_off_there() -> None:
    settings = read_settings(GIVEN)
    assert not settings.is_embedded
    assert settings.database_url == GIVEN["DATABASE_URL"]
    assert not settings.has_sandbox
    assert settings.practice_relay is None
    assert settings.practice_vk is None
    practising = read_settings(GIVEN | {"CONTEST_SANDBOX": "1"})
    assert practising.practice_relay == "http://127.0.0.1:8001"
    assert practising.practice_vk == "http://127.0.0.1:8002"


def test_all_faults_are_told_at_once() -> None:
    told = faults(
        {
            "DATABASE_URL": "mysql://db",
            "CONTEST_PORT": "99999",
            "CONTEST_SANDBOX": "maybe",
            "CONTEST_SANDBOX_PERIOD": "0",
            "CONTEST_SECRET_KEY": "short",
            "CONTEST_HOST": "::",
            "CONTEST_BEACON_RELAYS": "ftp://relay",
            "CONTEST_ALLOWED_HOSTS": "a/b",
            "CONTEST_LOG_FORMAT": "xml",
        }
    )
    for name in (
        "DATABASE_URL",
        "CONTEST_PORT",
        "CONTEST_SANDBOX:",
        "CONTEST_SANDBOX_PERIOD",
        "CONTEST_SECRET_KEY",
        "CONTEST_PUBLIC_URL",
        "CONTEST_BEACON_RELAYS",
        "CONTEST_ALLOWED_HOSTS",
        "CONTEST_LOG_FORMAT",
    ):
        assert any(name in line for line in told), name


def test_one_server_without_the_other_is_a_fault_that_names_the_lacking_one() -> None:
    assert faults({"DATABASE_URL": "postgresql://db/x"})[0].startswith(
        "DATABASE_URL is set and REDIS_URL is not"
    )
    assert faults({"REDIS_URL": "redis://queue"})[0].startswith(
        "REDIS_URL is set and DATABASE_URL is not"
    )


def test_a_service_on_given_servers_needs_a_key_and_a_migration_does_not() -> None:
    without = {name: value for name, value in GIVEN.items() if name != "CONTEST_SECRET_KEY"}
    assert "`contest-service key` makes one" in faults(without)[0]
    assert read_settings(without, is_serving=False).secret_keys == ()


def test_every_value_may_come_from_a_file(tmp_path: Path) -> None:
    environment = {}
    for name, value in GIVEN.items():
        (tmp_path / name).write_text(f"{value}\n")
        environment[f"{name}_FILE"] = str(tmp_path / name)
    assert read_settings(environment) == read_settings(GIVEN)


def test_a_value_given_twice_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "url").write_text(GIVEN["REDIS_URL"])
    told = faults(GIVEN | {"REDIS_URL_FILE": str(tmp_path / "url")})
    assert told == ["REDIS_URL and REDIS_URL_FILE are both set: keep one."]


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe"])
def test_a_file_that_holds_no_value_is_a_fault(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)
    told = faults({"CONTEST_SECRET_KEY_FILE": str(file)})
    assert len(told) == 1
    assert str(file) in told[0]


def test_faults_and_repr_show_no_secret() -> None:
    told = faults(GIVEN | {"DATABASE_URL": "db:hush@x", "CONTEST_SECRET_KEY": "hush"})
    assert "hush" not in "".join(told)
    settings = read_settings(GIVEN)
    assert "hush" not in repr(settings)
    assert GIVEN["CONTEST_SECRET_KEY"] not in repr(settings)


def test_several_keys_are_read_newest_first() -> None:
    keys = (generate_key(), generate_key())
    assert read_settings(GIVEN | {"CONTEST_SECRET_KEY": "\n".join(keys)}).secret_keys == keys


def test_a_users_data_is_where_that_users_programs_keep_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    home = {"HOME": str(tmp_path)}
    assert read_settings(home).data == tmp_path / ".local/share/contest-service"
    elsewhere = home | {"XDG_DATA_HOME": "/elsewhere"}
    assert read_settings(elsewhere).data == Path("/elsewhere/contest-service")


def test_roots_data_is_where_the_systems_services_keep_theirs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert read_settings({"HOME": "/root"}).data == SYSTEM_DATA


def test_a_user_without_a_home_is_told_to_name_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 4_000_000_000)
    assert faults({"HOME": ""}) == ["CONTEST_DATA is needed: this user has no home folder."]


def test_the_data_folder_is_absolute_wherever_it_is_read(tmp_path: Path) -> None:
    assert read_settings({"CONTEST_DATA": "here"}).data == Path.cwd() / "here"
    assert read_settings({"CONTEST_DATA": str(tmp_path)}).data == tmp_path


@pytest.mark.parametrize(
    ("names", "port"),
    [
        ({"CONTEST_PORT", "CONTEST_SANDBOX_PORT"}, 8001),
        ({"CONTEST_PORT", "CONTEST_SANDBOX_VK_PORT"}, 8002),
        ({"CONTEST_SANDBOX_PORT", "CONTEST_SANDBOX_VK_PORT"}, 9000),
    ],
)
def test_no_two_servers_share_a_port(names: set[str], port: int) -> None:
    (told,) = faults(dict.fromkeys(names, str(port)))
    assert "are the same" in told
    assert all(name in told for name in names)


def test_ports_of_a_sandbox_that_is_off_are_in_nobodys_way() -> None:
    settings = read_settings({"CONTEST_PORT": "8002", "CONTEST_SANDBOX": "0"})
    assert settings.port == 8002
    assert settings.practice_vk is None


@given(
    environment=st.fixed_dictionaries(
        {"CONTEST_DATA": st.just("/data")},
        optional={
            "CONTEST_PORT": st.integers(1, 8000).map(str),
            "CONTEST_PUBLIC_URL": st.just("https://example.org/"),
            "CONTEST_SANDBOX": st.sampled_from(["1", "0"]),
            "CONTEST_SANDBOX_PERIOD": st.integers(1, 100).map(str),
            "CONTEST_ALLOWED_HOSTS": st.just("bsky.social, localhost:2583"),
            "CONTEST_LOG_FORMAT": st.sampled_from(["text", "json"]),
            "CONTEST_RATE_LIMIT": st.integers(1, 1000).map(str),
            "CONTEST_RETENTION_DAYS": st.integers(0, 1000).map(str),
            "CONTEST_BODY_RETENTION_DAYS": st.integers(0, 1000).map(str),
            "DATABASE_URL_FILE": st.just(""),
        },
    ),
)
def test_a_child_reads_the_settings_that_its_parent_decided(environment: dict[str, str]) -> None:
    """Also on the embedded default, where the child is given addresses and the parent was not."""
    ours = read_settings(environment)
    given = {name: GIVEN[name] for name in ("DATABASE_URL", "REDIS_URL")}
    started = Settings(
        **{name: getattr(ours, name) for name in ours.__struct_fields__}
        | {"database_url": given["DATABASE_URL"], "redis_url": given["REDIS_URL"]}
    )
    theirs = read_settings(
        {
            name: value
            for name, value in child_environment(started, environment).items()
            if name != "CONTEST_SECRET_KEY_FILE"
        },
        is_serving=False,
    )
    differing = {
        name for name in ours.__struct_fields__ if getattr(theirs, name) != getattr(started, name)
    }
    assert differing <= {"is_embedded"}
