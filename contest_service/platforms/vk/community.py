"""Our community: which one it is, and whether each of its tokens is good for it."""

from collections.abc import Sequence

from contest_service.domain.accounts import Profile
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.vk import wire
from contest_service.platforms.vk.calls import Parameters
from contest_service.platforms.vk.credential import Kind
from contest_service.platforms.vk.people import group_profile
from contest_service.platforms.vk.reading import EDITOR, read_groups
from contest_service.platforms.vk.tokens import Tokens

_METHOD = "groups.getById"
_FIELDS = "is_admin,admin_level"
_NAMES = {
    Kind.COMMUNITY: "community token",
    Kind.SERVICE: "service token",
    Kind.USER: "administrator's token",
}


class OurCommunity:
    """The community that a credential is for; `named` is its number or short name, or empty."""

    def __init__(self, tokens: Tokens, *, named: str) -> None:
        self._tokens = tokens
        self._named = named
        self._id = int(named) if named.isdecimal() else 0

    async def id(self) -> int:
        """Its positive number, asked for once where the credential does not say it."""
        if not self._id:
            kinds = [Kind.COMMUNITY] if not self._named else None
            self._id = (await self._ask(kinds)).id
        return self._id

    async def confirm(self) -> Profile:
        """Try every token on the community, and say who it is.

        Raises PlatformError; CREDENTIAL_REJECTED names the token at fault: one that VK does not
        accept, one of another community, or one of a person who is no editor of it.
        """
        found: wire.Group | None = None
        for kind in (Kind.COMMUNITY, Kind.SERVICE, Kind.USER):
            if kind in self._tokens.kinds:
                group = await self._confirmed(kind, found)
                found = found or group
        if found is None:
            raise PlatformError(FailureKind.CREDENTIAL_REJECTED, "There is no token.")
        self._id = found.id
        return group_profile(found)

    async def _confirmed(self, kind: Kind, known: wire.Group | None) -> wire.Group:
        try:
            group = await self._ask([kind], of=str(known.id) if known else self._named)
            if kind is Kind.COMMUNITY:
                await self._require_same(group)
        except PlatformError as error:
            if not error.is_permanent or error.kind is FailureKind.UNSUPPORTED:
                raise
            raise _rejected(f"The {_NAMES[kind]} does not work: {error.message}") from None
        is_editor = bool(group.is_admin) and group.admin_level >= EDITOR
        if kind is Kind.USER and group.is_admin is not None and not is_editor:
            raise _rejected(
                f"The {_NAMES[kind]} belongs to somebody who is no editor of “{group.name}”: let "
                "them be made one in the community's settings, or connect somebody who is."
            )
        return group

    async def _require_same(self, group: wire.Group) -> None:
        """Refuse a community token of another community than the one that was named."""
        named = self._named
        if named and named not in (str(group.id), group.screen_name.lower()):
            raise _rejected(f"it belongs to “{group.name}” (club{group.id}), and not to “{named}”")

    async def _ask(self, kinds: Sequence[Kind] | None, *, of: str | None = None) -> wire.Group:
        named = self._named if of is None else of
        if kinds == [Kind.COMMUNITY]:
            # Without a number it tells whose it is.
            named = ""
        parameters: Parameters = {"fields": _FIELDS, **({"group_id": named} if named else {})}
        answer = await self._tokens.ask(_METHOD, parameters, kinds=kinds)
        groups = read_groups(answer.body)
        if not groups:
            raise PlatformError(FailureKind.GONE, f"There is no community “{named}” on VK.")
        return groups[0]


def _rejected(message: str) -> PlatformError:
    return PlatformError(FailureKind.CREDENTIAL_REJECTED, message)
