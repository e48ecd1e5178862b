"""`/callbacks/{platform}/{path}`: where platforms send live events. No login: the address is
secret, and so is what each event carries.

A platform is answered within a second, whatever happens behind. It counts failures, and stops
sending after some; so a database that is away is told as what it is, with when to come back. Not
limited by address, since events come in bursts from a few of them; what is too large is not read.
"""

import asyncio

from litestar import MediaType, Response, post
from litestar.background_tasks import BackgroundTask
from litestar.params import FromPath

from contest_service.api.gate import UNLIMITED
from contest_service.api.given import GivenRuntime
from contest_service.api.writes import AnyRequest
from contest_service.domain.accounts import Platform
from contest_service.flows.callbacks import Taken, take_event

PATIENCE = 0.8
"""Seconds until a platform is asked to come back."""
MOST_BYTES = 256 * 1024
"""Of an event."""


@post(
    "/callbacks/vk/{path:str}",
    operation_id="take_vk_event",
    include_in_schema=False,
    status_code=200,
    opt={UNLIMITED: True},
    request_max_body_size=MOST_BYTES,
)
async def take_vk_event(
    path: FromPath[str], request: AnyRequest, rt: GivenRuntime
) -> Response[str]:
    """Keep what VK tells, and answer what VK wants to hear."""
    body = await request.body()
    taking = asyncio.ensure_future(take_event(rt, Platform.VK, path, body=body))
    await asyncio.wait({taking}, timeout=PATIENCE)
    if not taking.done():
        # The event comes again, and is kept once, whatever this has come to meanwhile.
        taking.add_done_callback(_look_away)
        taking.cancel()
        raise TimeoutError
    taken = taking.result()
    # Redis may take longer than a platform is to wait, and the work is found without it.
    ring = BackgroundTask(rt.ring, taken.due)
    return Response(taken.answer, media_type=MediaType.TEXT, background=ring)


def _look_away(given_up: asyncio.Future[Taken]) -> None:
    """Take note of how something ended that nobody waits for any more."""
    if not given_up.cancelled():
        given_up.exception()
