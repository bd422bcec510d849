"""Every documented error number has a meaning, and every answer proves exactly what it may."""

import json

import pytest

from blazz.adapters.providers.meta_cloud.codes import META_CODES
from blazz.adapters.providers.meta_cloud.mapping import failure_of, outcome_of, read_error
from blazz.domains.channels.failures import FAILURE_RULES, FailureCode, Fault, Pauses, RetryClass
from blazz.domains.channels.ports import Accepted, InDoubt, Refused, Requeue

F, R = FailureCode, RetryClass
# Number -> retry class, as the reference lists it. "doubt" are service faults that prove nothing about a send.
DOCUMENTED: dict[str, tuple[int, ...]] = {
    "stop": (
        0,
        3,
        10,
        33,
        104,
        190,
        200,
        250,
        299,
        368,
        131005,
        131031,
        131037,
        131042,
        131044,
        131045,
        131048,
        131064,
        132015,
        132016,
        132068,
        133010,
        134011,
    ),
    "slow": (4, 17, 613, 80007, 130429, 131056),
    "later": (131053, 131057, 132069, 133000, 133004, 133009, 133015),
    "doubt": (1, 2, 131000, 131016),
    "fix": (
        100,
        131008,
        131009,
        131051,
        131059,
        131063,
        132000,
        132008,
        132012,
        2388040,
        2388047,
        2388073,
        2388293,
        2388299,
    ),
    "no": (
        130472,
        130497,
        131020,
        131021,
        131026,
        131030,
        131047,
        131049,
        131050,
        131052,
        131062,
        131201,
        131215,
        132001,
        132005,
        132007,
        133005,
        133006,
        133008,
        133016,
        135000,
        137000,
        138000,
        138018,
        139000,
        139004,
        139100,
        139103,
        139200,
        147001,
        147005,
        2388012,
        2388091,
        2388093,
        2388103,
        2494100,
        2388019,
        2593107,
        2593108,
    ),
}
ALL = [(kind, code) for kind, codes in DOCUMENTED.items() for code in codes]


def _body(code: int, **more: object) -> bytes:
    error = {"message": f"(#{code}) x", "type": "OAuthException", "code": code, "fbtrace_id": "AbC", **more}
    return json.dumps({"error": error}).encode()


@pytest.mark.parametrize(("kind", "code"), ALL)
def test_each_documented_number_has_its_retry_class(kind: str, code: int) -> None:
    failure = failure_of(read_error({"code": code}))
    assert failure.provider_code == code
    assert failure.retry is (R.LATER if kind == "doubt" else R(kind))
    assert code in META_CODES


@pytest.mark.parametrize(("kind", "code"), ALL)
@pytest.mark.parametrize("status", [400, 403, 429])
def test_the_number_decides_whatever_the_status_says(kind: str, code: int, status: int) -> None:
    outcome = outcome_of(status, _body(code))
    expected = {"slow": Requeue, "later": Requeue, "doubt": InDoubt}.get(kind, Refused)
    assert isinstance(outcome, expected)


@pytest.mark.parametrize(("kind", "code"), ALL)
def test_a_server_error_is_in_doubt_unless_the_number_is_a_throttle_or_documented_so(kind: str, code: int) -> None:
    outcome = outcome_of(500, _body(code))
    if kind in {"slow", "later"}:
        assert isinstance(outcome, Requeue)
    elif code in {3, 131045}:
        assert isinstance(outcome, Refused)
    else:
        assert isinstance(outcome, InDoubt)


@pytest.mark.parametrize(
    ("code", "scope", "slow_down", "seconds"),
    [
        (4, "app", True, 60),
        (613, "app", True, 60),
        (17, "account", True, 60),
        (80007, "account", True, 60),
        (130429, "number", True, 1),
        (131056, "pair", False, 1),
        (131057, "number", False, 20),
        (132069, "pair", False, 3600),
        (131053, "pair", False, 30),
    ],
)
def test_each_throttle_says_who_must_wait_and_how_long(code: int, scope: str, slow_down: bool, seconds: float) -> None:
    outcome = outcome_of(400, _body(code))
    assert isinstance(outcome, Requeue)
    assert (outcome.scope, outcome.slow_down, outcome.retry_after_seconds) == (scope, slow_down, seconds)


def test_a_crowded_recipient_is_retried_after_powers_of_four() -> None:
    waits = []
    for pushbacks in range(6):
        outcome = outcome_of(400, _body(131056), pushbacks=pushbacks)
        assert isinstance(outcome, Requeue)
        waits.append(outcome.retry_after_seconds)
    assert waits == [1, 4, 16, 64, 256, 256]


