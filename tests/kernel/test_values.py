"""Ids, money, clocks and sealed secrets: small values that everything leans on."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blazz.kernel.clock import FixedClock, SystemClock, millis
from blazz.kernel.ids import InvalidIdError, decode_id, encode_id, first_uuid7, instant_of, new_uuid7
from blazz.kernel.money import Money
from blazz.kernel.security import Envelope, SecretKey, TamperedSecretError

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@given(st.uuids())
def test_an_id_survives_the_way_out_and_back(value: UUID) -> None:
    assert decode_id("con", encode_id("con", value)) == value


@pytest.mark.parametrize(
    "text", ["", "con_", "msg_" + "0" * 26, "con_" + "u" * 26, "con_" + "z" * 26, "con_" + "0" * 25]
)
def test_what_is_no_id_of_that_kind_is_refused(text: str) -> None:
    with pytest.raises(InvalidIdError):
        decode_id("con", text)


def test_ids_rise_and_carry_their_time() -> None:
    made = [new_uuid7() for _ in range(2000)]
    assert made == sorted(made)
    assert len(set(made)) == 2000
    assert {one.version for one in made} == {7}
    past = new_uuid7(millis(AT))
    assert instant_of(past) == AT
    assert first_uuid7(AT) <= past < first_uuid7(AT + timedelta(milliseconds=1))


def test_money_adds_only_to_its_own_kind() -> None:
    price = Money(amount=150_000, currency="IDR", exponent=0)
    assert price + price == price * 2
    with pytest.raises(ValueError, match="cannot combine"):
        price + Money(amount=1, currency="USD", exponent=2)
    with pytest.raises(ValueError, match="three capital letters"):
        Money(amount=1, currency="rp", exponent=0)
    with pytest.raises(ValueError, match="exponent"):
        Money(amount=1, currency="IDR", exponent=9)


def test_a_fixed_clock_moves_only_when_told() -> None:
    clock = FixedClock(AT)
    clock.advance(timedelta(minutes=5))
    assert clock.now() == AT + timedelta(minutes=5)
    assert SystemClock().now().tzinfo is UTC
    with pytest.raises(ValueError, match="aware"):
        FixedClock(AT.replace(tzinfo=None))


def test_a_sealed_secret_opens_only_where_it_belongs() -> None:
    old, new = SecretKey(b"old" * 20), SecretKey(b"new" * 20)
    sealed = Envelope(old).seal(b"token", workspace_id=7, column="credentials")
    rotated = Envelope(new, old)
    assert rotated.open(sealed, workspace_id=7, column="credentials") == b"token"
    for workspace_id, column, text in (
        (8, "credentials", sealed),
        (7, "other", sealed),
        (7, "credentials", sealed[:-1]),
    ):
        with pytest.raises(TamperedSecretError):
            rotated.open(text, workspace_id=workspace_id, column=column)
    with pytest.raises(TamperedSecretError):
        Envelope(new).open(sealed, workspace_id=7, column="credentials")
    assert b"token" not in sealed
    assert "old" not in repr(old)
