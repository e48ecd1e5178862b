"""What people call an account: addresses, handles, ids; and what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_service.domain.accounts import Platform
from contest_service.platforms.registry import parse_account

DID = "did:plc:z72i7hdynmk6r22z27h6tvur"


@pytest.mark.parametrize(
    ("text", "account", "handle"),
    [
        ("https://vk.com/id1", "1", ""),
        ("http://m.vk.ru/id1?from=search", "1", ""),
        ("vk.com/id1", "1", ""),
        ("HTTPS://VK.COM/ID1", "1", ""),
        ("id1", "1", ""),
        (" 1 ", "1", ""),
        ("http://127.0.0.1:8002/id1004", "1004", ""),
        ("https://vk.com/durov", "", "durov"),
        ("@Durov", "", "durov"),
        ("pavel.durov_1", "", "pavel.durov_1"),
        ("https://vk.com/wall-1_2", "", ""),
        ("https://vk.com/", "", ""),
        ("https://bsky.app/profile/a.test", "", ""),
        ("Павел Дуров", "", ""),
        ("0", "", ""),
        ("9" * 40, "", ""),
        ("-501", "-501", ""),
        ("https://vk.com/club501", "-501", ""),
        ("public501", "-501", ""),
        ("-0", "", ""),
        ("https://[", "", ""),
        ("", "", ""),
    ],
)
def test_vk(text: str, account: str, handle: str) -> None:
    assert parse_account(Platform.VK, text) == (account, handle)


@pytest.mark.parametrize(
    ("text", "account", "handle"),
    [
        ("https://bsky.app/profile/ann.bsky.social", "", "ann.bsky.social"),
        ("bsky.app/profile/Ann.bsky.social/", "", "ann.bsky.social"),
        (f"https://bsky.app/profile/{DID}/post/3k2", DID, ""),
        (f" {DID} ", DID, ""),
        (f"at://{DID}", DID, ""),
        ("@ann.bsky.social", "", "ann.bsky.social"),
        ("ANN.test", "", "ann.test"),
        ("ann", "", ""),
        ("https://vk.com/id1", "", ""),
        ("https://bsky.app/profile", "", ""),
        ("did:plc:", "", ""),
        ("https://[", "", ""),
        ("", "", ""),
    ],
)
def test_bluesky(text: str, account: str, handle: str) -> None:
    assert parse_account(Platform.BLUESKY, text) == (account, handle)


@given(st.sampled_from(Platform), st.text())
def test_nothing_breaks_it_and_it_never_names_two_things(platform: Platform, text: str) -> None:
    account, handle = parse_account(platform, text)
    assert not (account and handle)
    assert handle == handle.lower()
