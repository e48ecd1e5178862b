"""For the operator: is it alive, is it ready, what does it count. No login and no limits."""

import asyncio
from datetime import timedelta
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.openapi.datastructures import ResponseSpec
from litestar.plugins.prometheus import PrometheusConfig, PrometheusController
from prometheus_client import Gauge
from redis.asyncio import Redis
from redis.exceptions import RedisError

from contest_service.api.gate import UNLIMITED
from contest_service.flows.runtime import Runtime
from contest_service.store import communities, log, readiness, work

PATIENCE = 3.0
"""Seconds that the database has to answer."""
_OPERATOR = {UNLIMITED: True}

metrics_config = PrometheusConfig(
    app_name="contest-service",
    prefix="contest_api",
    group_path=True,
    exclude="^/(livez|readyz|metrics)$",
)


_ENDING = Gauge(
    "contest_credentials_ending",
    "Credentials of connected communities that end within a time unless they are renewed",
    ["within"],
    multiprocess_mode="max",
)
_UNSIGNED = Gauge(
    "contest_log_unsigned_events",
    "Events of a log that no checkpoint covers; where some stay, the workers' log says why",
    ["log"],
    multiprocess_mode="mostrecent",
)
_WAITING = Gauge(
    "contest_log_waiting",
    "Work on the log that failed and waits to be tried again: to sign it, or to be vouched for",
    ["kind"],
    multiprocess_mode="mostrecent",
)
_WITHIN = {"hour": timedelta(hours=1), "week": timedelta(days=7)}


class Alive(msgspec.Struct, frozen=True, kw_only=True):
    """The process answers."""

    status: str = "alive"


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """What works. Without Redis work starts later and nobody is limited, so it is ready all the
    same: taking every process out would turn a delay into an outage."""

    is_ready: bool
    database: bool
    migrations: bool
    redis: bool
    problem: str


@get("/livez", operation_id="livez", summary="Say whether the process answers", opt=_OPERATOR)
async def livez() -> Alive:
    return Alive()


@get(
    "/readyz",
    operation_id="readyz",
    summary="Say whether the service can do its work",
    description="200 if it is ready, 503 if it is not; the body says what is missing.",
    responses={503: ResponseSpec(Ready, generate_examples=False, description="It is not ready")},
    opt=_OPERATOR,
)
async def readyz(state: State) -> Response[Ready]:
    database = await readiness.look(state.rt.pool, patience=PATIENCE)
    redis = await _answers(state.redis)
    ready = Ready(
        is_ready=database.is_current,
        database=database.answers,
        migrations=database.is_current,
        redis=redis,
        problem=database.problem,
    )
    return Response(ready, status_code=200 if ready.is_ready else 503)


async def _answers(redis: Redis) -> bool:
    try:
        return bool(await redis.ping())
    except (RedisError, OSError):
        return False


async def _count(request: Request[Any, Any, State]) -> None:
    """Count anew what is asked for; while the database is away the last counts stay."""
    rt: Runtime = request.app.state.rt
    now = rt.clock()
    try:
        async with asyncio.timeout(PATIENCE), rt.pool.acquire() as conn:
            for name, within in _WITHIN.items():
                count = await communities.count_ending(conn, after=now, until=now + within)
                _ENDING.labels(within=name).set(count)
            for unsigned in await log.count_unsigned(conn):
                _UNSIGNED.labels(log=unsigned.log).set(unsigned.leaves)
            for kind in (work.Kind.SIGN, work.Kind.VOUCH):
                _WAITING.labels(kind=kind).set(await work.count_failed(conn, kind))
    except Exception as error:
        if not readiness.is_passing(error):
            raise


class Metrics(PrometheusController):
    """What the process counts, in Prometheus' text format, and what is to be acted on."""

    path = "/metrics"
    opt = _OPERATOR
    include_in_schema = False
    before_request = staticmethod(_count)
