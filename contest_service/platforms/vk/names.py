"""Short names in texts, and whose they are: each looked up once in a pass."""

from collections.abc import Iterable, Mapping, Sequence

from contest_service.platforms.errors import FailureKind
from contest_service.platforms.vk import wire
from contest_service.platforms.vk.calls import decode
from contest_service.platforms.vk.errors import VkError
from contest_service.platforms.vk.texts import is_short_name
from contest_service.platforms.vk.together import together
from contest_service.platforms.vk.tokens import Tokens

MOST = 2000
"""Names that one pass looks up; whoever writes more of them together asks in vain."""

_METHOD = "utils.resolveScreenName"
_COMMUNITIES = frozenset({"group", "page", "event", "public"})


class Names:
    """Looks short names up and remembers them."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._known: dict[str, str] = {}

    async def look_up(self, names: Iterable[str]) -> Mapping[str, str]:
        """Return the ids of accounts by short name; one that is nobody's has an empty one.

        Ids among the names are passed over. Raises PlatformError.
        """
        new = dict.fromkeys(
            name for name in names if is_short_name(name) and name not in self._known
        )
        asked = list(new)[: max(0, MOST - len(self._known))]
        found = await together(self._ask, asked)
        self._known.update(zip(asked, found, strict=True))
        return self._known

    async def _ask(self, name: str) -> str:
        try:
            answer = await self._tokens.ask(_METHOD, {"screen_name": name})
        except VkError as error:
            if error.kind not in (FailureKind.GONE, FailureKind.MALFORMED):
                raise
            return ""
        # Nobody is an empty list, as PHP writes an empty object.
        found = decode(_METHOD, answer.body, wire.Resolved | list[int])  # type: ignore[arg-type] # a union
        if not isinstance(found, wire.Resolved):
            return ""
        if found.type == "user":
            return str(found.object_id)
        return f"-{found.object_id}" if found.type in _COMMUNITIES else ""


async def find_accounts(tokens: Tokens, names: Sequence[str]) -> dict[str, str]:
    """Return the ids of accounts by short name; one that is nobody's is missing.

    Raises PlatformError.
    """
    found: dict[str, str] = {}
    for first in range(0, len(names), MOST):
        known = await Names(tokens).look_up(names[first : first + MOST])
        found |= {name: id_ for name, id_ in known.items() if id_}
    return found
