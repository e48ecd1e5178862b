"""VK's official JSON schema of its API, repaired so that it can validate answers.

As published it is no valid JSON Schema: `required: true` stands on properties, a closed object is
used in `allOf`, a `oneOf` is ambiguous. The schema is looked up in the folder that VK_API_SCHEMA
names, or beside the repository; where it is not, `load` returns None.
"""

import gzip
import json
import os
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

_REPOSITORY = Path(__file__).parents[3]
FOLDER = Path(
    os.environ.get("VK_API_SCHEMA", _REPOSITORY.parent / "shared" / "data" / "vk-api-schema")
)
ABSENT = f"VK's schema is not in {FOLDER}; VK_API_SCHEMA names the folder that has bundle.json.gz"
_BASE = "https://schema.invalid/"
_ERROR = {"$ref": f"{_BASE}base/objects.json#/definitions/base_error"}


class Schema:
    """The schema, ready to validate."""

    def __init__(self, bundle: dict[str, Any]) -> None:
        documents = {
            f"{_BASE}{path}": _repaired({"definitions": definitions})
            for path, definitions in bundle["defs"].items()
        }
        self._registry: Any = Registry().with_resources(
            (url, DRAFT202012.create_resource(document)) for url, document in documents.items()
        )
        self._methods: dict[str, dict[str, Any]] = bundle["methods"]

    def faults(self, method: str, answer: Any) -> list[str]:
        """Say how an answer differs from all shapes that a method's answers have."""
        shapes = [
            {"$ref": shape["$ref"].replace("../", _BASE)}
            for shape in self._methods[method].values()
        ]
        found = [self._check(shape, answer) for shape in shapes]
        return min(found, key=len)

    def error_faults(self, error: Any) -> list[str]:
        """Say how an error differs from VK's."""
        return self._check(_ERROR, error)

    def event_faults(self, definition: str, body: Any) -> list[str]:
        """Say how an event's object differs from its definition in callback/objects.json."""
        shape = {"$ref": f"{_BASE}callback/objects.json#/definitions/{definition}"}
        return self._check(shape, body)

    def _check(self, shape: dict[str, Any], value: Any) -> list[str]:
        validator = Draft202012Validator(shape, registry=self._registry)
        return [f"{fault.json_path}: {fault.message}" for fault in validator.iter_errors(value)]


@cache
def load() -> Schema | None:
    """Return the schema, or None where it is absent."""
    path = FOLDER / "bundle.json.gz"
    if not path.exists():
        return None
    with gzip.open(path) as file:
        return Schema(json.load(file))


def _repaired(node: Any) -> Any:
    """Return a part of the schema with its faults mended."""
    if isinstance(node, list):
        return [_repaired(item) for item in node]
    if not isinstance(node, dict):
        return node
    mended = {key: _repaired(value) for key, value in node.items() if key not in _DROPPED}
    if not isinstance(mended.get("required", []), list):
        del mended["required"]
    if "oneOf" in mended:
        mended["anyOf"] = mended.pop("oneOf")
    properties = node.get("properties")
    if isinstance(properties, dict):
        required = [
            name
            for name, value in properties.items()
            # inner_type is internal to VK, although it is said to be required.
            if isinstance(value, dict) and value.get("required") is True and name != "inner_type"
        ]
        if required:
            mended["required"] = required
    return mended


_DROPPED = {"additionalProperties", "discriminator", "format"}
