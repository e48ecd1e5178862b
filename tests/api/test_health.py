"""What the operator asks."""

from typing import Any

import asyncpg
import httpx
import pytest
from litestar import Litestar

from api.answers import done
from contest_service.api import health


async def test_it_is_alive_and_ready(api: httpx.AsyncClient) -> None:
    assert done(await api.get("/livez")) == {"status": "alive"}
    ready = done(await api.get("/readyz"))
    assert ready == {
        "is_ready": True,
        "database": True,
        "migrations": True,
        "redis": True,
        "problem": "",
    }


async def test_a_schema_that_is_not_current_is_not_ready(
    api: httpx.AsyncClient, connection: "asyncpg.Connection[Any]"
) -> None:
    await connection.execute("DELETE FROM schema_migrations")
    answer = await api.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] is True
    assert answer.json()["migrations"] is False
    assert "contest-service migrate" in answer.json()["problem"]
    done(await api.get("/livez"))


async def test_without_its_database_it_is_alive_but_not_ready(
    app: Litestar, api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "PATIENCE", 0.3)
    await app.state.rt.pool.close()
    answer = await api.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] is False
    done(await api.get("/livez"))


async def test_metrics_count_by_route_and_status(
    api: httpx.AsyncClient, owner: httpx.AsyncClient
) -> None:
    await owner.get("/v1/me")
    await api.get("/v1/me")
    text = (await api.get("/metrics")).text
    for status in ("200", "401"):
        line = 'path="/v1/me",status_code="' + status
        assert any(
            line in row for row in text.splitlines() if row.startswith("contest_api_requests_total")
        )
