"""Sixty people who do different things with a contest post, and what the rules make of each.

A role says what its people do before the contest is defined, what they do while it runs, and the
verdict that follows: the state, the reason (or its end), the tickets.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec
from network.fixture import Network
from network.people import Person, Post

LONG_AGO = "2025-01-01T00:00:00Z"
TAG = "Mug"


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """What people act on."""

    network: Network
    page: Person
    post: Post
    friend: Person
    """Somebody to mention."""


Deed = Callable[[Scene, Person], str]
"""Does something; returns the at-uri of what was made, or nothing."""


def like(scene: Scene, person: Person) -> str:
    return person.like(scene.post)


def repost(scene: Scene, person: Person) -> str:
    return person.repost(scene.post)


def quote(scene: Scene, person: Person) -> str:
    return person.quote(scene.post, "Look at this").uri


def follow(scene: Scene, person: Person) -> str:
    return person.follow(scene.page)


def comment(scene: Scene, person: Person) -> str:
    text = "I want it badly"
    return person.reply(scene.post, text, tags=(TAG,), mentions=(scene.friend,)).uri


def comment_under_a_comment(scene: Scene, person: Person) -> str:
    under = scene.friend.reply(scene.post, "Well?")
    return person.reply(under, "Me me me", tags=(TAG,), mentions=(scene.friend,)).uri


def odd_comment(scene: Scene, person: Person) -> str:
    text = "one 👩‍👩‍👧‍👦 \u202e reversed \ufeff ẞ"
    return person.reply(scene.post, text, tags=(TAG,), mentions=(scene.friend,)).uri


def comment_without_tag(scene: Scene, person: Person) -> str:
    return person.reply(scene.post, "I want it too", mentions=(scene.friend,)).uri


def comment_naming_oneself(scene: Scene, person: Person) -> str:
    return person.reply(scene.post, "I want it too", tags=(TAG,), mentions=(person,)).uri


class Role(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    count: int
    deeds: tuple[Deed, ...]
    state: str
    reason: str = ""
    """The reason's code, or its end from the dot on."""
    tickets: int = 0
    undoes: Deed | None = None
    """Which of the deeds is taken back while the contest runs."""
    has_picture: bool = True
    created_at: str = LONG_AGO
    display_name: str = "Somebody"


VALID = "all_conditions_hold"

ROLES = (
    Role(name="reposter", count=10, deeds=(like, repost, follow), state="valid", tickets=2),
    Role(name="quoter", count=8, deeds=(like, quote, follow), state="valid", tickets=3),
    Role(name="writer", count=5, deeds=(like, comment, follow), state="valid", tickets=1),
    Role(
        name="nested",
        count=1,
        deeds=(like, comment_under_a_comment, follow),
        state="valid",
        tickets=1,
    ),
    Role(name="keen", count=4, deeds=(like, repost, quote), state="valid", tickets=3),
    Role(
        name="odd",
        count=2,
        deeds=(like, odd_comment, follow),
        state="valid",
        tickets=1,
        display_name="\u202eodd\u200b ﷽ 👩‍👩‍👧‍👦",
    ),
    Role(name="liker", count=4, deeds=(like,), state="invalid", reason=".not_seen"),
    Role(name="sharer", count=4, deeds=(repost, follow), state="invalid", reason="liked.not_seen"),
    Role(
        name="unliker",
        count=4,
        deeds=(like, repost, follow),
        undoes=like,
        state="invalid",
        reason="liked.undone",
    ),
    Role(
        name="unshare",
        count=3,
        deeds=(like, repost, follow),
        undoes=repost,
        state="invalid",
        reason="reposted.undone",
    ),
    Role(
        name="unfollow",
        count=2,
        deeds=(like, repost, follow),
        undoes=follow,
        state="invalid",
        reason="follows.undone",
    ),
    Role(
        name="tagless",
        count=2,
        deeds=(like, comment_without_tag, follow),
        state="invalid",
        reason=".not_seen",
    ),
    Role(
        name="selfish",
        count=1,
        deeds=(like, comment_naming_oneself, follow),
        state="invalid",
        reason=".not_seen",
    ),
    Role(
        name="faceless",
        count=2,
        deeds=(like, repost, follow),
        has_picture=False,
        state="invalid",
        reason="has_picture.no_picture",
    ),
    Role(
        name="newborn",
        count=2,
        deeds=(like, repost, follow),
        created_at="",
        state="invalid",
        reason="account_age.account_too_new",
    ),
    Role(
        name="staff",
        count=2,
        deeds=(like, repost, follow),
        state="invalid",
        reason="not_listed.listed",
    ),
    Role(
        name="taken",
        count=1,
        deeds=(like, repost, follow),
        state="cannot_verify",
        reason=".unavailable",
    ),
    Role(
        name="blocker",
        count=1,
        deeds=(like, repost, follow),
        state="cannot_verify",
        reason=".blocks_us",
    ),
    Role(name="lurker", count=2, deeds=(follow,), state=""),
)


class Member(msgspec.Struct, frozen=True, kw_only=True):
    person: Person
    role: Role
    made: dict[Deed, str]


def gather(scene: Scene) -> list[Member]:
    """Sign everybody up and let them act; four at a time."""
    roles = [role for role in ROLES for _ in range(role.count)]
    with ThreadPoolExecutor(max_workers=4) as pool:
        return list(pool.map(lambda role: _join(scene, role), roles))


def _join(scene: Scene, role: Role) -> Member:
    person = scene.network.person(role.name)
    person.introduce(role.display_name, has_picture=role.has_picture, created_at=role.created_at)
    return Member(person=person, role=role, made={deed: deed(scene, person) for deed in role.deeds})


def change_minds(scene: Scene, members: Sequence[Member]) -> None:
    """What happens while the contest runs: some undo, one is taken down, one blocks the page."""
    for member in members:
        if member.role.undoes is not None:
            member.person.undo(member.made[member.role.undoes])
    for member in of_role(members, "taken"):
        scene.network.take_down(member.person)
    for member in of_role(members, "blocker"):
        member.person.block(scene.page)


def of_role(members: Sequence[Member], name: str) -> Iterator[Member]:
    return (member for member in members if member.role.name == name)


def differs(member: Member, entrant: dict[str, object] | None) -> str:
    """Say in what a verdict is another than the script's; nothing if it is the same."""
    role = member.role
    if entrant is None:
        return "" if not role.state else f"{member.person.handle} is no entrant"
    reason = role.reason or VALID
    is_same = (
        entrant["state"] == role.state
        and str(entrant["reason"]).endswith(reason)
        and entrant["tickets"] == role.tickets
    )
    return "" if is_same else f"{member.person.handle}: {entrant} instead of {role}"
