"""What the operator decides: read from the environment once, all faults told at once.

Owns the names of the variables, their defaults and what is wrong with a value. Every variable may
also be given as `NAME_FILE`, the path of a file that holds it, so that secrets need not stand in
the environment. Opens no connection.
"""

import enum
import itertools
import os
import pwd
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from contest_service.beacon_client import PUBLIC_RELAYS, parse_relays
from contest_service.domain.errors import ContestError
from contest_service.evidence_client import parse_authorities, parse_logs, parse_witnesses
from contest_service.log_keys import parse_seed
from contest_service.log_settings import LogSettings, is_name
from contest_service.platforms.hosts import AllowedHosts
from contest_service.vault import Vault, VaultError

SYSTEM_DATA = Path("/var/lib/contest-service/data")
"""Where root's embedded data is by default."""

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
T = TypeVar("T")


class LogFormat(enum.StrEnum):
    TEXT = "text"
    """key=value"""
    JSON = "json"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The operator's decisions. Holds secrets: `repr` does not show them."""

    is_embedded: bool = False
    """Whether nobody gave servers, so that the service brings its own."""
    database_url: str | None = None
    """None, together with `redis_url`, until the embedded servers run."""
    redis_url: str | None = None
    data: Path
    """Folder of the embedded servers, of the key file and of the sandbox."""
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str
    """Under which people reach this service; without a slash at its end."""
    allowed_hosts: AllowedHosts | None = None
    """None for the public hosts of the platforms."""
    beacon_relays: tuple[str, ...] = PUBLIC_RELAYS
    secret_keys: tuple[str, ...] = ()
    """What encrypts credentials, the newest first; empty where none was given."""
    has_sandbox: bool
    """Whether practice contests, their beacon and the practice VK are on."""
    sandbox_period: int = 3
    """Seconds between two rounds of a new practice beacon."""
    sandbox_port: int = 8001
    """Where on loopback the practice beacon's relay answers."""
    sandbox_vk_port: int = 8002
    """Where on loopback the practice VK answers."""
    vk_client_id: str = ""
    """Of the operator's application at VK ID; empty where nobody can sign in with it."""
    api_processes: int = 1
    body_limit: int = 1 << 20
    """Bytes of one request."""
    rate_limit: int = 600
    """Requests a minute, of one token or one address."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses whose X-Forwarded-For is believed."""
    retention_days: int = 365
    """Days after a contest's end for which its entrants are known; 0 for ever."""
    body_retention_days: int = 90
    """The same for the raw answers of platforms to its closing scans."""
    log_format: LogFormat = LogFormat.TEXT
    log_level: str = "info"
    log: LogSettings = LogSettings()
    """Of the transparency log."""

    def __repr__(self) -> str:
        return f"Settings({self.public_url})"

    @property
    def key_file(self) -> Path:
        """Where the embedded default keeps the keys that nobody gave."""
        return self.data / "secret.key"

    @property
    def log_key_file(self) -> Path:
        """Where it keeps the log's key."""
        return self.data / "log.key"

    @property
    def witness_key_file(self) -> Path:
        """Where it keeps the key that vouches for the logs of others."""
        return self.data / "witness.key"

    @property
    def practice_relay(self) -> str | None:
        """The relay of the practice beacon; None where practice is off."""
        return f"http://127.0.0.1:{self.sandbox_port}" if self.has_sandbox else None

    @property
    def practice_vk(self) -> str | None:
        """The address of the practice VK; None where practice is off."""
        return f"http://127.0.0.1:{self.sandbox_vk_port}" if self.has_sandbox else None


class SettingsError(ContestError):
    """One or more settings are wrong; the message has a line for each."""

    code = "settings"


def read_settings(environment: Mapping[str, str], *, is_serving: bool = True) -> Settings:
    """Read the settings. With `is_serving`, the keys for credentials are required where due.

    Raises SettingsError with all faults.
    """
    reader = _Reader(environment)
    database_url = reader.url("DATABASE_URL", ("postgresql", "postgres"))
    redis_url = reader.url("REDIS_URL", ("redis", "rediss", "unix"))
    if (database_url is None) != (redis_url is None) and not reader.faults:
        given, lacking = ("DATABASE_URL", "REDIS_URL")[:: 1 if database_url else -1]
        reader.faults.append(
            f"{given} is set and {lacking} is not: set both, or none for the embedded servers."
        )
    host = reader.text("CONTEST_HOST") or "127.0.0.1"
    port = reader.number("CONTEST_PORT", 8000, least=1, most=65535)
    settings = Settings(
        is_embedded=database_url is None,
        database_url=database_url,
        redis_url=redis_url,
        data=_data_folder(reader, environment),
        host=host,
        port=port,
        public_url=_public_url(reader, host, port),
        allowed_hosts=_allowed_hosts(reader),
        beacon_relays=_relays(reader),
        secret_keys=_secret_keys(reader, is_required=is_serving and database_url is not None),
        has_sandbox=reader.flag("CONTEST_SANDBOX", default=database_url is None),
        sandbox_period=reader.number("CONTEST_SANDBOX_PERIOD", 3, least=1, most=86400),
        sandbox_port=reader.number("CONTEST_SANDBOX_PORT", 8001, least=1, most=65535),
        sandbox_vk_port=reader.number("CONTEST_SANDBOX_VK_PORT", 8002, least=1, most=65535),
        vk_client_id=_client_id(reader),
        api_processes=reader.number("CONTEST_API_PROCESSES", 1, least=1, most=64),
        body_limit=reader.number("CONTEST_BODY_LIMIT", 1 << 20, least=1 << 10, most=1 << 30),
        rate_limit=reader.number("CONTEST_RATE_LIMIT", 600, least=1, most=1_000_000),
        trusted_proxies=reader.words("CONTEST_TRUSTED_PROXIES"),
        retention_days=reader.number("CONTEST_RETENTION_DAYS", 365, least=0, most=36500),
        body_retention_days=reader.number("CONTEST_BODY_RETENTION_DAYS", 90, least=0, most=36500),
        log_format=LogFormat(reader.choice("CONTEST_LOG_FORMAT", tuple(LogFormat))),
        log_level=reader.choice("CONTEST_LOG_LEVEL", ("info", "debug", "warning", "error")),
        log=_log(reader, environment, is_embedded=database_url is None),
    )
    _require_different_ports(reader, settings)
    if reader.faults:
        raise SettingsError("\n".join(reader.faults))
    return settings


