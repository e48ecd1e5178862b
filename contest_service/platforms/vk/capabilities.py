"""What can be told on VK with the tokens that are connected, and what would tell more. Pure."""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from contest_service.domain.conditions import Language
from contest_service.domain.evidence import Action
from contest_service.platforms.base import BlindSpot, Capabilities, Connected, Deed, Support
from contest_service.platforms.vk.credential import Kind
from contest_service.platforms.vk.press import MOST_CHARACTERS

_EN, _RU = Language.ENGLISH, Language.RUSSIAN
_ADMINISTRATOR = {
    _EN: "Connect an administrator of the community with VK ID.",
    _RU: "Подключите администратора сообщества через VK ID.",
}
_READER = {
    _EN: "Connect an application's service token, or an administrator with VK ID.",
    _RU: "Подключите сервисный ключ приложения или администратора через VK ID.",
}
_COMMUNITY = {
    _EN: "Connect a token from the community's settings.",
    _RU: "Подключите ключ доступа из настроек сообщества.",
}
_FACTS = frozenset(
    {"has_picture", "followers", "is_closed", "is_active", "city", "country", "born"}
)


_DEEDS: Mapping[Deed, frozenset[Kind]] = MappingProxyType(
    {
        Deed.POST: frozenset({Kind.USER}),
        Deed.PICTURE: frozenset({Kind.USER}),
        Deed.COMMENT: frozenset({Kind.COMMUNITY, Kind.USER}),
        Deed.MESSAGE: frozenset({Kind.COMMUNITY}),
        Deed.EVENTS: frozenset({Kind.COMMUNITY, Kind.USER}),
        Deed.BANS: frozenset({Kind.COMMUNITY, Kind.USER}),
    }
)


def capabilities_of(kinds: Collection[Kind]) -> Capabilities:
    """Say what these kinds of token can tell; an administrator's is a user's."""
    reads = Kind.SERVICE in kinds or Kind.USER in kinds
    is_admin = Kind.USER in kinds
    is_ours = Kind.COMMUNITY in kinds
    listed_if_read = Support.LISTED if reads else Support.LIVE
    return Capabilities(
        actions=MappingProxyType(
            {
                Action.LIKE: listed_if_read,
                Action.REPOST: Support.LISTED if is_admin else Support.LIVE,
                Action.COMMENT: listed_if_read,
                Action.FOLLOW: Support.LISTED if is_ours or is_admin else Support.ASKED,
            }
        ),
        facts=_FACTS,
        lists_tell_profiles=False,
        tells_staff=is_ours or is_admin,
        deeds=frozenset(deed for deed, able in _DEEDS.items() if able & set(kinds)),
        text_limit=f"{MOST_CHARACTERS} characters, of which an emoji counts as two",
        blind_spots=tuple(_blind_spots(reads=reads, is_admin=is_admin, is_ours=is_ours)),
    )


def connections() -> list[Connected]:
    """What a community can be connected with, from the least that can be told to the most."""
    return [
        Connected(
            name=name,
            label={Language.ENGLISH: english, Language.RUSSIAN: russian},
            capabilities=capabilities_of({Kind.COMMUNITY, kind}),
        )
        for name, kind, english, russian in (
            (
                "community_token",
                Kind.COMMUNITY,
                "The community's token alone",
                "Только ключ сообщества",
            ),
            (
                "service_token",
                Kind.SERVICE,
                "The community's token and an application's service token",
                "Ключ сообщества и сервисный ключ приложения",
            ),
            (
                "administrator",
                Kind.USER,
                "The community's token and an administrator with VK ID",
                "Ключ сообщества и администратор через VK ID",
            ),
        )
    ]


_LIKES_HEARD = BlindSpot(
    action=Action.LIKE,
    note={
        _EN: "Likes are known only from live events: those from before the connection, and those "
        "of times when events were lost, are missing.",
        _RU: "О лайках известно только из событий: нет тех, что были до подключения или когда "
        "события терялись.",
    },
    mend=_READER,
)
_COMMENTS_HEARD = BlindSpot(
    action=Action.COMMENT,
    note={
        _EN: "Comments are known only from live events: those from before the connection, and "
        "those of times when events were lost, are missing.",
        _RU: "О комментариях известно только из событий: нет тех, что были до подключения или "
        "когда события терялись.",
    },
    mend=_READER,
)
_REPOSTS_HEARD = BlindSpot(
    action=Action.REPOST,
    note={
        _EN: "Reposts are known only from live events, which tell of none that was undone, and "
        "maybe of none by closed profiles.",
        _RU: "О репостах известно только из событий: они не говорят об удалённых, а может быть, "
        "и о репостах закрытых профилей.",
    },
    mend=_ADMINISTRATOR,
)
_REPOSTS_OF_THE_CLOSED = BlindSpot(
    action=Action.REPOST,
    note={
        _EN: "When a repost was made, and what was written with it, is shown of open profiles "
        "only.",
        _RU: "Время репоста и текст к нему видны только у открытых профилей.",
    },
    mend={},
)
_MEMBERS_ASKED = BlindSpot(
    action=Action.FOLLOW,
    note={
        _EN: "Members cannot be listed, so that each entrant is asked about.",
        _RU: "Список подписчиков получить нельзя, поэтому о каждом участнике спрашивают отдельно.",
    },
    mend=_COMMUNITY,
)


def _blind_spots(*, reads: bool, is_admin: bool, is_ours: bool) -> list[BlindSpot]:
    spots = [] if reads else [_LIKES_HEARD, _COMMENTS_HEARD]
    spots.append(_REPOSTS_OF_THE_CLOSED if is_admin else _REPOSTS_HEARD)
    if not is_ours and not is_admin:
        spots.append(_MEMBERS_ASKED)
    return spots
