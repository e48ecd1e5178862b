"""Which hosts the service may talk to: the operator's allow-list.

Pure: decides about addresses that it is given, and resolves nothing. `transport` enforces it on
every connection.
"""

import ipaddress
import re
from collections.abc import Iterable
from typing import Self

import httpx
import msgspec

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

ANY_PORT = 0

_PORTS = {"https": 443, "http": 80}
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?"
_PATTERN = re.compile(
    rf"(?P<host>\[[0-9a-f:.]+\]|(?:\*\.)?{_LABEL}(?:\.{_LABEL})*)(?::(?P<port>\d{{1,5}}|\*))?"
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class HostRefusedError(Exception):
    """An address outside the allow-list; the message is fit for a person."""


class HostPattern(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the list: a name, `*.` and a name, or an address; with a port, any, or none."""

    host: str
    """Lower case; an IPv6 address without its brackets."""
    port: int | None
    """ANY_PORT for any; None for the scheme's own."""

    @property
    def address(self) -> IPAddress | None:
        """The address that the entry is, if it is one."""
        return _as_address(self.host)

    def covers(self, host: str, port: int) -> bool:
        """Whether the entry is about this host and port."""
        if self.host.startswith("*."):
            # A wildcard stands for names below it only, and never for an address.
            is_named = host.endswith(self.host[1:]) and _as_address(host) is None
        else:
            is_named = host == self.host
        return is_named and self._covers_port(port)

    def _covers_port(self, port: int) -> bool:
        if self.port is None:
            return port == _PORTS["https"] or (port == _PORTS["http"] and _is_loopback(self.host))
        return self.port in (ANY_PORT, port)


class AllowedHosts(msgspec.Struct, frozen=True):
    """The operator's allow-list.

    An entry is `bsky.social`, `*.host.bsky.network`, `localhost:2583` or `127.0.0.1:*`. Without a
    port it means the scheme's own. Plain HTTP is allowed only to entries that name this machine.
    """

    patterns: tuple[HostPattern, ...]

    @classmethod
    def parse(cls, entries: Iterable[str]) -> Self:
        """Read the entries. Raises ValueError that names the one that is none."""
        return cls(tuple(_parse(entry) for entry in entries))

    def check(self, url: str | httpx.URL) -> httpx.URL:
        """Return `url` parsed if requests to it are allowed. Raises HostRefusedError."""
        try:
            parsed = httpx.URL(url)
        except httpx.InvalidURL:
            raise HostRefusedError("This is not a web address.") from None
        if parsed.scheme not in _PORTS or not parsed.host:
            raise HostRefusedError("A server's address starts with https:// and names a host.")
        if parsed.userinfo:
            raise HostRefusedError("A server's address must not hold a user name or password.")
        # As it goes over the wire: names in other alphabets are listed in that form (xn--…).
        host = parsed.raw_host.decode("ascii")
        if parsed.scheme == "http" and not _is_loopback(_name(host)):
            raise HostRefusedError(f"{host_of(parsed)} must be spoken to over https.")
        self._find(host, parsed.port or _PORTS[parsed.scheme])
        return parsed

    def check_address(self, host: str, port: int, address: IPAddress) -> None:
        """Refuse to connect for `host` to an `address` that its name should not lead to.

        Raises HostRefusedError: names lead to public addresses, `localhost` to this machine, and
        any other address has to be in the list as such.
        """
        pattern = self._find(host, port)
        if pattern.address is not None:
            is_expected = address == pattern.address
        elif pattern.host == "localhost":
            is_expected = address.is_loopback
        else:
            is_expected = is_public(address)
        if not is_expected:
            raise HostRefusedError(
                f"{host} leads to an address that is not on the open internet, which is refused. "
                "An operator can list the address itself in CONTEST_ALLOWED_HOSTS."
            )

    def _find(self, host: str, port: int) -> HostPattern:
        for pattern in self.patterns:
            if pattern.covers(_name(host), port):
                return pattern
        shown = host if port == _PORTS["https"] else f"{host}:{port}"
        raise HostRefusedError(
            f"{shown} is not among the hosts that this service may talk to. An operator can add "
            "it to CONTEST_ALLOWED_HOSTS."
        )


def host_of(url: httpx.URL) -> str:
    """The host of `url`, with its port where the address names one."""
    return url.netloc.decode("ascii").rpartition("@")[2]


def is_public(address: IPAddress) -> bool:
    """Whether `address` is one of the open internet, looking through embedded IPv4 addresses."""
    if isinstance(address, ipaddress.IPv6Address):
        embedded = address.ipv4_mapped or address.sixtofour
        if embedded is None and address in _NAT64:
            embedded = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if embedded is not None:
            return is_public(embedded)
        if address.teredo is not None:
            return False
    return address.is_global and not address.is_multicast


def _parse(entry: str) -> HostPattern:
    found = _PATTERN.fullmatch(entry.strip().lower())
    port = found["port"] if found else None
    if found is None or (port not in (None, "*") and not 0 < int(port) < 65536):
        raise ValueError(
            f"“{entry}” is not a host: write bsky.social, *.host.bsky.network, localhost:2583 or "
            "127.0.0.1:*."
        )
    host = found["host"].strip("[]")
    if found["host"].startswith("[") and _as_address(host) is None:
        raise ValueError(f"“{entry}” is not an IPv6 address.")
    return HostPattern(host=host, port=None if port is None else 0 if port == "*" else int(port))


def _name(host: str) -> str:
    return host.rstrip(".").lower()


def _is_loopback(host: str) -> bool:
    """Whether a host is this very machine by its name alone, so that plain HTTP is harmless."""
    address = _as_address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _as_address(host: str) -> IPAddress | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
