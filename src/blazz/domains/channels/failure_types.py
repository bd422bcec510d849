"""The words of failures: what may fail, whose doing it is, and what follows from it."""

from dataclasses import dataclass
from enum import StrEnum


class RetryClass(StrEnum):
    """What to do with the message: wait and retry, slow the number down, give up, pause the sender, or fix our bug."""

    LATER = "later"
    SLOW = "slow"
    NO = "no"
    STOP = "stop"
    FIX = "fix"


class Fault(StrEnum):
    """Whose doing the failure is."""

    RECIPIENT = "recipient"
    SENDER = "sender"
    TEMPLATE = "template"
    PROVIDER = "provider"
    US = "us"
    LIMIT = "limit"


class Pauses(StrEnum):
    """What must stop sending until somebody has acted."""

    NONE = "none"
    NUMBER = "number"
    ACCOUNT = "account"
    TEMPLATE = "template"


class FailureCode(StrEnum):
    """Stable names; they are stored and shown, so they are never renamed."""

    NOT_ON_WHATSAPP = "not_on_whatsapp"
    RECIPIENT_IS_SENDER = "recipient_is_sender"
    RECIPIENT_NOT_ALLOWED = "recipient_not_allowed"
    RECIPIENT_OPTED_OUT = "recipient_opted_out"
    RECIPIENT_MARKETING_LIMIT = "recipient_marketing_limit"
    RECIPIENT_IN_EXPERIMENT = "recipient_in_experiment"
    RECIPIENT_COUNTRY_BLOCKED = "recipient_country_blocked"
    RECIPIENT_IDENTITY_CHANGED = "recipient_identity_changed"
    PHONE_NUMBER_REQUIRED = "phone_number_required"
    WINDOW_CLOSED = "window_closed"
    TOKEN_INVALID = "token_invalid"  # noqa: S105 - the name of a failure
    PERMISSION_MISSING = "permission_missing"
    NUMBER_MISSING = "number_missing"
    NUMBER_NOT_REGISTERED = "number_not_registered"
    NUMBER_SPAM_RESTRICTED = "number_spam_restricted"
    DISPLAY_NAME_NOT_APPROVED = "display_name_not_approved"
    ACCOUNT_LOCKED = "account_locked"
    ACCOUNT_POLICY_BLOCKED = "account_policy_blocked"
    PAYMENT_PROBLEM = "payment_problem"
    PAYMENT_TERMS_MISSING = "payment_terms_missing"
    CATEGORY_MISUSE = "category_misuse"
    PIN_REFUSED = "pin_refused"
    VERIFICATION_REQUIRED = "verification_required"
    REGISTRATION_BUSY = "registration_busy"
    REGISTRATION_LIMIT = "registration_limit"
    TEMPLATE_NOT_FOUND = "template_not_found"
    TEMPLATE_PAUSED = "template_paused"
    TEMPLATE_DISABLED = "template_disabled"
    TEMPLATE_PARAMETERS = "template_parameters"
    TEMPLATE_TOO_LONG = "template_too_long"
    TEMPLATE_POLICY = "template_policy"
    TEMPLATE_INVALID = "template_invalid"
    TEMPLATE_LIMIT = "template_limit"
    FLOW_BLOCKED = "flow_blocked"
    FLOW_THROTTLED = "flow_throttled"
    FLOW_ENDPOINT = "flow_endpoint"
    MEDIA_NOT_FETCHED = "media_not_fetched"
    MEDIA_REFUSED = "media_refused"
    MEDIA_PENDING = "media_pending"
    MEDIA_TOO_LARGE = "media_too_large"
    MESSAGE_INVALID = "message_invalid"
    MESSAGE_TYPE_UNSUPPORTED = "message_type_unsupported"
    WRONG_SEND_DOOR = "wrong_send_door"
    DIRECT_SEND_REFUSED = "direct_send_refused"
    GROUP_REFUSED = "group_refused"
    CALLING_REFUSED = "calling_refused"
    BLOCK_LIST_REFUSED = "block_list_refused"
    USERNAME_REFUSED = "username_refused"
    MIGRATION_REFUSED = "migration_refused"
    HISTORY_SYNC_REFUSED = "history_sync_refused"
    PAIR_RATE_LIMIT = "pair_rate_limit"
    NUMBER_RATE_LIMIT = "number_rate_limit"
    ACCOUNT_RATE_LIMIT = "account_rate_limit"
    APP_RATE_LIMIT = "app_rate_limit"
    NUMBER_MAINTENANCE = "number_maintenance"
    PROVIDER_UNAVAILABLE = "provider_unavailable"
    PROVIDER_UNREACHABLE = "provider_unreachable"
    PROVIDER_UNREADABLE = "provider_unreadable"
    NOT_SUPPORTED = "not_supported"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureRule:
    """What a failure means for the message, for the sender and for the people who read about it."""

    retry: RetryClass
    fault: Fault
    pauses: Pauses
    en: str
    id: str
