"""Graph API errors: the envelope of a refusal, with the codes real clients switch on."""

import secrets

import msgspec
from starlette.responses import Response

_STATUS = {0: 401, 190: 401, 100: 400, 130429: 429, 131056: 429, 131057: 500, 131000: 500, 2: 503, 132001: 404}


class GraphError(Exception):
    """A refusal with its numeric code and the details that explain it."""

    def __init__(self, code: int, title: str, details: str) -> None:
        """Keep what the envelope shows."""
        super().__init__(f"(#{code}) {title}")
        self.code, self.title, self.details = code, title, details

    def response(self) -> Response:
        """Write the envelope."""
        body = {
            "error": {
                "message": f"(#{self.code}) {self.title}",
                "type": "OAuthException",
                "code": self.code,
                "error_data": {"messaging_product": "whatsapp", "details": self.details},
                "is_transient": self.code in {2, 131000, 131057},
                "fbtrace_id": "A" + secrets.token_urlsafe(12),
            }
        }
        return Response(msgspec.json.encode(body), _STATUS.get(self.code, 400), media_type="application/json")
