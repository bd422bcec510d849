"""Meta's numbered errors in our words, and what each answer to a send means."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

import msgspec

from blazz.domains.channels.failures import FailureCode, RetryClass, SendFailure
from blazz.domains.channels.ports import Accepted, InDoubt, Refused, Requeue, Scope, SendOutcome

from .codes import META_CODES, UNKNOWN_CODE, MetaCode
from .redaction import redact

_LONGEST_WAIT_SECONDS: Final = 3600.0
_HELD: Final = frozenset({"held_for_quality_assessment", "paused"})
_decoder: Final = msgspec.json.Decoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphError:
    """The error object of an answer; ``code`` is None when the answer holds none."""

    code: int | None
    subcode: int | None = None
    detail: str = ""
    trace_id: str | None = None
    transient: bool = False


def meta_code(code: int | None, subcode: int | None = None) -> MetaCode:
    """Find what a number means; code 100 with subcode 33 is Meta's way to say that the object is gone."""
    if code == 100 and subcode == 33:
        return META_CODES[33]
    return UNKNOWN_CODE if code is None else META_CODES.get(code, UNKNOWN_CODE)


def failure_of(error: GraphError) -> SendFailure:
    """Turn an error object into a failure of the shared set."""
    known = meta_code(error.code, error.subcode)
    return SendFailure(
        code=known.failure,
        provider_code=error.code,
        detail=error.detail,
        trace_id=error.trace_id,
        retry_after_seconds=known.retry_after_seconds,
        retry_growth=known.retry_growth,
        max_tries=known.max_tries,
    )


def read_error(value: object) -> GraphError:
    """Read an error object of an answer or a webhook, whatever is missing or odd in it."""
    error = cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}
    data = error.get("error_data")
    details = data.get("details") if isinstance(data, Mapping) else None
    detail = next(
        (text for text in (details, error.get("message"), error.get("title")) if isinstance(text, str) and text), ""
    )
    trace = error.get("fbtrace_id")
    return GraphError(
        code=_whole(error.get("code")),
        subcode=_whole(error.get("error_subcode")),
        detail=redact(detail),
        trace_id=trace if isinstance(trace, str) else None,
        transient=error.get("is_transient") is True,
    )


def decode_object(body: bytes) -> Mapping[str, object] | None:
    """Decode a JSON object; None when the body is anything else."""
    try:
        value = _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def outcome_of(status: int, body: bytes, *, retry_after: str | None = None, pushbacks: int = 0) -> SendOutcome:
    """Decide what an answer to a send means.

    The number in the body decides, not the HTTP status, which Meta's own sources contradict each other about. The
    status counts only where no number does: 429 is a throttle, and any other answer without a readable error leaves
    the message in doubt.
    """
    answer = decode_object(body)
    if answer is not None and isinstance(answer.get("error"), Mapping):
        return _refusal(status, read_error(answer["error"]), retry_after, pushbacks)
    if 200 <= status < 300:
        return _acceptance(answer)
    if status == 429:
        return _requeue(META_CODES[130429], failure_of(GraphError(code=130429)), retry_after, pushbacks)
    reason = f"http_{status}_unreadable" if answer is None else f"http_{status}_without_error"
    return InDoubt(reason=reason, failure=SendFailure(code=FailureCode.PROVIDER_UNREADABLE))


def _acceptance(answer: Mapping[str, object] | None) -> SendOutcome:
    message = _first(answer.get("messages")) if answer is not None else {}
    contact = _first(answer.get("contacts")) if answer is not None else {}
    message_id = message.get("id")
    if not isinstance(message_id, str) or not message_id:
        return InDoubt(reason="accepted_without_id", failure=SendFailure(code=FailureCode.PROVIDER_UNREADABLE))
    wa_id, bsuid = contact.get("wa_id"), contact.get("user_id")
    return Accepted(
        provider_message_id=message_id,
        wa_id=wa_id if isinstance(wa_id, str) else None,
        bsuid=bsuid if isinstance(bsuid, str) else None,
        held=message.get("message_status") in _HELD,
    )


def _refusal(status: int, error: GraphError, retry_after: str | None, pushbacks: int) -> SendOutcome:
    known = meta_code(error.code, error.subcode)
    failure = failure_of(error)
    if known.scope is not None:
        if known.max_tries is not None and pushbacks + 1 >= known.max_tries:
            return Refused(failure=failure)
        return _requeue(known, failure, retry_after, pushbacks)
    if known.in_doubt or (known is UNKNOWN_CODE and error.transient):
        return InDoubt(reason=f"code_{error.code}", failure=failure)
    if status == 429 and known is UNKNOWN_CODE:
        return _requeue(META_CODES[130429], failure_of(GraphError(code=130429)), retry_after, pushbacks)
    if status >= 500 and not known.certain_on_server_error:
        return InDoubt(reason=f"http_{status}_code_{error.code}", failure=failure)
    return Refused(failure=failure)


def _requeue(known: MetaCode, failure: SendFailure, retry_after: str | None, pushbacks: int) -> Requeue:
    first = known.retry_after_seconds or 1.0
    wait = first * known.retry_growth ** min(pushbacks, known.growth_steps)
    if retry_after is not None and retry_after.isascii() and retry_after.isdigit():
        wait = max(wait, float(retry_after))
    return Requeue(
        failure=failure,
        retry_after_seconds=min(wait, _LONGEST_WAIT_SECONDS),
        scope=cast("Scope", known.scope),
        # One crowded recipient is no reason to slow the whole number down.
        slow_down=failure.retry is RetryClass.SLOW and known.scope != "pair",
    )


def _first(value: object) -> Mapping[str, object]:
    return value[0] if isinstance(value, list) and value and isinstance(value[0], dict) else {}


def _whole(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 12:
        return int(value)
    return None
