"""The port every provider implements: send, read receipts, media, templates, numbers and webhooks.

What is made for every message sent is a msgspec struct: one is made in a fifth of the time of a frozen dataclass.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias
from uuid import UUID

import msgspec

from .content import Content, MediaKind, TemplateDefinition
from .failures import SendFailure
from .inbound import WebhookBatch

Scope = Literal["pair", "number", "account", "app"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a provider can do, as data; ``messages_per_second`` is the default rate of one number."""

    provider: str
    content_types: frozenset[str]
    interactive_types: frozenset[str]
    templates: bool
    read_receipts: bool
    typing_indicator: bool
    media_upload: bool
    echoes_opaque_id: bool
    needs_open_window: bool
    messages_per_second: float
    seconds_per_message_to_one_person: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a provider needs to act for a number; never shown by ``repr``."""

    access_token: str = field(repr=False)
    app_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRef:
    """A sending number at the provider and the account it belongs to."""

    provider_account_id: str
    provider_number_id: str
    credentials: Credentials


class OutboundMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One message on its way out.

    ``to`` is the phone in international digits or, with ``is_group``, a group id; either it or ``recipient_bsuid`` is
    given. ``opaque_id`` comes back in every status. ``pushbacks`` counts how often the provider already deferred it.
    """

    message_id: UUID
    content: Content
    opaque_id: str
    to: str | None = None
    recipient_bsuid: str | None = None
    reply_to_provider_id: str | None = None
    identity_key_hash: str | None = None
    is_group: bool = False
    pushbacks: int = 0


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """The provider took the message; ``held`` means it waits for the provider's own quality check."""

    provider_message_id: str
    wa_id: str | None = None
    bsuid: str | None = None
    held: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The provider certainly did not take the message and never will as it stands.

    When ``failure.pauses`` names something, that must stop sending; since the message was certainly not accepted, the
    caller may put it back in the queue behind that pause instead of failing it.
    """

    failure: SendFailure


@dataclass(frozen=True, slots=True, kw_only=True)
class Requeue:
    """The provider certainly did not take the message, but may later; this uses up no attempt.

    ``scope`` says what must wait ``retry_after_seconds`` and ``slow_down`` that its rate must shrink. When
    ``failure.max_tries`` is set, only so many tries in all make sense.
    """

    failure: SendFailure
    retry_after_seconds: float
    scope: Scope
    slow_down: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InDoubt:
    """Nobody knows whether the provider took the message: it must never be sent again by time alone."""

    reason: str
    failure: SendFailure | None = None


SendOutcome: TypeAlias = Accepted | Refused | Requeue | InDoubt


class ProviderCallFailed(Exception):
    """A call other than sending failed; ``certain`` says that the provider surely did nothing."""

    def __init__(self, failure: SendFailure, *, certain: bool) -> None:
        """Keep the failure; the text holds no credential and no address."""
        super().__init__(f"{failure.code.value}: {failure.detail}" if failure.detail else failure.code.value)
        self.failure = failure
        self.certain = certain


class MediaTooLarge(Exception):
    """A file is larger than the caller allows; both figures are in bytes."""

    def __init__(self, *, limit_bytes: int, size_bytes: int | None) -> None:
        """Keep the figures; ``size_bytes`` is None when the file was cut off before its end was known."""
        super().__init__(f"file larger than {limit_bytes} bytes")
        self.limit_bytes = limit_bytes
        self.size_bytes = size_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaUpload:
    """A file to upload; ``chunks`` yields exactly ``size_bytes`` bytes."""

    kind: MediaKind
    mime_type: str
    filename: str
    size_bytes: int
    chunks: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaInfo:
    """What the provider says about a stored file; ``sha256`` is its digest in hex or base64 as it was told."""

    media_id: str
    mime_type: str
    size_bytes: int | None
    sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaDownload:
    """A file being read; iterating ``chunks`` raises MediaTooLarge past the limit."""

    info: MediaInfo
    chunks: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTemplate:
    """A template as the provider lists it; unknown states are kept as they are."""

    provider_template_id: str
    definition: TemplateDefinition
    status: str
    quality: str | None = None
    rejected_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateCreated:
    """The provider's answer to a new template; ``category`` may differ from the one asked for."""

    provider_template_id: str
    status: str
    category: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberHealth:
    """A number's state in the provider's words; None where it tells nothing."""

    provider_number_id: str
    display_phone_number: str
    verified_name: str | None
    quality_rating: str | None
    status: str | None
    name_status: str | None
    messaging_limit: str | None
    throughput_level: str | None
    can_send: str | None
    problems: tuple[str, ...] = ()


