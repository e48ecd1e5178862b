"""What VK shows of people and communities: profiles, memberships, and who cannot be seen."""

from collections.abc import AsyncGenerator, Mapping, Sequence

from contest_service.domain.accounts import Profile, Standing
from contest_service.domain.evidence import Asked, Page, Sighting, Target
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.vk import wire
from contest_service.platforms.vk.addresses import number
from contest_service.platforms.vk.by_id import Cursor, Slice, read_by_id
from contest_service.platforms.vk.calls import Parameters, decode
from contest_service.platforms.vk.errors import VkError
from contest_service.platforms.vk.reading import read_groups
from contest_service.platforms.vk.texts import clean
from contest_service.platforms.vk.together import chunks, together
from contest_service.platforms.vk.tokens import Tokens

MEMBERS_A_PAGE = 1000
_USERS_A_CALL = 1000
_GROUPS_A_CALL = 500
_MEMBERSHIPS_A_CALL = 500
_BANNED_A_PAGE = 200
_MOST_BANNED = 5000
"""Of a blacklist's entries that are read: one departure."""

_USERS = "users.get"
_GROUPS = "groups.getById"
_MEMBERS = "groups.getMembers"
_IS_MEMBER = "groups.isMember"
_BANNED = "groups.getBanned"
_FIELDS = "screen_name,has_photo,followers_count,city,country,bdate,blacklisted"


class _Member:
    """A member, as a list in the order of ids has it."""

    __slots__ = ("id",)

    def __init__(self, id_: int) -> None:
        self.id = id_


class People:
    """Reads about accounts, in groups that travel together."""

    def __init__(self, tokens: Tokens, *, page: int = MEMBERS_A_PAGE) -> None:
        self._tokens = tokens
        self._page = page

    async def members(self, target: Target, after: str | None) -> AsyncGenerator[Page, None]:
        """List the members of a community, in the order of their ids."""

        async def read(offset: int) -> Slice[_Member]:
            parameters: Parameters = {
                "group_id": target.ref.removeprefix("-"),
                "sort": "id_asc",
                "offset": offset,
                "count": self._page,
            }
            answer = await self._tokens.ask(_MEMBERS, parameters)
            ids = decode(_MEMBERS, answer.body, wire.Ids)
            members = [_Member(id_) for id_ in ids.items]
            return Slice(offset=offset, entries=members, count=ids.count, body=answer.body)

        pages = read_by_id(read, Cursor.read(after) if after else Cursor(), page=self._page)
        async for reading in pages:
            yield Page(
                sightings=tuple(
                    Sighting(account=str(member.id), ref="") for member in reading.entries
                ),
                next=None if reading.next is None else reading.next.write(),
                body=reading.body,
            )

    async def memberships(
        self, target: Target, accounts: Sequence[str]
    ) -> AsyncGenerator[Asked, None]:
        """Ask which of `accounts` are members. A community is none; whom VK does not know is
        hidden."""
        people = [account for account in accounts if (number(account) or 0) > 0]
        others = tuple(dict.fromkeys(set(accounts) - set(people)))

        async def ask(chunk: tuple[str, ...]) -> Asked:
            parameters = {"group_id": target.ref.removeprefix("-"), "user_ids": ",".join(chunk)}
            try:
                answer = await self._tokens.ask(_IS_MEMBER, parameters)
            except VkError as error:
                if error.kind not in (FailureKind.GONE, FailureKind.MALFORMED):
                    raise
                return Asked(present=(), absent=(), hidden=chunk, body=b"")
            return _asked(chunk, answer.body)

        for wave in chunks(chunks(people, _MEMBERSHIPS_A_CALL), 25):
            for asked in await together(ask, wave):
                yield asked
        if others:
            absent = tuple(each for each in others if number(each))
            hidden = tuple(each for each in others if not number(each))
            yield Asked(present=(), absent=absent, hidden=hidden, body=b"")

    async def profiles(self, accounts: Sequence[str]) -> list[Profile]:
        """Read profiles of people and communities; whoever is unknown is missing."""
        users, groups = await self._known(accounts)
        return [_profile(user) for user in users] + [group_profile(group) for group in groups]

    async def standing(
        self, accounts: Sequence[str], community: int | None
    ) -> Mapping[str, Standing]:
        """Tell for each account whether what it does is visible; `community` is ours, positive,
        where its blacklist may be read."""
        users, groups = await self._known(accounts)
        standing = dict.fromkeys(accounts, Standing.UNAVAILABLE)
        for user in users:
            if not user.deactivated:
                standing[str(user.id)] = (
                    Standing.BLOCKS_US if user.blacklisted else Standing.VISIBLE
                )
        standing |= {f"-{group.id}": Standing.VISIBLE for group in groups if not group.deactivated}
        if community is not None:
            there = {each for each, how in standing.items() if how is not Standing.UNAVAILABLE}
            banned = there & await self._banned(community) if there else ()
            standing |= dict.fromkeys(banned, Standing.BLOCKED_BY_US)
        return standing

    async def managers(self, community: int) -> frozenset[str] | None:
        """Read who manages the community; None where no token may know it.

        VK shows managers to those who manage the community themselves, and to its own token.
        """
        if not self._tokens.may(_MEMBERS):
            return None
        found: list[wire.Manager] = []
        while True:
            parameters: Parameters = {
                "group_id": community,
                "filter": "managers",
                "offset": len(found),
                "count": MEMBERS_A_PAGE,
            }
            try:
                answer = await self._tokens.ask(_MEMBERS, parameters)
            except PlatformError as error:
                if error.kind not in (FailureKind.FORBIDDEN, FailureKind.UNSUPPORTED):
                    raise
                return None
            page = decode(_MEMBERS, answer.body, wire.Managers)
            found += page.items
            if not page.items or len(found) >= page.count:
                return frozenset(str(each.id) for each in found)

    async def _known(self, accounts: Sequence[str]) -> tuple[list[wire.User], list[wire.Group]]:
        numbers = [found for found in map(number, accounts) if found]
        people = [str(found) for found in numbers if found > 0]
        communities = [str(-found) for found in numbers if found < 0]

        async def users(chunk: tuple[str, ...]) -> list[wire.User]:
            parameters = {"user_ids": ",".join(chunk), "fields": _FIELDS}
            answer = await self._tokens.ask(_USERS, parameters)
            return decode(_USERS, answer.body, list[wire.User])

        async def groups(chunk: tuple[str, ...]) -> Sequence[wire.Group]:
            parameters = {"group_ids": ",".join(chunk), "fields": "members_count,has_photo"}
            try:
                answer = await self._tokens.ask(_GROUPS, parameters)
            except VkError as error:
                # All of them are unknown.
                if error.kind is not FailureKind.MALFORMED:
                    raise
                return ()
            return read_groups(answer.body)

        found = await together(users, chunks(people, _USERS_A_CALL))
        told = await together(groups, chunks(communities, _GROUPS_A_CALL))
        return [each for some in found for each in some], [each for some in told for each in some]

    async def _banned(self, community: int) -> set[str]:
        """Read whom the community has banned; nobody where VK does not say."""

        async def ask(offset: int) -> wire.BannedList:
            parameters = {"group_id": community, "offset": offset, "count": _BANNED_A_PAGE}
            answer = await self._tokens.ask(_BANNED, parameters)
            return decode(_BANNED, answer.body, wire.BannedList)

        try:
            first = await ask(0)
            further = range(_BANNED_A_PAGE, min(first.count, _MOST_BANNED), _BANNED_A_PAGE)
            lists = [first, *await together(ask, further)]
        except PlatformError as error:
            if not error.is_permanent:
                raise
            return set()
        entries = [entry for each in lists for entry in each.items]
        return {str(entry.profile.id) for entry in entries if entry.profile} | {
            f"-{entry.group.id}" for entry in entries if entry.group
        }


