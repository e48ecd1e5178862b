"""One visit to a page in Chromium, and everything that the browser complained about."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from playwright.async_api import Browser, ConsoleMessage, Page, Response

import hatch_build

ROOT = Path(__file__).parents[2]
SCREENSHOTS = Path(os.environ.get("CONTEST_SCREENSHOTS", ROOT / ".cache" / "screenshots"))
_IS_PHOTOGRAPHED = "CONTEST_SCREENSHOTS" in os.environ
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_REFUSED = "the server responded with a status of"


class Seen:
    """An open page. `complaints` are errors of scripts and breaches of the policy."""

    def __init__(self, page: Page, site: str, name: str) -> None:
        self.page = page
        self.site = site
        self._name = name
        self.complaints: list[str] = []
        self.answers: list[Response] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("response", lambda answer: self.answers.append(answer))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and _REFUSED not in message.text:
            self.complaints.append(message.text)

    async def go(self, path: str) -> Response:
        """Open another page in the same window."""
        answer = await self.page.goto(urljoin(self.site, path))
        assert answer is not None
        return answer

    async def text(self, selector: str = "main") -> str:
        return await self.page.inner_text(selector)

    async def shot(self, name: str) -> None:
        """Keep a picture of the whole page, if CONTEST_SCREENSHOTS asks for it.

        It is named by what it shows and how it is seen.
        """
        if not _IS_PHOTOGRAPHED:
            return
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{name}-{self._name}.png"
        await self.page.screenshot(path=path, full_page=True)

    async def axe(self) -> list[str]:
        """What keeps somebody from using the page, by axe-core."""
        if not await self.page.evaluate("typeof axe === 'object'"):
            await self.page.evaluate(axe_source())
        # All else that axe tells, of every element, takes longer to bring over than to find out.
        found: list[dict[str, Any]] = await self.page.evaluate(
            "async rules => (await axe.run(document, { runOnly: rules })).violations", _RULES
        )
        return [
            f"{each['id']}: {each['help']}: {node['html']}: {node.get('failureSummary', '')}"
            for each in found
            for node in each["nodes"]
        ]

    async def overflows(self) -> bool:
        """Whether the page has to be moved sideways."""
        wide: bool = await self.page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        return wide


async def open_page(
    browser: Browser,
    site: str,
    path: str,
    *,
    phone: bool = False,
    scripts: bool = True,
    language: str = "en",
    dark: bool = False,
    zone: str = "Europe/Berlin",
    cookies: tuple[dict[str, str], ...] = (),
) -> Seen:
    """Open a page as somebody with this device, language and preference would see it."""
    context = await browser.new_context(
        viewport=PHONE if phone else DESK,  # type: ignore[arg-type] # a plain dict
        java_script_enabled=scripts,
        locale={"en": "en-GB", "ru": "ru-RU"}[language],
        color_scheme="dark" if dark else "light",
        timezone_id=zone,
        reduced_motion="reduce",
    )
    await context.add_cookies([{"url": site, **each} for each in cookies])  # type: ignore[typeddict-item] # as the browser gave them
    words = ["phone" if phone else "desk", language, "dark" if dark else "light"]
    seen = Seen(await context.new_page(), site, "-".join(words + ([] if scripts else ["plain"])))
    await seen.go(path)
    return seen


def axe_source() -> str:
    """The rules of accessibility, from npm, exactly as the lock says."""
    folder = ROOT / ".cache" / "axe"
    modules = hatch_build.install_modules(Path(__file__).parent / "browser", folder)
    return (modules / "axe-core" / "axe.min.js").read_text()
