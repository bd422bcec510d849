"""The Meta Cloud API adapter: the official way to send and receive WhatsApp messages."""

from .client import MetaCloudSettings
from .provider import CAPABILITIES, MetaCloudProvider
from .signatures import answer_handshake, verify_signature
from .transport import TransportSettings
from .webhooks import parse_webhook, peek_account_ids, peek_number_ids

__all__ = [
    "CAPABILITIES",
    "MetaCloudProvider",
    "MetaCloudSettings",
    "TransportSettings",
    "answer_handshake",
    "parse_webhook",
    "peek_account_ids",
    "peek_number_ids",
    "verify_signature",
]
