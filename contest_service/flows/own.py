"""Own: let somebody show that an account is theirs, by writing a code with it.

The browser gets a code and a secret. The code goes into a comment under a contest post, or where
live events tell of them into a message to the community; when that very account is seen to have
written it, the secret opens what only the account's owner may see. A code works once, both live for
half an hour, and neither is kept but as a digest. What is answered, and what is done for it, is the
same whether or not anybody of that name takes part.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import msgspec

from contest_service.domain.accounts import Platform
from contest_service.domain.codes import find_codes, make_code
from contest_service.domain.errors import NotFoundError
from contest_service.domain.evidence import Sighting
from contest_service.flows import tend
from contest_service.platforms.registry import parse_account
from contest_service.store import ownerships, targets, work
from contest_service.store.contests import Contest
from contest_service.store.ownerships import Found, Name, Network, NewOwnership, Ownership
from contest_service.store.rows import Connection
from contest_service.store.targets import StoredTarget

GOOD_FOR = timedelta(minutes=30)
"""How long a code may take to be seen, and then how long the secret opens what it is for."""
LOOK_AFTER = timedelta(seconds=5)
"""A person needs that long to write a code, and however many begin, nobody looks more often."""
LONGEST_NAME = 300


class Written(Protocol):
    """Anything that an account wrote."""

    @property
    def account(self) -> str: ...
    @property
    def text(self) -> str: ...


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """What the browser is given; `secret` never leaves it again but to ask."""

    id: UUID
    secret: str
    code: str
    expires_at: datetime
    posts: tuple[StoredTarget, ...]

    def __repr__(self) -> str:
        return f"Begun({self.id})"


async def find(conn: Connection, contest: Contest, account: str) -> Found | None:
    """Find who takes part under what somebody calls an account: an address, a handle, an id."""
    posts = await targets.posts(conn, contest.workspace_id, contest.id)
    networks = sorted({(post.platform, post.instance) for post in posts})
    names = []
    for platform, instance in networks:
        id_, handle = parse_account(Platform(platform), account[:LONGEST_NAME])
        names.append(Name(platform=platform, instance=instance, account=id_, handle=handle))
    return await ownerships.find(conn, contest, names)


async def begin(conn: Connection, contest: Contest, account: str, *, now: datetime) -> Begun:
    """Begin to show that an account is one's own. Needs a transaction."""
    found = await find(conn, contest, account)
    posts = await targets.posts(conn, contest.workspace_id, contest.id)
    key = (contest.workspace_id, work.Kind.LOOK, contest.id)
    await work.plan(conn, *key, due_at=now + LOOK_AFTER)
    await tend.begin_for(conn, posts, now=now)
    id_, secret, code = await ownerships.new_id(conn), secrets.token_urlsafe(32), _new_code()
    new = NewOwnership(
        id=id_,
        found=found,
        secret=_digest(id_, secret),
        code=_digest(id_, code),
        created_at=now,
        expires_at=now + GOOD_FOR,
    )
    await ownerships.add(conn, contest, new)
    return Begun(
        id=id_,
        secret=secret,
        code=code,
        expires_at=new.expires_at,
        posts=tuple(posts),
    )


async def read(conn: Connection, contest: Contest, id_: UUID, secret: str) -> Ownership:
    """Read how far it is, for whoever holds the secret. Raises NotFoundError for anybody else."""
    found = await ownerships.read(conn, contest, id_)
    kept = bytes(32) if found is None else found.secret
    if not hmac.compare_digest(_digest(id_, secret), kept) or found is None:
        raise NotFoundError("There is no such proof of ownership; begin another one.")
    return found


async def notice(
    conn: Connection, network: Network, said: Sequence[Written], *, at: datetime
) -> int:
    """Look for codes in what accounts wrote; return how many ownerships are shown by it.

    In the caller's transaction, which holds the rows until it ends.
    """
    if not said or not await ownerships.is_any_waiting(conn, network, at=at):
        return 0
    written: dict[str, set[str]] = {}
    for each in said:
        if codes := find_codes(each.text):
            written.setdefault(each.account, set()).update(codes)
    waiting = await ownerships.lock_waiting(conn, network, sorted(written), at=at)
    shown = [
        each.id
        for each in waiting
        if any(_is_same(each.code, _digest(each.id, code)) for code in written[each.account])
    ]
    if shown:
        await ownerships.show(conn, network.workspace_id, shown, at=at, until=at + GOOD_FOR)
    return len(shown)


async def notice_under(
    conn: Connection, post: StoredTarget, comments: Sequence[Sighting], *, at: datetime
) -> int:
    """Look for codes in comments under a post, as `notice` does."""
    network = Network(
        workspace_id=post.workspace_id, platform=post.platform, instance=post.instance
    )
    return await notice(conn, network, comments, at=at)


def _new_code() -> str:
    return make_code(secrets.choice)


def _digest(id_: UUID, word: str) -> bytes:
    return hashlib.sha256(id_.bytes + word.encode("utf-8", "surrogatepass")).digest()


def _is_same(one: bytes, other: bytes) -> bool:
    return hmac.compare_digest(one, other)
