"""Reads the ``messages`` field: receipts, messages from people and errors of a number."""

from collections.abc import Iterator, Mapping
from typing import Final

from blazz.domains.channels.inbound import (
    DeliveryStatus,
    InboundEvent,
    InboundMessage,
    InboundSystem,
    MessageContext,
    MessageEcho,
    NumberErrors,
    Pricing,
    Referral,
    Sender,
    StatusUpdate,
    Unrecognised,
)

from .mapping import failure_of, read_error
from .webhook_content import read_content
from .webhook_values import NOTHING, Raw, bsuid, moment, obj, objects, text

_STATUSES: Final[Mapping[str, DeliveryStatus]] = {status.value: status for status in DeliveryStatus}


def read_messages(account_id: str, field: str, value: Raw) -> Iterator[InboundEvent]:
    """Go through one change of the ``messages`` or ``smb_message_echoes`` field, in the order received."""
    number_id = text(obj(value.get("metadata")).get("phone_number_id"))
    if number_id is None:
        yield Unrecognised(provider_account_id=account_id, field=field, reason="no_number", raw=value)
        return
    for raw in objects(value.get("statuses")):
        yield _status(account_id, number_id, field, raw)
    messages = objects(value.get("messages"))
    if messages:
        contacts: list[Raw] = [contact for contact in objects(value.get("contacts")) if isinstance(contact, dict)]
        for raw in messages:
            yield _message(account_id, number_id, field, raw, contacts)
    for raw in objects(value.get("message_echoes")):
        yield _echo(account_id, number_id, field, raw)
    errors = objects(value.get("errors"))
    if errors:
        yield NumberErrors(
            provider_account_id=account_id,
            provider_number_id=number_id,
            errors=tuple(failure_of(read_error(error)) for error in errors),
        )


def _status(account_id: str, number_id: str, field: str, raw: object) -> InboundEvent:
    status = obj(raw)
    message_id, at = text(status.get("id")), moment(status.get("timestamp"))
    kind = _STATUSES.get(text(status.get("status")) or "")
    if message_id is None or at is None or kind is None:
        reason = "no_message_id" if message_id is None else "bad_timestamp" if at is None else "unknown_status"
        return Unrecognised(provider_account_id=account_id, field=field, reason=reason, raw=raw)
    recipient = text(status.get("recipient_id"))
    user_id = bsuid(status.get("recipient_user_id"))
    group_id = None
    if status.get("recipient_type") == "group":
        group_id, recipient = recipient, text(status.get("recipient_participant_id"))
        user_id = bsuid(status.get("recipient_participant_user_id"))
    if user_id is None and bsuid(recipient) is not None:
        recipient, user_id = None, recipient
    conversation = status.get("conversation")
    shown = obj(conversation) if conversation is not None else NOTHING
    errors = status.get("errors")
    return StatusUpdate(
        account_id,
        number_id,
        message_id,
        kind,
        at,
        text(status.get("biz_opaque_callback_data")),
        recipient,
        user_id,
        tuple(failure_of(read_error(error)) for error in objects(errors)) if errors else (),
        _pricing(status.get("pricing")),
        text(shown.get("id")),
        text(obj(shown.get("origin")).get("type")) if shown else None,
        moment(shown.get("expiration_timestamp")) if shown else None,
        group_id,
    )


def _pricing(value: object) -> Pricing | None:
    if not isinstance(value, dict):
        return None
    billable = value.get("billable")
    return Pricing(
        billable if isinstance(billable, bool) else None,
        text(value.get("category")),
        text(value.get("pricing_model")),
        text(value.get("type")),
    )


