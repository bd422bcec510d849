"""Why a message was not delivered, in sentences for people: one per stored code, in each language."""

from typing import Final

from blazz.domains.channels.failures import FAILURE_RULES, FailureCode
from blazz.kernel.errors import Message

_CODES: Final = frozenset(code.value for code in FailureCode)
# Codes of our own, beside those that providers give.
_OWN: Final[dict[str, Message]] = {
    "campaign_cancelled": Message(
        en="The campaign was cancelled before this message left.", id="Kampanye dibatalkan sebelum pesan ini terkirim."
    ),
}


def failure_text(code: str) -> Message:
    """Return the sentences of a stored code; a code nobody knows any more reads as an unknown reason."""
    own = _OWN.get(code)
    if own is not None:
        return own
    known = FailureCode(code) if code in _CODES else FailureCode.UNKNOWN
    rule = FAILURE_RULES[known]
    return Message(en=rule.en, id=rule.id)


def may_be_sent_again(code: str) -> bool:
    """Tell whether sending the same message again could succeed without changing anything."""
    if code not in _CODES:
        return code in _OWN
    return FAILURE_RULES[FailureCode(code)].retry.value in {"later", "slow", "stop"}
