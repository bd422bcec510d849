"""HTTP shapes of accounts and numbers; credentials go in and never come out."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from blazz.domains.channels.pause_texts import pause_text
from blazz.domains.channels.types import Account, Number, NumberStatus, UnknownOutcome
from blazz.kernel.ids import encode_id

_Secret = Annotated[SecretStr, Field(max_length=4096)]
_ProviderId = Annotated[str, Field(pattern=r"^[0-9A-Za-z_.:-]{1,100}$")]
_Rate = Annotated[int, Field(ge=1, le=100_000)]
_Interval = Annotated[float, Field(ge=0, le=3600)]
_Name = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]


class NumberIn(BaseModel):
    """A number to connect, with the account it belongs to; it is checked with the provider before it is kept."""

    model_config = ConfigDict(extra="forbid")

    provider: Literal["meta_cloud"] = "meta_cloud"
    account_id: _ProviderId = Field(description="WhatsApp Business account id (WABA)")
    account_name: _Name = ""
    phone_number_id: _ProviderId = Field(description="the provider's id of the number")
    access_token: Annotated[SecretStr, Field(min_length=1, max_length=4096)]
    app_secret: _Secret = SecretStr("")
    verify_token: _Secret = SecretStr("")
    unknown_outcome: UnknownOutcome = UnknownOutcome.HOLD
    display_name: _Name = ""
    messages_per_second: _Rate = 80
    pair_interval_seconds: _Interval = 6.0
    is_default: bool = False


class NumberPatch(BaseModel):
    """Settings to change; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    display_name: _Name | None = None
    messages_per_second: _Rate | None = None
    pair_interval_seconds: _Interval | None = None
    is_default: bool | None = None


class AccountPatch(BaseModel):
    """Credentials to replace; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    access_token: Annotated[SecretStr, Field(min_length=1, max_length=4096)] | None = None
    app_secret: _Secret | None = None
    verify_token: _Secret | None = None


class NumberOut(BaseModel):
    """A connected number."""

    id: str
    account_id: str
    provider: str
    phone_number_id: str
    phone: str | None
    display_name: str
    status: NumberStatus
    quality: str
    messages_per_second: int
    pair_interval_seconds: float
    is_default: bool
    is_test: bool
    held_until: datetime | None
    held_reason: str | None
    paused_reason: str | None
    paused_message: dict[str, str] | None
    health_checked_at: datetime | None
    created_at: datetime
    updated_at: datetime


class AccountOut(BaseModel):
    """An account; ``webhook_url`` is the address to enter at the provider."""

    id: str
    provider: str
    provider_account_id: str
    name: str
    unknown_outcome: UnknownOutcome
    messaging_limit: int | None
    paused_reason: str | None
    paused_message: dict[str, str] | None
    webhook_url: str
    created_at: datetime
    updated_at: datetime


class AccountList(BaseModel):
    """All accounts of the workspace."""

    data: list[AccountOut]


def number_out(number: Number) -> NumberOut:
    """Shape a number."""
    return NumberOut(
        id=encode_id("num", number.id),
        account_id=encode_id("acc", number.account_id),
        provider=number.provider,
        phone_number_id=number.provider_number_id,
        phone=number.phone,
        display_name=number.display_name,
        status=number.status,
        quality=number.quality,
        messages_per_second=number.messages_per_second,
        pair_interval_seconds=number.pair_interval_seconds,
        is_default=number.is_default,
        is_test=number.is_test,
        held_until=number.held_until,
        held_reason=number.held_reason,
        paused_reason=number.paused_reason,
        paused_message=_pause(number.paused_reason),
        health_checked_at=number.health_checked_at,
        created_at=number.created_at,
        updated_at=number.updated_at,
    )


def account_out(account: Account, base_url: str) -> AccountOut:
    """Shape an account without its credentials."""
    public_id = encode_id("acc", account.id)
    return AccountOut(
        id=public_id,
        provider=account.provider,
        provider_account_id=account.provider_account_id,
        name=account.name,
        unknown_outcome=account.unknown_outcome,
        messaging_limit=account.messaging_limit,
        paused_reason=account.paused_reason,
        paused_message=_pause(account.paused_reason),
        webhook_url=f"{base_url}/webhooks/meta/{public_id}",
        created_at=account.created_at,
        updated_at=account.updated_at,
    )


def _pause(reason: str | None) -> dict[str, str] | None:
    if reason is None:
        return None
    text = pause_text(reason)
    return {"en": text.en, "id": text.id}
