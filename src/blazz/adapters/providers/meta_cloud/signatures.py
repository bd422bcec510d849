"""Proves that a webhook came from Meta."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence

_PREFIX = "sha256="


def verify_signature(raw: bytes, header: str | None, secrets: Sequence[str]) -> bool:
    """Check ``X-Hub-Signature-256`` over the raw bytes against every secret in force, in constant time.

    All secrets are always tried, so that the time taken does not tell which one fits. Empty secrets never fit.
    """
    if header is None or not header.startswith(_PREFIX):
        return False
    given = header[len(_PREFIX) :].encode("utf-8", "replace").lower()
    fits = False
    for secret in secrets:
        expected = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest().encode()
        fits |= hmac.compare_digest(expected, given) and bool(secret)
    return fits


def answer_handshake(params: Mapping[str, str], verify_token: str) -> str | None:
    """Give ``hub.challenge`` when the request subscribes with our token, otherwise None."""
    token = params.get("hub.verify_token", "")
    challenge = params.get("hub.challenge")
    known = hmac.compare_digest(token.encode("utf-8", "replace"), verify_token.encode("utf-8", "replace"))
    if params.get("hub.mode") != "subscribe" or not verify_token or not known:
        return None
    return challenge
