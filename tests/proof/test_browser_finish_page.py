"""The browser verifier's page finishes a draw, in a real browser, opened as a file."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from proof.contests import sign
from proof.generated import BEACON, ROUND, ROUND_TIME, Made, write_folder
from proof.grown import Dice, Grown
from proof.packed import members, zipped
from proof.test_browser_finish import (
    REAL,
    SEEDS,
    SIGNATURE,
    V1,
    V2,
    ends_frozen,
    signature_of,
    whole,
)
from proof.test_browser_page import SETTLED, Visit, browser, visit
from proof.witnessed import Witnessed, promise, seen_by_all, trust_file

__all__ = ["browser", "visit"]
"""Fixtures that are the page's own too."""


DROP = """([selector, files]) => {
    const data = new DataTransfer();
    for (const [name, bytes] of files)
        data.items.add(new File([new Uint8Array(bytes)], name));
    document.querySelector(selector).dispatchEvent(
        new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


def drop(seen: Visit, files: dict[str, bytes], *, on: str = "body") -> None:
    seen.page.evaluate(DROP, [on, [(name, list(data)) for name, data in files.items()]])


def give(seen: Visit, answer: str) -> None:
    seen.page.fill("#answer", answer)
    seen.page.click(".finish .primary")


def named_winners(made: Made) -> list[str]:
    commits = [commit.hex() for commit in made.commits]
    won = [made.openings[commits.index(slot["commit"])] for slot in whole(made)["draws"][0]]
    return [f"{opening['label']} ({opening['subject']})" for opening in won]


def test_a_draw_is_finished_on_the_page_without_any_connection(
    visit: Callable[..., Visit],
) -> None:
    seen = visit(timezone_id="Asia/Omsk")
    drop(seen, Made(upto="freeze").bare())
    seen.page.wait_for_selector(SETTLED)
    offer = seen.text(".finish")
    assert f"api.drand.sh/{BEACON['chain']}/public/{ROUND}" in offer
    assert "(Asia/Omsk)" in offer
    assert "(UTC)" in offer
    assert seen.page.query_selector("table") is None
    give(seen, json.dumps(V1))
    seen.page.wait_for_selector("section.winners")
    rows = seen.page.locator("tbody tr").all_inner_texts()
    assert [row.split("\t")[1] for row in rows] == named_winners(Made())
    words = seen.text("section.winners")
    assert "Winners, computed here" in words
    assert "The organiser’s own result is not part of it" in words
    assert seen.page.query_selector(".finish") is None
    assert seen.states()[3:8] == ["passed", *["computed"] * 3, "unknown"]
    assert "Sound so far, not drawn yet" in seen.text(".verdict")
    assert "computed here" in seen.text("#said")
    assert seen.page.evaluate("document.activeElement.innerText") == "Winners, computed here"
    assert seen.page.query_selector(".line .cut")
    assert "You were " in seen.find(account="vk:3")
    assert seen.page.query_selector(".line .you path")
    assert REAL["randomness"] in "".join(seen.text("dl").split())
    seen.page.click("text=Русский")
    assert "Победители, посчитано здесь" in seen.text("section.winners")
    assert set(seen.requests) <= {"file", "blob"}
    assert seen.complaints == []


def test_a_wrong_answer_is_said_in_words_and_another_may_follow(
    visit: Callable[..., Visit],
) -> None:
    seen = visit()
    seen.bring(Made(upto="freeze").files())
    for answer, words in (
        (" ", "Put in the beacon’s answer first"),
        ("404 page not found", "This is not an answer of the beacon"),
        (json.dumps(V2 | {"round": ROUND + 1}), "This is another round"),
        (sign(ROUND), "not that round of this beacon"),
        (json.dumps(V1 | {"randomness": "0" * 64}), "does not follow from its signature"),
    ):
        give(seen, answer)
        seen.page.wait_for_selector(f".said:has-text('{words}')")
    assert seen.states()[3:8] == ["waiting"] * 5
    seen.page.click("text=Русский")
    assert "не следует из его подписи" in seen.text(".said")
    assert "0" * 64 in seen.page.input_value("#answer")
    drop(seen, {"answer.json": json.dumps(V2).encode()}, on=".finish form")
    seen.page.wait_for_selector("section.winners")
    assert seen.complaints == []


def test_practice_is_said_before_the_offer_and_before_the_winners(
    visit: Callable[..., Visit],
) -> None:
    grown = next(one for one in map(Grown, map(Dice, SEEDS)) if one.practice and ends_frozen(one))
    seen = visit()
    seen.page.check("#practice")
    drop(seen, {"bundle.zip": zipped(members(grown.files()))} if not grown.bare else grown.files())
    seen.page.wait_for_selector(".finish")
    assert seen.text(".finish").startswith("This is practice. The draw proves nothing")
    assert "api.drand.sh" not in seen.text(".finish")
    assert f"/{grown.beacon.chain}/public/{grown.round}" in seen.text(".finish")
    give(seen, signature_of(grown))
    seen.page.wait_for_selector("section.winners")
    assert seen.text("section.winners").startswith("This is practice. The draw proves nothing")


def test_files_without_a_zip_and_a_folder_are_taken(
    visit: Callable[..., Visit], tmp_path: Path
) -> None:
    seen = visit()
    bare = write_folder(tmp_path / "bare", Made().bare())
    seen.page.set_input_files("#file-zip", bare / "events.jsonl")
    seen.page.wait_for_selector(SETTLED)
    assert "is missing" in seen.text(".verdict")
    assert "entries.bin" in seen.text(".verdict")
    seen.page.set_input_files("#file-zip", [bare / "entries.bin", bare / "events.jsonl"])
    seen.page.wait_for_selector(".verdict.passed")
    assert "Chosen: entries.bin, events.jsonl" in seen.text(".drop")
    seen.page.click("section.chooser summary")
    folder = write_folder(tmp_path / "whole", Made().files())
    seen.page.set_input_files("#file-folder", folder)
    seen.page.wait_for_selector(".drop:has-text('files')")
    seen.page.wait_for_selector(".verdict.passed")
    assert "bare proof" not in seen.text("main").lower()


def test_whoever_holds_a_promise_learns_their_place_when_the_draw_is_finished(
    visit: Callable[..., Visit],
) -> None:
    made = Made(upto="freeze")
    seen = visit()
    held = promise(made.openings[3], made.weights[3], ROUND_TIME - 80_000)
    seen.bring(made.files(), receipt=held)
    assert "It is not drawn yet" in seen.text(".find .answer")
    assert seen.page.query_selector(".standing") is None
    give(seen, SIGNATURE)
    seen.page.wait_for_selector("section.winners")
    assert "You were " in seen.text(".find .answer")
    assert seen.page.query_selector(".line .you path")


@pytest.mark.parametrize("language", ["en-US", "ru-RU"])
def test_finishing_on_a_phone_needs_no_scrolling_sideways(
    language: str, visit: Callable[..., Visit]
) -> None:
    seen = visit(locale=language, viewport={"width": 390, "height": 800})
    drop(seen, Made(upto="freeze").bare())
    seen.page.wait_for_selector(".finish")
    width = "document.documentElement.scrollWidth"
    assert seen.page.evaluate(width) == 390
    give(seen, SIGNATURE)
    seen.page.wait_for_selector("section.winners")
    assert seen.page.evaluate(width) == 390


def test_how_far_the_list_can_be_believed_is_said_with_the_winners(
    visit: Callable[..., Visit],
) -> None:
    """A list that was written after the round and dated back would be finished too."""
    seen = visit()
    seen.bring(Made(upto="freeze").files())
    give(seen, SIGNATURE)
    seen.page.wait_for_selector("section.winners")
    assert "on the operator’s word alone" in seen.text("section.winners")
    assert seen.states()[-1] == "lacking"
    seen = visit()
    witnessed = Witnessed(Made(upto="freeze").files(), seen_by_all()[:1])
    seen.bring(witnessed.files(), trust=trust_file())
    give(seen, SIGNATURE)
    seen.page.wait_for_selector("section.winners")
    assert "Grade A" in seen.text("section.winners")
    assert seen.states()[-1] == "passed"
