"""What holds whatever happens: lists and comments equal a naive model of them."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from contest_service.sandbox.vk import acts, walls
from contest_service.sandbox.vk.login import issue
from contest_service.sandbox.vk.methods import reply
from contest_service.sandbox.vk.ordered import Arrivals
from contest_service.sandbox.vk.people import FIRST_ID, Crowd
from contest_service.sandbox.vk.records import Comment, Community, Post
from contest_service.sandbox.vk.site import Site
from contest_service.sandbox.vk.world import World
from sandbox.clock import Clock

_NOW = 1_800_000_000
_PEOPLE = st.integers(FIRST_ID, FIRST_ID + 9)


class _Wall(RuleBasedStateMachine):
    """A page with one post, and an editor's token."""

    def __init__(self) -> None:
        super().__init__()
        self.site = Site(World(), clock=Clock(_NOW), ticks=Clock(0))
        self.site.limits.rates.user = 0
        world = self.site.world
        world.people.gather(Crowd(first=FIRST_ID, count=10, closed=0))
        community = Community(id=501, name="К", screen_name="k", admins={FIRST_ID: "editor"})
        world.communities[501] = community
        self.post = walls.publish(
            world, Post(owner_id=-501, id=0, from_id=-501, date=_NOW, text="Розыгрыш")
        )
        self.token = issue(world, "user", person_id=FIRST_ID, scopes=("wall",)).value

    def ask(self, method: str, **params: Any) -> Any:
        given = {name: str(value) for name, value in params.items()} | {"v": "5.199"}
        return reply(self.site, method, given, token=self.token).body["response"]


class Reactions(_Wall):
    """Likes and reposts, against lists that are searched from end to end."""

    def __init__(self) -> None:
        super().__init__()
        self.likes: list[int] = []
        self.reposts: list[tuple[int, int]] = []
        """Who, and the id on their wall."""

    @rule(person=_PEOPLE)
    def like(self, person: int) -> None:
        changed = acts.like(self.site.world, person, self.post, at=_NOW)
        assert changed == (person not in self.likes)
        if changed:
            self.likes.insert(0, person)

    @rule(person=_PEOPLE)
    def unlike(self, person: int) -> None:
        changed = acts.unlike(self.site.world, person, self.post, at=_NOW)
        assert changed == (person in self.likes)
        if changed:
            self.likes.remove(person)

    @rule(person=_PEOPLE)
    def repost(self, person: int) -> None:
        copy = acts.repost(self.site.world, person, self.post, at=_NOW)
        self.reposts.insert(0, (person, copy.id))

    @rule(place=st.integers(0, 20))
    def delete_a_repost(self, place: int) -> None:
        if self.reposts:
            person, id_ = self.reposts.pop(place % len(self.reposts))
            walls.delete(self.site.world, self.site.world.posts[person, id_], at=_NOW)

    @rule(offset=st.integers(0, 12), count=st.integers(0, 12))
    def read_a_page(self, offset: int, count: int) -> None:
        asked = {"type": "post", "owner_id": -501, "item_id": self.post.id}
        page = self.ask("likes.getList", offset=offset, count=count, **asked)
        assert page == {"count": len(self.likes), "items": self.likes[offset : offset + count]}
        asked |= {"filter": "copies", "count": 1000}
        assert set(self.ask("likes.getList", **asked)["items"]) == {who for who, _ in self.reposts}

    @invariant()
    def counters_are_right(self) -> None:
        (post,) = self.ask("wall.getById", posts=f"-501_{self.post.id}")["items"]
        assert post["likes"]["count"] == len(self.likes)
        assert post["reposts"]["wall_count"] == len(self.reposts)

    @invariant()
    def the_history_ends_in_the_present(self) -> None:
        state: set[int] = set()
        for _, deed, who, _ in self.post.reactions.history.told():
            if deed == "like":
                state.add(who)
            elif deed == "unlike":
                state.remove(who)
        assert state == set(self.likes)


