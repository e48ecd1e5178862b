"""`/contests/{id}/check`: everybody may ask whether an account takes part, and what is missing."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath, QueryParameter

from contest_service.flows.own import LONGEST_NAME
from contest_service.flows.self_check import CheckedCondition, SelfCheck, check_account
from contest_service.store import looks
from contest_service.store.contests import Contest
from contest_service.web.contest_page import GivenRuntime, frame_of
from contest_service.web.language import Words, words_of
from contest_service.web.page import render
from contest_service.web.visitors import count_apart, started

OF_ADDRESS = 30
"""Self-checks of one address in a minute, as in the API."""
OF_CONTEST = 1200
"""Self-checks about one contest in a minute, as in the API."""

_STATES = {
    "valid": "good",
    "invalid": "bad",
    "cannot_verify": "unknown",
    "quarantined": "wait",
    "not_seen": "unknown",
}
_VERDICTS = {
    "holds": "good",
    "does_not_hold": "bad",
    "cannot_be_known": "unknown",
    "withdrawn": "bad",
}


@get("/contests/{contest_id:uuid}/check", operation_id="show_check")
async def show_check(
    contest_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    rt: GivenRuntime,
    account: Annotated[str, QueryParameter(required=False)] = "",
) -> Response[bytes]:
    """Without an account the form alone."""
    words, named = words_of(request), account.strip()[:LONGEST_NAME].replace("\0", "")
    if named:
        await count_apart(request, "check", contest_id, of_address=OF_ADDRESS, of_all=OF_CONTEST)
    async with rt.pool.acquire() as conn:
        contest = await started(conn, contest_id)
        look = await looks.read(conn, contest.workspace_id)
        check = await check_account(conn, contest, named, words.language) if named else None
    return render(
        request,
        "public/check.html",
        account=named,
        check=None if check is None else told(check, contest, words),
        **frame_of(contest, words, rt, now=rt.clock(), look=look),
    )


def told(check: SelfCheck, contest: Contest, words: Words) -> dict[str, Any]:
    """What a check says, with a look for each state."""
    return {
        "look": _STATES.get(check.state, "unknown"),
        "word": _word(check.state, words),
        "text": check.text,
        "next": check.next,
        "judged_at": check.judged_at,
        "conditions": [_condition(each, words) for each in check.conditions],
    }


def _condition(found: CheckedCondition, words: Words) -> dict[str, Any]:
    _ = words.gettext
    said = {
        "holds": _("Seen"),
        "does_not_hold": _("Missing"),
        "cannot_be_known": _("Cannot be seen"),
        "withdrawn": _("Withdrawn"),
    }
    verdict = found.verdict or ""
    return {
        "asked": found.condition,
        "look": _VERDICTS.get(verdict, "private"),
        "word": said.get(verdict, _("Private")),
        "text": found.text,
        "next": found.next,
        "seen": found.seen,
    }


def _word(state: str, words: Words) -> str:
    _ = words.gettext
    said = {
        "valid": _("Takes part"),
        "invalid": _("Does not take part"),
        "cannot_verify": _("Cannot be checked"),
        "quarantined": _("Being looked at"),
    }
    return said.get(state, _("Not seen"))
