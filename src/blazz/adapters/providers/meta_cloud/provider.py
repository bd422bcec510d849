"""The Meta Cloud API behind the provider port."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Final, get_args

from blazz.domains.channels.content import Action, Content, MediaKind, TemplateDefinition
from blazz.domains.channels.failures import FailureCode, SendFailure
from blazz.domains.channels.inbound import WebhookBatch
from blazz.domains.channels.ports import (
    Capabilities,
    Credentials,
    MediaDownload,
    MediaUpload,
    NumberHealth,
    NumberRef,
    OutboundMessage,
    Refused,
    SendOutcome,
    StoredTemplate,
    TemplateCreated,
)

from . import signatures, webhooks
from .client import GraphClient, MetaCloudSettings, make_transport
from .media import MetaMedia
from .numbers import MetaNumbers
from .payloads import UnsendableMessage, encode_message, encode_read_receipt, uses_marketing_door
from .templates import MetaTemplates
from .transport import Transport

CAPABILITIES: Final = Capabilities(
    provider="meta_cloud",
    content_types=frozenset(
        {kind.type for kind in get_args(Content)} | {kind.value for kind in MediaKind if kind is not MediaKind.GIF}
    ),
    interactive_types=frozenset(kind.type for kind in get_args(Action)),
    templates=True,
    read_receipts=True,
    typing_indicator=True,
    media_upload=True,
    echoes_opaque_id=True,
    needs_open_window=True,
    messages_per_second=80.0,
    seconds_per_message_to_one_person=6.0,
)


class MetaCloudProvider:
    """Implements the provider port over the Graph API."""

    def __init__(self, settings: MetaCloudSettings, transport: Transport | None = None) -> None:
        """Build the parts; ``transport`` replaces the one the settings ask for."""
        self._client = GraphClient(settings, transport or make_transport(settings))
        self._media = MetaMedia(self._client)
        self._templates = MetaTemplates(self._client)
        self._numbers = MetaNumbers(self._client)

    @property
    def capabilities(self) -> Capabilities:
        """What the Cloud API can do."""
        return CAPABILITIES

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def send(self, number: NumberRef, message: OutboundMessage) -> SendOutcome:
        """Send one message once; see the port for what each outcome proves."""
        try:
            body = encode_message(message)
        except UnsendableMessage as error:
            return Refused(failure=SendFailure(code=FailureCode.MESSAGE_INVALID, detail=str(error)))
        door = "marketing_messages" if uses_marketing_door(message.content) else "messages"
        return await self._client.send(number.provider_number_id, door, number.credentials, body, message.pushbacks)

    async def mark_read(self, number: NumberRef, provider_message_id: str, *, typing: bool = False) -> None:
        """Mark a message and all older ones of the chat as read."""
        await self._client.call(
            "POST",
            self._client.url(number.provider_number_id, "messages"),
            number.credentials,
            raw_body=encode_read_receipt(provider_message_id, typing=typing),
            headers={"Content-Type": "application/json"},
            timeout_seconds=self._client.settings.send_timeout_seconds,
        )

    async def upload_media(self, number: NumberRef, upload: MediaUpload) -> str:
        """Upload a file and give its media id."""
        return await self._media.upload(number, upload)

    def fetch_media(
        self, number: NumberRef, media_id: str, *, max_bytes: int
    ) -> AbstractAsyncContextManager[MediaDownload]:
        """Open a stored file for reading."""
        return self._media.fetch(number, media_id, max_bytes)

    async def delete_media(self, number: NumberRef, media_id: str) -> None:
        """Delete a stored file."""
        await self._media.delete(number, media_id)

    def list_templates(self, number: NumberRef, *, page_size: int = 100) -> AsyncIterator[StoredTemplate]:
        """Go through all templates of the account."""
        return self._templates.list_all(number, page_size)

    async def create_template(
        self, number: NumberRef, definition: TemplateDefinition, *, send_ttl_seconds: int | None = None
    ) -> TemplateCreated:
        """Submit a template for review."""
        return await self._templates.create(number, definition, send_ttl_seconds)

    async def delete_template(self, number: NumberRef, name: str, *, provider_template_id: str | None = None) -> None:
        """Delete a template by name, or one language of it by id."""
        await self._templates.delete(number, name, provider_template_id)

    async def number_health(self, number: NumberRef) -> NumberHealth:
        """Read one number's state."""
        return await self._numbers.health(number)

    async def list_numbers(self, provider_account_id: str, credentials: Credentials) -> tuple[NumberHealth, ...]:
        """List the account's numbers."""
        return await self._numbers.list_all(provider_account_id, credentials)

    async def register_number(self, number: NumberRef, pin: str) -> None:
        """Register a number with its PIN."""
        await self._numbers.register(number, pin)

    async def subscribe_webhooks(
        self,
        provider_account_id: str,
        credentials: Credentials,
        *,
        callback_url: str | None = None,
        verify_token: str | None = None,
    ) -> None:
        """Ask for the account's webhooks."""
        await self._numbers.subscribe(provider_account_id, credentials, callback_url, verify_token)

    def parse_webhook(self, body: bytes) -> WebhookBatch:
        """Turn a body into events; never raises."""
        return webhooks.parse_webhook(body)

    def peek_number_ids(self, body: bytes) -> frozenset[str]:
        """Find the number ids a body speaks about."""
        return webhooks.peek_number_ids(body)

    def verify_signature(self, raw: bytes, header: str | None, secrets: Sequence[str]) -> bool:
        """Check the raw body's signature."""
        return signatures.verify_signature(raw, header, secrets)

    def answer_handshake(self, params: Mapping[str, str], verify_token: str) -> str | None:
        """Answer the subscription handshake."""
        return signatures.answer_handshake(params, verify_token)
