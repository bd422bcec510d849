"""Envelope encryption of stored credentials with AES-256-GCM.

Each value gets its own data key; the data key is sealed with the instance's secret key. Workspace and column are bound
as associated data, so a ciphertext moved to another tenant or column does not open (security row S-23).
Layout: version (1) | key id (4) | nonce (12) | sealed data key (48) | nonce (12) | sealed value.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = b"\x01"
_HEAD = 1 + 4 + 12 + 48 + 12


class TamperedSecretError(Exception):
    """The ciphertext was changed, moved, or sealed with a key this instance does not hold."""


@dataclass(frozen=True, slots=True)
class SecretKey:
    """The instance's secret: everything that must stay unguessable is derived from it by purpose."""

    material: bytes

    def derive(self, purpose: str, length: int = 32) -> bytes:
        """Derive a key for one purpose (HMAC-SHA-256, at most 32 bytes)."""
        return hmac.new(self.material, purpose.encode(), hashlib.sha256).digest()[:length]

    def __repr__(self) -> str:
        """Never show the material."""
        return "SecretKey(•••)"


class Envelope:
    """Seals and opens values; holds the newest key and those it still opens with."""

    def __init__(self, current: SecretKey, *older: SecretKey) -> None:
        """Seal with ``current``; open with any of the keys, so that rotation is online."""
        self._current = _Sealer(current)
        self._by_id = {sealer.key_id: sealer for sealer in (self._current, *map(_Sealer, older))}

    def seal(self, plain: bytes, *, workspace_id: int, column: str) -> bytes:
        """Encrypt a value for one workspace and column."""
        bound = f"{workspace_id}:{column}".encode()
        data_key = AESGCM.generate_key(256)
        outer, inner = secrets.token_bytes(12), secrets.token_bytes(12)
        sealed_key = self._current.cipher.encrypt(outer, data_key, bound)
        sealed = AESGCM(data_key).encrypt(inner, plain, bound)
        return _VERSION + self._current.key_id + outer + sealed_key + inner + sealed

    def open(self, sealed: bytes, *, workspace_id: int, column: str) -> bytes:
        """Decrypt a value.

        Raises:
            TamperedSecretError: changed, moved to another workspace or column, or sealed with an unknown key.

        """
        bound = f"{workspace_id}:{column}".encode()
        sealer = self._by_id.get(sealed[1:5])
        if sealed[:1] != _VERSION or len(sealed) < _HEAD + 16 or sealer is None:
            msg = f"a stored secret ({column}) cannot be opened: unknown format or key"
            raise TamperedSecretError(msg)
        try:
            data_key = sealer.cipher.decrypt(sealed[5:17], sealed[17:65], bound)
            return AESGCM(data_key).decrypt(sealed[65:77], sealed[77:], bound)
        except InvalidTag:
            msg = f"a stored secret ({column}) was changed or moved"
            raise TamperedSecretError(msg) from None


class _Sealer:
    def __init__(self, key: SecretKey) -> None:
        self.cipher = AESGCM(key.derive("envelope"))
        self.key_id = hashlib.sha256(key.derive("envelope-id")).digest()[:4]