def _require_different_ports(reader: "_Reader", settings: Settings) -> None:
    """Note two ports that are the same, where both would be used."""
    ports = {"CONTEST_PORT": settings.port}
    if settings.has_sandbox:
        ports["CONTEST_SANDBOX_PORT"] = settings.sandbox_port
        ports["CONTEST_SANDBOX_VK_PORT"] = settings.sandbox_vk_port
    for one, other in itertools.combinations(ports, 2):
        if ports[one] == ports[other]:
            reader.faults.append(f"{one} and {other} are the same; change one.")


def child_environment(settings: Settings, environment: Mapping[str, str]) -> dict[str, str]:
    """Give the environment in which another process of the service reads these same settings.

    The embedded servers' addresses are in it, so nothing that depends on their absence may be left
    to a default. Keys travel in their file, where they have one.
    """
    decided = {
        "DATABASE_URL": settings.database_url or "",
        "REDIS_URL": settings.redis_url or "",
        "CONTEST_DATA": str(settings.data),
        "CONTEST_SANDBOX": "1" if settings.has_sandbox else "0",
    }
    kept = {
        name: value
        for name, value in environment.items()
        if name.removesuffix("_FILE") not in decided
    }
    files = {"CONTEST_SECRET_KEY": settings.key_file}
    if settings.log.key:
        files["CONTEST_LOG_KEY"] = settings.log_key_file
    if settings.log.witness_key:
        files["CONTEST_WITNESS_KEY"] = settings.witness_key_file
    for name, file in files.items():
        if name not in kept and f"{name}_FILE" not in kept:
            decided[f"{name}_FILE"] = str(file)
    return kept | decided


