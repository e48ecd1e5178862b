"""What servers answer, as far as it is needed, and how it is read.

Lenient: fields that are unknown are ignored. What a person may have written into a record is never
trusted to have a form, so that nobody can break a scan by a strange post.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

import msgspec

from contest_service.domain.accounts import Profile
from contest_service.domain.evidence import Sighting

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class ProfileView(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Any of the three views of app.bsky.actor.defs.

    On the public network `createdAt` is when the account was made, by the network's own records;
    the development AppView shows what the profile says of itself.
    """

    did: str
    handle: str
    display_name: str | None = None
    avatar: str | None = None
    created_at: str | None = None
    followers_count: int | None = None


class Like(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    actor: ProfileView
    indexed_at: Moment


class PostView(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    uri: str
    cid: str
    author: ProfileView
    record: Any
    indexed_at: Moment
    like_count: int = 0
    repost_count: int = 0
    quote_count: int = 0
    reply_count: int = 0


class ThreadNode(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A post with its replies, or a placeholder without a post."""

    type: str = msgspec.field(name="$type", default="")
    post: PostView | None = None
    replies: "list[ThreadNode] | None" = None


class Relationship(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How two accounts stand, or that the other is not known, which has no `did`."""

    did: str = ""
    followed_by: str | None = None
    blocking: str | None = None
    blocked_by: str | None = None
    blocking_by_list: str | None = None
    blocked_by_list: str | None = None


class LikesAnswer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    likes: list[Like]
    cursor: str | None = None


class RepostsAnswer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    reposted_by: list[ProfileView]
    cursor: str | None = None


class QuotesAnswer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    posts: list[PostView]
    cursor: str | None = None


class PostsAnswer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    posts: list[PostView]


class ThreadAnswer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    thread: ThreadNode


class ProfilesAnswer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    profiles: list[ProfileView]


class RelationshipsAnswer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    relationships: list[Relationship]
    actor: str = ""


class HandleAnswer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    did: str


class RecordAnswer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    uri: str
    cid: str = ""
    value: Any = None
    """The record itself, where it was asked for."""


class SessionAnswer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What signing in, refreshing and asking for the session have in common."""

    did: str
    handle: str
    access_jwt: str = ""
    refresh_jwt: str = ""
    did_doc: Any = None


def profile_of(view: ProfileView) -> Profile:
    """Read a profile. An account without one has no name, picture or creation time."""
    return Profile(
        account=view.did,
        handle=_clean(view.handle),
        name=_clean(view.display_name or ""),
        created_at=_seconds(view.created_at),
        has_picture=bool(view.avatar),
        followers=view.followers_count,
    )


def text_of(post: PostView) -> str:
    """What a post says; nothing where its record holds no text."""
    text = post.record.get("text") if isinstance(post.record, dict) else None
    return _clean(text) if isinstance(text, str) else ""


def sighting_of(post: PostView) -> Sighting:
    """Read a reply or a quote with its text, its hashtags and whom it mentions."""
    record = post.record if isinstance(post.record, dict) else {}
    features = _features(record.get("facets"))
    tags = [each.get("tag") for each in features if _is(each, "tag")]
    mentions = [each.get("did") for each in features if _is(each, "mention")]
    return Sighting(
        account=post.author.did,
        ref=post.uri,
        at=int(post.indexed_at.timestamp()),
        text=text_of(post),
        tags=_distinct(
            tag.strip().lstrip("#＃").lower()
            for tag in [*tags, *_items(record.get("tags"))]
            if isinstance(tag, str)
        ),
        mentions=_distinct(did for did in mentions if isinstance(did, str)),
    )


def reply_root(post: PostView) -> tuple[str, str] | None:
    """The at-uri and cid of the post that the thread hangs on, if this post is a reply."""
    record = post.record if isinstance(post.record, dict) else {}
    reply = record.get("reply")
    root = reply.get("root") if isinstance(reply, dict) else None
    uri, cid = (root.get("uri"), root.get("cid")) if isinstance(root, dict) else (None, None)
    return (uri, cid) if isinstance(uri, str) and isinstance(cid, str) else None


def server_in(did_document: Any) -> str | None:
    """Find the personal data server that a DID document names (https://atproto.com/specs/did)."""
    services = did_document.get("service") if isinstance(did_document, dict) else None
    for service in _items(services):
        if isinstance(service, dict) and str(service.get("id", "")).endswith("#atproto_pds"):
            endpoint = service.get("serviceEndpoint")
            return endpoint.rstrip("/") if isinstance(endpoint, str) else None
    return None


def _features(facets: Any) -> list[dict[str, Any]]:
    return [
        feature
        for facet in _items(facets)
        if isinstance(facet, dict)
        for feature in _items(facet.get("features"))
        if isinstance(feature, dict)
    ]


def _is(feature: dict[str, Any], kind: str) -> bool:
    return feature.get("$type") == f"app.bsky.richtext.facet#{kind}"


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_clean(value) for value in values if value))


def _clean(text: str) -> str:
    """Replace the one character that a database cannot hold."""
    return text.replace("\x00", "\ufffd")


def _seconds(text: str | None) -> int | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return int(moment.timestamp()) if moment.tzinfo else None
