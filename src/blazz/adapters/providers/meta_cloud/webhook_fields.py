"""Reads every webhook field but ``messages``: templates, numbers, accounts and what people prefer."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Final, Literal

from blazz.domains.channels.inbound import (
    AccountUpdated,
    CapabilityChanged,
    InboundEvent,
    NumberNameChanged,
    NumberQualityChanged,
    PreferenceChanged,
    TemplateCategoryChanged,
    TemplateComponentsChanged,
    TemplateQualityChanged,
    TemplateStatusChanged,
    Unrecognised,
    UserIdChanged,
)

from .webhook_values import Raw, bsuid, moment, number, obj, objects, text

Reader = Callable[[str, str, Raw, datetime | None], Iterator[InboundEvent]]
_PREFERENCES: Final[Mapping[str, Literal["stop", "resume", "signup"]]] = {
    "stop": "stop",
    "resume": "resume",
    "signup": "signup",
}


def read_field(account_id: str, field: str, value: Raw, at: datetime | None) -> Iterator[InboundEvent]:
    """Read one change; a field this product does not use becomes Unrecognised with everything kept."""
    reader = _READERS.get(field)
    if reader is None:
        yield Unrecognised(provider_account_id=account_id, field=field, reason="unused_field", raw=value)
    else:
        yield from reader(account_id, field, value, at)


def _malformed(account_id: str, field: str, raw: object) -> Unrecognised:
    return Unrecognised(provider_account_id=account_id, field=field, reason="malformed", raw=raw)


def _template(account_id: str, field: str, value: Raw, at: datetime | None) -> Iterator[InboundEvent]:
    template_id = text(value.get("message_template_id"))
    name = text(value.get("message_template_name")) or ""
    language = text(value.get("message_template_language")) or ""
    if template_id is None:
        yield _malformed(account_id, field, value)
    elif field == "message_template_status_update" and (event := text(value.get("event"))) is not None:
        yield TemplateStatusChanged(
            provider_account_id=account_id,
            provider_template_id=template_id,
            name=name,
            language=language,
            event=event,
            reason=_reason(value),
            category=text(value.get("message_template_category")),
            details=value,
            at=at,
        )
    elif field == "message_template_quality_update" and (quality := text(value.get("new_quality_score"))) is not None:
        yield TemplateQualityChanged(
            provider_account_id=account_id,
            provider_template_id=template_id,
            name=name,
            language=language,
            previous=text(value.get("previous_quality_score")),
            current=quality,
            at=at,
        )
    elif field == "template_category_update":
        yield TemplateCategoryChanged(
            provider_account_id=account_id,
            provider_template_id=template_id,
            name=name,
            language=language,
            previous=text(value.get("previous_category")),
            current=text(value.get("new_category")),
            correct=text(value.get("correct_category")),
            at=at,
        )
    elif field == "message_template_components_update":
        yield TemplateComponentsChanged(
            provider_account_id=account_id,
            provider_template_id=template_id,
            name=name,
            language=language,
            details=value,
            at=at,
        )
    else:
        yield _malformed(account_id, field, value)


def _reason(value: Raw) -> str | None:
    reason = text(value.get("reason")) or text(obj(value.get("rejection_info")).get("reason"))
    return None if reason == "NONE" else reason


def _quality(account_id: str, field: str, value: Raw, at: datetime | None) -> Iterator[InboundEvent]:
    display, event = text(value.get("display_phone_number")), text(value.get("event"))
    if display is None or event is None:
        yield _malformed(account_id, field, value)
        return
    limit = text(value.get("current_limit")) or text(value.get("max_daily_conversations_per_business"))
    yield NumberQualityChanged(
        provider_account_id=account_id,
        display_phone_number=display,
        event=event,
        current_limit=limit,
        previous_limit=text(value.get("old_limit")),
        details=value,
        at=at,
    )


def _name(account_id: str, field: str, value: Raw, at: datetime | None) -> Iterator[InboundEvent]:
    display, decision = text(value.get("display_phone_number")), text(value.get("decision"))
    if display is None or decision is None:
        yield _malformed(account_id, field, value)
        return
    yield NumberNameChanged(
        provider_account_id=account_id,
        display_phone_number=display,
        decision=decision,
        requested_name=text(value.get("requested_verified_name")),
        rejection_reason=text(value.get("rejection_reason")),
        at=at,
    )


def _capability(account_id: str, _field: str, value: Raw, at: datetime | None) -> Iterator[InboundEvent]:
    limit = next(
        (
            found
            for name in ("max_daily_conversations_per_business", "max_daily_conversation_per_phone")
            if (found := text(value.get(name))) is not None
        ),
        None,
    )
    numbers = number(value.get("max_phone_numbers_per_business")) or number(value.get("max_phone_numbers_per_waba"))
    yield CapabilityChanged(
        provider_account_id=account_id,
        messaging_limit=limit,
        max_numbers=int(numbers) if numbers is not None else None,
        details=value,
        at=at,
    )


def _account(*names: str) -> Reader:
    def read(account_id: str, field: str, value: Raw, at: datetime | None) -> Iterator[InboundEvent]:
        event = next((found for name in names if (found := text(value.get(name))) is not None), None)
        if event is None:
            yield _malformed(account_id, field, value)
        else:
            yield AccountUpdated(provider_account_id=account_id, field=field, event=event, details=value, at=at)

    return read


def _preferences(account_id: str, field: str, value: Raw, at: datetime | None) -> Iterator[InboundEvent]:
    number_id = text(obj(value.get("metadata")).get("phone_number_id"))
    items = objects(value.get("user_preferences"))
    if not items:
        yield _malformed(account_id, field, value)
    for raw in items:
        item = obj(raw)
        choice = _PREFERENCES.get(text(item.get("value")) or "")
        when = moment(item.get("timestamp")) or at
        wa_id, user_id = text(item.get("wa_id")), bsuid(item.get("user_id"))
        if choice is None or when is None or (wa_id is None and user_id is None):
            yield _malformed(account_id, field, raw)
            continue
        yield PreferenceChanged(
            provider_account_id=account_id,
            provider_number_id=number_id,
            wa_id=wa_id,
            bsuid=user_id,
            category=text(item.get("category")) or "marketing_messages",
            value=choice,
            at=when,
            signup_id=text(item.get("signup_id")),
            detail=text(item.get("detail")),
        )


def _user_id(account_id: str, field: str, value: Raw, at: datetime | None) -> Iterator[InboundEvent]:
    number_id = text(obj(value.get("metadata")).get("phone_number_id"))
    # The change stands in a list of its own or, in some accounts, in the value itself.
    items = objects(value.get("user_id_update")) or objects(value.get("user_id_updates")) or [value]
    for raw in items:
        item = obj(raw)
        change = obj(item.get("user_id"))
        previous = next(
            (
                bsuid(found)
                for found in (change.get("previous"), item.get("old_user_id"), item.get("previous_user_id"))
                if found
            ),
            None,
        )
        current = next(
            (
                bsuid(found)
                for found in (change.get("current"), item.get("new_user_id"), item.get("current_user_id"))
                if found
            ),
            None,
        )
        if current is None:
            yield _malformed(account_id, field, raw)
            continue
        yield UserIdChanged(
            provider_account_id=account_id,
            provider_number_id=number_id,
            wa_id=text(item.get("wa_id")),
            previous_bsuid=previous,
            current_bsuid=current,
            details=item,
            at=at,
        )


_READERS: Final[Mapping[str, Reader]] = {
    "message_template_status_update": _template,
    "message_template_quality_update": _template,
    "template_category_update": _template,
    "message_template_components_update": _template,
    "phone_number_quality_update": _quality,
    "phone_number_name_update": _name,
    "business_capability_update": _capability,
    "account_update": _account("event"),
    "account_review_update": _account("decision", "event"),
    "account_alerts": _account("alert_type", "event", "alert_status"),
    "security": _account("event"),
    "user_preferences": _preferences,
    "user_id_update": _user_id,
}
