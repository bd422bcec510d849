"""Asks providers about numbers, between transactions, and puts their words into ours."""

from collections.abc import Callable

from blazz.domains.channels.errors import NumberNotVerified, ProviderAway
from blazz.domains.channels.failures import RetryClass
from blazz.domains.channels.ports import Credentials as PortCredentials
from blazz.domains.channels.ports import NumberHealth, NumberRef, Provider, ProviderCallFailed
from blazz.domains.channels.types import Credentials, NumberStatus, ObservedHealth, SenderNumber

# Finds the adapter by provider and by the account's own address (None is the usual one); raises UnknownProvider.
PickProvider = Callable[[str, str | None], Provider]
_STATUSES = {
    "CONNECTED": NumberStatus.CONNECTED,
    "FLAGGED": NumberStatus.CONNECTED,
    "PENDING": NumberStatus.CONNECTING,
    "UNVERIFIED": NumberStatus.CONNECTING,
    "RESTRICTED": NumberStatus.RESTRICTED,
    "RATE_LIMITED": NumberStatus.RESTRICTED,
    "BANNED": NumberStatus.BANNED,
    "DISCONNECTED": NumberStatus.DISCONNECTED,
    "OFFLINE": NumberStatus.DISCONNECTED,
    "MIGRATED": NumberStatus.DISCONNECTED,
    "DELETED": NumberStatus.DISCONNECTED,
}
_QUALITIES = {"GREEN": "green", "YELLOW": "yellow", "RED": "red"}


def number_ref(sender: SenderNumber) -> NumberRef:
    """Shape a number for a provider call."""
    return make_ref(sender.provider_account_id, sender.provider_number_id, sender.credentials)


def make_ref(provider_account_id: str, provider_number_id: str, credentials: Credentials) -> NumberRef:
    """Shape a number that is not stored yet for a provider call."""
    return NumberRef(
        provider_account_id=provider_account_id,
        provider_number_id=provider_number_id,
        credentials=PortCredentials(access_token=credentials.access_token),
    )


async def ask_health(provider: Provider, number: NumberRef) -> ObservedHealth:
    """Ask how a number is; never inside a transaction.

    Raises:
        NumberNotVerified: the provider does not know the number with these credentials.
        ProviderAway: the provider cannot be reached or is overloaded.

    """
    try:
        return observe(await provider.number_health(number))
    except ProviderCallFailed as error:
        raise as_refusal(error) from error


def as_refusal(error: ProviderCallFailed) -> NumberNotVerified | ProviderAway:
    """Tell a passing failure from one that somebody must act upon."""
    failure = error.failure
    if failure.retry in {RetryClass.LATER, RetryClass.SLOW}:
        return ProviderAway(retry_after_seconds=failure.retry_after_seconds or 30)
    return NumberNotVerified(reason=failure.detail or failure.rule.en, failure=failure.code.value)


def observe(health: NumberHealth) -> ObservedHealth:
    """Put a provider's words about a number into ours; unknown words say nothing."""
    status = _STATUSES.get((health.status or "").upper(), NumberStatus.CONNECTED if health.status is None else None)
    if (health.can_send or "").upper() == "BLOCKED" and status in {NumberStatus.CONNECTED, None}:
        status = NumberStatus.RESTRICTED
    digits = "".join(char for char in health.display_phone_number if char.isdecimal())
    return ObservedHealth(
        status=status,
        quality=_QUALITIES.get((health.quality_rating or "").upper(), "unknown"),
        phone=f"+{digits}" if digits else None,
        display_name=health.verified_name,
        messaging_limit=parse_limit(health.messaging_limit),
    )


def parse_limit(text: str | None) -> int | None:
    """Read a messaging limit such as ``TIER_10K``, ``2000`` or ``TIER_UNLIMITED`` (-1); None when it says nothing."""
    word = (text or "").upper().removeprefix("TIER_")
    if word in {"UNLIMITED", "-1"}:
        return -1
    factor = 1000 if word.endswith("K") else 1
    word = word.removesuffix("K")
    return int(word) * factor if word.isdecimal() and len(word) <= 12 else None
