"""Rules beyond the table: spreadsheets, several numbers, foreign numbers, other home countries, words for people."""

import math

import pytest

from blazz.kernel.errors import LOCALES
from blazz.kernel.phone import Phone, PhoneRefusal, PhoneRefusalCode, PhoneWarning, normalise_phone, split_numbers
from blazz.kernel.phone.reasons import REFUSALS, WARNINGS

BUDI = "+6281234567890"
UNCLEAR = PhoneRefusalCode.COUNTRY_UNCLEAR


def accepted(raw: str | float | None, region: str = "ID") -> Phone:
    result = normalise_phone(raw, region)
    assert isinstance(result, Phone), result
    return result


def refused(raw: str | float | None, region: str = "ID") -> PhoneRefusal:
    result = normalise_phone(raw, region)
    assert isinstance(result, PhoneRefusal), result
    return result


@pytest.mark.parametrize(
    "raw",
    [
        6281234567890,
        6281234567890.0,
        81234567890.0,
        "6281234567890.00",
        "6281234567890,0",
        "6.281234567890E+12",
        "6,281234567890E+12",
        "6.2812345678900e12",
        '="081234567890"',
        "=+6281234567890",
        "\u2019081234567890",
        "6,281,234,567,890",
        "0812\u00a03456\u00a07890",
        "\ufeff0812\u200b3456\u200d7890\u2069",
        "\uff0b\uff16\uff12 812 3456 7890",
        "\u260e\ufe0f 0812 3456 7890",
        "HP: 0812-3456-7890",
        "No. HP 081234567890",
        "no.wa : 0812 3456 7890",
        "WhatsApp 081234567890",
        "HP/WA 081234567890",
        "081234567890 (WA)",
        "https://api.whatsapp.com/send?phone=6281234567890&text=halo",
        "wa.me/081234567890",
        "(+62) 812 3456 7890",
        "++6281234567890",
        "0812_3456_7890",
    ],
)
def test_what_spreadsheets_and_people_do_to_a_number_is_undone(raw: str | float) -> None:
    assert accepted(raw).e164 == BUDI


@pytest.mark.parametrize(
    "raw", ["6,28E+12", "6.28123E+12", "6.28123456789E+12", "8.1E10", "1e999", "6.2812345678901E+12"]
)
def test_a_shortened_number_is_refused_unless_every_digit_is_there(raw: str) -> None:
    assert refused(raw).code is PhoneRefusalCode.DIGITS_LOST


@pytest.mark.parametrize("raw", [True, False, -5, -6281234567890.0, 1.5, math.nan, math.inf, -math.inf])
def test_a_cell_value_that_is_no_number_of_a_phone_is_refused(raw: float) -> None:
    assert refused(raw).code is PhoneRefusalCode.NOT_A_NUMBER


def test_a_huge_number_is_too_long_and_not_a_crash() -> None:
    for raw in (10**5000, -(10**5000), 1e300, 10**16):
        assert refused(raw).code is PhoneRefusalCode.TOO_LONG
    assert refused("9" * 10_000_000).code is PhoneRefusalCode.TOO_LONG


def test_nothing_and_invisible_characters_only_are_empty() -> None:
    for raw in (None, "", "   ", "\u200b\u00a0\t", "'", "=", "\x00"):
        assert refused(raw).code is PhoneRefusalCode.EMPTY


@pytest.mark.parametrize(
    ("cell", "candidates"),
    [
        ("0812 3456 7890 / 0813 1111 2222", (BUDI, "+6281311112222")),
        ("081234567890, 081311112222", (BUDI, "+6281311112222")),
        ("081234567890;081311112222;0856 1111 2222", (BUDI, "+6281311112222", "+6285611112222")),
        ("081234567890 atau 081311112222", (BUDI, "+6281311112222")),
        ("081234567890\n081311112222", (BUDI, "+6281311112222")),
        ("+6281234567890+6281311112222", (BUDI, "+6281311112222")),
        ("081234567890 081311112222", (BUDI, "+6281311112222")),
        ("HP: 081234567890 / WA: 081311112222", (BUDI, "+6281311112222")),
        ("021-8312345/8312346", ("+62218312345",)),
    ],
)
def test_several_numbers_in_a_cell_are_refused_with_the_choice(cell: str, candidates: tuple[str, ...]) -> None:
    result = refused(cell)
    assert (result.code, result.candidates) == (PhoneRefusalCode.SEVERAL_NUMBERS, candidates)


def test_pieces_that_are_no_numbers_leave_the_cell_one_bad_number() -> None:
    assert refused("12345678/87654321").code is PhoneRefusalCode.TOO_LONG


def test_a_link_that_holds_a_number_as_dialled_at_home_is_read_so() -> None:
    assert accepted("wa.me/81234567890").e164 == BUDI
    assert accepted("wa.me/2125550123", "US").e164 == "+12125550123"


def test_a_cell_splits_into_its_numbers_but_one_number_stays_whole() -> None:
    assert split_numbers("0812 3456 7890 / 0813 1111 2222") == ("0812 3456 7890", "0813 1111 2222")
    assert split_numbers("0812/3456/7890") == ("0812/3456/7890",)
    assert split_numbers(" \u200b ") == ()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("6591234567", "+6591234567"),
        ("60123456789", "+60123456789"),
        ("8613912345678", "+8613912345678"),
        ("919812345678", "+919812345678"),
        ("14155552671", "+14155552671"),
        ("84912345678", "+84912345678"),
        ("819012345678", "+819012345678"),
        ("821012345678", "+821012345678"),
        ("886912345678", "+886912345678"),
        ("855123456789", "+855123456789"),
        ("447400123456", "+447400123456"),
    ],
)
def test_a_foreign_number_without_plus_never_becomes_indonesian(typed: str, meant: str) -> None:
    result = refused(typed)
    assert result.code is UNCLEAR
    assert result.candidates[0] == meant
    assert accepted("+" + typed).e164 == meant