def test_a_longer_retry_after_header_is_honoured_and_a_silly_one_is_cut() -> None:
    longer = outcome_of(429, _body(130429), retry_after="90")
    endless = outcome_of(429, _body(130429), retry_after="999999")
    odd = outcome_of(429, _body(130429), retry_after="Wed, 21 Oct")
    assert isinstance(longer, Requeue)
    assert isinstance(endless, Requeue)
    assert isinstance(odd, Requeue)
    assert [longer.retry_after_seconds, endless.retry_after_seconds, odd.retry_after_seconds] == [90, 3600, 1]


def test_media_is_tried_twice_and_then_refused() -> None:
    assert isinstance(outcome_of(400, _body(131053), pushbacks=0), Requeue)
    assert isinstance(outcome_of(400, _body(131053), pushbacks=1), Refused)


def test_an_unknown_number_is_a_refusal_with_4xx_and_in_doubt_with_5xx_or_when_transient() -> None:
    refused = outcome_of(400, _body(999_999))
    assert isinstance(refused, Refused)
    assert (refused.failure.code, refused.failure.provider_code) == (F.UNKNOWN, 999_999)
    assert isinstance(outcome_of(503, _body(999_999)), InDoubt)
    assert isinstance(outcome_of(400, _body(999_999, is_transient=True)), InDoubt)
    assert isinstance(outcome_of(429, _body(999_999)), Requeue)


@pytest.mark.parametrize("body", [b"", b"<html>bad gateway</html>", b"[1]", b"\xff\xfe", b'{"ok":1}', b'{"error":"x"}'])
def test_an_unreadable_answer_is_in_doubt_except_a_plain_429(body: bytes) -> None:
    for status in (200, 201, 301, 400, 404, 408, 500, 502, 503, 504):
        assert isinstance(outcome_of(status, body), InDoubt), status
    assert isinstance(outcome_of(429, body), Requeue)


def test_an_acceptance_needs_an_id_and_tells_when_it_is_held() -> None:
    held = {
        "contacts": [{"wa_id": "62811"}],
        "messages": [{"id": "wamid.A", "message_status": "held_for_quality_assessment"}],
    }
    plain = {"messages": [{"id": "wamid.A", "message_status": "accepted"}]}
    assert outcome_of(200, json.dumps(held).encode()) == Accepted(
        provider_message_id="wamid.A", wa_id="62811", bsuid=None, held=True
    )
    assert outcome_of(200, json.dumps(plain).encode()) == Accepted(provider_message_id="wamid.A")
    for broken in (b'{"messages": []}', b'{"messages": [{}]}', b'{"messages": "x"}', b'{"messages": [{"id": 5}]}'):
        assert isinstance(outcome_of(200, broken), InDoubt)


def test_a_vanished_number_is_recognised_by_its_subcode() -> None:
    gone = outcome_of(400, _body(100, error_subcode=33))
    wrong = outcome_of(400, _body(100))
    assert isinstance(gone, Refused)
    assert isinstance(wrong, Refused)
    assert (gone.failure.code, gone.failure.pauses) == (F.NUMBER_MISSING, Pauses.NUMBER)
    assert (wrong.failure.code, wrong.failure.pauses) == (F.MESSAGE_INVALID, Pauses.NONE)


def test_details_trace_and_waits_reach_the_failure() -> None:
    outcome = outcome_of(400, _body(131049, error_data={"details": "too much"}))
    assert isinstance(outcome, Refused)
    failure = outcome.failure
    assert (failure.detail, failure.trace_id, failure.retry_after_seconds) == ("too much", "AbC", 86_400)


@pytest.mark.parametrize(
    "leak",
    [
        "Malformed access token EAAGabcdef123456",
        "Bearer abcdefgh12345678 refused",
        "https://graph.facebook.com/x?access_token=abc123&y=1",
        "OAuth abcdefgh12345678",
    ],
)
def test_tokens_echoed_in_an_error_are_taken_out(leak: str) -> None:
    detail = read_error({"code": 190, "message": leak}).detail
    assert "***" in detail
    assert "abc" not in detail


def test_what_pauses_more_than_the_message_is_exactly_what_stops() -> None:
    for code, rule in FAILURE_RULES.items():
        assert (rule.pauses is not Pauses.NONE) == (rule.retry is R.STOP), code
        assert rule.en.endswith(".")
        assert rule.id.endswith(".")
        assert rule.en != rule.id
    assert FAILURE_RULES[F.MESSAGE_INVALID].fault is Fault.US
    assert set(FAILURE_RULES) == set(F)
