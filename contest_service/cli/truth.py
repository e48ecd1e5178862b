"""What really happened in the practice town, and what follows from it by the sample's rules.

A second, naive judgement for the demo: it looks at what the sandbox knows of everybody, which VK
shows but in part, and shares nothing with the service's own reading and judging.
"""

import re
from datetime import datetime
from typing import Any

import msgspec

from contest_service.cli.sample import HASHTAG, MENTIONS
from contest_service.sandbox_client import SandboxClient

_TAG = re.compile(rf"(?<!\w)#{HASHTAG}(?!\w)", re.IGNORECASE)
_NAMED = re.compile(r"(?:\[|@)id(\d+)")


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A comment that is there; `at` is in unix seconds."""

    author: int
    at: int
    text: str


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """What is so right now around one post. `undone` counts reposts that were taken back."""

    people: range
    likes: frozenset[int]
    reposts: frozenset[int]
    members: frozenset[int]
    comments: tuple[Said, ...]
    closed: frozenset[int]
    deactivated: frozenset[int]
    undone: int


async def read_truth(sandbox: SandboxClient, owner: int, post: int) -> Truth:
    """Ask the sandbox for everything. Raises PlatformError."""
    told = await sandbox.look("post", owner_id=owner, post_id=post, history=1)
    group = await sandbox.look("community", group_id=-owner)
    towns = (await sandbox.look("towns"))["towns"]
    town = next(each for each in towns if (each["owner_id"], each["post_id"]) == (owner, post))
    people = await sandbox.look("people", **town["people"])
    first = town["people"]["first"]
    written = {reference: at for at, deed, _, reference in told["history"] if deed == "comment"}
    return Truth(
        people=range(first, first + town["people"]["count"]),
        likes=frozenset(told["likes"]),
        reposts=frozenset(told["copies"]),
        members=frozenset(group["members"]),
        comments=tuple(
            Said(author=said["from_id"], at=written[said["id"]], text=said["text"])
            for said in told["comments"]
        ),
        closed=frozenset(people["closed"]),
        deactivated=frozenset(people["deactivated"]),
        undone=sum(deed == "unrepost" for _, deed, *_ in told["history"]),
    )


async def told_how(
    sandbox: SandboxClient, owner: int, post: int, *, notice: dict[str, Any]
) -> str | None:
    """Look up how a winner was told: by one message where they allow it, else under the post.

    None if they were not told, or in a way that they did not want. Raises PlatformError.
    """
    person, label = int(notice["account"]), re.escape(notice["label"])
    group = await sandbox.look("community", group_id=-owner)
    dialog = await sandbox.look("messages", group_id=-owner, person=person)
    letters = [said["text"] for said in dialog["messages"] if said["from_id"] == owner]
    if person in group["allowed"]:
        return "message" if letters == [notice["text"]] else None
    comments = (await sandbox.look("post", owner_id=owner, post_id=post))["comments"]
    ours = [said["text"] for said in comments if said["from_id"] == owner]
    is_named = any(re.search(rf"(?<!\w){label}(?!\w)", text) for text in ours)
    return "mention" if is_named and not letters else None


def verdicts(truth: Truth, closes_at: datetime) -> dict[int, str]:
    """Judge everybody in town by what they did until the close."""
    named: dict[int, set[int]] = {}
    for said in truth.comments:
        if said.at <= closes_at.timestamp() and _TAG.search(said.text):
            found = named.setdefault(said.author, set())
            found |= set(map(int, _NAMED.findall(said.text))) - {said.author}
    return {
        person: _verdict(truth, person, mentions=len(named.get(person, ())))
        for person in truth.people
    }


def _verdict(truth: Truth, person: int, *, mentions: int) -> str:
    did_the_rest = (
        person in truth.likes
        and person in truth.members
        and mentions >= MENTIONS
        and person not in truth.deactivated
    )
    if not did_the_rest:
        return "invalid"
    if person in truth.reposts:
        return "valid"
    # A repost by a closed profile may be there, and be shown to its friends alone.
    return "cannot_verify" if person in truth.closed else "invalid"


def differences(expected: dict[int, str], entrants: list[Any]) -> list[str]:
    """Name everybody whose verdict is not what it should be."""
    judged = {int(each["subject"].rpartition(":")[2]): each for each in entrants}
    wrong = [
        f"id{person} is {_said(judged.get(person))}, and should be {state}"
        for person, state in expected.items()
        if (judged[person]["state"] if person in judged else "invalid") != state
    ]
    strangers = [
        f"id{person} is {_said(each)}, and is nobody from town"
        for person, each in judged.items()
        if person not in expected and each["state"] == "valid"
    ]
    return wrong + strangers


def _said(entrant: Any) -> str:
    return "no entrant" if entrant is None else f"{entrant['state']} ({entrant['reason']})"
