"""Addresses of posts, and what is read out of people's texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.vk.addresses import (
    comment_ref,
    instance_of,
    parse_post_url,
    parse_ref,
)
from contest_service.platforms.vk.texts import MOST_NAMES, read_text


@pytest.mark.parametrize(
    "url",
    [
        "https://vk.com/wall-1_2",
        "https://vk.ru/wall-1_2",
        "http://m.vk.com/wall-1_2",
        "https://vkontakte.ru/wall-1_2",
        "https://VK.com/wall-1_2/",
        " https://www.vk.com/wall-1_2?reply=5#reply5 ",
        "https://vk.com/wall-1_2?reply=5&thread=4",
        "https://vk.com/club1?w=wall-1_2",
        "https://vk.com/coffee?w=wall-1_2_r5",
        "https://vk.com/feed?section=search&w=wall-1_2",
        "https://vk.com/coffee?w=wall-1_2%2Fall",
        "https://vk.com/?z=photo-1_9%2Fwall-1_2&w=wall-1_2",
        "http://127.0.0.1:8080/wall-1_2",
    ],
)
def test_addresses_of_a_post_are_read(url: str) -> None:
    assert parse_post_url(url).ref == "-1_2"


def test_a_post_on_a_persons_wall_is_read() -> None:
    assert parse_post_url("https://vk.com/wall7_9").ref == "7_9"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "vk.com",
        "https://vk.com/coffee",
        "https://vk.com/wall-1",
        "https://vk.com/wall-1_0",
        "https://vk.com/photo-1_2",
        "https://evil.example/wall-1_2",
        "https://vk.com.evil.example/wall-1_2",
        "https://evil.example/?w=wall-1_2",
        "https://bsky.app/profile/a.test/post/3k2yihcrp6f2c",
        "javascript:wall-1_2",
        "https://[/wall-1_2",
        "https://vk.com/wall-1_99999999999999999999",
    ],
)
def test_other_addresses_are_refused_with_an_example(url: str) -> None:
    with pytest.raises(PlatformError, match=r"vk\.com/wall-1_2") as failure:
        parse_post_url(url)
    assert failure.value.kind is FailureKind.MALFORMED


@given(st.text())
def test_whatever_is_pasted_is_read_or_refused(url: str) -> None:
    for prefix in ("", "https://vk.com/", "https://vk.com/?w="):
        try:
            parse_post_url(prefix + url)
        except PlatformError as error:
            if error.kind is not FailureKind.MALFORMED:
                raise


def test_references_are_read_back() -> None:
    assert parse_ref("-1_2?reply=5").reply == 5
    assert parse_ref("-1_2").ref == "-1_2"
    with pytest.raises(PlatformError):
        parse_ref("at://x")


def test_the_public_network_has_no_name_and_others_have_their_hosts() -> None:
    assert instance_of({"api": "https://api.vk.ru"}) == ""
    assert instance_of({"api": "https://api.vk.com"}) == ""
    assert instance_of({"api": "http://127.0.0.1:81"}) == "127.0.0.1:81"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[id1|Павел] и [club2|они]", ("1", "-2")),
        ("[public3|x][event4|y]", ("-3", "-4")),
        ("@id5 (Аня), @club6", ("5", "-6")),
        ("@anna, *coffee (кофе)", ("anna", "coffee")),
        ("@Anna @anna @ANNA", ("anna",)),
        ("[id1|@anna]", ("1",)),
        ("@anna.", ("anna",)),
        ("me@mail.ru 2*3 **bold** @ @1 https://vk.com/@anna [id|x] [id0|x]", ()),
        ("#tag@coffee", ()),
    ],
)
def test_who_is_named_is_read(text: str, named: tuple[str, ...]) -> None:
    assert read_text(text).named == named


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#Приз #приз #win_2026", ("приз", "win_2026")),
        ("#конкурс@coffee", ("конкурс",)),
        ("a#b &#39; https://x.org/#part ##", ()),
    ],
)
def test_hashtags_are_read_in_lower_case(text: str, tags: tuple[str, ...]) -> None:
    assert read_text(text).tags == tags


def test_a_text_full_of_names_is_looked_up_so_far_only() -> None:
    text = " ".join(f"@name{n}x" for n in range(500))
    assert len(read_text(text).named) == MOST_NAMES


@given(st.text())
def test_whatever_is_written_is_read(text: str) -> None:
    said = read_text(text)
    assert "\x00" not in said.text
    assert all(tag == tag.lower() for tag in said.tags)
    assert len(set(said.named)) == len(said.named)


def test_a_comment_is_named_by_what_it_says() -> None:
    assert comment_ref(-1, 5, "a") != comment_ref(-1, 5, "b")
    assert comment_ref(-1, 5, "a").startswith("-1_5.")
