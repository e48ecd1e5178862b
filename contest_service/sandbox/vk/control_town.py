"""The sandbox's own API, towns: let people live around a post, and see how far they are."""

from typing import Any

import msgspec

from contest_service.sandbox.vk import refusals
from contest_service.sandbox.vk.refusals import WrongRequest
from contest_service.sandbox.vk.site import Site
from contest_service.sandbox.vk.town import MOST_PEOPLE, Town
from contest_service.sandbox.vk.townsfolk import Asked, Season


class NewTown(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A town for a post that is there; it acts from `begins_at` to `ends_at`, in unix seconds."""

    owner_id: int
    post_id: int
    ends_at: float
    begins_at: float = 0
    """The present time if 0."""
    people: int = 1000
    seed: str = "town"
    asked: Asked = Asked()


def add_town(site: Site, given: NewTown) -> Any:
    """Add a town; answer the ids of its people and how much they mean to do."""
    refusals.post(site.world, given.owner_id, given.post_id)
    begins_at = given.begins_at or site.clock()
    if not 1 <= given.people <= MOST_PEOPLE:
        raise WrongRequest(f"a town has 1 to {MOST_PEOPLE} people")
    if given.ends_at <= begins_at:
        raise WrongRequest("ends_at has to be later than begins_at")
    if any(
        town.owner_id == given.owner_id and town.post_id == given.post_id for town in _all(site)
    ):
        raise WrongRequest("there is a town around this post already")
    town = Town(
        owner_id=given.owner_id,
        post_id=given.post_id,
        seed=given.seed,
        season=Season(begins_at=begins_at, ends_at=given.ends_at),
        asked=given.asked,
        first_person=site.world.people.next_id,
        people=given.people,
    )
    site.towns.settle(site.world, town)
    return _told(site, town)


def towns(site: Site, _: dict[str, str]) -> Any:
    """Tell of all towns how far they are."""
    return {"towns": [_told(site, town) for town in _all(site)]}


def _all(site: Site) -> list[Town]:
    return site.towns.all


def _told(site: Site, town: Town) -> dict[str, Any]:
    return {
        "owner_id": town.owner_id,
        "post_id": town.post_id,
        "people": {"first": town.first_person, "count": town.people},
        "deeds": len(site.towns.plan_of(town)),
        "done": town.done,
        "begins_at": town.season.begins_at,
        "ends_at": town.season.ends_at,
    }
