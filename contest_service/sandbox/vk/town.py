"""Towns: people who do things about a contest post by themselves, while it is there.

A town belongs to one post. It knows what each of its people means to do (`townsfolk`), and
`advance` does what has come due, in order and each thing at its own time: the same seed and the
same posts make the same town, however often somebody looks. Owns how a plan becomes acts; reads no
clock. Ids of people are those of a crowd that is made with the town.
"""

from collections.abc import Callable

import msgspec

from contest_service.sandbox.vk import acts, sayings, societies
from contest_service.sandbox.vk.chance import Chance
from contest_service.sandbox.vk.people import Crowd
from contest_service.sandbox.vk.records import Comment, Community, Person, Post
from contest_service.sandbox.vk.townsfolk import (
    Asked,
    Deed,
    Fit,
    Season,
    is_reachable,
    is_regular,
    plan,
)
from contest_service.sandbox.vk.world import World

MOST_PEOPLE = 20_000


class Town(msgspec.Struct, kw_only=True):
    """The people around one post, and how far they have come."""

    owner_id: int
    post_id: int
    seed: str
    season: Season
    asked: Asked
    first_person: int
    people: int
    done: int = 0
    """How much of the plan has come due."""
    comments: list[int] = []
    """Ids of all comments that its people wrote, in order."""
    latest: dict[int, int] = {}
    """The last comment of each person, by the person's id."""

    def planned(self) -> list[Deed]:
        """Compute what everybody does, in order."""
        deeds = [
            deed
            for number in range(self.people)
            for deed in plan(self.seed, number, asked=self.asked, season=self.season)
        ]
        return sorted(deeds)


class Towns:
    """All towns of a world. Set `all` to bring back what was kept."""

    def __init__(self) -> None:
        self.all: list[Town] = []
        self._plans: dict[int, list[Deed]] = {}

    def settle(self, world: World, town: Town) -> None:
        """Let the people of a new town exist; some of them are members already."""
        world.people.gather(
            Crowd(
                first=town.first_person,
                count=town.people,
                deactivated=0,
                cities=town.asked.cities,
            )
        )
        community = world.community(-town.owner_id)
        if community is not None:
            regulars = (
                town.first_person + number
                for number in range(town.people)
                if is_regular(town.seed, number)
            )
            societies.join_in_bulk(community, regulars, at=int(town.season.begins_at))
            community.allowed.update(
                (town.first_person + number, "")
                for number in range(town.people)
                if is_reachable(town.seed, number)
            )
        self.all.append(town)

    def advance(self, world: World, now: float) -> int:
        """Do everything that is due until now, in order; return how much that was."""
        count = 0
        while (town := self._next(now)) is not None:
            _do(world, town, self.plan_of(town)[town.done])
            town.done += 1
            count += 1
        return count

    def plan_of(self, town: Town) -> list[Deed]:
        """Return everything that a town does; computed once."""
        found = self._plans.get(id(town))
        if found is None:
            found = self._plans[id(town)] = town.planned()
        return found

    def _next(self, now: float) -> Town | None:
        """Return the town whose turn it is, if anything is due."""
        due: tuple[float, Town] | None = None
        for town in self.all:
            deeds = self.plan_of(town)
            if town.done < len(deeds) and (due is None or deeds[town.done].due < due[0]):
                due = deeds[town.done].due, town
        return due[1] if due is not None and due[0] <= now else None


class _Scene(msgspec.Struct, frozen=True, kw_only=True):
    """Where something is done, by whom and when."""

    world: World
    town: Town
    post: Post
    community: Community | None
    person: Person
    deed: Deed

    @property
    def at(self) -> int:
        return int(self.deed.due)

    @property
    def chance(self) -> Chance:
        """A series of this deed's own, so that it does not depend on what others did."""
        return Chance("practice vk deed", self.town.seed, self.deed.person, self.deed.turn)


def _do(world: World, town: Town, deed: Deed) -> None:
    """Do one thing, unless the post or the person is gone, or not welcome any more."""
    post = world.post(town.owner_id, town.post_id)
    person = world.person(town.first_person + deed.person)
    community = world.community(-town.owner_id)
    if post is None or person is None or person.deactivated:
        return
    if community is not None and person.id in community.banned:
        return
    _DEEDS[deed.do](
        _Scene(world=world, town=town, post=post, community=community, person=person, deed=deed)
    )


def _like(scene: _Scene) -> None:
    acts.like(scene.world, scene.person.id, scene.post, at=scene.at)


