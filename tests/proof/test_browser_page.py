"""The browser verifier's page in a real browser, opened as a file."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browsers import chromium
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

import hatch_build
from proof import bundles
from proof.browser import ROOT
from proof.generated import Made, commitment
from proof.packed import members, zipped
from proof.witnessed import Witnessed, promise, receipt, trust_file

SETTLED = "section.verdict:not(.running)"
POLICY = (
    "default-src 'none'; script-src 'sha256-",
    "; style-src 'sha256-",
    "; worker-src blob:; img-src data:; base-uri 'none'; form-action 'none'",
)


class Visit:
    """One visit to the page, with everything that the browser complained about or asked for."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page = page
        self._folder = folder
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._note)
        page.goto(hatch_build.build(ROOT, hatch_build.VERIFIER).as_uri())

    def _hear(self, message: ConsoleMessage) -> None:
        self.complaints.append(message.text)

    def _note(self, request: Request) -> None:
        self.requests.append(request.url.partition(":")[0])

    def put(self, name: str, data: bytes) -> Path:
        path = self._folder / name
        path.write_bytes(data)
        return path

    def bring(self, files: dict[str, bytes], **others: bytes) -> None:
        """Choose files that come along, and then the bundle; wait for the verdict."""
        if others:
            self.page.click("section.chooser summary")
        for name, data in others.items():
            self.page.set_input_files(f"#file-{name}", self.put(f"{name}.json", data))
        self.page.set_input_files("#file-zip", self.put("bundle.zip", zipped(members(files))))
        self.page.wait_for_selector(SETTLED)

    def text(self, selector: str) -> str:
        return self.page.inner_text(selector)

    def states(self) -> list[str]:
        found: list[str] = self.page.eval_on_selector_all(
            ".steps > li", "items => items.map(item => item.className)"
        )
        return found

    def find(self, **typed: str) -> str:
        if "entry" in typed and not self.page.is_visible("#find-entry"):
            self.page.click(".find form summary")
        for name, value in typed.items():
            self.page.fill(f"#find-{name}", value)
        self.page.press("#find-account", "Enter")
        self.page.wait_for_selector(".answer > *")
        return self.text(".answer")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium())
        yield running
        running.close()


@pytest.fixture
def visit(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Visit]]:
    contexts = []

    def begin(**options: Any) -> Visit:
        context = browser.new_context(**({"locale": "en-US"} | options))
        contexts.append(context)
        return Visit(context.new_page(), tmp_path)

    yield begin
    for context in contexts:
        context.close()


def named(number: int, label: str) -> Made:
    """A contest in which one entrant has an unusual name."""
    made = Made(weights=(1,) * 3)
    made.openings[number]["label"] = label
    made.commits[number] = commitment(made.openings[number])
    return made


# --- practice, languages, policy ---


def test_practice_has_to_be_asked_for_and_is_said_first_of_all(visit: Callable[..., Visit]) -> None:
    seen = visit()
    seen.bring(bundles.dispute())
    assert "switch on “practice”" in seen.text(".verdict")
    assert seen.states()[:3] == ["passed", "failed", "unreached"]
    seen.page.check("#practice")
    seen.page.wait_for_selector(".verdict.passed")
    assert seen.text(".verdict").startswith("This is practice. The draw proves nothing")
    assert seen.states() == ["passed"] * 9
    assert "Ann 1 (vk:1)" in seen.text("table")
    assert "README.txt is carried along" in seen.text(".findings")


def test_the_page_speaks_russian_to_a_russian_browser_and_both_on_request(
    visit: Callable[..., Visit],
) -> None:
    seen = visit(locale="ru-RU")
    assert seen.page.title() == "Проверить розыгрыш"
    seen.page.check("#practice")
    seen.bring(bundles.public())
    assert seen.text(".verdict").startswith("Это учебный розыгрыш.")
    assert "Победители" in seen.text("main")
    seen.page.click("text=English")
    assert seen.text(".verdict").startswith("This is practice.")
    assert seen.page.get_attribute("html", "lang") == "en"
    assert seen.states() == ["passed"] * 9


def test_nothing_is_asked_for_and_nothing_breaks_the_policy(visit: Callable[..., Visit]) -> None:
    seen = visit()
    seen.bring(Made().files())
    seen.find(account="vk:1")
    assert set(seen.requests) <= {"file", "blob"}
    assert seen.complaints == []
    policy = seen.page.get_attribute("meta[http-equiv]", "content") or ""
    assert all(part in policy for part in POLICY)


