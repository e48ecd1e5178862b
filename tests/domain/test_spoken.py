"""Which texts speak of a person, and what is left of them."""

import json
import re

import pytest

from contest_service.domain.accounts import AccountKey, Platform
from contest_service.domain.spoken import ERASED, Spoken, renamed, spoken

VK = AccountKey(platform=Platform.VK, id="123456")
BLUESKY = AccountKey(platform=Platform.BLUESKY, id="did:plc:abc")
ZINA = spoken([VK, BLUESKY], ["@zina.test", "Зинаида Крылова", "Al"])


@pytest.mark.parametrize(
    "text",
    [
        '{"from_id":123456}',
        '{"items":[1,123456,7]}',
        "vk:123456",
        "[id123456|somebody]",
        "hello @zina.test!",
        "@ZINA.TEST",
        "at://did:plc:abc/app.bsky.feed.like/1",
        json.dumps("Зинаида Крылова"),
        "Зинаида Крылова",
    ],
)
def test_bytes_that_speak_of_them_are_found(text: str) -> None:
    assert ZINA.in_bytes(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        '{"from_id":1234567}',
        "9123456",
        "did:plc:abcd",
        "rozina.test",
        "Al is a short name",
        "Зинаида",
        "",
    ],
)
def test_bytes_that_speak_of_others_are_not(text: str) -> None:
    assert not ZINA.in_bytes(text.encode())


def test_a_bare_number_is_somebody_in_data_and_nobody_in_texts() -> None:
    text = "In 123456 years"
    assert re.search(ZINA.in_data, text)
    assert not re.search(ZINA.in_texts, text)
    assert re.search(ZINA.in_texts, "by id123456")


def test_nobody_is_spoken_of_without_strings() -> None:
    nobody = Spoken(ids=(), names=())
    assert not nobody.in_bytes(b"x xy xz")
    assert nobody.out_of("x") == "x"


def test_only_the_texts_that_speak_of_them_are_replaced() -> None:
    detail = {"who": "@zina.test", "others": ["ann", {"deep": "by 123456"}], "many": 123456}
    assert ZINA.out_of(detail) == {
        "who": ERASED,
        "others": ["ann", {"deep": ERASED}],
        "many": 123456,
    }


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Winner: @zina.test", "Winner: c0ffee"),
        ("@zina.test – A mug; @ann.test – A cup.", "c0ffee – A mug; @ann.test – A cup."),
        ("@zina.test.org stays", "@zina.test.org stays"),
        ("Winners: @ann, @zina.t…\nhttps://x", "Winners: @ann, c0ffee\nhttps://x"),
        ("Winners: @ann, @…", "Winners: @ann, @…"),
        ("", ""),
    ],
)
def test_a_published_text_calls_a_winner_by_the_commitment(before: str, after: str) -> None:
    assert renamed(before, "@zina.test", "c0ffee") == after
