"""UUIDv7 row ids, and the prefixed text form that leaves the server.

Inside, an id is a UUID of version 7 (RFC 9562): 48 bits of Unix milliseconds, then randomness, so it sorts by time and
names the monthly partition that holds its row. Outside, it is a short prefix and 26 base32 characters, ``msg_01jd…``.
"""

import os
from datetime import UTC, datetime
from uuid import UUID

from blazz.kernel.clock import present_seconds

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUES = {char: value for value, char in enumerate(_ALPHABET)}
_TEXT_LENGTH = 26
_VERSION_AND_VARIANT = (0x7 << 76) | (0b10 << 62)
_RANDOM_MASK = (0xFFF << 64) | ((1 << 62) - 1)


class InvalidIdError(ValueError):
    """The text is not an id of the wanted kind."""


class _Sequence:
    """Keeps ids of one process strictly rising, also within a millisecond."""

    last: int = 0


class _Randomness:
    """The system's randomness, fetched for many ids at once: a system call costs as much as all else in an id."""

    pool: bytes = b""
    used: int = 0

    @classmethod
    def take(cls) -> int:
        """Return 80 random bits."""
        if cls.used >= len(cls.pool):
            cls.pool, cls.used = os.urandom(_RANDOM_BYTES * 256), 0
        cls.used += _RANDOM_BYTES
        return int.from_bytes(cls.pool[cls.used - _RANDOM_BYTES : cls.used], "big")

    @classmethod
    def forget(cls) -> None:
        """Start over: a forked child must not hand out its parent's numbers."""
        cls.pool, cls.used = b"", 0


_RANDOM_BYTES = 10
os.register_at_fork(after_in_child=_Randomness.forget)


def now_millis() -> int:
    """Return the Unix millisecond that a new id is made for."""
    return int(present_seconds() * 1000)


def new_uuid7(at_millis: int | None = None) -> UUID:
    """Make a UUIDv7 for the given Unix millisecond, or for now.

    Ids made for "now" rise strictly within a process: two ids of one millisecond differ by at least one.
    """
    stamp = now_millis() if at_millis is None else at_millis
    random = _Randomness.take()
    value = (stamp << 80) | _VERSION_AND_VARIANT | ((random & 0xFFF) << 64) | (random >> 18)
    if at_millis is None:
        if value <= _Sequence.last and (value >> 80) >= (_Sequence.last >> 80) - 1000:
            value = _Sequence.last + 1 + (random & 0xFFFF)
        _Sequence.last = value
    return UUID(int=value)


def first_uuid7(at: datetime) -> UUID:
    """Return the smallest UUIDv7 of an instant: the lower bound of a range of ids by time."""
    stamp = int(at.timestamp() * 1000)
    return UUID(int=(stamp << 80) | _VERSION_AND_VARIANT)


def instant_of(value: UUID) -> datetime:
    """Return the instant a UUIDv7 was made for, to the millisecond."""
    return datetime.fromtimestamp((value.int >> 80) / 1000, UTC)


def encode_id(prefix: str, value: UUID) -> str:
    """Write an id for the outside world: ``con_`` and 26 characters."""
    number = value.int
    chars = []
    for _ in range(_TEXT_LENGTH):
        chars.append(_ALPHABET[number & 31])
        number >>= 5
    return f"{prefix}_{''.join(reversed(chars))}"


def decode_id(prefix: str, text: str) -> UUID:
    """Read an id that came from outside.

    Raises:
        InvalidIdError: the prefix is another one, or the rest is not 26 base32 characters of a 128-bit number.

    """
    head, _, body = text.partition("_")
    if head != prefix or len(body) != _TEXT_LENGTH:
        msg = f"expected an id like {prefix}_…, got {text[:64]!r}"
        raise InvalidIdError(msg)
    number = 0
    for char in body:
        value = _VALUES.get(char)
        if value is None:
            msg = f"{text!r} holds a character that ids never hold"
            raise InvalidIdError(msg)
        number = (number << 5) | value
    if number >> 128:
        msg = f"{text!r} is larger than any id"
        raise InvalidIdError(msg)
    return UUID(int=number)