def _unlike(scene: _Scene) -> None:
    acts.unlike(scene.world, scene.person.id, scene.post, at=scene.at)


def _repost(scene: _Scene) -> None:
    acts.repost(scene.world, scene.person.id, scene.post, at=scene.at)


def _unrepost(scene: _Scene) -> None:
    acts.unrepost(scene.world, scene.person.id, scene.post, at=scene.at)


def _forward(scene: _Scene) -> None:
    acts.forward(scene.world, scene.person.id, scene.post, at=scene.at)


def _comment(scene: _Scene) -> None:
    _say(scene, _composed(scene, scene.deed.fit))


def _answer(scene: _Scene) -> None:
    """Comment in somebody's thread; before there is one, under the post."""
    other = _comment_of_somebody(scene)
    _say(scene, _composed(scene, "whole"), reply_to=other.id if other else 0)


def _copy(scene: _Scene) -> None:
    """Write what somebody else wrote; whoever is the first writes by themselves."""
    other = _comment_of_somebody(scene)
    _say(scene, other.text if other else _composed(scene, "whole"))


def _edit(scene: _Scene) -> None:
    said = _own_comment(scene)
    if said is not None:
        text = sayings.mend(scene.chance, scene.town.asked, scene.deed.fit, text=said.text)
        acts.edit_comment(scene.world, said, text=text, at=scene.at)


def _erase(scene: _Scene) -> None:
    said = _own_comment(scene)
    if said is not None:
        acts.erase(scene.world, said, by=scene.person.id, at=scene.at)


def _join(scene: _Scene) -> None:
    if scene.community is not None:
        societies.join(scene.world, scene.person.id, scene.community, at=scene.at)


def _leave(scene: _Scene) -> None:
    if scene.community is not None:
        societies.leave(scene.world, scene.person.id, scene.community, at=scene.at)


def _close(scene: _Scene) -> None:
    societies.change_person(scene.world, scene.person, is_closed=True)


def _deactivate(scene: _Scene) -> None:
    societies.change_person(scene.world, scene.person, deactivated="deleted")


_DEEDS: dict[str, Callable[[_Scene], None]] = {
    "like": _like,
    "unlike": _unlike,
    "repost": _repost,
    "unrepost": _unrepost,
    "forward": _forward,
    "comment": _comment,
    "answer": _answer,
    "copy": _copy,
    "edit": _edit,
    "erase": _erase,
    "join": _join,
    "leave": _leave,
    "close": _close,
    "deactivate": _deactivate,
}


def _say(scene: _Scene, text: str, *, reply_to: int = 0) -> None:
    if scene.post.closed_comments:
        return
    said = Comment(
        owner_id=scene.post.owner_id,
        post_id=scene.post.id,
        id=0,
        from_id=scene.person.id,
        date=scene.at,
        text=text,
        reply_to_comment=reply_to,
    )
    acts.comment(scene.world, scene.post, said, at=scene.at)
    scene.town.comments.append(said.id)
    scene.town.latest[scene.person.id] = said.id


def _composed(scene: _Scene, fit: Fit) -> str:
    return sayings.compose(
        scene.chance,
        scene.town.asked,
        fit,
        friends=_friends(scene),
        author=scene.person.id,
    )


def _friends(scene: _Scene) -> list[sayings.Friend]:
    """Return different people of the town, a few more than are to be mentioned."""
    town, wanted = scene.town, scene.town.asked.mentions + 1
    chance = Chance("practice vk friends", town.seed, scene.deed.person)
    start = chance.below(town.people)
    found: list[sayings.Friend] = []
    for step in range(town.people):
        id_ = town.first_person + (start + step * 7) % town.people
        person = scene.world.person(id_)
        is_known = any(friend.id == id_ for friend in found)
        if person is not None and id_ != scene.person.id and not is_known:
            found.append(sayings.Friend(id=id_, name=person.first_name))
        if len(found) == wanted:
            break
    return found


def _comment_of_somebody(scene: _Scene) -> Comment | None:
    """Return one of the town's comments that are there, or None."""
    if not scene.town.comments:
        return None
    chosen = scene.chance.one_of(scene.town.comments)
    return scene.world.comment(scene.post.owner_id, chosen)


def _own_comment(scene: _Scene) -> Comment | None:
    latest = scene.town.latest.get(scene.person.id, 0)
    return scene.world.comment(scene.post.owner_id, latest)
