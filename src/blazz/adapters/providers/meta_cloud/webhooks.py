"""Turns Meta's webhook bodies into events, tolerantly and fast."""

import json
import re
from collections.abc import Iterator
from typing import Final

import msgspec

from blazz.domains.channels.inbound import InboundEvent, Unrecognised, WebhookBatch

from .webhook_fields import read_field
from .webhook_messages import read_messages
from .webhook_values import clean, moment, obj, text

_MESSAGE_FIELDS: Final = frozenset({"messages", "smb_message_echoes"})
_decoder: Final = msgspec.json.Decoder()
# Inside JSON text a quotation mark is always escaped, so a person cannot write this into a message.
_NUMBER_ID: Final = re.compile(rb'(?<!\\)"phone_number_id"\s*:\s*"?([0-9]{1,32})')


class _EntryId(msgspec.Struct):
    id: str | int = ""


class _Envelope(msgspec.Struct):
    entry: list[_EntryId] = []


_envelope_decoder: Final = msgspec.json.Decoder(_Envelope)


def parse_webhook(body: bytes) -> WebhookBatch:
    """Turn a body into events in its order; never raises, what is not understood becomes Unrecognised."""
    try:
        decoded = _decode(body)
    except (ValueError, RecursionError):
        return WebhookBatch(events=(_unknown(None, None, "not_json", body),))
    return WebhookBatch(events=tuple(_events(decoded)))


def peek_number_ids(body: bytes) -> frozenset[str]:
    """Find the number ids a body speaks about without decoding it."""
    return frozenset(found.decode() for found in _NUMBER_ID.findall(body))


def peek_account_ids(body: bytes) -> frozenset[str]:
    """Find the account ids a body speaks about, decoding nothing else; empty when the body is malformed."""
    try:
        envelope = _envelope_decoder.decode(body)
    except (ValueError, RecursionError):
        return frozenset()
    return frozenset(str(entry.id) for entry in envelope.entry if entry.id != "")


def _decode(body: bytes) -> object:
    # Zero characters and half surrogate pairs are legal JSON but cannot be stored; they are rare enough to pay for.
    if b"\\u0000" in body:
        return clean(json.loads(body))
    try:
        return _decoder.decode(body)
    except msgspec.DecodeError:
        return clean(json.loads(body))


def _unknown(account_id: str | None, field: str | None, reason: str, raw: object) -> Unrecognised:
    return Unrecognised(provider_account_id=account_id, field=field, reason=reason, raw=raw)


def _events(decoded: object) -> Iterator[InboundEvent]:
    envelope = obj(decoded)
    entries = envelope.get("entry")
    if envelope.get("object") != "whatsapp_business_account" or not isinstance(entries, list):
        yield _unknown(None, None, "not_whatsapp", decoded)
        return
    for raw in entries:
        entry = obj(raw)
        account_id = text(entry.get("id"))
        changes = entry.get("changes")
        if account_id is None or not isinstance(changes, list):
            yield _unknown(account_id, None, "malformed_entry", raw)
            continue
        at = moment(entry.get("time"))
        for change in changes:
            parts = obj(change)
            field, value = text(parts.get("field")), parts.get("value")
            if field is None or not isinstance(value, dict):
                yield _unknown(account_id, field, "malformed_change", change)
            elif field in _MESSAGE_FIELDS:
                yield from read_messages(account_id, field, value)
            else:
                yield from read_field(account_id, field, value, at)
