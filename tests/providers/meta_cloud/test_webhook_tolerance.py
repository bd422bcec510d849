"""Nothing that arrives raises, nothing good is lost beside something bad, and parsing keeps pace."""

import copy
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blazz.adapters.providers.meta_cloud import parse_webhook, peek_number_ids
from blazz.domains.channels import inbound as i

DATA = Path(__file__).parent / "testdata"
BODIES = [path.read_bytes() for path in sorted(DATA.glob("*.json"))]
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def _paths(value: object, path: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        yield from _paths(item, (*path, key))


def _replace(value: object, path: tuple[object, ...], new: object) -> object:
    if not path:
        return new
    changed = copy.deepcopy(value)
    place = changed
    for key in path[:-1]:
        place = place[key]  # type: ignore[index]  # the path was read from this value
    place[path[-1]] = new  # type: ignore[index]  # as above
    return changed


@pytest.mark.parametrize("wrong", [None, [], {}, 7, "x", True, -1.5, ["x"], {"a": None}])
def test_any_piece_of_any_shape_may_be_of_the_wrong_kind(wrong: object) -> None:
    for body in BODIES:
        decoded = json.loads(body)
        for path in _paths(decoded):
            parse_webhook(json.dumps(_replace(decoded, path, wrong)).encode())


@given(_JSON)
def test_any_json_at_all_is_survived(value: object) -> None:
    batch = parse_webhook(json.dumps(value).encode())
    assert all(isinstance(event, i.Unrecognised) for event in batch.events)


@given(st.binary(max_size=200))
def test_any_bytes_at_all_are_survived(body: bytes) -> None:
    parse_webhook(body)
    peek_number_ids(body)


def test_a_body_that_is_not_json_is_kept_whole() -> None:
    (event,) = parse_webhook(b"{half").events
    assert isinstance(event, i.Unrecognised)
    assert (event.reason, event.raw) == ("not_json", b"{half")


def test_very_deep_json_is_survived() -> None:
    (event,) = parse_webhook(b"[" * 200_000).events
    assert isinstance(event, i.Unrecognised)


def test_a_bad_status_does_not_take_its_neighbours_along() -> None:
    decoded = json.loads((DATA / "status_read.json").read_bytes())
    statuses = decoded["entry"][0]["changes"][0]["value"]["statuses"]
    decoded["entry"][0]["changes"][0]["value"]["statuses"] = [*statuses, {"id": 1}, "x", *statuses]
    kinds = [type(event) for event in parse_webhook(json.dumps(decoded).encode()).events]
    assert kinds == [i.StatusUpdate, i.Unrecognised, i.Unrecognised, i.StatusUpdate]


def test_a_message_survives_contacts_and_extras_that_are_malformed() -> None:
    decoded = json.loads((DATA / "message_text.json").read_bytes())
    value = decoded["entry"][0]["changes"][0]["value"]
    value["contacts"] = ["x", {"wa_id": 5, "profile": "y"}]
    value["messages"][0] |= {"context": 4, "referral": [], "identity": "z", "group_id": {}}
    (event,) = parse_webhook(json.dumps(decoded).encode()).events
    assert isinstance(event, i.InboundMessage)
    assert event.sender == i.Sender(wa_id="6281111111111", bsuid="ID.98abc")


def test_a_message_without_any_sender_is_set_aside() -> None:
    decoded = json.loads((DATA / "message_text.json").read_bytes())
    value = decoded["entry"][0]["changes"][0]["value"]
    del value["contacts"], value["messages"][0]["from"], value["messages"][0]["from_user_id"]
    (event,) = parse_webhook(json.dumps(decoded).encode()).events
    assert isinstance(event, i.Unrecognised)
    assert event.reason == "no_sender"


def test_characters_a_database_cannot_store_are_taken_out() -> None:
    body = (DATA / "message_text.json").read_bytes()
    for written, kept in ((rb"a\u0000b", "ab"), (rb"a\ud83db", "a�b")):
        changed = body.replace(json.dumps("Halo, masih ada? 😀").encode()[1:-1], written)
        assert changed != body
        (event,) = parse_webhook(changed).events
        assert isinstance(event, i.InboundMessage)
        assert event.content == i.InboundText(body=kept)


def test_one_core_parses_twenty_thousand_statuses_a_second() -> None:
    decoded = json.loads((DATA / "status_sent.json").read_bytes())
    statuses = decoded["entry"][0]["changes"][0]["value"]["statuses"]
    decoded["entry"][0]["changes"][0]["value"]["statuses"] = statuses * 1000
    body = json.dumps(decoded).encode()
    best = float("inf")
    for _ in range(5):
        started = time.process_time()
        assert len(parse_webhook(body).events) == 1000
        best = min(best, time.process_time() - started)
    assert best < 1000 / 20_000