class _Reader:
    """Reads variables, and collects what is wrong instead of stopping at the first."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.faults: list[str] = []

    def text(self, name: str) -> str | None:
        """The value of `name`, or what the file of `NAME_FILE` holds; an empty one is none."""
        value = self._environment.get(name, "").strip()
        file = self._environment.get(f"{name}_FILE", "").strip()
        if value and file:
            self.faults.append(f"{name} and {name}_FILE are both set: keep one.")
        if value or not file:
            return value or None
        try:
            held = Path(file).read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is no text"
            self.faults.append(f"{name}_FILE: {file} cannot be read ({reason}).")
            return None
        if not held:
            self.faults.append(f"{name}_FILE: {file} is empty.")
        return held or None

    def words(self, name: str) -> tuple[str, ...]:
        """The words of a list that is divided by commas or blanks."""
        return tuple((self.text(name) or "").replace(",", " ").split())

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        text = self.text(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit() and least <= int(text[:20]) <= most):
            self.faults.append(f"{name}: “{text}” is not a whole number from {least} to {most}.")
            return default
        return int(text)

    def flag(self, name: str, *, default: bool) -> bool:
        known = {"1": True, "true": True, "on": True, "yes": True}
        known |= {"0": False, "false": False, "off": False, "no": False}
        text = self.text(name)
        if text is not None and text.lower() not in known:
            self.faults.append(f"{name}: “{text}” is neither on nor off; give 1 or 0.")
        return default if text is None else known.get(text.lower(), default)

    def choice(self, name: str, known: tuple[str, ...]) -> str:
        """One of the known words; the first is the default."""
        text = self.text(name)
        if text is not None and text not in known:
            self.faults.append(f"{name}: “{text}” is none of {', '.join(known)}.")
        return text if text in known else known[0]

    def url(self, name: str, schemes: tuple[str, ...]) -> str | None:
        """An address, which may hold a password and so is never repeated in a fault."""
        text = self.text(name)
        if text is not None and not _is_url(text, schemes):
            self.faults.append(f"{name} is not an address that starts with {schemes[0]}://.")
        return text


def _is_url(text: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in schemes


def _public_url(reader: _Reader, host: str, port: int) -> str:
    url = reader.url("CONTEST_PUBLIC_URL", ("https", "http"))
    if url is not None:
        parts = urlsplit(url)
        if parts.query or parts.fragment or not parts.netloc:
            reader.faults.append("CONTEST_PUBLIC_URL: give an address such as https://example.org.")
        return url.rstrip("/")
    if host not in _LOOPBACK:
        reader.faults.append(
            f"CONTEST_PUBLIC_URL is needed where CONTEST_HOST is {host}: links in announcements "
            "start with it."
        )
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _client_id(reader: _Reader) -> str:
    text = reader.text("CONTEST_VK_CLIENT_ID") or ""
    if text and not (text.isascii() and text.isdigit()):
        reader.faults.append(f"CONTEST_VK_CLIENT_ID: “{text}” is no application's number.")
    return text


def _allowed_hosts(reader: _Reader) -> AllowedHosts | None:
    entries = reader.words("CONTEST_ALLOWED_HOSTS")
    try:
        return AllowedHosts.parse(entries) if entries else None
    except ValueError as error:
        reader.faults.append(f"CONTEST_ALLOWED_HOSTS: {error}")
        return None


def _log(reader: _Reader, environment: Mapping[str, str], *, is_embedded: bool) -> LogSettings:
    key_file = environment.get("CONTEST_LOG_KEY_FILE", "").strip()
    memory = reader.text("CONTEST_LOG_MEMORY") or (Path(key_file).parent if key_file else None)
    found = LogSettings(
        key=_seed(reader, "CONTEST_LOG_KEY"),
        origin=_name(reader, "CONTEST_LOG_ORIGIN").rstrip("/"),
        memory=None if memory is None else Path(memory).absolute(),
        witnesses=_parsed(reader, "CONTEST_WITNESSES", parse_witnesses),
        authorities=_parsed(reader, "CONTEST_TIMESTAMP_AUTHORITIES", parse_authorities),
        witness_of=_parsed(reader, "CONTEST_WITNESS_OF", parse_logs),
        witness_key=_seed(reader, "CONTEST_WITNESS_KEY"),
        witness_name=_name(reader, "CONTEST_WITNESS_NAME"),
    )
    if found.witness_of and not found.witness_key and not is_embedded:
        reader.faults.append("CONTEST_WITNESS_KEY_FILE is needed with CONTEST_WITNESS_OF.")
    if found.key and found.key == found.witness_key:
        reader.faults.append("CONTEST_LOG_KEY and CONTEST_WITNESS_KEY are the same; make another.")
    return found


def _seed(reader: _Reader, name: str) -> str:
    text = reader.text(name) or ""
    try:
        if text:
            parse_seed(text)
    except ValueError as error:
        reader.faults.append(f"{name}: {error}.")
    return text


def _name(reader: _Reader, name: str) -> str:
    text = reader.text(name) or ""
    if text and not is_name(text):
        reader.faults.append(f"{name}: “{text}” has blanks or +; write it like example.org/log.")
    return text


def _parsed(reader: _Reader, name: str, parse: Callable[[str], tuple[T, ...]]) -> tuple[T, ...]:
    try:
        return parse(reader.text(name) or "")
    except ContestError as error:
        reader.faults.append(error.message)
        return ()


def _relays(reader: _Reader) -> tuple[str, ...]:
    text = reader.text("CONTEST_BEACON_RELAYS")
    if text is None:
        return PUBLIC_RELAYS
    try:
        return parse_relays(text)
    except ContestError as error:
        reader.faults.append(error.message)
        return PUBLIC_RELAYS


def _secret_keys(reader: _Reader, *, is_required: bool) -> tuple[str, ...]:
    count = len(reader.faults)
    keys = reader.words("CONTEST_SECRET_KEY")
    if keys:
        try:
            Vault(keys)
        except VaultError as error:
            reader.faults.append(f"CONTEST_SECRET_KEY: {error}")
    elif is_required and len(reader.faults) == count:
        reader.faults.append(
            "CONTEST_SECRET_KEY is needed with DATABASE_URL, to encrypt credentials: "
            "`contest-service key` makes one."
        )
    return keys


def _data_folder(reader: _Reader, environment: Mapping[str, str]) -> Path:
    """Where installed programs keep their data, so that `up` from any folder finds the same."""
    chosen = reader.text("CONTEST_DATA")
    if chosen is not None:
        return Path(chosen).expanduser().absolute()
    if os.geteuid() == 0:
        return SYSTEM_DATA
    xdg = Path(environment.get("XDG_DATA_HOME", ""))
    if xdg.is_absolute():
        return xdg / "contest-service"
    home = Path(environment.get("HOME", ""))
    if not home.is_absolute():
        try:
            home = Path(pwd.getpwuid(os.geteuid()).pw_dir)
        except KeyError:
            reader.faults.append("CONTEST_DATA is needed: this user has no home folder.")
    return home / ".local" / "share" / "contest-service"
