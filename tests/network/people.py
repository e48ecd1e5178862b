"""People on the test network, who act through an independent client, never through our code."""

import threading

import httpx
import msgspec
from atproto import Client, client_utils, models
from atproto_client.client.session import Session
from atproto_client.request import Request

_Ref = models.ComAtprotoRepoStrongRef.Main

Record = (
    models.AppBskyFeedPost.Record
    | models.AppBskyFeedLike.Record
    | models.AppBskyFeedRepost.Record
    | models.AppBskyGraphFollow.Record
    | models.AppBskyGraphBlock.Record
)

_PATIENCE = 60.0
"""Seconds for one request: the tests share the machine with other tests."""

_PASSWORD = "correct horse battery"  # a made-up one, the same for everybody

_PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c636060f8cfc000000301010018dd8db00000000049454e44ae426082"
)


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """A published post, with the post that its thread hangs on (itself unless it is a reply)."""

    uri: str
    cid: str
    root_uri: str
    root_cid: str


class Person:
    """An account on the test network. Every `str` returned is the at-uri of what was made.

    May be used from several threads.
    """

    def __init__(self, client: Client, session: Session) -> None:
        self.did = session.did
        self.handle = session.handle
        self.password = _PASSWORD
        self._session = session
        self._client = client
        self._turn = threading.Lock()

    def close(self) -> None:
        """Close the connections."""
        self._client.request.close()

    def make_app_password(self, name: str) -> str:
        """Make a password of the kind that a community is connected with."""
        with self._turn:
            made = self._client.com.atproto.server.create_app_password({"name": name})
        return made.password

    def revoke_app_passwords(self) -> None:
        """Revoke all of them; who signed in by one cannot refresh that any more."""
        with self._turn:
            server = self._client.com.atproto.server
            for each in server.list_app_passwords().passwords:
                server.revoke_app_password({"name": each.name})

    def introduce(self, name: str, *, has_picture: bool = False, created_at: str = "") -> None:
        """Publish a profile; an account has none at first.

        `created_at` becomes the account's age in this network's AppView; it is now by default.
        """
        record = models.AppBskyActorProfile.Record(
            display_name=name,
            avatar=self._upload(_PICTURE) if has_picture else None,
            created_at=created_at or self._now(),
        )
        with self._turn:
            self._client.com.atproto.repo.put_record(
                models.ComAtprotoRepoPutRecord.Data(
                    repo=self.did, collection="app.bsky.actor.profile", rkey="self", record=record
                )
            )

    def post(
        self, text: str, *, tags: tuple[str, ...] = (), mentions: "tuple[Person, ...]" = ()
    ) -> Post:
        """Publish `text`, followed by the hashtags and the mentions."""
        made = self._publish(_rich(text, tags, mentions))
        return Post(uri=made.uri, cid=made.cid, root_uri=made.uri, root_cid=made.cid)

    def reply(
        self,
        to: Post,
        text: str,
        *,
        tags: tuple[str, ...] = (),
        mentions: "tuple[Person, ...]" = (),
    ) -> Post:
        """Answer a post, or an answer to it."""
        reference = models.AppBskyFeedPost.ReplyRef(
            root=_Ref(uri=to.root_uri, cid=to.root_cid), parent=_Ref(uri=to.uri, cid=to.cid)
        )
        made = self._publish(_rich(text, tags, mentions), reply=reference)
        return Post(uri=made.uri, cid=made.cid, root_uri=to.root_uri, root_cid=to.root_cid)

    def quote(
        self,
        post: Post,
        text: str,
        *,
        tags: tuple[str, ...] = (),
        mentions: "tuple[Person, ...]" = (),
    ) -> Post:
        """Publish a post of one's own that shows `post`."""
        embed = models.AppBskyEmbedRecord.Main(record=_Ref(uri=post.uri, cid=post.cid))
        made = self._publish(_rich(text, tags, mentions), embed=embed)
        return Post(uri=made.uri, cid=made.cid, root_uri=made.uri, root_cid=made.cid)

    def like(self, post: Post, *, created_at: str = "") -> str:
        """Like a post; `created_at` is the client's word, which may be a lie."""
        return self._create(
            models.AppBskyFeedLike.Record(
                subject=_Ref(uri=post.uri, cid=post.cid), created_at=created_at or self._now()
            )
        ).uri

    def repost(self, post: Post) -> str:
        """Repost a post."""
        return self._create(
            models.AppBskyFeedRepost.Record(
                subject=_Ref(uri=post.uri, cid=post.cid), created_at=self._now()
            )
        ).uri

    def follow(self, other: "Person") -> str:
        """Follow another account."""
        return self._create(
            models.AppBskyGraphFollow.Record(subject=other.did, created_at=self._now())
        ).uri

    def block(self, other: "Person") -> str:
        """Block another account."""
        return self._create(
            models.AppBskyGraphBlock.Record(subject=other.did, created_at=self._now())
        ).uri

    def write_raw(self, record: bytes) -> None:
        """Publish a post of any form that the server lets pass; `record` is JSON."""
        httpx.post(
            f"{self._session.pds_endpoint}/xrpc/com.atproto.repo.createRecord",
            content=b'{"repo":"%s","collection":"app.bsky.feed.post","record":%s}'
            % (self.did.encode(), record),
            timeout=_PATIENCE,
            headers={
                "Authorization": f"Bearer {self._session.access_jwt}",
                "Content-Type": "application/json",
            },
        ).raise_for_status()

    def undo(self, uri: str) -> None:
        """Delete what a method above returned: a like, a repost, a follow, a block, a post."""
        collection, key = uri.split("/")[3:5]
        with self._turn:
            self._client.com.atproto.repo.delete_record(
                {"repo": self.did, "collection": collection, "rkey": key}
            )

    def _publish(
        self,
        text: client_utils.TextBuilder,
        *,
        reply: models.AppBskyFeedPost.ReplyRef | None = None,
        embed: models.AppBskyEmbedRecord.Main | None = None,
    ) -> models.ComAtprotoRepoCreateRecord.Response:
        return self._create(
            models.AppBskyFeedPost.Record(
                text=text.build_text(),
                facets=text.build_facets(),
                reply=reply,
                embed=embed,
                created_at=self._now(),
            )
        )

    def _create(self, record: Record) -> models.ComAtprotoRepoCreateRecord.Response:
        data = models.ComAtprotoRepoCreateRecord.Data(
            repo=self.did, collection=record.py_type, record=record
        )
        with self._turn:
            return self._client.com.atproto.repo.create_record(data)

    def _now(self) -> str:
        return self._client.get_current_time_iso()

    def _upload(self, picture: bytes) -> models.ComAtprotoRepoUploadBlob.Response:
        # The client's own way of sending bytes is one that httpx warns of.
        answer = httpx.post(
            f"{self._session.pds_endpoint}/xrpc/com.atproto.repo.uploadBlob",
            content=picture,
            timeout=_PATIENCE,
            headers={
                "Authorization": f"Bearer {self._session.access_jwt}",
                "Content-Type": "image/png",
            },
        )
        answer.raise_for_status()
        return models.ComAtprotoRepoUploadBlob.Response.model_validate_json(answer.content).blob


def independent_client(server: str) -> Client:
    """A client of somebody else's making."""
    # The servers close an idle connection after five seconds, maybe just as it is used again.
    limits = httpx.Limits(keepalive_expiry=2.0)
    return Client(base_url=server, request=Request(timeout=_PATIENCE, limits=limits))


def join(pds: str, handle: str) -> Person:
    """Sign up at the PDS, as anybody would."""
    client = independent_client(pds)
    made = client.com.atproto.server.create_account(
        {"handle": handle, "email": f"{handle}@example.com", "password": _PASSWORD}
    )
    session = Session(handle, made.did, made.access_jwt, made.refresh_jwt, pds)
    client.login(session_string=session.encode(), fetch_bsky_profile=False)
    return Person(client, session)


def _rich(
    text: str, tags: tuple[str, ...], mentions: tuple[Person, ...]
) -> client_utils.TextBuilder:
    built = client_utils.TextBuilder().text(text)
    for tag in tags:
        built = built.text(" ").tag(f"#{tag}", tag)
    for person in mentions:
        built = built.text(" ").mention(f"@{person.handle}", person.did)
    return built
