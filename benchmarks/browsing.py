"""The page `verify.html` in headless Chromium: from the choice of a bundle to its verdict.

As a program it opens the page as a file, chooses one bundle of a practice contest, and waits until
the page says that it holds. Memory is that of the process which shows the page and checks.
"""

import shutil
import sys
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

import hatch_build
from benchmarks import drawing, fresh
from benchmarks.ground import Ground, connection, open_runtime
from benchmarks.scene import LIKED, set_scene
from benchmarks.table import Line, with_a_tenth

FULL_SIZE = 1_000_000
"""A tenth of it is measured too."""
TARGETS = {FULL_SIZE // 10: 3.0, FULL_SIZE: 20.0}
"""Seconds, by the number of entries."""
PROGRAM = "chromium"
_PATIENCE = 300_000
"""Milliseconds."""
_HOLDS = "section.verdict.passed"
_SETTLED = "section.verdict:not(.running)"


async def lines(ground: Ground, size: int) -> list[Line]:
    """Measure the check of a whole public bundle, nothing without Chromium."""
    if shutil.which(PROGRAM) is None:
        told = "browse: left out, as there is no Chromium here (Debian: apt-get install chromium)"
        print(told, file=sys.stderr)
        return []
    page = hatch_build.build(fresh.ROOT, hatch_build.VERIFIER)
    return [await _line(ground, each, page) for each in with_a_tenth(size)]


async def _line(ground: Ground, size: int, page: Path) -> Line:
    bundle = ground.folder / f"browsed-{size}.zip"
    await _make(ground, size, bundle)
    given = {"page": page.as_uri(), "bundle": str(bundle)}
    runs = [await fresh.measure("browsing", **given) for _ in range(ground.runs)]
    peaks = [run.values["peak"] for run in runs]
    weighs = f"{bundle.stat().st_size / 1e6:.1f} MB"
    bundle.unlink()
    return Line(
        what="verify.html on a whole bundle",
        size=f"{size:,} entries",
        seconds=[run.values["seconds"] for run in runs],
        peak=None if None in peaks else max(peaks),
        target=TARGETS.get(size),
        note=f"{size:,} entries weigh {weighs}; in {runs[0].values['browser']}",
    )


async def _make(ground: Ground, size: int, bundle: Path) -> None:
    """Freeze and draw a contest of so many entries, and write its public bundle."""
    async with ground.database() as url:
        async with open_runtime(url, ground.folder) as rt:
            scene = await set_scene(rt, (LIKED,))
        async with connection(url) as conn:
            await drawing.judge(conn, scene, size)
        given = {
            "url": url,
            "folder": str(ground.folder),
            "workspace": scene.workspace_id,
            "contest": scene.contest_id,
        }
        await fresh.measure("drawing", **given)
        await fresh.measure("drawing", bundle=str(bundle), **given)


def _main() -> None:
    given = fresh.arguments()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which(PROGRAM))
        page = browser.new_page(locale="en-US")
        page.goto(given["page"])
        page.check("#practice")
        start = time.perf_counter()
        page.set_input_files("#file-zip", given["bundle"])
        page.wait_for_selector(_SETTLED, timeout=_PATIENCE)
        seconds = time.perf_counter() - start
        assert page.query_selector(_HOLDS), page.inner_text(_SETTLED)
        peak, version = _peak(browser), f"Chromium {browser.version}"
        browser.close()
    fresh.answer(seconds=seconds, peak=peak, browser=version)


def _peak(browser: Browser) -> int | None:
    """The highest memory of the process that shows the page; None where Linux does not tell."""
    processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    shows = [each["id"] for each in processes if each["type"] == "renderer"]
    try:
        return max(_highest(Path(f"/proc/{process}/status")) for process in shows)
    except OSError:
        return None


def _highest(status: Path) -> int:
    """What the kernel calls the high-water mark of a process's resident memory, in bytes."""
    facts = dict(line.split(":", maxsplit=1) for line in status.read_text().splitlines())
    return int(facts["VmHWM"].split()[0]) << 10


if __name__ == "__main__":
    _main()
