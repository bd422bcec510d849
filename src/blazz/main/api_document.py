"""The OpenAPI document: what FastAPI derives from the routes, with our problem documents and the ways to sign in."""

from typing import Any

from fastapi import FastAPI

# FastAPI's own shapes of a refused request, which our problem documents replace.
_REPLACED = ("HTTPValidationError", "ValidationError")
_OPEN = frozenset({"login", "use_sign_in_link"})
_PROBLEM: dict[str, object] = {
    "type": "object",
    "title": "Problem",
    "description": "A problem document (RFC 9457); `code` is stable, `detail` is in the language that was asked for.",
    "required": ["type", "title", "status", "detail", "instance", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "code": {"type": "string", "pattern": "^[a-z0-9_]+$"},
        "request_id": {"type": "string"},
        "data": {"type": "object", "description": "what the text speaks of: limits, names, seconds to wait"},
        "errors": {
            "type": "array",
            "description": "each field that was refused",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "message"],
                "properties": {
                    "pointer": {"type": "string"},
                    "in": {"type": "string"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
_RESPONSE = {
    "description": "A problem",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_SCHEMES = {
    "key": {"type": "http", "scheme": "bearer", "description": "An API key, `blz_live_…` or `blz_test_…`"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "blazz_session",
        "description": "A session; changes also need its `X-CSRF-Token`. Over https the name begins with `__Host-`.",
    },
}


class Api(FastAPI):
    """A FastAPI application whose document tells of problems and credentials too."""

    def openapi(self) -> dict[str, Any]:
        """Make the document once."""
        if self.openapi_schema is None:
            self.openapi_schema = complete_document(super().openapi())
        return self.openapi_schema


def complete_document(document: dict[str, Any]) -> dict[str, Any]:
    """Put problem documents in the place of FastAPI's errors, and say how to sign in."""
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in _REPLACED:
        schemas.pop(name, None)
    schemas["Problem"] = _PROBLEM
    components["responses"] = {"Problem": _RESPONSE}
    components["securitySchemes"] = _SCHEMES
    document["security"] = [{"key": []}, {"session": []}]
    for methods in document["paths"].values():
        for operation in methods.values():
            operation["responses"].pop("422", None)
            for status in ("4XX", "5XX"):
                operation["responses"][status] = {"$ref": "#/components/responses/Problem"}
            if operation["operationId"] in _OPEN:
                operation["security"] = []
    return document
