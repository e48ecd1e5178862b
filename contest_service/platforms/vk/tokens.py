"""Which token asks: the fastest of those that VK allows it, the next one where it is refused.

Owns the matrix of methods and kinds (github.com/VKCOM/vk-api-schema, access_token_type). A kind
that may never call a method is not tried with it again; whatever else another token may be allowed
is tried with the next kind.
"""

from collections.abc import Sequence

from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.vk import errors
from contest_service.platforms.vk.administrator import Administrator
from contest_service.platforms.vk.calls import Call, Parameters
from contest_service.platforms.vk.credential import Credential, Kind
from contest_service.platforms.vk.errors import VkError
from contest_service.platforms.vk.lanes import Entrance
from contest_service.platforms.vk.waiting import Answer

_ANY = (Kind.COMMUNITY, Kind.SERVICE, Kind.USER)
_PUBLIC = (Kind.SERVICE, Kind.USER)
_OURS = (Kind.COMMUNITY, Kind.USER)
_ADMIN = (Kind.USER,)

_KINDS: dict[str, tuple[Kind, ...]] = {
    "groups.addCallbackServer": _OURS,
    "groups.editCallbackServer": _OURS,
    "groups.getBanned": _OURS,
    "groups.getById": _ANY,
    "groups.getCallbackConfirmationCode": _OURS,
    "groups.getCallbackServers": _OURS,
    "groups.getLongPollServer": _OURS,
    "groups.getMembers": _OURS,
    "groups.isMember": _ANY,
    "groups.setCallbackSettings": _OURS,
    "groups.setLongPollSettings": _OURS,
    "likes.getList": _PUBLIC,
    "likes.isLiked": _ADMIN,
    # With an administrator's token it would be about the person's own dialogs.
    "messages.getHistory": (Kind.COMMUNITY,),
    "messages.send": (Kind.COMMUNITY,),
    "photos.getWallUploadServer": _ADMIN,
    "photos.saveWallPhoto": _ADMIN,
    "users.get": _ANY,
    "utils.resolveScreenName": _ANY,
    "wall.createComment": _OURS,
    "wall.edit": _ADMIN,
    # The schema says an administrator's only; other servers, and VK at times, take a community's.
    "wall.editComment": (Kind.USER, Kind.COMMUNITY),
    "wall.get": _PUBLIC,
    "wall.getById": _PUBLIC,
    "wall.getComments": _PUBLIC,
    # To others than an administrator it shows nothing.
    "wall.getReposts": _ADMIN,
    "wall.pin": _ADMIN,
    "wall.post": _ADMIN,
}

_SOURCES = {
    Kind.COMMUNITY: "a token from the community's settings",
    Kind.SERVICE: "an application's service token",
    Kind.USER: "an administrator with VK ID",
}
_NAMES = {
    Kind.COMMUNITY: "The community's token is not accepted by VK any more: make a new one in the "
    "community's settings, and connect it.",
    Kind.SERVICE: "The service token is not accepted by VK any more: copy it anew from the "
    "application's settings, and connect it.",
    Kind.USER: "The administrator's token is not accepted by VK any more: connect an administrator "
    "with VK ID again.",
}


def methods_of(kind: Kind) -> tuple[str, ...]:
    """The methods that a kind of token may call."""
    return tuple(method for method, kinds in _KINDS.items() if kind in kinds)


class Tokens:
    """Calls methods with the tokens that a community is connected with."""

    def __init__(
        self, entrance: Entrance, *, credential: Credential, administrator: Administrator
    ) -> None:
        self.kinds = credential.kinds
        self._entrance = entrance
        self._credential = credential
        self._administrator = administrator
        self._never: set[tuple[Kind, str]] = set()

    def may(self, method: str) -> bool:
        """Whether any of the tokens may call the method."""
        return bool(self._able(method, _KINDS[method]))

    async def ask(
        self,
        method: str,
        parameters: Parameters,
        *,
        kinds: Sequence[Kind] | None = None,
        once: bool = False,
    ) -> Answer:
        """Carry a call out, with one of `kinds` where given. Raises VkError, PlatformError.

        With `once` it is a write, sent again only if it was certainly not carried out.
        """
        call = Call(method=method, parameters=parameters)
        wanted = tuple(kinds or _KINDS[method])
        failures: list[PlatformError] = []
        for kind in self._able(method, wanted):
            try:
                return await self._with(kind, call, once=once)
            except PlatformError as error:
                if not self._is_for_another(kind, call, error, once=once):
                    raise
                failures.append(error)
        # One that passes first: then it is asked again by itself.
        failures.sort(key=lambda failure: failure.is_permanent)
        raise failures[0] if failures else _needed(method, wanted)

    def _able(self, method: str, wanted: Sequence[Kind]) -> list[Kind]:
        return [kind for kind in wanted if kind in self.kinds and (kind, method) not in self._never]

    def _is_for_another(self, kind: Kind, call: Call, error: PlatformError, *, once: bool) -> bool:
        """Whether another token may do better; a write that may have been done stays alone."""
        if not isinstance(error, VkError):
            return error.kind in (FailureKind.RATE_LIMITED, FailureKind.CREDENTIAL_REJECTED)
        if error.is_for_good:
            self._never.add((kind, call.method))
        return error.code in errors.OTHER_TOKEN and not (once and error.code == errors.FLOOD)

    async def _with(self, kind: Kind, call: Call, *, once: bool) -> Answer:
        match kind:
            case Kind.COMMUNITY:
                token = self._credential.community_token
            case Kind.SERVICE:
                token = self._credential.service_token
            case Kind.USER:
                token = await self._administrator.token()
        try:
            return await self._asked(kind, token, call, once=once)
        except VkError as error:
            if error.code not in errors.REJECTED:
                raise
            if kind is not Kind.USER:
                raise _rejected(kind, error) from None
        token = await self._administrator.renew(token)
        try:
            return await self._asked(kind, token, call, once=once)
        except VkError as error:
            if error.code not in errors.REJECTED:
                raise
            raise _rejected(kind, error) from None

    async def _asked(self, kind: Kind, token: str, call: Call, *, once: bool) -> Answer:
        lane = await self._entrance.lane(token, kind)
        return await lane.ask(call, once=once)


def _rejected(kind: Kind, error: VkError) -> VkError:
    """Name the token that is refused; a page on which to prove oneself is named by VK."""
    return VkError(
        FailureKind.CREDENTIAL_REJECTED,
        f"{_NAMES[kind]} {error.message}" if error.code == 17 else _NAMES[kind],
        method=error.method,
        code=error.code,
        subcode=error.subcode,
    )


def _needed(method: str, kinds: Sequence[Kind]) -> PlatformError:
    sources = " or ".join(_SOURCES[kind] for kind in kinds)
    return PlatformError(
        FailureKind.UNSUPPORTED,
        f"None of the connected tokens may do this on VK ({method}): connect {sources}.",
    )
