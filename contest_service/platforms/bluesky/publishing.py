"""Publishing as the community, once: the record key tells whether it has happened already."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import regex  # type: ignore[import-untyped]  # its stubs are a package of their own

from contest_service.domain.evidence import Target
from contest_service.domain.texts import places_of
from contest_service.platforms.base import Draft, Publication
from contest_service.platforms.bluesky import wire
from contest_service.platforms.bluesky.addresses import POSTS, post_url
from contest_service.platforms.bluesky.reading import Reader
from contest_service.platforms.bluesky.session import SignIn
from contest_service.platforms.bluesky.xrpc import decode
from contest_service.platforms.errors import FailureKind, PlatformError

MOST_CHARACTERS = 300
"""As a person counts them: grapheme clusters."""
MOST_BYTES = 3000

_CREATE = "com.atproto.repo.createRecord"
_GET = "com.atproto.repo.getRecord"
_FACET = "app.bsky.richtext.facet"
_ELLIPSIS = "…"
_CLUSTERS = regex.compile(r"\X")


class Publisher:
    """Publishes posts and replies through the community's own server."""

    def __init__(self, sign_in: SignIn, reader: Reader) -> None:
        self._sign_in = sign_in
        self._reader = reader

    async def publish(self, draft: Draft) -> Publication:
        """Publish unless the draft's key is there already. Raises PlatformError.

        UNREACHABLE may mean that it was published all the same: a second call finds out.
        """
        did = (await self._sign_in.current()).did
        found = await self._find(did, draft.key)
        if found is not None:
            return found
        record = {
            "$type": POSTS,
            "text": draft.text,
            "createdAt": _timestamp(draft.created_at),
            **_facets(draft),
            **(await self._reply(draft.reply_to) if draft.reply_to else {}),
        }
        body = {"repo": did, "collection": POSTS, "rkey": draft.key, "record": record}
        try:
            reply = await self._sign_in.procedure(_CREATE, body)
        except PlatformError as error:
            if error.kind is not FailureKind.UNREACHABLE:
                raise
            # The server fails too when another process was first with this very key.
            found = await self._find(did, draft.key)
            if found is None:
                raise
            return found
        made = decode(_CREATE, reply, wire.RecordAnswer)
        return _publication(made, is_alone=draft.reply_to is None)

    async def _find(self, did: str, key: str) -> Publication | None:
        parameters = [("repo", did), ("collection", POSTS), ("rkey", key)]
        try:
            reply = await self._sign_in.query(_GET, parameters)
        except PlatformError as error:
            if error.kind is FailureKind.GONE:
                return None
            raise
        found = decode(_GET, reply, wire.RecordAnswer)
        is_reply = isinstance(found.value, dict) and "reply" in found.value
        return _publication(found, is_alone=not is_reply)

    async def _reply(self, to: Target) -> Mapping[str, Any]:
        """Refer to the post that is answered, and to the one that its thread hangs on."""
        post = await self._reader.post(to.ref)
        parent = {"uri": post.uri, "cid": post.cid}
        root = wire.reply_root(post)
        above = {"uri": root[0], "cid": root[1]} if root else parent
        return {"reply": {"root": above, "parent": parent}}


def fit(text: str, link: str) -> str:
    """Shorten `text` to the limit, at a word: what fits, then the link on a line of its own.

    A text that holds the link and fits stays as it is. Raises PlatformError UNSUPPORTED for a link
    that alone is too long.
    """
    text = text.strip()
    whole = text if not link or link in text else f"{text}\n{link}".lstrip()
    if _fits(whole):
        return whole
    tail = f"\n{link}" if link else ""
    words = _CLUSTERS.findall(text.replace(link, "").rstrip() if link else text)
    room = MOST_CHARACTERS - length(tail) - 1
    if room < 0 or not _fits(_ELLIPSIS + tail):
        raise PlatformError(
            FailureKind.UNSUPPORTED, f"This link is too long for a Bluesky post: {link[:80]}…"
        )
    while not _fits(shortened := _cut(words, room) + _ELLIPSIS + tail):
        # Within the characters but not within the bytes.
        room -= 1
    return shortened.lstrip()


def _cut(clusters: list[str], room: int) -> str:
    """Cut at the last word's end, or within a word that is longer than half of the room."""
    kept = clusters[:room]
    if len(clusters) > room and not clusters[room].isspace():
        ends = [place for place, each in enumerate(kept) if each.isspace()]
        if ends and ends[-1] > room // 2:
            kept = kept[: ends[-1]]
    return "".join(kept).rstrip(" \t\r\n.,;:–—-…")


def _fits(text: str) -> bool:
    return len(text.encode()) <= MOST_BYTES and length(text) <= MOST_CHARACTERS


def length(text: str) -> int:
    """Count as a person does: grapheme clusters."""
    return len(_CLUSTERS.findall(text))


def _facets(draft: Draft) -> Mapping[str, Any]:
    """Make the link within the text clickable, and its names mentions, which notify whom they name.

    A mention holds the account's DID, so that it stays right when the handle becomes another's.
    """
    text, link = draft.text, draft.link
    place = text.rfind(link) if link else -1
    facets = []
    if place >= 0:
        feature = {"$type": f"{_FACET}#link", "uri": link}
        facets.append(_facet(text, place, link, feature=feature))
    for name, did in draft.mentions.items():
        feature = {"$type": f"{_FACET}#mention", "did": did}
        facets += [_facet(text, each, name, feature=feature) for each in places_of(name, text)]
    return {"facets": facets} if facets else {}


def _facet(text: str, place: int, words: str, *, feature: Mapping[str, str]) -> dict[str, Any]:
    """Say what some words of the text are: places are counted in bytes of UTF-8."""
    start = len(text[:place].encode())
    index = {"byteStart": start, "byteEnd": start + len(words.encode())}
    return {"index": index, "features": [feature]}


def _timestamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _publication(answer: wire.RecordAnswer, *, is_alone: bool) -> Publication:
    return Publication(ref=answer.uri, url=post_url(answer.uri), is_alone=is_alone)
