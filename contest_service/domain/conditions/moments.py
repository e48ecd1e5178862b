"""Which of the actions done in time count at the moment at which a condition has to hold."""

from collections.abc import Sequence

from contest_service.domain.case import GoneWhy, Presence
from contest_service.domain.conditions.base import When, begin_of, comment_of, is_present
from contest_service.domain.evidence import Action

_COMMENTS = frozenset({Action.COMMENT, Action.ENTRY})
"""Of these somebody can do several on one post, each of which stands for itself; so with quotes."""


def at_moment(
    done: Sequence[Presence], when: When
) -> tuple[Sequence[Presence], Sequence[Presence]]:
    """Part what was done in time into what counts at the moment, and what ceased to count before.

    `done` are presences of one action. What was done once counts for ever. Until the close, and
    beyond it, only what is still there counts, and for the whole time only where nothing that was
    undone left a gap.
    """
    for seen in done:
        if seen.gone_at is not None:
            break
    else:
        return done, ()  # as it is for nearly everybody
    match when:
        case When.ONCE:
            return done, ()
        case When.CLOSE | When.DRAW:
            counting = list(filter(is_present, done))
        case When.WHOLE_TIME:
            broken = _interrupted(done)
            counting = [seen for seen in done if is_present(seen) and _place(seen) not in broken]
    kept = set(map(id, counting))
    return counting, [seen for seen in done if id(seen) not in kept]


def _interrupted(done: Sequence[Presence]) -> set[tuple[str, ...]]:
    """Places at which something was undone while nothing else was there that took its place.

    The bounds decide in the entrant's favour: what began by the time at which the other was missed
    took its place. What only vanished from our sight is not known to have been undone.
    """
    at: dict[tuple[str, ...], list[Presence]] = {}
    for seen in done:
        at.setdefault(_place(seen), []).append(seen)
    return {
        place
        for place, there in at.items()
        if any(_leaves_gap(seen, there) for seen in there if seen.gone_why is GoneWhy.WITHDRAWN)
    }


def lost_by(gone: Sequence[Presence]) -> str:
    """Say how actions ceased to count: they are gone, or are there again after a gap."""
    return "interrupted" if any(map(is_present, gone)) else "undone"


def _leaves_gap(ended: Presence, there: Sequence[Presence]) -> bool:
    end = ended.gone_at or 0
    return not any(
        begin_of(other) <= end and (other.gone_at is None or other.gone_at > end)
        for other in there
        if other is not ended
    )


def _place(seen: Presence) -> tuple[str, ...]:
    """Where one action is done at a time: a post, a community, or the comment or quote itself."""
    if seen.action is Action.QUOTE:
        return seen.account, seen.target, seen.ref
    if seen.action in _COMMENTS:
        return (seen.account, *comment_of(seen))
    return seen.account, seen.target