def test_the_policy_forbids_connections_and_foreign_scripts(visit: Callable[..., Visit]) -> None:
    seen = visit()
    tried = """async () => {
        const broken = [];
        const note = (event) => broken.push(event.effectiveDirective);
        document.addEventListener('securitypolicyviolation', note);
        await fetch('http://127.0.0.1:9/').catch(() => {});
        const script = document.createElement('script');
        script.textContent = 'window.intruder = 1';
        document.body.append(script);
        await new Promise((done) => setTimeout(done, 100));
        return [broken.sort(), window.intruder ?? null];
    }"""
    assert seen.page.evaluate(tried) == [["connect-src", "script-src-elem"], None]


# --- verdicts and steps ---


def test_steps_after_a_failure_say_that_they_were_not_reached(visit: Callable[..., Visit]) -> None:
    made = Made()

    def swap(event: dict[str, Any]) -> None:
        if event["type"] == "result":
            slots = event["body"]["draws"][0]
            slots[1], slots[2] = slots[2], slots[1]

    made.edit_event = swap
    seen = visit()
    seen.bring(made.files())
    assert "The draw does not hold" in seen.text(".verdict")
    assert seen.states() == ["passed"] * 6 + ["failed", "unreached", "unreached"]
    assert "does not hold" in seen.text(".steps > .failed")
    assert "not reached" in seen.text(".steps > .unreached >> nth=0")
    assert seen.page.query_selector("table") is None


@pytest.mark.parametrize(
    ("upto", "verdict", "state"),
    [
        ("freeze", "Sound so far, not drawn yet", "waiting"),
        ("void", "The contest was called off, and that holds", "unneeded"),
    ],
)
def test_what_was_not_drawn_says_so(
    upto: str, verdict: str, state: str, visit: Callable[..., Visit]
) -> None:
    seen = visit()
    seen.bring(Made(upto=upto).files())
    assert verdict in seen.text(".verdict")
    assert seen.states()[3:8] == [state] * 5


def test_the_grade_is_said_in_words(visit: Callable[..., Visit]) -> None:
    seen = visit()
    seen.bring(Made().files())
    assert "on the operator’s word alone" in seen.text(".verdict")
    assert seen.states()[-1] == "lacking"
    seen = visit()
    seen.bring(Witnessed(Made().files()).files(), trust=trust_file())
    assert "Grade A" in seen.text(".verdict")
    assert seen.states()[-1] == "passed"


def test_a_file_that_is_no_bundle_is_told_apart(visit: Callable[..., Visit]) -> None:
    seen = visit()
    seen.page.set_input_files("#file-zip", seen.put("photo.zip", b"JFIF"))
    seen.page.wait_for_selector(SETTLED)
    assert "This is not a zip file" in seen.text(".verdict")


def test_without_a_readable_trust_file_no_step_is_reached(visit: Callable[..., Visit]) -> None:
    seen = visit()
    seen.bring(Made().files(), trust=b"{}")
    assert "not a trust file" in seen.text(".verdict")
    assert seen.states() == ["unreached"] * 9
    assert seen.page.query_selector("table") is None


def test_a_bundle_can_be_dropped(visit: Callable[..., Visit]) -> None:
    seen = visit()
    drop = """(bytes) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], 'dropped.zip'));
        document.body.dispatchEvent(
            new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    }"""
    seen.page.evaluate(drop, list(zipped(members(Made().files()))))
    seen.page.wait_for_selector(".verdict.passed")
    assert "dropped.zip" in seen.text(".drop")


def test_successions_are_told(visit: Callable[..., Visit]) -> None:
    made = Made(weights=(1,) * 9, dq_after=tuple(range(6)))
    seen = visit()
    seen.bring(made.files())
    assert "fell out (no-reply); next in order: Ann" in seen.text(".changes")


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("Ann \u202eeve", "Ann \\u{202e}eve"),
        ("a\u0000\u2028\u00a0b", "a\\u{0}\\u{2028}\\u{a0}b"),
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
    ],
)
def test_names_cannot_steer_the_page(label: str, shown: str, visit: Callable[..., Visit]) -> None:
    seen = visit()
    seen.bring(named(1, label).files())
    assert shown in seen.text("table")
    assert seen.page.query_selector("table img") is None


