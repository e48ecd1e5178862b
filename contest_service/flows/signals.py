"""Signals: what a workspace makes of the fraud signals, and what would follow from a threshold.

Nothing here holds anybody, and nothing here is public: a score is for the organiser's eyes.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.conditions import Language
from contest_service.domain.errors import InvalidError
from contest_service.domain.people import Actor
from contest_service.domain.signals import scores
from contest_service.store import audit, signals, work
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection
from contest_service.store.signals import Fall, Scored, Settings

FLAGGING = "Signals flag; only published rules exclude."


class SaidSignal(msgspec.Struct, frozen=True, kw_only=True):
    """What one signal says of an account: alone it would give `points`, of its `weight` at most."""

    name: str
    version: int
    title: str
    text: str
    strength: int
    weight: int
    points: int
    facts: dict[str, int]


def explain(found: Scored, weights: dict[str, int], language: Language) -> list[SaidSignal]:
    """Say what stands out about an entrant, the heaviest first."""
    said = [
        SaidSignal(
            name=signal.name,
            version=signal.version,
            title=signal.title(language),
            text=signal.say(found.facts[signal.name], language),
            strength=strength,
            weight=weight,
            points=scores.score([strength], [weight]),
            facts=found.facts[signal.name],
        )
        for signal, strength, weight in zip(
            scores.SIGNALS, found.strengths, scores.in_order(weights), strict=True
        )
        if strength and signal.name in found.facts
    ]
    return sorted(said, key=lambda each: -each.points)


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What would happen if all from a threshold on were held, and who that is, in part."""

    fall: Fall
    falling: list[Scored]


async def preview(
    conn: Connection,
    contest: Contest,
    asked: Settings,
    *,
    new_days: int,
    after: UUID | None,
    limit: int,
) -> Preview:
    """Look what a threshold and weights would do now; raises InvalidError."""
    require_sound(asked)
    weights, threshold = asked.in_order, asked.threshold
    return Preview(
        fall=await signals.count_falling(
            conn, contest, weights=weights, threshold=threshold, new_days=new_days
        ),
        falling=await signals.falling(
            conn, contest, weights=weights, threshold=threshold, after=after, limit=limit
        ),
    )


def require_sound(asked: Settings) -> None:
    """Raises InvalidError with all that is wrong with a threshold and weights."""
    faults = [
        *scores.threshold_faults(asked.threshold, "/threshold"),
        *scores.weight_faults(asked.weights, "/weights"),
    ]
    if faults:
        raise InvalidError(faults)


async def change_settings(
    conn: Connection, actor: Actor, changed: Settings, *, now: datetime
) -> Settings:
    """Set a workspace's threshold and weights; running contests are measured anew with them.

    Raises InvalidError.
    """
    require_sound(changed)
    before = await signals.settings(conn, actor.workspace_id)
    await signals.change_settings(
        conn, actor.workspace_id, changed, person_id=actor.person_id, at=now
    )
    detail = {
        name: {"threshold": each.threshold, "weights": each.weights}
        for name, each in (("before", before), ("after", changed))
    }
    await audit.record(conn, actor, "signals.settings_changed", subject=None, at=now, detail=detail)
    running = await signals.running(conn, actor.workspace_id)
    await work.plan_all(conn, actor.workspace_id, work.Kind.MEASURE, running, due_at=now)
    return changed