def group_profile(group: wire.Group) -> Profile:
    """Read a community as an account."""
    return Profile(
        account=f"-{group.id}",
        handle=clean(group.screen_name) or f"club{group.id}",
        name=clean(group.name),
        has_picture=None if group.has_photo is None else bool(group.has_photo),
        followers=group.members_count,
        is_active=not group.deactivated,
    )


def _profile(user: wire.User) -> Profile:
    return Profile(
        account=str(user.id),
        handle=clean(user.screen_name) or f"id{user.id}",
        name=clean(f"{user.first_name} {user.last_name}".strip()),
        has_picture=None if user.has_photo is None else bool(user.has_photo),
        followers=user.followers_count,
        is_closed=user.is_closed,
        is_active=not user.deactivated,
        city=clean(user.city.title) if user.city else "",
        born=_born(user.bdate),
        country=clean(user.country.title) if user.country else "",
    )


def _born(text: str) -> str:
    """Read a date of birth, `D.M.YYYY`; one without a year is none."""
    parts = text.split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
        return ""
    day, month, year = (int(part) for part in parts)
    is_date = 1 <= day <= 31 and 1 <= month <= 12 and 1800 <= year <= 9999
    return f"{year:04}-{month:02}-{day:02}" if is_date else ""


def _asked(chunk: tuple[str, ...], body: bytes) -> Asked:
    answers = decode(_IS_MEMBER, body, list[wire.Membership])
    known = {str(each.user_id): bool(each.member) for each in answers}
    return Asked(
        present=tuple(Sighting(account=each, ref="") for each in chunk if known.get(each)),
        absent=tuple(each for each in chunk if known.get(each) is False),
        hidden=tuple(each for each in chunk if each not in known),
        body=body,
    )
