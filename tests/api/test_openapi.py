"""The exported document is what the application serves, and describes every operation."""

import re
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from api.answers import done
from api.operations import OPERATIONS, Operation
from contest_service.api.problems import MEDIA_TYPE
from contest_service.app import openapi_document

EXPORTED = Path(__file__).parents[2] / "openapi" / "openapi.json"


def test_the_exported_document_is_current() -> None:
    """If it is not: `contest-service openapi --output openapi/openapi.json`."""
    assert EXPORTED.read_bytes() == openapi_document()


async def test_the_document_is_served_as_it_is_exported(api: httpx.AsyncClient) -> None:
    assert done(await api.get("/openapi.json")) == msgspec.json.decode(openapi_document())


async def test_no_page_loads_anything_from_elsewhere(api: httpx.AsyncClient) -> None:
    for path in ("/schema", "/docs", "/schema/swagger", "/openapi.json/redoc"):
        assert (await api.get(path)).status_code == 404


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_every_operation_is_described(operation: Operation) -> None:
    described = operation.described
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", operation.id)
    assert described["summary"][0].isupper()
    for status, response in described["responses"].items():
        if int(status) >= 400 and operation.id != "readyz":
            assert list(response["content"]) == [MEDIA_TYPE], status
            assert response["description"]


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_writes_with_a_login_and_nothing_else_take_an_idempotency_key(operation: Operation) -> None:
    names = {parameter["name"] for parameter in operation.described.get("parameters", [])}
    assert ("Idempotency-Key" in names) is (operation.method != "GET" and operation.needs_login)


def test_every_schema_has_a_plain_name_and_no_internals() -> None:
    document: dict[str, Any] = msgspec.json.decode(openapi_document())
    names = document["components"]["schemas"]
    assert all(re.fullmatch(r"[A-Z][A-Za-z]+", name) for name in names), sorted(names)
