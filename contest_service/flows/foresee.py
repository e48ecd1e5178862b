"""Foresee: what of a contest's rules its platforms cannot tell, said before it starts.

Asks nobody: it follows from the platforms and from the credentials that are connected, of which
kinds they are and when they end.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

import msgspec

from contest_service.domain.contest import every_condition
from contest_service.domain.errors import Fault
from contest_service.domain.judging import condition_name
from contest_service.flows import expiry
from contest_service.flows.runtime import Runtime, capabilities_for
from contest_service.platforms.base import Capabilities
from contest_service.store import communities, targets
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection
from contest_service.store.targets import StoredTarget


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """A condition that cannot be judged, or not always, for entrants of one post.

    `at` and `condition` are empty where it is about all of them: the credential ends too early.
    `at` is the condition's JSON pointer in the definition, `is_never` whether nobody can be known
    to fulfil it; `note` says what cannot be known and `mend` what to connect, if anything helps.
    """

    at: str
    condition: str
    post_id: UUID
    post_url: str
    is_never: bool
    note: str
    mend: str


async def foresee(conn: Connection, rt: Runtime, contest: Contest) -> list[Foreseen]:
    """List what cannot be known, condition by condition, for each of the contest's posts."""
    found: list[Foreseen] = []
    for post in await targets.posts(conn, contest.workspace_id, contest.id):
        able = await capabilities_for(conn, rt, post.workspace_id, post.community_id)
        found += _of_post(contest, post, able)
        found += await _of_credential(conn, rt, contest, post)
    return found


def impossible(foreseen: Sequence[Foreseen], posts: int) -> list[Fault]:
    """The conditions that nobody can be known to fulfil on any of so many posts, as faults."""
    never: dict[str, list[Foreseen]] = {}
    for each in foreseen:
        if each.is_never:
            never.setdefault(each.at, []).append(each)
    return [
        Fault(pointer=f"/definition{at}", detail=f"cannot be known: {spots[0].note}")
        for at, spots in never.items()
        if len(spots) == posts
    ]


async def _of_credential(
    conn: Connection, rt: Runtime, contest: Contest, post: StoredTarget
) -> list[Foreseen]:
    community = await communities.read(conn, post.workspace_id, post.community_id)
    closing = contest.definition.schedule.frozen_at
    note = "" if community is None else expiry.ends_before(community, closing, now=rt.clock())
    if not note:
        return []
    return [
        Foreseen(
            at="",
            condition="",
            post_id=post.id,
            post_url=post.url,
            is_never=False,
            note=note,
            mend=expiry.MEND,
        )
    ]


def _of_post(contest: Contest, post: StoredTarget, able: Capabilities) -> Iterator[Foreseen]:
    for at, condition in every_condition(contest.definition):
        notes = []
        action, fact = condition.action, condition.fact
        if action is not None and action not in able.actions:
            notes.append((True, f"{post.platform.label} tells of no {action} of a post.", ""))
        elif fact and fact not in able.facts:
            notes.append((True, f"Profiles on {post.platform.label} do not tell it.", ""))
        else:
            spots = [spot for spot in able.blind_spots if spot.action is action]
            notes += [(False, spot.note, spot.mend) for spot in spots]
        for is_never, note, mend in notes:
            yield Foreseen(
                at=at,
                condition=condition_name(condition),
                post_id=post.id,
                post_url=post.url,
                is_never=is_never,
                note=note,
                mend=mend,
            )
