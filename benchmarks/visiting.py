"""Pages for everybody on a slow phone: until they can be read and used, and what they weigh.

As a program it opens each page once, with nothing kept, in headless Chromium with a quarter of this
machine's speed and a network of 1.6 Mbit/s with 150 ms to each answer.
"""

import shutil
import sys
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from benchmarks import drawing, fresh
from benchmarks.browsing import PROGRAM
from benchmarks.following import served
from benchmarks.ground import Ground, connection, open_runtime
from benchmarks.scene import LIKED, Scene, set_scene
from benchmarks.table import Line

FULL_SIZE = 10_000
"""Entries of the contest."""
TARGET = 1.0
"""Seconds until a page can be used."""
MOST_BYTES = 100_000
"""Of a page with scripts and styles, as they travel."""
_SLOWER = 4
_NETWORK = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
_PHONE = {"width": 390, "height": 844}
_QUIET = 1500
"""Milliseconds after the page has loaded in which nothing may hold it up any more."""
_WATCH = """
window.heldUntil = 0;
new PerformanceObserver((list) => {
  for (const task of list.getEntries()) {
    window.heldUntil = Math.max(window.heldUntil, task.startTime + task.duration);
  }
}).observe({ type: 'longtask', buffered: true });
"""
_ASK = """() => {
  const [page] = performance.getEntriesByType('navigation');
  const [paint] = performance.getEntriesByName('first-contentful-paint');
  return [paint.startTime, page.domContentLoadedEventEnd, window.heldUntil];
}"""


async def lines(ground: Ground, size: int) -> list[Line]:
    """Measure every page before and after the draw; nothing without Chromium."""
    if shutil.which(PROGRAM) is None:
        told = "visit: left out, as there is no Chromium here (Debian: apt-get install chromium)"
        print(told, file=sys.stderr)
        return []
    async with ground.database() as url:
        async with open_runtime(url, ground.folder) as rt:
            scene = await set_scene(rt, (LIKED,))
        async with connection(url) as conn:
            await drawing.judge(conn, scene, size)
        async with served(ground, url) as (_, port):
            found = await _visit(ground, port, _open_pages(scene))
            await fresh.measure(
                "drawing",
                url=url,
                folder=str(ground.folder),
                workspace=scene.workspace_id,
                contest=scene.contest_id,
            )
            found |= await _visit(ground, port, _drawn_pages(scene))
    return [_line(what, runs, size) for what, runs in found.items()]


def _open_pages(scene: Scene) -> dict[str, str]:
    contest = f"/contests/{scene.contest_id}"
    return {
        "contest that is open": contest,
        "self-check": f"{contest}/check?account=did:plc:1",
        "widget that counts down": f"/embed{contest}",
    }


def _drawn_pages(scene: Scene) -> dict[str, str]:
    contest = f"/contests/{scene.contest_id}"
    return {
        "contest that is drawn": contest,
        "draw room": f"{contest}/draw",
        "certificate": f"{contest}/certificate",
        "widget with winners": f"/embed{contest}",
        "organiser's record": f"/organisers/{scene.workspace_id}",
    }


async def _visit(
    ground: Ground, port: int, paths: dict[str, str]
) -> dict[str, list[dict[str, Any]]]:
    runs: dict[str, list[dict[str, Any]]] = {what: [] for what in paths}
    for _ in range(ground.runs):
        measured = await fresh.measure("visiting", port=port, paths=paths)
        for what, values in measured.values.items():
            runs[what].append(values)
    return runs


def _line(what: str, runs: list[dict[str, Any]], size: int) -> Line:
    weight = max(run["bytes"] for run in runs)
    assert weight <= MOST_BYTES, f"{what} weighs {weight:,} bytes"
    seen = min(run["seen"] for run in runs)
    return Line(
        what=f"on a slow phone: {what}",
        size=f"{size:,} entries",
        seconds=[run["usable"] for run in runs],
        target=TARGET,
        note=f"{weight / 1000:.1f} kB before pictures, first seen after {seen:.2f} s at best",
    )


def _main() -> None:
    given = fresh.arguments()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which(PROGRAM))
        site = f"http://127.0.0.1:{given['port']}"
        # What the process does only once is not the page's.
        _open(browser, f"{site}/contests/none")
        found = {what: _open(browser, f"{site}{path}") for what, path in given["paths"].items()}
        browser.close()
    fresh.answer(**found)


def _open(browser: Browser, address: str) -> dict[str, float]:
    context = browser.new_context(viewport=_PHONE, locale="ru-RU")  # type: ignore[arg-type] # a plain dict
    page = context.new_page()
    weight = 0

    def weigh(event: dict[str, Any]) -> None:
        nonlocal weight
        weight += event["encodedDataLength"]

    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.on("Network.loadingFinished", weigh)
    devtools.send("Network.emulateNetworkConditions", _NETWORK)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": _SLOWER})
    page.add_init_script(_WATCH)
    page.goto(address, wait_until="load")
    page.wait_for_timeout(_QUIET)
    painted, ready, held = page.evaluate(_ASK)
    context.close()
    return {
        "seen": painted / 1000,
        "usable": max(painted, ready, held) / 1000,
        "bytes": weight,
    }


if __name__ == "__main__":
    _main()
