"""What the adapter reads, on the real network: everybody once, and nobody who undid it."""

from collections import Counter

import pytest
from network.fixture import Network
from network.people import Person

from contest_service.domain.evidence import Action, Page, Target
from contest_service.platforms.base import PlatformAdapter


@pytest.fixture(scope="session")
def people(network: Network) -> list[Person]:
    """Five accounts without a profile."""
    return network.people(5, "fan")


async def read(adapter: PlatformAdapter, target: Target, action: Action) -> list[Page]:
    return [page async for page in adapter.scan(target, action, None)]


def who(pages: list[Page]) -> Counter[str]:
    return Counter(sighting.account for page in pages for sighting in page.sightings)


def everybody(people: list[Person]) -> Counter[str]:
    return Counter(person.did for person in people)


async def test_likes_reposts_and_quotes_are_read_and_undone_ones_are_gone(
    network, community, adapter, people
) -> None:
    post = community.person.post("Win a cup!")
    likes = [person.like(post) for person in people]
    reposts = [person.repost(post) for person in people]
    quotes = [person.quote(post, "look") for person in people]
    people[0].undo(likes[0])
    people[1].undo(reposts[1])
    people[2].undo(quotes[2].uri)
    network.settle()

    target = await adapter.find_post(post.uri)
    liked = await read(adapter, target, Action.LIKE)
    reposted = await read(adapter, target, Action.REPOST)
    quoted = await read(adapter, target, Action.QUOTE)

    assert who(liked) == everybody(people[1:])
    assert who(reposted) == everybody(people[:1] + people[2:])
    assert who(quoted) == everybody(people[:2] + people[3:])
    assert all(seen.at is not None for page in liked + quoted for seen in page.sightings)
    assert all(seen.at is None for page in reposted for seen in page.sightings)
    assert (await adapter.counters(target)).counts == {
        Action.LIKE: 4,
        Action.REPOST: 4,
        Action.QUOTE: 4,
        Action.COMMENT: 0,
    }
