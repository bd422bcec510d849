"""Every error number Meta documents for the Cloud API, with what it means for the message."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from blazz.domains.channels.failures import FailureCode as F
from blazz.domains.channels.ports import Scope

_DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MetaCode:
    """One number's meaning.

    ``scope`` is set when the number proves non-acceptance and waiting helps. ``in_doubt`` marks faults of the service
    that prove nothing. ``certain_on_server_error`` marks refusals that Meta itself documents with a 5xx status.
    """

    failure: F
    scope: Scope | None = None
    retry_after_seconds: float | None = None
    retry_growth: float = 1.0
    growth_steps: int = 6
    max_tries: int | None = None
    in_doubt: bool = False
    certain_on_server_error: bool = False


UNKNOWN_CODE: Final = MetaCode(failure=F.UNKNOWN)


def _waiting(failure: F, scope: Scope, seconds: float, *, growth: float = 2.0, steps: int = 6) -> MetaCode:
    return MetaCode(failure=failure, scope=scope, retry_after_seconds=seconds, retry_growth=growth, growth_steps=steps)


def _doubtful(max_tries: int | None = None) -> MetaCode:
    return MetaCode(failure=F.PROVIDER_UNAVAILABLE, in_doubt=True, retry_after_seconds=30.0, max_tries=max_tries)


_SPECIAL: dict[int, MetaCode] = {
    1: _doubtful(2),
    2: _doubtful(),
    131000: _doubtful(3),
    131016: _doubtful(),
    3: MetaCode(failure=F.PERMISSION_MISSING, certain_on_server_error=True),
    131045: MetaCode(failure=F.NUMBER_NOT_REGISTERED, certain_on_server_error=True),
    4: _waiting(F.APP_RATE_LIMIT, "app", 60.0),
    17: _waiting(F.ACCOUNT_RATE_LIMIT, "account", 60.0),
    613: _waiting(F.APP_RATE_LIMIT, "app", 60.0),
    80007: _waiting(F.ACCOUNT_RATE_LIMIT, "account", 60.0),
    130429: _waiting(F.NUMBER_RATE_LIMIT, "number", 1.0),
    131056: _waiting(F.PAIR_RATE_LIMIT, "pair", 1.0, growth=4.0, steps=4),
    131057: _waiting(F.NUMBER_MAINTENANCE, "number", 20.0, growth=1.0),
    132069: _waiting(F.FLOW_THROTTLED, "pair", 3600.0, growth=1.0),
    131053: MetaCode(failure=F.MEDIA_REFUSED, scope="pair", retry_after_seconds=30.0, max_tries=2),
    131049: MetaCode(failure=F.RECIPIENT_MARKETING_LIMIT, retry_after_seconds=_DAY, retry_growth=2.0),
    133000: _waiting(F.REGISTRATION_BUSY, "number", 60.0),
    133004: _waiting(F.REGISTRATION_BUSY, "number", 60.0),
    133009: _waiting(F.REGISTRATION_BUSY, "number", 60.0),
    133015: _waiting(F.REGISTRATION_BUSY, "number", 300.0, growth=1.0),
    133016: MetaCode(failure=F.REGISTRATION_LIMIT, retry_after_seconds=3 * _DAY),
}

_PLAIN: dict[F, tuple[int | range, ...]] = {
    F.TOKEN_INVALID: (0, 104, 190),
    F.PERMISSION_MISSING: (10, range(200, 300), 131005),
    F.NUMBER_MISSING: (33,),
    F.MESSAGE_INVALID: (100, 131008, 131009, 131059),
    F.ACCOUNT_POLICY_BLOCKED: (368,),
    F.RECIPIENT_IN_EXPERIMENT: (130472,),
    F.RECIPIENT_COUNTRY_BLOCKED: (130497,),
    F.GROUP_REFUSED: (131020, range(131201, 131216)),
    F.RECIPIENT_IS_SENDER: (131021,),
    F.NOT_ON_WHATSAPP: (131026,),
    F.RECIPIENT_NOT_ALLOWED: (131030,),
    F.ACCOUNT_LOCKED: (131031,),
    F.DISPLAY_NAME_NOT_APPROVED: (131037,),
    F.PAYMENT_PROBLEM: (131042, 131044),
    F.WINDOW_CLOSED: (131047,),
    F.NUMBER_SPAM_RESTRICTED: (131048,),
    F.RECIPIENT_OPTED_OUT: (131050,),
    F.MESSAGE_TYPE_UNSUPPORTED: (131051,),
    F.MEDIA_NOT_FETCHED: (131052,),
    F.PHONE_NUMBER_REQUIRED: (131062,),
    F.WRONG_SEND_DOOR: (131063,),
    F.CATEGORY_MISUSE: (131064,),
    F.TEMPLATE_PARAMETERS: (132000, 132008, 132012),
    F.TEMPLATE_NOT_FOUND: (132001,),
    F.TEMPLATE_TOO_LONG: (132005,),
    F.TEMPLATE_POLICY: (132007,),
    F.TEMPLATE_PAUSED: (132015,),
    F.TEMPLATE_DISABLED: (132016,),
    F.FLOW_BLOCKED: (132068,),
    F.PIN_REFUSED: (133005, 133008),
    F.VERIFICATION_REQUIRED: (133006,),
    F.NUMBER_NOT_REGISTERED: (133010,),
    F.PAYMENT_TERMS_MISSING: (134011,),
    F.UNKNOWN: (135000,),
    F.RECIPIENT_IDENTITY_CHANGED: (137000,),
    F.CALLING_REFUSED: (range(138000, 138019),),
    F.FLOW_ENDPOINT: (range(139000, 139005),),
    F.BLOCK_LIST_REFUSED: (range(139100, 139104),),
    F.DIRECT_SEND_REFUSED: (139200,),
    F.USERNAME_REFUSED: (range(147001, 147006),),
    F.MIGRATION_REFUSED: (2388012, 2388091, 2388093, 2388103, 2494100),
    F.TEMPLATE_LIMIT: (2388019,),
    F.TEMPLATE_INVALID: (2388040, 2388047, 2388073, 2388293, 2388299),
    F.HISTORY_SYNC_REFUSED: (2593107, 2593108),
}


def _expand() -> Mapping[int, MetaCode]:
    table = dict(_SPECIAL)
    for failure, codes in _PLAIN.items():
        meaning = MetaCode(failure=failure)
        for code in codes:
            for number in code if isinstance(code, range) else (code,):
                if number in table:
                    raise AssertionError(f"Meta code {number} is listed twice")
                table[number] = meaning
    return table


META_CODES: Final = _expand()