def _message(account_id: str, number_id: str, field: str, raw: object, contacts: list[Raw]) -> InboundEvent:
    message = obj(raw)
    message_id, at = text(message.get("id")), moment(message.get("timestamp"))
    content = read_content(message)
    sender = _sender(message, contacts)
    reason = None
    if message_id is None:
        reason = "no_message_id"
    elif at is None:
        reason = "bad_timestamp"
    elif sender.wa_id is None and sender.bsuid is None and not isinstance(content, InboundSystem):
        reason = "no_sender"
    if reason is not None or message_id is None or at is None:
        return Unrecognised(provider_account_id=account_id, field=field, reason=reason or "malformed", raw=raw)
    return InboundMessage(
        provider_account_id=account_id,
        provider_number_id=number_id,
        provider_message_id=message_id,
        sender=sender,
        at=at,
        content=content,
        raw=message,
        context=_context(message.get("context")),
        referral=_referral(message.get("referral")),
        group_id=text(message.get("group_id")),
    )


def _echo(account_id: str, number_id: str, field: str, raw: object) -> InboundEvent:
    echo = obj(raw)
    message_id, at = text(echo.get("id")), moment(echo.get("timestamp"))
    if message_id is None or at is None:
        reason = "no_message_id" if message_id is None else "bad_timestamp"
        return Unrecognised(provider_account_id=account_id, field=field, reason=reason, raw=raw)
    recipient = text(echo.get("to"))
    user_id = bsuid(echo.get("to_user_id"))
    if user_id is None and bsuid(recipient) is not None:
        recipient, user_id = None, recipient
    return MessageEcho(
        provider_account_id=account_id,
        provider_number_id=number_id,
        provider_message_id=message_id,
        recipient_wa_id=recipient,
        recipient_bsuid=user_id,
        at=at,
        content=read_content(echo),
        raw=echo,
    )


def _sender(message: Raw, contacts: list[Raw]) -> Sender:
    wa_id = text(message.get("from"))
    user_id = bsuid(message.get("from_user_id"))
    # Some senders put the business-scoped id where the phone belongs.
    if wa_id is not None and not wa_id.isdigit():
        user_id = user_id or bsuid(wa_id)
        wa_id = wa_id[1:] if wa_id[:1] == "+" and wa_id[1:].isdigit() else None
    contact = _contact_of(wa_id, user_id, contacts)
    profile = obj(contact.get("profile"))
    username = text(profile.get("username"))
    return Sender(
        wa_id=wa_id or text(contact.get("wa_id")),
        bsuid=user_id or bsuid(contact.get("user_id")),
        parent_bsuid=bsuid(message.get("from_parent_user_id")) or bsuid(contact.get("parent_user_id")),
        username=username.removeprefix("@") or None if username is not None else None,
        profile_name=text(profile.get("name")),
        identity_key_hash=text(contact.get("identity_key_hash")),
    )


def _contact_of(wa_id: str | None, user_id: str | None, contacts: list[Raw]) -> Raw:
    for contact in contacts:
        if user_id is not None and contact.get("user_id") == user_id:
            return contact
        if wa_id is not None and contact.get("wa_id") == wa_id:
            return contact
    # With one contact and no id to compare, the contact can only be the sender.
    if len(contacts) == 1 and wa_id is None and user_id is None:
        return contacts[0]
    return NOTHING


def _context(value: object) -> MessageContext | None:
    if not isinstance(value, dict) or not value:
        return None
    product = obj(value.get("referred_product"))
    return MessageContext(
        replied_message_id=text(value.get("id")),
        replied_sender=text(value.get("from")),
        forwarded=value.get("forwarded") is True or value.get("frequently_forwarded") is True,
        frequently_forwarded=value.get("frequently_forwarded") is True,
        catalog_id=text(product.get("catalog_id")),
        product_retailer_id=text(product.get("product_retailer_id")),
    )


def _referral(value: object) -> Referral | None:
    if not isinstance(value, dict) or not value:
        return None
    return Referral(
        source_type=text(value.get("source_type")),
        source_id=text(value.get("source_id")),
        source_url=text(value.get("source_url")),
        headline=text(value.get("headline")),
        body=text(value.get("body")),
        click_id=text(value.get("ctwa_clid")),
        raw=value,
    )
