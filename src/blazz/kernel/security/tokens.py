"""Random tokens that are stored only as digests."""

import hashlib
import secrets


def new_token(prefix: str = "") -> str:
    """Make an unguessable token: 256 random bits, URL-safe, with a recognisable prefix."""
    return prefix + secrets.token_urlsafe(32)


def digest_token(token: str) -> bytes:
    """Digest a token for storage and lookup (32 bytes; the token itself has 256 bits, so no salt is needed)."""
    return hashlib.sha256(token.encode()).digest()
