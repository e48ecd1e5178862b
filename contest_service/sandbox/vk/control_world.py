"""The sandbox's own API, making things: people, communities, posts, tokens, applications.

Owns the requests that create, one by one or in bulk. Ids are given in order, and answered.
"""

from typing import Any, Literal

import msgspec

from contest_service.sandbox.vk import acts, refusals, societies, walls
from contest_service.sandbox.vk.events import KINDS
from contest_service.sandbox.vk.login import issue
from contest_service.sandbox.vk.people import Crowd
from contest_service.sandbox.vk.records import App, Community, Kind, Person, Place, Post, Role
from contest_service.sandbox.vk.refusals import WrongRequest
from contest_service.sandbox.vk.site import Site
from contest_service.sandbox.vk.world import FIRST_APP, FIRST_COMMUNITY

USER_SCOPES = ("wall", "photos", "groups", "messages", "vkid.personal_info")
GROUP_SCOPES = ("manage", "messages", "photos", "wall")


class NewPerson(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A person to describe; the id is given if it is 0."""

    id: int = 0
    first_name: str
    last_name: str
    sex: int = 0
    screen_name: str = ""
    bdate: str = ""
    city: Place | None = None
    country: Place | None = None
    has_photo: bool = True
    is_closed: bool = False
    deactivated: Literal["", "deleted", "banned"] = ""
    verified: bool = False
    has_mobile: bool = True
    followers_count: int = 0
    last_seen: int = 0
    hides: tuple[str, ...] = ()
    refuses_messages: bool = False
    phone: str = ""
    email: str = ""


class NewCrowd(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Many people at once; shares in percent."""

    count: int
    closed: int = 20
    deactivated: int = 2
    photoless: int = 10


class People(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """People to add."""

    people: list[NewPerson] = []
    crowd: NewCrowd | None = None


class NewCommunity(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A community; with `long_poll` or without, all events are set up if it is enabled."""

    name: str
    screen_name: str = ""
    type: Literal["page", "group", "event"] = "page"
    is_closed: int = 0
    wall: Literal["closed", "limited", "open"] = "limited"
    forbids_links: bool = False
    admins: dict[int, Role] = {}
    members: list[int] = []
    long_poll: bool = False


class NewPost(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A post, by default the owner's own; `likes` of the last crowd's people are put on it."""

    owner_id: int
    text: str
    from_id: int = 0
    at: int = 0
    attachments: list[str] = []
    likes: int = 0


class NewToken(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A token; scopes are all that its kind can have unless they are named."""

    kind: Kind
    person_id: int = 0
    group_id: int = 0
    app_id: int = 0
    scopes: tuple[str, ...] | None = None
    seconds: int = 0
    """Until it expires; 0 is never."""
    value: str = ""


class NewApp(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An application of VK ID; a service token comes with it."""

    title: str
    redirect_uris: tuple[str, ...] = ()


class Bulk(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Likes or joins of many people at once, without events; every `step`-th of a range."""

    do: Literal["like", "join"]
    first: int
    count: int
    step: int = 1
    owner_id: int = 0
    post_id: int = 0
    group_id: int = 0


def add_people(site: Site, asked: People) -> Any:
    """Add people; answer their ids, and the range of the crowd."""
    people = site.world.people
    ids = []
    for new in asked.people:
        values = {**msgspec.structs.asdict(new), "id": new.id or people.next_id}
        if values["id"] in people:
            raise WrongRequest(f"there is a person {values['id']} already")
        people.put(Person(**values))
        ids.append(values["id"])
    told: dict[str, Any] = {"ids": ids}
    if asked.crowd is not None:
        crowd = Crowd(first=people.next_id, **msgspec.structs.asdict(asked.crowd))
        people.gather(crowd)
        told["crowd"] = {"first": crowd.first, "count": crowd.count}
    return told


def add_community(site: Site, asked: NewCommunity) -> Any:
    """Add a community; answer its id."""
    world = site.world
    id_ = max(world.communities, default=FIRST_COMMUNITY - 1) + 1
    values = msgspec.structs.asdict(asked)
    members, has_long_poll = values.pop("members"), values.pop("long_poll")
    values["screen_name"] = asked.screen_name or f"club{id_}"
    community = Community(id=id_, **values)
    world.communities[id_] = community
    for person in [*asked.admins, *members]:
        refusals.person(world, person)
        societies.join(world, person, community, at=site.now)
    if has_long_poll:
        poll = site.events.outlet(id_).long_poll
        poll.is_enabled, poll.kinds = True, KINDS
    return {"id": id_}


def add_post(site: Site, asked: NewPost) -> Any:
    """Add a post; answer its id."""
    world = site.world
    if not world.owner_exists(asked.owner_id):
        raise WrongRequest(f"nobody has the wall {asked.owner_id}")
    post = Post(
        owner_id=asked.owner_id,
        id=0,
        from_id=asked.from_id or asked.owner_id,
        date=asked.at or site.now,
        text=asked.text,
        attachments=asked.attachments,
        created_by=max(asked.from_id, 0),
    )
    walls.publish(world, post)
    if asked.likes:
        crowd = world.people.crowds[-1] if world.people.crowds else None
        if crowd is None or crowd.count < asked.likes:
            raise WrongRequest("the last crowd has fewer people than that")
        people = range(crowd.first, crowd.first + asked.likes)
        acts.like_in_bulk(post, people, at=post.date)
    return {"id": post.id}


def add_token(site: Site, asked: NewToken) -> Any:
    """Make a token; answer its value."""
    if asked.kind == "user":
        refusals.person(site.world, asked.person_id)
    if asked.kind == "group":
        refusals.community(site.world, asked.group_id)
    usual = {"user": USER_SCOPES, "group": GROUP_SCOPES, "service": ()}[asked.kind]
    token = issue(
        site.world,
        asked.kind,
        person_id=asked.person_id,
        group_id=asked.group_id,
        app_id=asked.app_id,
        scopes=usual if asked.scopes is None else asked.scopes,
        expires_at=site.now + asked.seconds if asked.seconds else 0,
        value=asked.value,
    )
    return {"value": token.value}


def add_app(site: Site, asked: NewApp) -> Any:
    """Register an application; answer its id and its service token."""
    id_ = max(site.world.apps, default=FIRST_APP - 1) + 1
    site.world.apps[id_] = App(id=id_, title=asked.title, redirect_uris=asked.redirect_uris)
    return {"id": id_, "service_token": issue(site.world, "service", app_id=id_).value}


def act_in_bulk(site: Site, asked: Bulk) -> Any:
    """Let many people do the same."""
    people = range(asked.first, asked.first + asked.count * asked.step, asked.step)
    if asked.do == "like":
        post = refusals.post(site.world, asked.owner_id, asked.post_id)
        acts.like_in_bulk(post, people, at=site.now)
        return {"count": len(post.reactions.likes)}
    community = refusals.community(site.world, asked.group_id)
    societies.join_in_bulk(community, people, at=site.now)
    return {"count": len(community.members)}
