"""Addresses, record keys, and texts that fit: whatever goes in."""

import base64
import contextlib
from datetime import UTC, datetime, timedelta

import pytest
import regex  # type: ignore[import-untyped]  # its stubs are a package of their own
from hypothesis import example, given
from hypothesis import strategies as st

from contest_service.platforms.bluesky.addresses import make_tid, parse_post_url
from contest_service.platforms.bluesky.publishing import MOST_BYTES, MOST_CHARACTERS, fit
from contest_service.platforms.errors import FailureKind, PlatformError

LINK = "https://contest.example/public/contests/0193e7a0-5f6e-7c3a-8d2b-000000000000"
FAMILY = "👨‍👩‍👧‍👦"


def length(text: str) -> int:
    return len(regex.findall(r"\X", text))


@pytest.mark.parametrize(
    ("url", "owner", "key"),
    [
        ("https://bsky.app/profile/Shop.Example.com/post/3k2a", "shop.example.com", "3k2a"),
        ("https://bsky.app/profile/did:plc:aBc/post/3k2a/", "did:plc:aBc", "3k2a"),
        ("https://bsky.app/profile/did%3Aplc%3Aabc/post/3k2a?x=1#y", "did:plc:abc", "3k2a"),
        ("http://www.bsky.app/profile/shop.test/post/3k2a", "shop.test", "3k2a"),
        (" https://bsky.app/profile/@shop.test/post/3k2a\n", "shop.test", "3k2a"),
        ("at://did:web:shop.test/app.bsky.feed.post/3k2a", "did:web:shop.test", "3k2a"),
        ("at://shop.test/app.bsky.feed.post/3k2a", "shop.test", "3k2a"),
    ],
)
def test_the_address_of_a_post_is_read(url: str, owner: str, key: str) -> None:
    address = parse_post_url(url)
    assert (address.owner, address.key) == (owner, key)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "bsky.app/profile/shop.test/post/3k2a",
        "https://bsky.app/profile/shop.test",
        "https://bsky.app/profile/shop.test/post/3k2a/liked-by",
        "https://bsky.app/profile/shop/post/3k2a",
        "https://bsky.app/profile/shop.test/post/..",
        "https://bsky.app/profile/shop.test/post/a%2Fb",
        "https://bsky.app.evil.example/profile/shop.test/post/3k2a",
        "https://x.com/shop/status/1",
        "at://shop.test/app.bsky.feed.like/3k2a",
        "at://shop.test/app.bsky.feed.post",
        "javascript:alert(1)",
        "https://[",
        "\x00",
    ],
)
def test_the_address_of_something_else_is_refused(url: str) -> None:
    with pytest.raises(PlatformError, match="not the address of a Bluesky post") as failure:
        parse_post_url(url)
    assert failure.value.kind is FailureKind.MALFORMED


@given(st.text())
def test_no_text_at_all_breaks_the_reading_of_addresses(text: str) -> None:
    for url in (text, f"https://bsky.app/{text}", f"at://{text}"):
        with contextlib.suppress(PlatformError):
            parse_post_url(url)


MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001 - made aware next
    lambda moment: moment.replace(tzinfo=UTC)
)


@given(MOMENTS, st.binary(min_size=8, max_size=8))
def test_a_record_key_is_a_timestamp_identifier_of_the_moment(at: datetime, chance: bytes) -> None:
    key = make_tid(at, chance)
    assert regex.fullmatch(r"[234567abcdefghij][234567a-z]{12}", key)
    # Their base 32 sorts as its numbers do; the standard one is a renaming of it.
    plain = key.translate(
        str.maketrans("234567abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    )
    number = int.from_bytes(base64.b32decode("AAA" + plain))
    made_at = datetime.fromtimestamp((number >> 10) / 1_000_000, UTC)
    assert at - timedelta(seconds=1.1) <= made_at <= at + timedelta(milliseconds=1)


def test_record_keys_of_the_same_moment_differ() -> None:
    at = datetime(2026, 5, 1, tzinfo=UTC)
    keys = {make_tid(at, number.to_bytes(8)) for number in range(5000)}
    assert len(keys) == 5000


PIECES = st.sampled_from(
    ["a", "word ", "слово ", "\n", " ", FAMILY, "é", "e\u0301", ".", "…", LINK]
)


@given(st.lists(PIECES, max_size=700).map("".join), st.sampled_from(["", LINK]))
@example(FAMILY * 300, LINK)
@example("x" * 1000, LINK)
@example(" " * 1000, LINK)
@example("word " * 200 + LINK, LINK)
@example("", LINK)
@example("", "")
def test_whatever_the_text_it_fits_and_ends_with_the_link(text: str, link: str) -> None:
    fitted = fit(text, link)
    assert length(fitted) <= MOST_CHARACTERS
    assert len(fitted.encode()) <= MOST_BYTES
    assert link in fitted
    assert fit(fitted, link) == fitted


def test_a_text_that_fits_stays_and_the_link_comes_after_it() -> None:
    assert fit("Hello.", LINK) == f"Hello.\n{LINK}"
    assert fit("Hello.", "") == "Hello."
    assert fit(f"See {LINK} for more.", LINK) == f"See {LINK} for more."


def test_a_long_text_is_cut_at_a_word() -> None:
    fitted = fit("One two, three. " * 40, LINK)
    words, link = fitted.split("\n")
    assert link == LINK
    assert words.endswith("…")
    assert words.removesuffix("…").split()[-1] in ("One", "two", "three")
    assert length(fitted) > MOST_CHARACTERS - 20


def test_a_word_that_does_not_end_is_cut_within() -> None:
    assert fit("x" * 400, "") == "x" * 299 + "…"


def test_an_emoji_of_many_parts_is_one_character_and_never_torn() -> None:
    fitted = fit(FAMILY * 400, "")
    assert set(regex.findall(r"\X", fitted)) == {FAMILY, "…"}
    assert len(fitted.encode()) <= MOST_BYTES


def test_a_link_that_alone_is_too_long_is_refused() -> None:
    with pytest.raises(PlatformError) as failure:
        fit("x", "https://contest.example/" + "x" * 300)
    assert failure.value.kind is FailureKind.UNSUPPORTED
