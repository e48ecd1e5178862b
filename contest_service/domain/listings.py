"""Lists of accounts as a table: what its lines say, before any platform is asked. Pure."""

from datetime import UTC, datetime, timedelta

import msgspec

from contest_service.domain.accounts import Platform
from contest_service.domain.errors import Fault
from contest_service.domain.plain_text import text_faults
from contest_service.domain.schedule import time_fault
from contest_service.domain.spreadsheet import Columns, Line

COLUMNS = Columns(
    required=("account",),
    optional=("platform", "instance", "reason", "expires_at"),
    passed_over=("added_by", "added_at"),
)
"""`account` is a stable id, an address of a profile, or a handle."""
LONGEST_REASON = 500
_LONGEST_ACCOUNT = 2048
_LONGEST_INSTANCE = 255
_TIME = "give a day such as 2027-01-31, or a time with its zone such as 2027-01-31T18:00:00Z"


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the table. `platform` is None where the account has to say it by itself."""

    line: Line
    platform: Platform | None
    instance: str
    account: str
    reason: str
    expires_at: datetime | None


def read_listing(line: Line, *, reason: str, now: datetime) -> tuple[Listing | None, list[Fault]]:
    """Read a line; `reason` is that of lines which give none."""
    cells = {name: text.strip() for name, text in line.cells.items()}
    platform, faults = _platform(line, cells.get("platform", ""))
    account, instance = cells["account"], cells.get("instance", "")
    if not 1 <= len(account) <= _LONGEST_ACCOUNT or "\0" in account:
        detail = "give a stable id, the address of a profile, or a handle"
        faults.append(Fault(pointer=line.at("account"), detail=detail))
    if len(instance) > _LONGEST_INSTANCE or "\0" in instance:
        detail = "give the network's host as exports do, and nothing for the public network"
        faults.append(Fault(pointer=line.at("instance"), detail=detail))
    why = cells.get("reason", "") or reason
    faults += text_faults(why, line.at("reason"), longest=LONGEST_REASON, lines=True)
    expires_at = None
    if given := cells.get("expires_at", ""):
        expires_at = read_end(given)
        if expires_at is None:
            faults.append(Fault(pointer=line.at("expires_at"), detail=_TIME))
        else:
            faults += end_faults(expires_at, line.at("expires_at"), now=now)
    if faults:
        return None, faults
    return Listing(
        line=line,
        platform=platform,
        instance=instance,
        account=account,
        reason=why,
        expires_at=expires_at,
    ), []


def _platform(line: Line, text: str) -> tuple[Platform | None, list[Fault]]:
    if not text:
        return None, []
    try:
        return Platform(text.lower()), []
    except ValueError:
        known = ", ".join(Platform)
        detail = f"is no platform that is known; give one of {known}"
        return None, [Fault(pointer=line.at("platform"), detail=detail)]


def read_end(text: str) -> datetime | None:
    """Read when something ends: a time with its zone, or a day, of which all still counts (UTC)."""
    moment = read_moment(text)
    if moment is not None:
        return moment
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
        return day + timedelta(days=1)
    except (ValueError, OverflowError):
        return None


def read_moment(text: str) -> datetime | None:
    """Read a time with its zone (RFC 3339); None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
        return None if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def end_faults(expires_at: datetime | None, pointer: str, *, now: datetime) -> list[Fault]:
    """What is wrong with when an entry on a list is to end."""
    if expires_at is None:
        return []
    detail = time_fault(expires_at)
    if not detail and expires_at <= now:
        detail = "has passed already: give a later time, or leave the account out"
    return [Fault(pointer=pointer, detail=detail)] if detail else []
