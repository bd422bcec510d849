"""Secrets: envelope encryption, random tokens, password hashes and keyed digests."""

from blazz.kernel.security.envelope import Envelope, SecretKey, TamperedSecretError
from blazz.kernel.security.passwords import hash_password, password_problem, verify_password
from blazz.kernel.security.tokens import digest_token, new_token

__all__ = [
    "Envelope",
    "SecretKey",
    "TamperedSecretError",
    "digest_token",
    "hash_password",
    "new_token",
    "password_problem",
    "verify_password",
]
