"""What tests ask of answers."""

from typing import Any

import httpx


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Require a problem (RFC 9457) with this status and code, and return it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["code"] == code
    assert body["type"] == f"urn:contest-service:problem:{code}"
    assert body["title"]
    assert body["detail"]
    assert body["request_id"] == answer.headers["x-request-id"]
    return body


def faults(answer: httpx.Response) -> dict[str, str]:
    """The faults of a problem, by pointer."""
    return {fault["pointer"]: fault["detail"] for fault in answer.json()["faults"]}


def created(answer: httpx.Response) -> dict[str, Any]:
    """Require that something was made, and return it."""
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def done(answer: httpx.Response) -> dict[str, Any]:
    """Require success with a body, and return it."""
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def items(answer: httpx.Response) -> list[dict[str, Any]]:
    """The items of a page."""
    found: list[dict[str, Any]] = done(answer)["items"]
    return found
