"""What the framework cannot know is added to the OpenAPI document: permissions, problems, keys and security."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from postroom.api.access import Door
from postroom.api.problems import MEDIA_TYPE
from postroom.identity.access import Access, is_seeing

TAGS = {
    "Receive": "Data comes in: a file of records starts a run.",
    "Compose": "Templates, and single documents made from them.",
    "Produce": "Runs, their records, and what was set aside.",
    "Deliver": "Deliveries, their tries and receipts, and the parties they go to.",
    "Archive": "Documents: find them, read them, see what happened to them.",
    "Govern": "The ledger, and alarms.",
    "Settings": "The installation and you.",
}

#: Asked every few seconds by whatever watches over the installation, so it is never refused.
UNLIMITED = "/api/v1/health"

_PROBLEM = {
    "title": "Problem",
    "type": "object",
    "description": "RFC 9457. `detail` says what happened and where, `hint` what to do next.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "Stable; hold on to this one."},
        "hint": {"type": "string"},
        "context": {"type": "object", "description": "Plain values for machines; `problems` lists every fault."},
    },
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "description": "The same key with the same request acts once and gets the same answer, for 24 hours.",
}
_WORDS = {
    400: "The body cannot be read, or the Idempotency-Key cannot be used.",
    401: "Nobody is named.",
    403: "You may not do this.",
    404: "There is nothing here, or you may not know of it.",
    409: "This contradicts what is there, or the first request with this key is still being worked on.",
    413: "The request is too large.",
    422: "The request cannot be used; `context.problems` names every fault.",
    429: "Too many requests; `Retry-After` says for how many seconds to wait.",
    500: "A fault of ours; `context.id` stands in the log.",
    503: "Something needed does not answer at the moment.",
}


def complete(schema: dict[str, Any], doors: Mapping[str, Door]) -> dict[str, Any]:
    """``schema`` with everything added. ``doors`` by operation id."""
    schema["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
    components = schema.setdefault("components", {})
    components.setdefault("schemas", {})["ProblemDetails"] = _PROBLEM
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "`postroom token create` makes one."},
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "The desk's session; POST needs the csrftoken cookie's value as X-CSRFToken.",
        },
    }
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            access = doors[operation["operationId"]].access
            if access is not None:
                _tell_access(operation, access)
            _tell_problems(operation, method, path, access)
            if method == "post":
                operation["parameters"] = [*operation.get("parameters", []), _KEY]
            operation["responses"] = {str(status): told for status, told in sorted(operation["responses"].items())}
    return schema


def _tell_access(operation: dict[str, Any], access: Access) -> None:
    operation["security"] = [] if access.public else [{"token": []}, {"session": []}]
    operation["x-permissions"] = list(access.needs)
    if access.needs:
        needed = ", ".join(f"`{name}`" for name in access.needs)
        operation["description"] = f"{operation.get('description', '').strip()}\n\nNeeds {needed}.".strip()


def _tell_problems(operation: dict[str, Any], method: str, path: str, access: Access | None) -> None:
    statuses = {500, 503} if path == UNLIMITED else {429, 500, 503}
    if access is None or not access.public:
        statuses.add(401)
    if access is not None and any(not is_seeing(name) for name in access.needs):
        statuses.add(403)
    if method != "get":
        statuses |= {400, 403, 404, 409, 413, 422}
    if "{" in path or (access is not None and any(is_seeing(name) for name in access.needs)):
        statuses.add(404)
    if any(parameter["in"] in ("query", "path") for parameter in operation.get("parameters", ())):
        statuses.add(422)
    for status in sorted(statuses):
        operation["responses"].setdefault(
            status,
            {
                "description": _WORDS[status],
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
            },
        )
