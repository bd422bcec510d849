"""The error tree.

AppError                 code, message (safe for people, in each language), data (declared fields)
├── InvalidInput         the request is malformed or impossible
├── Unauthenticated      nobody is signed in, or the key is not valid
├── PermissionDenied     signed in, but the role does not allow it
├── NotFound             absent, or invisible to this actor
├── Conflict             the current state forbids it
├── LimitReached         plan, rate or provider quota; may carry retry_after_seconds
├── DependencyFailed     someone else's system failed
└── AppBug               should not happen

Domains subclass these; a class is a situation. Errors do not know HTTP: ``kernel.http.problems`` translates.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

Locale = Literal["en", "id"]
LOCALES: tuple[Locale, ...] = ("en", "id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One sentence for people in each language; ``{name}`` stands for a field of the error's data."""

    en: str
    id: str

    def render(self, locale: Locale, data: dict[str, object]) -> str:
        """Fill the sentence of one language."""
        template = self.id if locale == "id" else self.en
        return template.format_map(_Fields(data))


class _Fields(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldProblem:
    """What is wrong with one field of the input; ``pointer`` is a JSON pointer such as ``/variables/2``.

    ``data`` holds the figures of the rule, such as its limit.
    """

    pointer: str
    code: str
    message: Message
    data: Mapping[str, object] = field(default_factory=dict)


class AppError(Exception):
    """Base of everything the product refuses or fails with on purpose."""

    code: ClassVar[str] = "error"
    message: ClassVar[Message] = Message(en="Something went wrong.", id="Terjadi kesalahan.")

    def __init__(self, **data: object) -> None:
        """Keep the declared fields; they fill the message and go out as ``data``."""
        super().__init__(self.code)
        self.data = data

    def text(self, locale: Locale = "en") -> str:
        """Render the sentence for a person."""
        return self.message.render(locale, self.data)

    def __str__(self) -> str:
        """Return the English sentence, for logs and terminals."""
        return self.text("en")


class InvalidInput(AppError):
    """The request is malformed or impossible; ``problems`` names each field."""

    code = "invalid_request"
    message = Message(en="The request is not valid.", id="Permintaan tidak sah.")

    def __init__(self, problems: tuple[FieldProblem, ...] = (), **data: object) -> None:
        """Keep the problems of single fields beside the data."""
        super().__init__(**data)
        self.problems = problems


class Unauthenticated(AppError):
    """Nobody is signed in, or the key is unknown, expired or revoked."""

    code = "unauthenticated"
    message = Message(en="Sign in first.", id="Silakan masuk terlebih dahulu.")


class PermissionDenied(AppError):
    """The actor's role or key does not hold the permission."""

    code = "forbidden"
    message = Message(
        en="Your role does not allow this ({permission}).",
        id="Peran Anda tidak mengizinkan tindakan ini ({permission}).",
    )


class NotFound(AppError):
    """Absent, or invisible to this actor; the two are never told apart."""

    code = "not_found"
    message = Message(en="Not found.", id="Tidak ditemukan.")


class Conflict(AppError):
    """The current state forbids it."""

    code = "conflict"
    message = Message(
        en="The current state does not allow this.", id="Keadaan saat ini tidak mengizinkan tindakan ini."
    )


class LimitReached(AppError):
    """A plan, rate or provider limit is used up; ``retry_after_seconds`` in data tells when to come back."""

    code = "rate_limited"
    message = Message(en="Too many requests. Try again later.", id="Terlalu banyak permintaan. Coba lagi nanti.")


class DependencyFailed(AppError):
    """Someone else's system failed or is away; ``retry_after_seconds`` in data tells when to come back."""

    code = "dependency_failed"
    message = Message(en="A system we depend on did not answer.", id="Sistem pendukung tidak menjawab.")


class AppBug(AppError):
    """Should not happen; someone must look."""

    code = "internal_error"
    message = Message(en="Something went wrong on our side.", id="Terjadi kesalahan di sisi kami.")
