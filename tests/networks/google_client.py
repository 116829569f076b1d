"""Google's own client, and the contracts that it carries: what a stand-in says has to be in them, field by field."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from google.oauth2.credentials import Credentials
from googleapiclient import discovery
from googleapiclient.discovery_cache import get_static_doc

TYPES = {"string": str, "boolean": bool, "integer": int, "number": int | float, "array": list, "object": dict}


def client(name: str, version: str, url: str, token: str) -> Any:
    """The client that Google's users have, asking the stand-in. Nothing is fetched: its contracts came with it."""
    return discovery.build(
        name, version, credentials=Credentials(token), static_discovery=True,
        client_options={"api_endpoint": url},
    )  # fmt: skip


@cache
def contract(name: str, version: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(get_static_doc(name, version))
    return found["schemas"]  # type: ignore[no-any-return]


def strange(schemas: dict[str, Any], kind: str | dict[str, Any], said: Any, path: str = "") -> list[str]:
    """What is said and not in the contract, or of another type than there."""
    schema = schemas[kind] if isinstance(kind, str) else kind
    if "$ref" in schema:
        return strange(schemas, schema["$ref"], said, path)
    wanted = TYPES.get(schema.get("type", ""), object)
    if not isinstance(said, wanted) or (isinstance(said, bool) and wanted is not bool):
        return [f"{path}: {said!r} is no {schema['type']}"]
    if isinstance(said, list):
        return [one for item in said for one in strange(schemas, schema["items"], item, f"{path}[]")]
    if not isinstance(said, dict) or "properties" not in schema:
        return []
    known = schema["properties"]
    found = [f"{path}.{name} is not in the contract" for name in said.keys() - known.keys()]
    return found + [
        one
        for name in said.keys() & known.keys()
        for one in strange(schemas, known[name], said[name], f"{path}.{name}")
    ]
