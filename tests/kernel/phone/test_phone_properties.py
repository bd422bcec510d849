"""Properties that hold for any input: never raises, is stable, and the fast path agrees with the careful one."""

import re

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blazz.kernel.phone import Phone, PhoneRefusal, mask_phone, normalise_phone, phone_digits_for_search, split_numbers
from blazz.kernel.phone.normalise import normalise_carefully

REGIONS = st.sampled_from(["ID", "SG", "MY", "US", "BR", "GB", "id", "XX", ""])
NOISE = st.text(alphabet="0123456789 +-./,;()xXeE'\u00a0\u200b\uff10\uff18\u0660OolatuWA:=\n", max_size=40)
DIGITS = st.from_regex(r"(\+|00|0|62|\+62|0062|\+620)?[0-9]{5,15}", fullmatch=True)
E164 = re.compile(r"\+[1-9][0-9]{6,14}")


@settings(max_examples=600, deadline=None)
@given(raw=st.one_of(st.none(), st.text(), st.integers(), st.floats(), NOISE, DIGITS), region=REGIONS)
def test_any_input_gives_an_answer_that_is_stable(raw: str | float | None, region: str) -> None:
    result = normalise_phone(raw, region)
    assert result == normalise_carefully(raw, region)
    if isinstance(result, PhoneRefusal):
        assert result.message("en")
        assert result.message("id")
        assert all(isinstance(normalise_phone(candidate, region), Phone) for candidate in result.candidates)
        return
    assert E164.fullmatch(result.e164)
    again = normalise_phone(result.e164, region)
    assert isinstance(again, Phone)
    assert (again.e164, again.kind, again.region) == (result.e164, result.kind, result.region)
    assert "\u2022" in mask_phone(result.e164)


@settings(max_examples=300, deadline=None)
@given(prefix=st.sampled_from(["0", "62", "+62", ""]), rest=st.from_regex(r"8[0-9]{6,13}", fullmatch=True))
def test_the_fast_path_agrees_with_the_library(prefix: str, rest: str) -> None:
    result = normalise_phone(prefix + rest)
    assert result == normalise_carefully(prefix + rest)
    number = phonenumbers.parse("+62" + rest, None)
    mobile = (
        phonenumbers.is_valid_number(number) and phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
    )
    if prefix:
        assert isinstance(result, Phone) == mobile
    elif isinstance(result, Phone):
        assert mobile


@given(fragment=st.text(max_size=80), region=REGIONS)
def test_any_search_fragment_and_any_cell_are_safe(fragment: str, region: str) -> None:
    assert all(form.isdigit() for form in phone_digits_for_search(fragment, region))
    assert all(split_numbers(fragment))
    mask_phone(fragment)


@pytest.mark.parametrize(
    "fragment", ["0812", "812", "62812", "+62 812", "0062812", "+62 0812", "\uff10\uff18\uff11\uff12", "0812-3456"]
)
def test_a_fragment_finds_the_number_however_it_is_typed(fragment: str) -> None:
    forms = phone_digits_for_search(fragment)
    assert "6281234567890".startswith(forms[0])


def test_a_fragment_from_the_middle_is_found_and_a_name_is_not_a_number() -> None:
    assert "7890" in phone_digits_for_search("7890")
    assert phone_digits_for_search("Budi") == []
    assert phone_digits_for_search("Budi 0812") == []
    assert phone_digits_for_search("") == []
    assert phone_digits_for_search("0912", "SG")[0] == "65912"
    assert phone_digits_for_search("0812", "XX") == ["0812"]


def test_a_masked_number_shows_its_ends_only() -> None:
    assert mask_phone("+6281234567890") == "+62812\u2022\u2022\u2022\u20227890"
    assert mask_phone("+6512345678") == "+6512\u2022\u2022\u2022\u202278"
    assert mask_phone("081234567890") == "\u2022\u2022\u2022\u2022"
