"""Which addresses the allow-list lets through."""

import ipaddress

import pytest

from contest_service.platforms.hosts import AllowedHosts, HostRefusedError, is_public

HOSTS = AllowedHosts.parse(
    [
        "bsky.social",
        "*.host.bsky.network",
        "localhost:2583",
        "127.0.0.1:*",
        "[::1]",
        "10.1.2.3:8443",
        "xn--e1afmkfd.example",
    ]
)


@pytest.mark.parametrize(
    "url",
    [
        "https://bsky.social",
        "https://BSKY.Social./xrpc/x?y=z",
        "https://bsky.social:443",
        "https://shimeji.us-east.host.bsky.network",
        "http://localhost:2583",
        "https://localhost:2583",
        "http://127.0.0.1:50123/",
        "http://[::1]/",
        "https://[::1]/",
        "https://10.1.2.3:8443",
        "https://xn--e1afmkfd.example",
        "https://пример.example",
    ],
)
def test_a_listed_host_is_allowed(url: str) -> None:
    HOSTS.check(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://bsky.social",
        "https://bsky.social:444",
        "https://evil.bsky.social",
        "https://bsky.social.evil.example",
        "https://host.bsky.network",
        "https://evilhost.bsky.network",
        "http://localhost:2584",
        "http://localhost",
        "http://127.0.0.2:80",
        "http://127.1:80",
        "http://2130706433",
        "http://0x7f000001",
        "http://[::ffff:127.0.0.1]",
        "http://10.1.2.3:8443",
        "https://someone:secret@bsky.social",
        "https://bsky.social@evil.example",
        "ftp://bsky.social",
        "file:///etc/passwd",
        "//bsky.social",
        "bsky.social",
        "",
        "https://",
        "https://[",
        "https://bsky.social\nX: y",
    ],
)
def test_anything_else_is_refused_without_telling_secrets(url: str) -> None:
    with pytest.raises(HostRefusedError) as refusal:
        HOSTS.check(url)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "https://bsky.social",
        "bsky.social/x",
        "*",
        "*.",
        "a.*.b",
        "host:0",
        "host:70000",
        "host:x",
        "[bsky.social]",
        "[::1",
        "a b",
        "a@b",
        "-\n",
    ],
)
def test_an_entry_that_is_no_host_is_named(entry: str) -> None:
    with pytest.raises(ValueError, match="is not a"):
        AllowedHosts.parse(["bsky.social", entry])


PRIVATE = (
    "0.0.0.0 10.0.0.1 100.64.0.1 127.0.0.1 169.254.169.254 172.16.0.1 192.168.1.1 198.18.0.1 "
    "224.0.0.1 240.0.0.1 255.255.255.255 :: ::1 fe80::1 fd00::1 ff02::1 2001:db8::1 "
    "::ffff:10.0.0.1 2002:a00:1:: 64:ff9b::a00:1 2001:0:4136:e378:8000:63bf:3fff:fdd2"
)


@pytest.mark.parametrize("address", PRIVATE.split(" "))
def test_addresses_within_private_networks_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_addresses_of_the_open_internet_are_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    ("host", "port", "address"),
    [
        ("bsky.social", 443, "8.8.8.8"),
        ("a.host.bsky.network", 443, "2606:4700::1111"),
        ("localhost", 2583, "127.0.0.1"),
        ("localhost", 2583, "::1"),
        ("127.0.0.1", 99, "127.0.0.1"),
        ("10.1.2.3", 8443, "10.1.2.3"),
    ],
)
def test_a_host_may_lead_to_what_its_entry_says(host: str, port: int, address: str) -> None:
    HOSTS.check_address(host, port, ipaddress.ip_address(address))


@pytest.mark.parametrize(
    ("host", "port", "address"),
    [
        ("bsky.social", 443, "127.0.0.1"),
        ("bsky.social", 443, "10.1.2.3"),
        ("a.host.bsky.network", 443, "169.254.169.254"),
        ("a.host.bsky.network", 443, "::ffff:10.0.0.1"),
        ("localhost", 2583, "10.0.0.1"),
        ("localhost", 2583, "8.8.8.8"),
        ("elsewhere.example", 443, "8.8.8.8"),
    ],
)
def test_a_host_may_not_lead_elsewhere(host: str, port: int, address: str) -> None:
    with pytest.raises(HostRefusedError):
        HOSTS.check_address(host, port, ipaddress.ip_address(address))
