"""`/contests/{id}`: for everybody, what to do, until when, for what, and how it is decided.

Says nothing that `/public/contests/{id}` does not say.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from contest_service.domain.contest import Definition, Status
from contest_service.domain.judging import EntrantState
from contest_service.domain.money import say_money
from contest_service.domain.rules import bonus_sentences, sentences
from contest_service.domain.schedule import unix
from contest_service.flows.runtime import Runtime
from contest_service.store import entrants, imports, looks, proof, targets
from contest_service.store.contests import Contest
from contest_service.store.looks import Look
from contest_service.store.proof import Terms
from contest_service.store.rows import Connection
from contest_service.web.language import Words, words_of
from contest_service.web.standing import clocks_of, standing_of
from contest_service.web.visitors import shared, started

GivenRuntime = NamedDependency[SkipValidation[Runtime]]

_LISTED = frozenset({Status.FROZEN, Status.DRAWN, Status.ANNOUNCED, Status.COMPLETED})
_DRAWN = frozenset({Status.DRAWN, Status.ANNOUNCED, Status.COMPLETED})


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """How many take part: `valid` with all conditions, of `seen`, `imported` of them brought in."""

    valid: int
    seen: int
    imported: int


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence of the rules, and how deep it stands within groups."""

    text: str
    depth: int


@get("/contests/{contest_id:uuid}", operation_id="show_contest")
async def show_contest(
    contest_id: FromPath[UUID], request: Request[Any, Any, Any], rt: GivenRuntime
) -> Response[bytes]:
    words, now = words_of(request), rt.clock().replace(microsecond=0, second=0)
    async with rt.pool.acquire() as conn:
        contest = await started(conn, contest_id)
        look = await looks.read(conn, contest.workspace_id)
        counted = await count_entrants(conn, contest)
        posts = await targets.posts(conn, contest.workspace_id, contest.id)
        homes = [
            home.url
            for community in dict.fromkeys(post.community_id for post in posts)
            for home in await targets.of_community(conn, contest.workspace_id, community)
        ]
        versions = await proof.terms(conn, contest.workspace_id, contest.id)
    shown = {
        **frame_of(contest, words, rt, now=now, look=look),
        **_asked(contest.definition, words),
        "counted": counted,
        "posts": [post.url for post in posts],
        "homes": list(dict.fromkeys(homes)),
        "versions": [{"version": each.version, "sha256": each.sha256.hex()} for each in versions],
        "paragraphs": _paragraphs(versions, words),
    }
    return shared(request, "public/contest.html", shown)


def frame_of(
    contest: Contest, words: Words, rt: Runtime, *, now: datetime, look: Look | None = None
) -> dict[str, Any]:
    """What every public page of a contest knows: who, what, where it stands, where its proof is.

    `look` is how the workspace's pages look.
    """
    definition = contest.definition
    beacon = rt.beacon_for(contest)
    return {
        "id": contest.id,
        "look": look,
        "site": rt.public_url,
        "record": f"/organisers/{contest.workspace_id}",
        "title": definition.title,
        "organiser": definition.organiser,
        "practice": contest.practice,
        "zone": definition.schedule.zone,
        "standing": standing_of(contest, words, now),
        "clocks": clocks_of(contest, words, now),
        "now": now,
        "round": contest.round or beacon.first_round_at(unix(contest.draw_at)),
        "is_promised": contest.round is not None,
        "obstacle": contest.obstacle,
        "is_listed": contest.status in _LISTED,
        "is_drawn": contest.status in _DRAWN,
        "is_over": contest.status in (Status.CANCELLED, Status.VOID),
    }


def _asked(definition: Definition, words: Words) -> dict[str, Any]:
    """What to do, and what for."""
    tiers = [tier for draw in definition.draws for tier in draw.tiers]
    return {
        "conditions": _lines(sentences(definition.rules, words.language)),
        "bonuses": [
            line
            for bonus in definition.tickets.bonuses
            for line in _lines(bonus_sentences(bonus, words.language))
        ],
        "prizes": [
            {
                "prize": tier.prize,
                "winners": tier.winners,
                "value": say_money(tier.value, words.language) if tier.value else "",
                "picture": tier.picture,
            }
            for tier in tiers
        ],
    }


async def count_entrants(conn: Connection, contest: Contest) -> Counted:
    """How many take part, as everybody may know it."""
    counts = await entrants.counts(conn, contest.workspace_id, contest.id)
    return Counted(
        valid=sum(each.entrants for each in counts if each.state is EntrantState.VALID),
        seen=sum(each.entrants for each in counts),
        imported=await imports.count(conn, contest.workspace_id, contest.id),
    )


def _lines(said: list[str]) -> list[Line]:
    """Sentences of groups are indented by two characters for each group they stand in."""
    return [
        Line(text=line.lstrip(" –"), depth=(len(line) - len(line.lstrip(" –"))) // 2)
        for line in said
    ]


def _paragraphs(versions: list[Terms], words: Words) -> list[str]:
    """The newest terms' own words, from the bytes whose hash is public."""
    texts = msgspec.json.decode(versions[-1].bytes)["texts"] if versions else {}
    found: list[str] = texts.get(words.language.value, [])
    return found
