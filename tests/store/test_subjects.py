"""The database spells accounts as the domain does, and reads what it spelled."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contest_service.domain.accounts import AccountKey, Platform
from contest_service.store.rows import Connection

SPELLED = """
SELECT s.subject, platform_of(s.subject) AS platform, instance_of(s.subject) AS instance,
    account_of(s.subject) AS account
FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY
    AS k (platform, instance, account, n)
CROSS JOIN LATERAL (SELECT subject_of(k.platform, k.instance, k.account) AS subject) s
ORDER BY k.n
"""
HOSTS = (
    "",
    "localhost",
    "localhost:2582",
    "127.0.0.1:80",
    "[::1]:2582",
    "xn--e1afmkfd.test",
    "Ж.test",
)
DIDS = ("did:plc:ann", "did:web:shop.test", "did:web:localhost%3A80:users:bob", "did:web:did:vk")

vk = st.builds(
    AccountKey,
    platform=st.just(Platform.VK),
    instance=st.sampled_from(HOSTS),
    id=st.integers(-(2**40), 2**40).map(str),
)
bluesky = st.builds(
    AccountKey,
    platform=st.just(Platform.BLUESKY),
    instance=st.sampled_from(HOSTS),
    id=st.sampled_from(DIDS),
)


async def require_alike(connection: Connection, keys: list[AccountKey]) -> None:
    columns = [[getattr(key, name) for key in keys] for name in ("platform", "instance", "id")]
    rows = await connection.fetch(SPELLED, *columns)
    assert [tuple(row) for row in rows] == [
        (key.subject, key.platform.value, key.instance, key.id) for key in keys
    ]


async def test_every_account_on_every_host(connection: Connection) -> None:
    ids = {Platform.BLUESKY: DIDS, Platform.VK: ("1", "-1")}
    keys = [
        AccountKey(platform=platform, instance=host, id=id_)
        for platform in Platform
        for host in HOSTS
        for id_ in ids[platform]
    ]
    await require_alike(connection, keys)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(vk, bluesky), min_size=1, max_size=20))
async def test_any_accounts(connection: Any, keys: list[AccountKey]) -> None:
    await require_alike(connection, keys)
