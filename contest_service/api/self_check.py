"""`/public/contests/{id}/self-check`: whether an account takes part, for everybody.

The verdict only. Who else takes part is told nowhere, and a name that nobody has is answered as one
that did nothing here. Asked too often by one address, or about one contest, it has to wait.
"""

from typing import Annotated
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath, QueryParameter

from contest_service.api.gate import count_apart
from contest_service.api.given import GivenRuntime
from contest_service.api.languages import VARIES, language_of
from contest_service.api.public import READABLE_ANYWHERE, public, started
from contest_service.api.writes import AnyRequest
from contest_service.flows.own import LONGEST_NAME
from contest_service.flows.self_check import SelfCheck, check_account

OF_ADDRESS = 30
"""Self-checks of one address in a minute."""
OF_CONTEST = 1200
"""Self-checks about one contest in a minute."""

Account = Annotated[
    str,
    QueryParameter(
        min_length=1,
        max_length=LONGEST_NAME,
        description="The account's address on its platform, its handle, or its stable id.",
    ),
]
FRESH_FOR_ONE = READABLE_ANYWHERE | VARIES | {"Cache-Control": "no-store"}


@get(
    "/{contest_id:uuid}/self-check", **public("check_account", "Ask whether an account takes part")
)
async def check_an_account(
    contest_id: FromPath[UUID], account: Account, request: AnyRequest, rt: GivenRuntime
) -> Response[SelfCheck]:
    """In the contest's language, or in another that `Accept-Language` prefers."""
    await count_apart(request, "check", str(contest_id), of_address=OF_ADDRESS, of_all=OF_CONTEST)
    async with rt.pool.acquire() as conn:
        contest = await started(conn, contest_id)
        check = await check_account(conn, contest, account, language_of(request, contest))
    return Response(check, headers=FRESH_FOR_ONE)
