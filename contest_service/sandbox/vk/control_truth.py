"""The sandbox's own API, looking: the whole truth about a post or community, and what was asked.

What VK shows is a part of this. With `history=1` comes everything that happened, in order, as
(unix seconds, deed, who, id of the comment or repost).
"""

from typing import Any

from contest_service.sandbox.vk import refusals
from contest_service.sandbox.vk.ordered import History
from contest_service.sandbox.vk.params import whole
from contest_service.sandbox.vk.refusals import WrongRequest
from contest_service.sandbox.vk.site import Site

_MOST_PEOPLE = 100_000


def post(site: Site, asked: dict[str, str]) -> Any:
    """Tell who likes, reposted and commented on a post right now; lists are oldest first."""
    key = _number(asked, "owner_id"), _number(asked, "post_id")
    found = site.world.posts.get(key)
    if found is None:
        raise WrongRequest(f"there never was a post {key[0]}_{key[1]}")
    reactions = found.reactions
    said = [
        site.world.comments[found.owner_id, id_]
        for top in reactions.comments
        for id_ in (top, *site.world.comments[found.owner_id, top].thread)
    ]
    return {
        "is_deleted": found.is_deleted,
        "text": found.text,
        "likes": list(reactions.likes),
        "copies": list(reactions.copies),
        "reposts": len(reactions.reposts),
        "forwards": found.forwards,
        "comments": [
            {"id": one.id, "from_id": one.from_id, "text": one.text, "parent": one.parent}
            for one in said
            if not one.is_deleted
        ],
        **_history(asked, reactions.history),
    }


def community(site: Site, asked: dict[str, str]) -> Any:
    """Tell who is a member, blocked, or lets the community write, right now."""
    found = refusals.community(site.world, _number(asked, "group_id"))
    return {
        "members": list(found.members),
        "banned": sorted(found.banned),
        "allowed": sorted(found.allowed),
        "posts": list(site.world.wall(-found.id).posts),
        **_history(asked, found.history),
    }


def comments(site: Site, asked: dict[str, str]) -> Any:
    """Tell a post's comments by author: how many each has."""
    found = refusals.post(site.world, _number(asked, "owner_id"), _number(asked, "post_id"))
    authors: dict[int, int] = {}
    for said in site.world.comments.values():
        if (said.owner_id, said.post_id) == found.key and not said.is_deleted:
            authors[said.from_id] = authors.get(said.from_id, 0) + 1
    return {"count": sum(authors.values()), "authors": authors}


def people(site: Site, asked: dict[str, str]) -> Any:
    """Tell who of some people is closed or deactivated; `first` and `count` say of whom."""
    first, count = _number(asked, "first"), _number(asked, "count")
    if not 0 <= count <= _MOST_PEOPLE:
        raise WrongRequest(f"count is at most {_MOST_PEOPLE}")
    found = [person for id_ in range(first, first + count) if (person := site.world.person(id_))]
    return {
        "closed": [person.id for person in found if person.is_closed],
        "deactivated": [person.id for person in found if person.deactivated],
    }


def messages(site: Site, asked: dict[str, str]) -> Any:
    """Tell the dialog of a community and a person."""
    dialog = _number(asked, "group_id"), _number(asked, "person")
    return {"messages": site.world.dialogs.get(dialog, [])}


def traffic(site: Site, _: dict[str, str]) -> Any:
    """Tell what each token asked: requests, calls by method, the most in any second."""
    return {"tokens": site.limits.asked}


def events(site: Site, asked: dict[str, str]) -> Any:
    """Tell where a community's events are: what waits, what was delivered, the long poll's end."""
    outlet = site.events.outlet(_number(asked, "group_id"))
    return {
        "happened": outlet.happened,
        "servers": [
            {
                "id": server.id,
                "status": server.status,
                "waiting": [
                    {"attempts": pending.attempts, "due": pending.due}
                    for pending in server.waiting
                    if not pending.is_done
                ],
                "delivered": [event.event_id for event in server.delivered],
            }
            for server in outlet.servers
        ],
        "ts": outlet.long_poll.ts,
    }


def _number(asked: dict[str, str], name: str) -> int:
    number = whole(asked.get(name, ""))
    if number is None:
        raise WrongRequest(f"{name} has to be a number")
    return number


def _history(asked: dict[str, str], history: History) -> dict[str, Any]:
    return {"history": history.told()} if asked.get("history") == "1" else {}