class Comments(_Wall):
    """Comments and answers, against a plain list of all that were ever written."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[Comment] = []

    @rule(person=_PEOPLE, place=st.integers(0, 40))
    def comment(self, person: int, place: int) -> None:
        """Answer one that is there, or comment on the post."""
        there = [said for said in self.said if not said.is_deleted]
        to = there[place].id if place < len(there) else 0
        said = Comment(
            owner_id=-501, post_id=self.post.id, id=0, from_id=person, date=_NOW, text="я",
            reply_to_comment=to,
        )  # fmt: skip
        self.said.append(acts.comment(self.site.world, self.post, said, at=_NOW))

    @rule(place=st.integers(0, 40))
    def erase(self, place: int) -> None:
        if self.said:
            said = self.said[place % len(self.said)]
            assert acts.erase(self.site.world, said, by=said.from_id, at=_NOW) == (
                said.id in self._there_before
            )

    @rule(place=st.integers(0, 40))
    def restore(self, place: int) -> None:
        if self.said:
            acts.restore_comment(self.site.world, self.said[place % len(self.said)], at=_NOW)

    @rule(place=st.integers(0, 40), offset=st.integers(-3, 3), is_down=st.booleans())
    def resume_at_a_comment(self, place: int, offset: int, is_down: bool) -> None:
        if not self.said:
            return
        start = self.said[place % len(self.said)].id
        asked = {"owner_id": -501, "post_id": self.post.id, "start_comment_id": start, "count": 5}
        page = self.ask(
            "wall.getComments", offset=offset, sort="desc" if is_down else "asc", **asked
        )
        level = self._level(0)
        earlier = [id_ for id_ in level if id_ <= start]
        if is_down:
            level.reverse()
        nearest = level.index(earlier[-1]) if earlier else (len(level) if is_down else -1)
        first = max(0, nearest + offset)
        assert [item["id"] for item in page["items"]] == level[first : first + 5]
        assert page["real_offset"] == first

    @invariant()
    def levels_and_counts_are_right(self) -> None:
        asked = {"owner_id": -501, "post_id": self.post.id, "count": 100}
        page = self.ask("wall.getComments", thread_items_count=10, **asked)
        there = [said.id for said in self.said if not said.is_deleted]
        assert page["count"] == len(there)
        assert page["current_level_count"] == len(self._level(0))
        assert [item["id"] for item in page["items"]] == self._level(0)[:100]
        for item in page["items"]:
            assert item["thread"]["count"] == len(self._level(item["id"]))
            assert [one["id"] for one in item["thread"]["items"]] == self._level(item["id"])[:10]
            assert item.get("deleted", False) == (item["id"] not in there)
        self._there_before = set(there)

    def _level(self, parent: int) -> list[int]:
        """Return what stands on a level: comments that are there, and gaps with answers."""
        answered = {said.parent for said in self.said if said.parent and not said.is_deleted}
        return [
            said.id
            for said in self.said
            if said.parent == parent and (not said.is_deleted or said.id in answered)
        ]


class Lists(RuleBasedStateMachine):
    """The list itself, against Python's."""

    def __init__(self) -> None:
        super().__init__()
        self.list = Arrivals()
        self.model: list[int] = []

    @rule(ids=st.lists(st.integers(-5, 15)))
    def extend(self, ids: list[int]) -> None:
        self.list.extend(ids)
        self.model += [id_ for id_ in dict.fromkeys(ids) if id_ not in self.model]

    @rule(id_=st.integers(-5, 15))
    def add(self, id_: int) -> None:
        assert self.list.add(id_) == (id_ not in self.model)
        self.extend([id_])

    @rule(id_=st.integers(-5, 15))
    def discard(self, id_: int) -> None:
        assert self.list.discard(id_) == (id_ in self.model)
        self.model = [other for other in self.model if other != id_]

    @rule(offset=st.integers(0, 20), count=st.integers(0, 20))
    def read(self, offset: int, count: int) -> None:
        end = offset + count
        assert self.list.newest(offset, count) == self.model[::-1][offset:end]
        assert self.list.oldest(offset, count) == self.model[offset:end]
        assert self.list.by_id(offset, count) == sorted(self.model)[offset:end]
        assert self.list.by_id_down(offset, count) == sorted(self.model)[::-1][offset:end]

    @rule()
    def save_and_load(self) -> None:
        self.list = Arrivals.unpacked(self.list.packed())

    @invariant()
    def holds_the_same(self) -> None:
        assert list(self.list) == self.model
        assert len(self.list) == len(self.model)


_FEW = settings(max_examples=40, stateful_step_count=30)
Reactions.TestCase.settings = _FEW
Comments.TestCase.settings = _FEW
Lists.TestCase.settings = _FEW
TestReactions = Reactions.TestCase
TestComments = Comments.TestCase
TestLists = Lists.TestCase
