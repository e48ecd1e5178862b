"""Every operation of the API, read from its OpenAPI document."""

from typing import Any

import msgspec

from contest_service.app import openapi_document


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One operation: how it is asked for, and how the document describes it."""

    id: str
    method: str
    path: str
    described: dict[str, Any]

    def __str__(self) -> str:
        return self.id

    @property
    def needs_login(self) -> bool:
        return bool(self.described.get("security"))


def _read() -> list[Operation]:
    document = msgspec.json.decode(openapi_document())
    return [
        Operation(id=found["operationId"], method=method.upper(), path=path, described=found)
        for path, item in document["paths"].items()
        for method, found in item.items()
    ]


OPERATIONS = _read()
