"""Expiry: which credentials end by themselves, and whom that is told before it happens.

A credential that is renewed by itself ends only if that goes wrong for long, so it is told of when
little of its time is left; one that is not, whenever it would end too early.
"""

from datetime import UTC, datetime, timedelta

import structlog

from contest_service.domain.conditions import Language
from contest_service.flows.runtime import Runtime
from contest_service.platforms.registry import expiry_of
from contest_service.store import communities
from contest_service.store.communities import Community

log = structlog.get_logger(__name__)

SOON = timedelta(days=7)
"""Before a credential's end, from when on it is told of."""
_MEND = {
    Language.ENGLISH: "Connect an administrator with VK ID, or give a new token.",
    Language.RUSSIAN: "Подключите администратора через VK ID или дайте новый токен.",
}


def mend(language: Language) -> str:
    """Say what would keep a credential from ending."""
    return _MEND[language]


async def note_end(rt: Runtime, community: Community) -> str:
    """Note when the credential ends now, and return what is to be told of it; empty if nothing.

    It is logged when it was not told yet.
    """
    key = (community.workspace_id, community.id)
    async with rt.pool.acquire() as conn:
        credential = await communities.credential(conn, *key)
        session = await communities.session(conn, *key)
    if credential is None:
        return ""
    expiry = expiry_of(
        community.platform,
        rt.vault.open(credential),
        endpoints=community.endpoints,
        session=None if session is None else rt.vault.open(session),
        given_at=None,
    )
    ends_at, renews = community.credential_ends_at, community.credential_renews
    if expiry is not None and (expiry.ends_at, expiry.renews) != (ends_at, renews):
        ends_at, renews = expiry.ends_at, expiry.renews
        async with rt.pool.acquire() as conn:
            await communities.set_credential_end(conn, community, ends_at, renews=renews)
    note = _note(ends_at, now=rt.clock(), renews=renews)
    if note and note != community.health_note:
        log.warning(
            "credential_ends_soon", community=str(community.id), ends_at=ends_at, renews=renews
        )
    return note


def ends_before(
    community: Community, moment: datetime, *, now: datetime, language: Language
) -> str:
    """Say that the credential ends too early for what is due by `moment`; empty if it does not."""
    ends_at = community.credential_ends_at
    if ends_at is None or not now < ends_at <= moment:
        return ""
    if community.credential_renews and ends_at > now + SOON:
        return ""
    if language is Language.RUSSIAN:
        return (
            f"Токен администратора действует до {_shown(ends_at)}, а закрывающий проход может "
            f"длиться до {_shown(moment)}."
        )
    return (
        f"The administrator's token ends at {_shown(ends_at)}, before the closing scan is over, "
        f"which has until {_shown(moment)}."
    )


def _note(ends_at: datetime | None, *, now: datetime, renews: bool) -> str:
    """What is wrong soon. An end that has passed while the token works was no end."""
    if ends_at is None or not now < ends_at <= now + SOON:
        return ""
    if renews:
        return (
            f"The administrator's sign-in ends at {_shown(ends_at)}, since it could not be renewed "
            f"for long. {mend(Language.ENGLISH)}"
        )
    way_out = mend(Language.ENGLISH)
    return (
        f"The administrator's token ends at {_shown(ends_at)} and does not renew itself. {way_out}"
    )


def _shown(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
