"""An account of the real AT-protocol network, connected by the pages, and its password rotated."""

import secrets
from typing import Any
from uuid import UUID

import msgspec
import pytest
from litestar import Litestar
from network.fixture import Network

from contest_service.domain.people import Role
from contest_service.flows.bootstrap import ensure_first_workspace
from contest_service.platforms.hosts import AllowedHosts
from contest_service.settings import Settings
from contest_service.store.rows import Connection
from web.desks import Desk, person, signed_in

pytestmark = pytest.mark.xdist_group("network")


@pytest.fixture
def settings(settings: Settings, network: Network) -> Settings:
    return msgspec.structs.replace(settings, allowed_hosts=AllowedHosts.parse(network.hosts))


@pytest.fixture
async def place(connection: Connection) -> UUID:
    workspace, _ = await ensure_first_workspace(connection)
    return workspace.id


@pytest.fixture
async def desk(app: Litestar, connection: Connection, place: UUID) -> Desk:
    """An owner's browser."""
    ann = await person(connection, place, Role.OWNER, name="Ann")
    return await signed_in(app, connection, ann)


async def test_an_account_is_connected_and_its_password_rotated(
    desk: Desk, place: UUID, network: Network, connection: Connection
) -> None:
    shop = network.person("shop")
    first, second = (shop.make_app_password(secrets.token_hex(4)) for _ in range(2))
    path = f"/w/{place}/communities/new/bluesky"
    given: dict[str, Any] = {"identifier": shop.handle, **network.endpoints}
    await desk.open(path)
    await desk.send(path, **given)
    assert desk.page.status_code == 422
    assert 'id="field-app_password-fault-1"' in desk.page.text
    await desk.send(path, app_password="wrong-wrong-wrong", **given)
    assert desk.page.status_code == 422
    assert "wrong-wrong" not in desk.page.text
    assert f'value="{shop.handle}"' in desk.page.text
    await desk.send(path, app_password=first, **given)
    assert "The community is connected." in desk.text
    assert shop.handle in desk.text
    assert "This platform tells of nothing by itself" in desk.text
    assert "There is nothing to watch here." in desk.text
    assert "Write to winners" not in desk.text
    own = desk.page.url.path
    before = await connection.fetchval("SELECT credential_parts FROM communities")
    await desk.open(f"{own}/credential")
    await desk.send(app_password="wrong-wrong-wrong")
    assert desk.page.status_code == 422
    await desk.send(f"{own}/credential", app_password=second)
    assert "is kept" in desk.text
    after = await connection.fetchval("SELECT credential_parts FROM communities")
    assert after["app_password"] > before["app_password"]
    await desk.send(f"{own}/check")
    assert "Works" in desk.text
