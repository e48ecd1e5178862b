"""Where to read how much of each token's quota is used. Pure.

Of daily amounts VK publishes one of a method that is used here (`wall.get`, 5000; quoted in
github.com/python273/vk_api/issues/411); of all others it says only when they are used up.
"""

from collections.abc import Mapping

from contest_service.platforms.base import Gauge
from contest_service.platforms.vk.administrator import current_token
from contest_service.platforms.vk.credential import Kind, read_credential
from contest_service.platforms.vk.lane import key_of
from contest_service.platforms.vk.lanes import INTERVALS
from contest_service.platforms.vk.tokens import methods_of

_DAILY: Mapping[str, int] = {"wall.get": 5000}


def gauges_of(
    raw: bytes, *, endpoints: Mapping[str, str], session: bytes | None
) -> tuple[Gauge, ...]:
    """One gauge for each token; an administrator's is read by the one that was granted last.

    Raises PlatformError CREDENTIAL_REJECTED for a credential of no such form.
    """
    credential = read_credential(raw)
    tokens = {
        Kind.COMMUNITY: credential.community_token,
        Kind.SERVICE: credential.service_token,
        Kind.USER: current_token(credential, endpoints=endpoints, session=session),
    }
    return tuple(
        Gauge(
            part=kind.value,
            key=key_of(endpoints["api"], token),
            per_second=round(1 / INTERVALS[kind]),
            methods=methods_of(kind),
            daily=_DAILY,
        )
        for kind, token in tokens.items()
        if token
    )
