"""The production shape and its documents, as far as they can be checked without an engine."""

import re
from typing import Any

import pytest
import yaml
from operation.program import ROOT, run, surroundings

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name for name, service in SERVICES.items() if service["image"] == COMPOSE["name"]}
DOCKERFILE = (ROOT / "Dockerfile").read_text()
SETTINGS = {
    name.removesuffix("_FILE")
    for name in re.findall(
        r'"((?:CONTEST_[A-Z_]+|DATABASE_URL|REDIS_URL))"',
        (ROOT / "contest_service" / "settings.py").read_text(),
    )
}


def test_the_shape_is_a_database_a_queue_one_migration_and_many_of_the_rest() -> None:
    assert SERVICES["postgres"]["image"].startswith("postgres:18")
    assert "valkey" in SERVICES["valkey"]["image"]
    assert {"api", "worker", "migrate"} == OURS
    for name in ("api", "worker"):
        assert SERVICES[name]["deploy"]["replicas"] > 1
        waits = SERVICES[name]["depends_on"]
        assert waits["migrate"]["condition"] == "service_completed_successfully"
    assert SERVICES["migrate"]["restart"] == "no"


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_containers_run_commands_that_there_are(name: str) -> None:
    (command,) = SERVICES[name]["command"]
    assert run(command, "--help", environment=surroundings()).returncode == 0


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate", "proxy"}))
def test_whatever_goes_on_running_has_a_health_check(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_containers_have_no_more_rights_than_they_need(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert "no-new-privileges:true" in service["security_opt"]
    assert "privileged" not in service
    if name != "postgres":  # which gives its folder to its own user at the first start
        assert service["cap_drop"] == ["ALL"]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_secrets_are_files_that_are_declared(name: str) -> None:
    secrets = SERVICES[name].get("secrets", [])
    assert set(secrets) <= set(COMPOSE["secrets"])
    for variable, value in SERVICES[name].get("environment", {}).items():
        if value.startswith("/run/secrets/"):
            assert variable.endswith("_FILE")
            assert value.removeprefix("/run/secrets/") in secrets
        else:
            assert not re.search(r"PASSWORD|SECRET|DATABASE_URL|REDIS_URL", variable)


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_containers_are_given_settings_that_there_are(name: str) -> None:
    given = {variable.removesuffix("_FILE") for variable in SERVICES[name]["environment"]}
    assert given <= SETTINGS


def test_only_the_proxy_is_reachable_and_the_ledgers_network_leads_nowhere() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"proxy"}
    assert COMPOSE["networks"]["back"]["internal"] is True
    assert SERVICES["postgres"]["networks"] == SERVICES["valkey"]["networks"] == ["back"]
    subnet = COMPOSE["networks"]["front"]["ipam"]["config"][0]["subnet"]
    assert SERVICES["api"]["environment"]["CONTEST_TRUSTED_PROXIES"] == subnet


def test_images_are_of_a_version() -> None:
    images = [service["image"] for name, service in SERVICES.items() if name not in OURS]
    images += re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    for image in images:
        assert re.search(r":\d", image), image


def test_the_image_is_made_from_the_lock_and_runs_as_nobody() -> None:
    assert "--require-hashes --requirement requirements.lock" in DOCKERFILE
    last = DOCKERFILE.rpartition("FROM ")[2]
    user = re.search(r"^USER (\d+)$", last, re.MULTILINE)
    assert user is not None
    assert int(user[1]) > 0


def test_the_image_is_given_everything_that_it_copies() -> None:
    allowed = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    assert {name for line in copied for name in line.split()} <= allowed


def test_every_setting_is_documented_and_no_other() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs/operation.md").read_text(), re.MULTILINE)
    assert len(rows) == len(set(rows))
    assert set(rows) == SETTINGS
