"""Whatever goes wrong comes as a problem, with all faults, and tells nothing internal."""

import asyncpg
import httpx
import pytest
from api.conftest import Clients, running
from litestar import Litestar, get

from contest_service.app import create_app
from contest_service.settings import Settings


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, object]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, object] = answer.json()
    assert body["status"] == status
    assert body["code"] == code
    assert body["type"] == f"urn:contest-service:problem:{code}"
    assert body["request_id"] == answer.headers["x-request-id"]
    return body
