"""Password hashes (argon2id) and the few rules a password must pass."""

from functools import cache

import argon2

from blazz.kernel.errors import Message

# OWASP's floor for argon2id: 46 MiB, one pass, one lane; about 40 ms on one core.
_HASHER = argon2.PasswordHasher(time_cost=1, memory_cost=47104, parallelism=1)
_MIN, _MAX = 8, 128
_COMMON = frozenset(
    [
        "password",
        "password1",
        "12345678",
        "123456789",
        "1234567890",
        "qwertyui",
        "qwerty123",
        "iloveyou",
        "sunshine",
        "princess",
        "football",
        "baseball",
        "superman",
        "trustno1",
        "whatever",
        "welcome1",
        "letmein1",
        "admin123",
        "administrator",
        "bismillah",
        "indonesia",
        "rahasia123",
        "sayangku",
        "katasandi",
        "kucing123",
        "jakarta1",
        "garuda123",
        "merdeka45",
        "11111111",
        "00000000",
        "88888888",
        "abc12345",
        "abcd1234",
        "passw0rd",
        "p@ssw0rd",
        "p@ssword",
        "changeme",
        "changeme1",
        "default1",
        "whatsapp1",
        "blazz123",
        "blazzblazz",
    ]
)


def hash_password(password: str) -> str:
    """Hash a password with argon2id; the parameters travel inside the hash."""
    return _HASHER.hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """Check a password; an absent account costs the same time as a wrong password (security row S-10)."""
    try:
        _HASHER.verify(stored or _dummy(), password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False
    return stored is not None


def password_problem(password: str, *context: str) -> Message | None:
    """Say what is wrong with a new password, or None; ``context`` holds the person's name, e-mail and workspace."""
    if not _MIN <= len(password) <= _MAX:
        return Message(
            en=f"Use {_MIN} to {_MAX} characters.",
            id=f"Gunakan {_MIN} sampai {_MAX} karakter.",
        )
    lowered = password.lower()
    if lowered in _COMMON or len(set(lowered)) < 3:
        return Message(en="This password is too easy to guess.", id="Kata sandi ini terlalu mudah ditebak.")
    words = {word for text in context for word in text.lower().replace("@", " ").replace(".", " ").split()}
    if any(len(word) >= 4 and word in lowered and len(lowered) < len(word) + 6 for word in words):
        return Message(
            en="Do not build the password from your name, e-mail or workspace.",
            id="Jangan menyusun kata sandi dari nama, email, atau ruang kerja Anda.",
        )
    return None


@cache
def _dummy() -> str:
    """Hash something once, so that an unknown account takes as long as a wrong password; not at import, it is costly."""
    return _HASHER.hash("no such account")
