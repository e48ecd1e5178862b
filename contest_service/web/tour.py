"""The tour through a practice contest: a strip of five steps, each of which leads to its place."""

from uuid import UUID

import msgspec
from litestar import Response, post
from litestar.params import FromPath

from contest_service.domain.errors import NotFoundError
from contest_service.flows import tour as flow
from contest_service.flows.tour import Step
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection
from contest_service.web.gate import AnyRequest, actor_of, person_of, session_of
from contest_service.web.language import Words, words_of
from contest_service.web.submissions import submission


class Stop(msgspec.Struct, frozen=True, kw_only=True):
    """A step as the strip shows it."""

    step: Step
    name: str
    text: str
    is_seen: bool


class Strip(msgspec.Struct, frozen=True, kw_only=True):
    """The whole tour, and the contest that it leads through."""

    title: str
    stops: list[Stop]
    seen: int


async def strip_of(conn: Connection, request: AnyRequest) -> Strip | None:
    """What the page shows of the tour; None if it is put away, or leads nowhere."""
    actor = actor_of(request)
    found = await flow.tour_of(conn, actor, person_of(actor))
    if found is None:
        return None
    words = words_of(request)
    return Strip(
        title=found.contest.definition.title,
        stops=[_stop(each, found, words) for each in Step],
        seen=len(found.seen),
    )


@post("/w/{workspace_id:uuid}/tour/{step:str}", operation_id="see_step", status_code=200)
async def see_step(
    request: AnyRequest, workspace_id: FromPath[UUID], step: FromPath[str]
) -> Response[bytes]:
    """Note that a step is seen, and go to its place."""
    chosen = next((each for each in Step if each.value == step), None)
    if chosen is None:
        raise NotFoundError("There is no such step.")
    actor = actor_of(request)
    async with submission(request) as sent:
        contest = await flow.see_step(sent.conn, actor, person_of(actor), chosen)
        return await sent.go(_place(chosen, contest))


@post("/w/{workspace_id:uuid}/tour", operation_id="put_tour_away", status_code=200)
async def put_tour_away(request: AnyRequest, workspace_id: FromPath[UUID]) -> Response[bytes]:
    async with submission(request) as sent:
        await flow.put_away(sent.conn, person_of(actor_of(request)), now=sent.now)
        return await sent.go(f"/w/{workspace_id}?note=tour-put-away")


@post("/me/tour", operation_id="begin_tour_again", status_code=200)
async def begin_tour_again(request: AnyRequest) -> Response[bytes]:
    async with submission(request) as sent:
        await flow.begin_again(sent.conn, session_of(request).person_id)
        return await sent.go("/")


def _stop(step: Step, found: flow.Tour, words: Words) -> Stop:
    name, text = _say(step, words)
    return Stop(step=step, name=name, text=text, is_seen=step in found.seen)


def _say(step: Step, words: Words) -> tuple[str, str]:
    """What a step is called, and what it shows."""
    _ = words.gettext
    match step:
        case Step.COVERAGE:
            return _("Coverage"), _("How much of what the platform counts was really seen.")
        case Step.REASON:
            return _("A reason"), _("Why somebody takes part or not, condition by condition.")
        case Step.FREEZE:
            return _("The fixed list"), _("Its hash is public before anybody can know the draw.")
        case Step.LINE:
            return _("The line"), _("Every ticket is a dot on it. The lowest ones win.")
        case Step.BUNDLE:
            return _("The proof"), _("One file with which anybody checks all of it, without us.")


def _place(step: Step, contest: Contest) -> str:
    """The address at which a step is to be seen."""
    own = f"/w/{contest.workspace_id}/contests/{contest.id}"
    public = f"/contests/{contest.id}"
    return {
        Step.COVERAGE: f"{own}#read",
        Step.REASON: f"{own}#conditions",
        Step.FREEZE: f"{public}/draw#fixed",
        Step.LINE: f"{public}/draw#line-1",
        Step.BUNDLE: f"{own}/bundles#check",
    }[step]
