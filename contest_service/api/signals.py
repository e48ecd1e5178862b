"""`/v1/signals` and `/v1/contests/{id}/signals`: what stands out about accounts, for the organiser.

Signals flag; only published rules exclude.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, put
from litestar.params import FromPath, JSONBody, QueryParameter

from contest_service.api.describe import read, write
from contest_service.api.given import GivenActor, GivenRuntime, GivenWrite
from contest_service.api.languages import language_of
from contest_service.api.pages import After, AfterText, Limit, Page
from contest_service.api.requests import MalformedError
from contest_service.api.writes import AnyRequest
from contest_service.domain.conditions import Language
from contest_service.domain.errors import Fault, InvalidError
from contest_service.domain.judging import EntrantState
from contest_service.domain.signals import scores
from contest_service.flows import signals as flow
from contest_service.flows.signals import SaidSignal
from contest_service.store import contests, signals
from contest_service.store.signals import Ages, Band, Scored, Seek, Settings

NEW_DAYS = 30

Weights = Annotated[
    list[str] | None,
    QueryParameter(
        max_items=20,
        description="Weights that differ from the workspace's, each as `name:weight`, such as "
        "`account_age:20`; 0 leaves a signal out.",
    ),
]
Threshold = Annotated[
    int | None,
    QueryParameter(description="A score from 1 to 100; without it the workspace's threshold."),
]
NewDays = Annotated[
    int,
    QueryParameter(
        ge=1,
        le=3650,
        description="An account is new that was younger than so many days at the opening.",
    ),
]
SignalName = Annotated[
    str | None,
    QueryParameter(name="signal", description="Only entrants of whom this signal says something."),
]
AtLeast = Annotated[int, QueryParameter(ge=0, le=100, description="Only scores from this one on.")]
WithState = Annotated[
    EntrantState | None,
    QueryParameter(name="state", description="Only entrants with this verdict."),
]


class DescribedSignal(msgspec.Struct, frozen=True, kw_only=True):
    """A signal: its name, its titles, the weight it has here and the one it usually has."""

    name: str
    version: int
    titles: dict[Language, str]
    weight: int
    usual_weight: int


class SignalSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The signals, with what the workspace makes of them. `version` is that of all together."""

    version: int
    threshold: int
    usual_threshold: int
    signals: list[DescribedSignal]
    note: str = flow.FLAGGING


class NewSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From which score on entrants are flagged; of signals that are not named the usual weight."""

    threshold: int = scores.THRESHOLD
    weights: dict[str, int] = {}


class ScoredEntrant(msgspec.Struct, frozen=True, kw_only=True):
    """An entrant with their score from 0 to 100 and what it adds up from, the heaviest first."""

    entrant: UUID
    subject: str
    label: str
    state: EntrantState
    score: int
    is_flagged: bool
    is_held: bool
    signals: list[SaidSignal]
    measured_at: datetime


class ScoredPage(Page[ScoredEntrant], frozen=True, kw_only=True):
    """A page of entrants by their scores, highest first. `measured_at` is null before the first."""

    threshold: int
    measured_at: datetime | None


class FallingPage(Page[ScoredEntrant], frozen=True, kw_only=True):
    """What holding all from a threshold on would do, and a page of whom it would be about.

    Of `valid` entrants `falling` would fall; of all, `unmeasured` have no score. `signals` counts
    of how many of the falling each signal says something. `new` accounts are younger than
    `new_days`.
    """

    threshold: int
    weights: dict[str, int]
    valid: int
    unmeasured: int
    falling: int
    signals: dict[str, int]
    new_days: int
    new: int
    new_falling: int


class SignalReport(msgspec.Struct, frozen=True, kw_only=True):
    """All scores of a contest at a glance, and the share of new accounts among all and the held.

    `ages` are of all accounts whose age is known, `ages_held` of those of them that are held.
    """

    measured_at: datetime | None
    accounts: int
    threshold: int
    flagged: int
    held: int
    bands: list[Band]
    signals: dict[str, int]
    new_days: int
    ages: Ages
    ages_held: Ages
    note: str = flow.FLAGGING


@get("/signals", **read("read_signals", "Read the fraud signals and their weights"))
async def read_signals(actor: GivenActor, rt: GivenRuntime) -> SignalSettings:
    async with rt.pool.acquire() as conn:
        return _described(await signals.settings(conn, actor.workspace_id))


@put("/signals", **write("change_signals", "Set the weights and the threshold of fraud signals"))
async def change_signals(
    data: JSONBody[NewSettings], write: GivenWrite
) -> Response[SignalSettings]:
    """Contests that run are measured anew with them; their published terms stay as they are."""
    async with write.transaction(rings=True) as tx:
        changed = await flow.change_settings(
            tx.conn,
            write.actor,
            Settings(threshold=data.threshold, weights=data.weights),
            now=tx.now,
        )
        return await tx.reply(_described(changed))


@get(
    "/contests/{contest_id:uuid}/signals",
    **read("list_signals", "List entrants by their fraud scores, explained", 404),
)
async def list_signals(
    contest_id: FromPath[UUID],
    request: AnyRequest,
    actor: GivenActor,
    rt: GivenRuntime,
    at_least: AtLeast = 1,
    signal: SignalName = None,
    with_state: WithState = None,
    limit: Limit = 50,
    after: AfterText = None,
) -> ScoredPage:
    if signal is not None and signal not in scores.BY_NAME:
        known = ", ".join(scores.BY_NAME)
        raise InvalidError([Fault(pointer="/signal", detail=f"is no signal; there are {known}")])
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, actor.workspace_id, contest_id)
        settings = await signals.settings(conn, actor.workspace_id)
        run = await signals.run_of(conn, actor.workspace_id, contest_id)
        found = await signals.list_page(
            conn,
            contest,
            at_least=at_least,
            signal=signal,
            state=with_state,
            after=_seek(after),
            limit=limit + 1,
        )
    items = _explained(found, settings, language_of(request, contest))
    return ScoredPage(
        items=items[:limit],
        next=_cursor(items[limit - 1]) if len(items) > limit else None,
        threshold=settings.threshold,
        measured_at=None if run is None else run.measured_at,
    )


@get(
    "/contests/{contest_id:uuid}/signals/preview",
    **read("preview_signals", "Preview whom a threshold of fraud scores would take out", 404),
)
async def preview_signals(
    contest_id: FromPath[UUID],
    request: AnyRequest,
    actor: GivenActor,
    rt: GivenRuntime,
    threshold: Threshold = None,
    weights: Weights = None,
    new_days: NewDays = NEW_DAYS,
    limit: Limit = 50,
    after: After = None,
) -> FallingPage:
    """Changes nothing. Of those who count now, oldest first; what is held already is not in it."""
    given = _weights(weights or [])
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, actor.workspace_id, contest_id)
        usual = await signals.settings(conn, actor.workspace_id)
        asked = Settings(
            threshold=usual.threshold if threshold is None else threshold,
            weights=usual.weights | given,
        )
        seen = await flow.preview(
            conn, contest, asked, new_days=new_days, after=after, limit=limit + 1
        )
    items = _explained(seen.falling, asked, language_of(request, contest))
    fall = seen.fall
    return FallingPage(
        items=items[:limit],
        next=str(items[limit - 1].entrant) if len(items) > limit else None,
        threshold=asked.threshold,
        weights=dict(zip(scores.BY_NAME, asked.in_order, strict=True)),
        valid=fall.valid,
        unmeasured=fall.unmeasured,
        falling=fall.falling,
        signals=fall.signals,
        new_days=new_days,
        new=fall.new,
        new_falling=fall.new_falling,
    )


@get(
    "/contests/{contest_id:uuid}/signals/report",
    **read("report_signals", "Sum up the fraud scores of a contest", 404),
)
async def report_signals(
    contest_id: FromPath[UUID],
    actor: GivenActor,
    rt: GivenRuntime,
    new_days: NewDays = NEW_DAYS,
) -> SignalReport:
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, actor.workspace_id, contest_id)
        settings = await signals.settings(conn, actor.workspace_id)
        run = await signals.run_of(conn, actor.workspace_id, contest_id)
        report = await signals.report(
            conn, contest, threshold=settings.threshold, new_days=new_days
        )
    return SignalReport(
        measured_at=None if run is None else run.measured_at,
        accounts=sum(band.entrants for band in report.bands),
        threshold=settings.threshold,
        flagged=report.flagged,
        held=sum(band.held for band in report.bands),
        bands=report.bands,
        signals=report.signals,
        new_days=new_days,
        ages=report.ages,
        ages_held=report.ages_held,
    )


def _described(settings: Settings) -> SignalSettings:
    return SignalSettings(
        version=scores.VERSION,
        threshold=settings.threshold,
        usual_threshold=scores.THRESHOLD,
        signals=[
            DescribedSignal(
                name=signal.name,
                version=signal.version,
                titles={language: signal.title(language) for language in Language},
                weight=weight,
                usual_weight=signal.weight,
            )
            for signal, weight in zip(scores.SIGNALS, settings.in_order, strict=True)
        ],
    )


def _explained(
    found: Sequence[Scored], settings: Settings, language: Language
) -> list[ScoredEntrant]:
    return [
        ScoredEntrant(
            entrant=each.entrant_id,
            subject=each.subject,
            label=each.label,
            state=each.state,
            score=each.score,
            is_flagged=each.score >= settings.threshold,
            is_held=each.is_held,
            signals=flow.explain(each, settings.weights, language),
            measured_at=each.measured_at,
        )
        for each in found
    ]


def _weights(given: Sequence[str]) -> dict[str, int]:
    """Read `name:weight` pairs. Raises InvalidError."""
    pairs = [each.rpartition(":") for each in given]
    faults = [
        Fault(pointer=f"/weights/{number}", detail="give it as `name:weight`, such as `burst:20`")
        for number, (name, _, weight) in enumerate(pairs)
        if not name or not (weight.isascii() and weight.isdigit() and len(weight) <= 4)
    ]
    if faults:
        raise InvalidError(faults)
    return {name: int(weight) for name, _, weight in pairs}


def _cursor(item: ScoredEntrant) -> str:
    seek = Seek(score=item.score, entrant_id=item.entrant)
    return urlsafe_b64encode(msgspec.json.encode(seek)).decode()


def _seek(cursor: str | None) -> Seek:
    if cursor is None:
        return Seek()
    try:
        return msgspec.json.decode(urlsafe_b64decode(cursor.encode()), type=Seek)
    except (ValueError, msgspec.MsgspecError):
        raise MalformedError("`after` is no `next` of this list.") from None
