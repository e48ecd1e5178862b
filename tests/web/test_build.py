"""How the pages' scripts and styles are built, and how they are served."""

import gzip
import hashlib
import json
import shutil
from pathlib import Path

import httpx
import pytest

import hatch_build
from contest_service.web.assets import asset
from web.visits import ROOT

PAGES = hatch_build.PAGES


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is built, with the modules that are already there."""
    root = tmp_path_factory.mktemp("tree")
    for folder in (PAGES.sources, *PAGES.borrowed):
        shutil.copytree(ROOT / folder, root / folder)
    hatch_build.build(ROOT, PAGES)
    cache = root / PAGES.cache
    cache.mkdir(parents=True)
    (cache / "node_modules").symlink_to(ROOT / PAGES.cache / "node_modules")
    for name in ("package.json", "installed"):
        shutil.copy(ROOT / PAGES.cache / name, cache)
    return root


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_two_builds_in_two_places_give_the_same_bytes(tree: Path) -> None:
    assert files_of(hatch_build.build(tree, PAGES)) == files_of(ROOT / PAGES.output)


def test_names_hold_the_hash_and_packed_copies_hold_the_same() -> None:
    files = files_of(ROOT / PAGES.output)
    manifest = json.loads(files["manifest.json"])
    assert {"admin.css", "admin.js", "public.css", "public.js", "icon.svg"} <= manifest.keys()
    for name in manifest.values():
        assert hashlib.sha256(files[name]).hexdigest()[:16] in name
        assert name.endswith(".png") or gzip.decompress(files[f"{name}.gz"]) == files[name]


def test_what_is_built_asks_nobody_and_names_no_place_of_this_machine() -> None:
    for name, data in files_of(ROOT / PAGES.output).items():
        assert str(ROOT).encode() not in data, name
        assert b"url(http" not in data, name
        assert b"sourceMappingURL" not in data, name


def test_the_visitor_s_preference_decides_about_dark() -> None:
    style = (ROOT / PAGES.output / asset("admin.css").rpartition("/")[2]).read_text()
    assert "data-bs-theme=dark" not in style
    assert "prefers-color-scheme:dark" in style


def test_it_is_built_anew_only_when_something_changed(tree: Path) -> None:
    folder = hatch_build.build(tree, PAGES)
    before = (folder / "manifest.json").stat().st_mtime_ns
    hatch_build.build(tree, PAGES)
    assert (folder / "manifest.json").stat().st_mtime_ns == before
    style = tree / PAGES.sources / "styles" / "public.css"
    style.write_text(style.read_text() + "main { color: red; }\n")
    built = json.loads((hatch_build.build(tree, PAGES) / "manifest.json").read_text())
    assert "main{color:red}" in (folder / built["public.css"]).read_text()
    assert len([path for path in folder.iterdir() if path.name.startswith("public-")]) == 6


def test_sources_with_a_mistake_are_said(tree: Path) -> None:
    (tree / PAGES.sources / "scripts" / "public.js").write_text("export {")
    with pytest.raises(hatch_build.BundleUnavailableError, match=r"build\.mjs failed"):
        hatch_build.build(tree, PAGES)


async def test_files_are_kept_for_ever_and_sent_packed(api: httpx.AsyncClient) -> None:
    packed = await api.get(asset("public.css"), headers={"Accept-Encoding": "gzip, deflate"})
    plain = await api.get(asset("public.css"), headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert packed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert plain.headers["content-type"] == "text/css; charset=utf-8"
    for path in ("/static/manifest.json", "/static/..%2Fassets.py", "/static/none.css"):
        assert (await api.get(path)).status_code == 404


def test_an_unknown_name_is_a_mistake_of_ours() -> None:
    with pytest.raises(LookupError, match="it may be admin"):
        asset("none.css")