# --- finding oneself ---


def test_the_named_find_themselves_by_account_name_and_salt(visit: Callable[..., Visit]) -> None:
    made = Made(weights=(1,) * 300)
    seen = visit()
    seen.bring(made.files())
    order = [commit for _, commit in made.ranking(freeze_hash(seen), 0)]
    place = order.index(made.commits[7]) + 1
    for typed in ({"account": "vk:7"}, {"account": "Ann 7", "salt": made.openings[7]["salt"]}):
        answer = seen.find(**typed)
        assert f"You were {ordinal(place)} of 300." in answer
        assert "the last prize went to place 3" in answer
    assert seen.page.query_selector(".line .you path")
    assert "another salt" in seen.find(account="vk:7", salt="0" * 64)
    assert "64 characters" in seen.find(account="vk:7", salt="short")
    assert seen.page.query_selector(".line .you path") is None


def ordinal(place: int) -> str:
    teen = place % 100 in (11, 12, 13)
    return f"{place}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(place % 10, 'th')}"


def freeze_hash(seen: Visit) -> str:
    row = seen.page.locator("dl > div", has_text="Fingerprint of the frozen list")
    return "".join(row.locator("code").inner_text().split())


def test_the_unnamed_find_themselves_by_all_that_their_receipt_says(
    visit: Callable[..., Visit],
) -> None:
    made = Made()
    mine = made.openings[2]
    made.openings = made.openings[:1]
    seen = visit()
    seen.bring(made.files())
    assert "No named entry fits" in seen.find(account=mine["subject"])
    typed = {"account": mine["subject"], "salt": mine["salt"], "entry": mine["entry"]}
    assert "no entry of the frozen list" in seen.find(**typed, label="Bob")
    assert "You were" in seen.find(**typed, label=mine["label"])


def test_a_receipt_or_promise_finds_its_owner(visit: Callable[..., Visit]) -> None:
    made = Made()
    found = Witnessed(made.files())
    seen = visit()
    seen.bring(found.files(), receipt=receipt(found, made.openings[2]))
    assert "Your receipt or promise holds" in seen.text(".find")
    assert "You were" in seen.text(".answer")
    seen = visit()
    seen.bring(found.files(), receipt=promise(made.openings[2], 9, 1_780_000_000))
    assert "with another number of tickets" in seen.text(".find")
    assert "The draw holds" in seen.text(".verdict")


# --- the line, and how it looks ---


def test_the_line_has_a_dot_for_each_and_is_a_band_for_many(visit: Callable[..., Visit]) -> None:
    seen = visit()
    seen.bring(Made(weights=(1,) * 300).files())
    assert seen.page.locator(".line >> nth=0").locator(".dot").count() == 300
    assert seen.page.locator(".line >> nth=0").locator(".dot.won").count() == 3
    seen = visit()
    made = Made(weights=(1,) * 900)
    made.openings = []
    seen.bring(made.files())
    assert seen.page.locator(".line >> nth=0").locator(".band").count() == 200
    assert seen.page.locator(".line >> nth=1").locator(".dot").count() > 3
    seen.page.click(".lines summary")
    first = seen.text(".places li >> nth=0")
    assert first.startswith("1. not named; entry ")
    assert first.endswith("won")


@pytest.mark.parametrize("language", ["en-US", "ru-RU"])
def test_a_phone_needs_no_scrolling_sideways(language: str, visit: Callable[..., Visit]) -> None:
    seen = visit(locale=language, viewport={"width": 390, "height": 800})
    seen.bring(named(1, "x" * 900).files())
    assert seen.page.evaluate("document.documentElement.scrollWidth") == 390


def test_light_and_dark_are_both_designed(visit: Callable[..., Visit]) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    light = visit(color_scheme="light").page.evaluate(ground)
    dark = visit(color_scheme="dark").page.evaluate(ground)
    assert (light, dark) == ("rgb(246, 244, 239)", "rgb(20, 24, 27)")


def test_the_keyboard_reaches_everything(visit: Callable[..., Visit]) -> None:
    seen = visit()
    seen.bring(Made().files())
    reached = set()
    for _ in range(40):
        seen.page.keyboard.press("Tab")
        reached.add(
            seen.page.evaluate("document.activeElement.id || document.activeElement.className")
        )
    assert {"file-zip", "practice", "find-account", "find-salt", "primary", "digest"} <= reached