class MessageSender(Protocol):
    """Sends messages and read receipts."""

    @property
    def capabilities(self) -> Capabilities:
        """What this provider can do."""
        ...

    async def send(self, number: NumberRef, message: OutboundMessage) -> SendOutcome:
        """Send one message once; never raises for anything the network or the provider does."""
        ...

    async def mark_read(self, number: NumberRef, provider_message_id: str, *, typing: bool = False) -> None:
        """Mark a received message as read, on request with a typing indicator; raises ProviderCallFailed."""
        ...


class MediaStore(Protocol):
    """Keeps files at the provider."""

    async def upload_media(self, number: NumberRef, upload: MediaUpload) -> str:
        """Upload a file and give its media id; raises ProviderCallFailed."""
        ...

    def fetch_media(
        self, number: NumberRef, media_id: str, *, max_bytes: int
    ) -> AbstractAsyncContextManager[MediaDownload]:
        """Open a stored file for reading; raises ProviderCallFailed or MediaTooLarge."""
        ...

    async def delete_media(self, number: NumberRef, media_id: str) -> None:
        """Delete a stored file; raises ProviderCallFailed."""
        ...


class TemplateRegistry(Protocol):
    """Keeps templates at the provider."""

    def list_templates(self, number: NumberRef, *, page_size: int = 100) -> AsyncIterator[StoredTemplate]:
        """Go through all templates of the account, page by page; raises ProviderCallFailed."""
        ...

    async def create_template(
        self, number: NumberRef, definition: TemplateDefinition, *, send_ttl_seconds: int | None = None
    ) -> TemplateCreated:
        """Submit a template for review; raises ProviderCallFailed."""
        ...

    async def delete_template(self, number: NumberRef, name: str, *, provider_template_id: str | None = None) -> None:
        """Delete every language of a template, or only the one with this id; raises ProviderCallFailed."""
        ...


class NumberDirectory(Protocol):
    """Looks after numbers and the webhook subscription."""

    async def number_health(self, number: NumberRef) -> NumberHealth:
        """Read one number's state; raises ProviderCallFailed."""
        ...

    async def list_numbers(self, provider_account_id: str, credentials: Credentials) -> tuple[NumberHealth, ...]:
        """List the account's numbers; raises ProviderCallFailed."""
        ...

    async def register_number(self, number: NumberRef, pin: str) -> None:
        """Register a number with its six-digit PIN; raises ProviderCallFailed."""
        ...

    async def subscribe_webhooks(
        self,
        provider_account_id: str,
        credentials: Credentials,
        *,
        callback_url: str | None = None,
        verify_token: str | None = None,
    ) -> None:
        """Ask for the account's webhooks, on request at an address of its own; raises ProviderCallFailed."""
        ...


class WebhookReceiver(Protocol):
    """Understands what a provider posts to us; pure functions, nothing here touches the network."""

    def parse_webhook(self, body: bytes) -> WebhookBatch:
        """Turn a body into events; never raises, what is not understood becomes Unrecognised."""
        ...

    def peek_number_ids(self, body: bytes) -> frozenset[str]:
        """Find the number ids a body speaks about, cheaply and without parsing all of it."""
        ...

    def verify_signature(self, raw: bytes, header: str | None, secrets: Sequence[str]) -> bool:
        """Check the raw body's signature against any of the secrets in force, in constant time."""
        ...

    def answer_handshake(self, params: Mapping[str, str], verify_token: str) -> str | None:
        """Give the challenge to answer with, or None when the request does not know the token."""
        ...


class Provider(MessageSender, MediaStore, TemplateRegistry, NumberDirectory, WebhookReceiver, Protocol):
    """All of it; what a provider cannot do raises ProviderCallFailed with NOT_SUPPORTED."""
