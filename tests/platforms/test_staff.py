"""Who helps to run a community, and whose a handle is, as far as platforms tell."""

from typing import Any

import pytest
from network.fixture import Network
from network.people import Person
from sandbox.vk.stage import ANNA, BORIS, PAGE, VERA

from contest_service.platforms.base import PlatformAdapter
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.vk.names import MOST
from platforms.vk_facing import Refused, Vk, facing_vk
from platforms.vk_practice import practice


async def test_vk_tells_its_managers_to_those_who_may_know() -> None:
    async with practice() as vk:
        for kinds in (("community",), ("user",), ()):
            async with vk.adapter(*kinds) as adapter:
                assert adapter.capabilities.tells_staff
                assert await adapter.staff() == {str(id_) for id_ in (ANNA, BORIS, VERA)}
        vk.vk.world.communities[PAGE].admins.clear()
        async with vk.adapter() as adapter:
            # Anna's token is refused by now, and the community's own still tells.
            assert await adapter.staff() == frozenset()
        async with vk.adapter("user") as adapter:
            assert await adapter.staff() is None
        async with vk.adapter("service") as adapter:
            assert not adapter.capabilities.tells_staff
            assert await adapter.staff() is None


async def test_vk_s_managers_come_in_pages() -> None:
    everybody = [{"id": id_, "role": "editor"} for id_ in range(1, 2502)]

    def managers(parameters: dict[str, str]) -> Any:
        assert parameters["filter"] == "managers"
        first, count = int(parameters["offset"]), int(parameters["count"])
        return {"count": len(everybody), "items": everybody[first : first + count]}

    async with facing_vk(Vk(groups__getMembers=managers)) as (adapter, _):
        assert await adapter.staff() == {str(each["id"]) for each in everybody}


@pytest.mark.parametrize(
    ("code", "kind"), [(10, FailureKind.UNREACHABLE), (5, FailureKind.CREDENTIAL_REJECTED)]
)
async def test_a_failure_is_not_an_answer_about_staff(code: int, kind: FailureKind) -> None:
    def refuse(_parameters: dict[str, str]) -> Any:
        raise Refused(code)

    given = {"community_token": "secret", "community": "1"}
    async with facing_vk(Vk(groups__getMembers=refuse), **given) as (adapter, _):
        with pytest.raises(PlatformError) as failed:
            await adapter.staff()
    assert failed.value.kind is kind


async def test_vk_tells_whose_short_names_are() -> None:
    async with practice() as vk, vk.adapter("community") as adapter:
        found = await adapter.find_accounts(["anna", "coffee", "nobody_at_all"])
    assert found == {"anna": str(ANNA), "coffee": f"-{PAGE}"}


async def test_vk_is_asked_for_more_names_than_one_pass_remembers() -> None:
    def resolve(parameters: dict[str, str]) -> Any:
        return {"type": "user", "object_id": int(parameters["screen_name"].removeprefix("p_"))}

    names = [f"p_{number}" for number in range(1, MOST + 3)]
    async with facing_vk(Vk(utils__resolveScreenName=resolve)) as (adapter, _):
        found = await adapter.find_accounts(names)
    assert found == {name: name.removeprefix("p_") for name in names}


@pytest.mark.xdist_group("network")
async def test_bluesky_tells_whose_handles_are_and_of_no_staff(
    network: Network, adapter: PlatformAdapter, people: list[Person]
) -> None:
    handles = [person.handle for person in people[:2]]
    found = await adapter.find_accounts([*handles, "nobody-at-all.test"])
    assert found == {person.handle: person.did for person in people[:2]}
    assert await adapter.find_accounts([]) == {}
    assert await adapter.staff() is None
