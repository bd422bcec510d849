"""Graph API errors: the envelope of a refusal, with the codes real clients switch on."""

import secrets
from typing import Final

import msgspec
from starlette.responses import Response

_STATUS: Final = {
    0: 401, 2: 503, 3: 500, 4: 429, 10: 403, 17: 429, 104: 401, 190: 401, 613: 429, 80007: 429,
    130429: 429, 130497: 403, 131000: 500, 131005: 403, 131016: 500, 131031: 403, 131045: 500, 131056: 429, 131057: 500,
    132001: 404, 133000: 500, 133004: 503,
}  # fmt: skip
_TRANSIENT: Final = frozenset({1, 2, 131000, 131016, 131057, 133004})
TITLES: Final = {
    0: "Unable to authenticate the app user",
    1: "Invalid request or possible server error",
    2: "Service temporarily unavailable",
    3: "Capability or permissions issue",
    4: "Application request limit reached",
    10: "Permission is either not granted or has been removed",
    33: "Parameter value is not valid",
    80007: "Rate limit issues",
    100: "Invalid parameter",
    104: "An access token is required to request this resource",
    190: "Invalid OAuth access token",
    368: "Temporarily blocked for policies violations",
    130429: "Rate limit hit",
    130472: "User's number is part of an experiment",
    130497: "Business account is restricted from messaging users in this country",
    131000: "Something went wrong",
    131005: "Access denied",
    131008: "Required parameter is missing",
    131009: "Parameter value is not valid",
    131016: "Service unavailable",
    131021: "Recipient cannot be sender",
    131026: "Message undeliverable",
    131030: "Recipient phone number not in allowed list",
    131031: "Account has been locked",
    131037: "Display name approval needed",
    131042: "Business eligibility payment issue",
    131045: "Incorrect certificate",
    131047: "Re-engagement message",
    131048: "Spam rate limit hit",
    131049: "This message was not delivered to maintain healthy ecosystem engagement",
    131050: "User has stopped marketing messages from this business",
    131051: "Unsupported message type",
    131052: "Media download error",
    131053: "Media upload error",
    131056: "(Business Account, Consumer Account) pair rate limit hit",
    131057: "Account in maintenance mode",
    131059: "Invalid paging cursor",
    131062: "A phone number is required",
    131063: "Marketing templates are not allowed on this endpoint",
    132000: "Number of parameters does not match the expected number of params",
    132001: "Template name does not exist in the translation",
    132005: "Translated text too long",
    132012: "Parameter format does not match format in the created template",
    132015: "Template is paused",
    132016: "Template is disabled",
    133005: "Two step verification PIN mismatch",
    133006: "Phone number re-verification needed",
    133008: "Too many two step verification PIN guesses",
    133010: "Phone number not registered",
    133016: "Account register/deregister rate limit exceeded",
    137000: "User identity has changed",
    139100: "Failed to block or unblock some users",
    139101: "Block list limit reached",
    2388019: "Message template limit exceeded",
    2388040: "Character limit exceeded",
    2388047: "Message header format is incorrect",
    2388072: "Message body format is incorrect",
    2388073: "Message footer format is incorrect",
    2388293: "Too many variables for the message length",
    2388299: "Variables cannot be at the start or end of the template",
}


class GraphError(Exception):
    """A refusal with its numeric code and the details that explain it."""

    def __init__(
        self, code: int, details: str, *, subcode: int | None = None, kind: str = "OAuthException", title: str = ""
    ) -> None:
        """Keep what the envelope shows; without a title the code's own stands there."""
        self.title = title or TITLES.get(code, "Something went wrong")
        super().__init__(f"(#{code}) {self.title}")
        self.code, self.details, self.subcode, self.kind = code, details, subcode, kind

    def response(self) -> Response:
        """Write the envelope."""
        trace = "A" + secrets.token_urlsafe(12)
        error: dict[str, object] = {
            "message": f"(#{self.code}) {self.title}",
            "type": self.kind,
            "code": self.code,
            "error_data": {"messaging_product": "whatsapp", "details": self.details},
            "is_transient": self.code in _TRANSIENT,
            "fbtrace_id": trace,
        }
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        return Response(
            msgspec.json.encode({"error": error}),
            _STATUS.get(self.code, 400),
            {"x-fb-trace-id": trace},
            media_type="application/json",
        )


def bad(details: str) -> GraphError:
    """Refuse a malformed parameter (100)."""
    return GraphError(100, details)


def missing(details: str) -> GraphError:
    """Refuse a body that lacks a required parameter (131008)."""
    return GraphError(131008, details)


def wrong(details: str) -> GraphError:
    """Refuse a parameter of a send whose value is not valid (131009)."""
    return GraphError(131009, details)


def unknown_object(given: str, method: str = "get") -> GraphError:
    """Refuse an id nobody knows (100 with subcode 33)."""
    title = (
        f"Unsupported {method.lower()} request. Object with ID '{given[:60]}' does not exist, cannot be loaded due to "
        "missing permissions, or does not support this operation"
    )
    details = f"object {given[:60]!r} is unknown or does not know this operation"
    return GraphError(100, details, subcode=33, kind="GraphMethodException", title=title)