def test_a_mobile_that_lost_its_zero_is_read_as_indonesian_and_marked() -> None:
    for typed, e164 in (("85212345678", "+6285212345678"), ("895123456789", "+62895123456789")):
        phone = accepted(typed)
        assert (phone.e164, phone.warnings) == (e164, (PhoneWarning.COUNTRY_ASSUMED,))


def test_a_landline_that_lost_its_zero_is_asked_about_not_guessed() -> None:
    result = refused("218312345")
    assert (result.code, result.candidates) == (UNCLEAR, ("+62218312345",))
    assert refused("0628123456789012").code is PhoneRefusalCode.TOO_LONG
    assert refused("062812345678").candidates == ("+62812345678",)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("084123456789", PhoneRefusalCode.INVALID_MOBILE),
        ("+6284123456789", PhoneRefusalCode.INVALID_MOBILE),
        ("+62112", PhoneRefusalCode.SHORT_CODE),
        ("0804 1234567", PhoneRefusalCode.SHARED_COST),
        ("08071234567", PhoneRefusalCode.UNIVERSAL_ACCESS),
        ("001803123456", PhoneRefusalCode.TOLL_FREE),
        ("8001234567", PhoneRefusalCode.TOLL_FREE),
        ("+1 800 555 1234", PhoneRefusalCode.TOLL_FREE),
        ("+999123456789", PhoneRefusalCode.COUNTRY_UNKNOWN),
        ("+65 1234 5678", PhoneRefusalCode.INVALID_NUMBER),
        ("0812#3456", PhoneRefusalCode.BAD_CHARACTERS),
        ("*123#", PhoneRefusalCode.BAD_CHARACTERS),
        ("---", PhoneRefusalCode.NOT_A_NUMBER),
        ("Telp:", PhoneRefusalCode.NOT_A_NUMBER),
        ("8123456", PhoneRefusalCode.TOO_SHORT),
        ("12345", PhoneRefusalCode.SHORT_CODE),
        ("23456", PhoneRefusalCode.TOO_SHORT),
        ("+1234567890123456", PhoneRefusalCode.TOO_LONG),
    ],
)
def test_a_number_nobody_can_message_is_refused_with_its_reason(typed: str, code: PhoneRefusalCode) -> None:
    assert refused(typed).code is code


def test_numbers_dialled_abroad_are_read_when_only_one_country_fits() -> None:
    assert accepted("0065 9123 4567").e164 == "+6591234567"
    assert accepted("001 65 9123 4567").e164 == "+6591234567"
    assert accepted("01017 65 9123 4567").e164 == "+6591234567"
    assert accepted("wa.me/6591234567").e164 == "+6591234567"


def test_letters_for_digits_are_refused_with_what_was_probably_meant() -> None:
    result = refused("0812 3456 789O")
    assert result.candidates == (BUDI,)
    assert result.message("en").endswith("Did you mean +6281234567890?")
    assert result.message("id").endswith("Maksudnya +6281234567890?")


def test_many_trailing_zeros_are_accepted_with_a_warning() -> None:
    assert PhoneWarning.TRAILING_ZEROS in accepted("6281230000000").warnings
    assert PhoneWarning.UNASSIGNED_PREFIX in accepted("0868 12345678").warnings


@pytest.mark.parametrize(
    ("region", "typed", "e164"),
    [
        ("SG", "8123 4567", "+6581234567"),
        ("SG", "6581234567", "+6581234567"),
        ("MY", "012-345 6789", "+60123456789"),
        ("MY", "60123456789", "+60123456789"),
        ("US", "(415) 555-2671", "+14155552671"),
        ("US", "011 62 812 3456 7890", BUDI),
        ("BR", "(11) 96123-4567", "+5511961234567"),
        ("BR", "5511961234567", "+5511961234567"),
        ("GB", "07400 123456", "+447400123456"),
        ("uk", "447400123456", "+447400123456"),
        ("GB", "0062 812 3456 7890", BUDI),
        ("XX", "+62 812 3456 7890", BUDI),
        ("id", "0812 3456 7890", BUDI),
    ],
)
def test_the_home_country_decides_how_a_number_without_plus_is_read(region: str, typed: str, e164: str) -> None:
    assert accepted(typed, region).e164 == e164


def test_an_indonesian_number_without_plus_is_not_guessed_elsewhere() -> None:
    for region in ("SG", "MY", "US", "GB"):
        assert refused("6281234567890", region).candidates == (BUDI,)
        refused("081234567890", region)
    assert refused("081234567890", "XX").code is UNCLEAR
    assert accepted("020 7946 0958", "GB").kind == "landline"
    assert refused("1-800-555-1234", "US").code is PhoneRefusalCode.TOLL_FREE


def test_every_code_has_a_sentence_in_each_language() -> None:
    assert set(REFUSALS) == {code.value for code in PhoneRefusalCode}
    assert set(WARNINGS) == {warning.value for warning in PhoneWarning}
    for locale in LOCALES:
        assert all(code.message(locale) for code in PhoneRefusalCode)
        assert all(warning.message(locale) for warning in PhoneWarning)
    assert all(PhoneRefusalCode(code).message("en") != PhoneRefusalCode(code).message("id") for code in REFUSALS)
