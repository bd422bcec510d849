"""Every row of the measured table of odd spellings, and every answer to its traps, for the region Indonesia."""

import pytest

from blazz.kernel.phone import Phone, PhoneRefusal, PhoneRefusalCode, PhoneWarning, normalise_phone

BUDI = "+6281234567890"

ACCEPTED: list[tuple[str, str, str, str | None]] = [
    ("081234567890", BUDI, "mobile", "Telkomsel"),
    ("0812-3456-7890", BUDI, "mobile", "Telkomsel"),
    ("0812 3456 789", "+628123456789", "mobile", "Telkomsel"),
    ("+62 812-3456-7890", BUDI, "mobile", "Telkomsel"),
    ("62812-3456-7890", BUDI, "mobile", "Telkomsel"),
    ("6281234567890", BUDI, "mobile", "Telkomsel"),
    ("+6281234567890", BUDI, "mobile", "Telkomsel"),
    ("006281234567890", BUDI, "mobile", "Telkomsel"),
    ("00162 81234567890", BUDI, "mobile", "Telkomsel"),
    ("0062 0812 3456 7890", BUDI, "mobile", "Telkomsel"),
    ("00762 81234567890", BUDI, "mobile", "Telkomsel"),
    ("00862 0812 3456 7890", BUDI, "mobile", "Telkomsel"),
    ("0101762 81234567890", BUDI, "mobile", "Telkomsel"),
    ("+62081234567890", BUDI, "mobile", "Telkomsel"),
    ("620812345678", "+62812345678", "mobile", "Telkomsel"),
    ("81234567890", BUDI, "mobile", "Telkomsel"),
    ("8123456789", "+628123456789", "mobile", "Telkomsel"),
    ("812345678", "+62812345678", "mobile", "Telkomsel"),
    ("0812345678", "+62812345678", "mobile", "Telkomsel"),
    ("+62(0)812-3456-7890", BUDI, "mobile", "Telkomsel"),
    ("(0812) 34567890", BUDI, "mobile", "Telkomsel"),
    ("0812.3456.7890", BUDI, "mobile", "Telkomsel"),
    ("0812/3456/7890", BUDI, "mobile", "Telkomsel"),
    ("\uff10\uff18\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19\uff10", BUDI, "mobile", "Telkomsel"),
    ("\u0660\u0668\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669\u0660", BUDI, "mobile", "Telkomsel"),
    ("081234567890 ext 12", BUDI, "mobile", "Telkomsel"),
    ("081234567890;ext=3", BUDI, "mobile", "Telkomsel"),
    ("tel:+62-812-3456-7890", BUDI, "mobile", "Telkomsel"),
    ("wa.me/6281234567890", BUDI, "mobile", "Telkomsel"),
    ("https://wa.me/6281234567890", BUDI, "mobile", "Telkomsel"),
    ("6281234567890.0", BUDI, "mobile", "Telkomsel"),
    ("'081234567890", BUDI, "mobile", "Telkomsel"),
    ("+1 415 555 2671", "+14155552671", "mobile", None),
    ("+65 8123 4567", "+6581234567", "mobile", None),
    ("0218312345", "+62218312345", "landline", None),
    ("021-8312345", "+62218312345", "landline", None),
    ("(021) 8312345", "+62218312345", "landline", None),
    ("+62 21 831 2345", "+62218312345", "landline", None),
    ("0361 123456", "+62361123456", "landline", None),
    ("02180001234", "+622180001234", "landline", None),
    ("0851 5555 1234", "+6285155551234", "mobile", "Telkomsel"),
    ("085155551234", "+6285155551234", "mobile", "Telkomsel"),
    ("0895123456789", "+62895123456789", "mobile", "Tri"),
    ("08951234567", "+628951234567", "mobile", "Tri"),
    ("0896 1234 5678", "+6289612345678", "mobile", "Tri"),
    ("0881 2345 6789", "+6288123456789", "mobile", "Smartfren"),
    ("0888 1234 567", "+628881234567", "mobile", "Smartfren"),
    ("0868 12345678", "+6286812345678", "mobile", None),
    ("0852123456", "+62852123456", "mobile", "Telkomsel"),
    ("62 8 12 34567890", BUDI, "mobile", "Telkomsel"),
    ("85712345678", "+6285712345678", "mobile", "Indosat"),
    ("0857-1234-5678\u200b", "+6285712345678", "mobile", "Indosat"),
    ("\u202a+62 857-1234-5678\u202c", "+6285712345678", "mobile", "Indosat"),
    ("0878\u20131234\u20135678", "+6287812345678", "mobile", "XL"),
    ("+6281-234-567-890", BUDI, "mobile", "Telkomsel"),
]

REFUSED: list[tuple[str, PhoneRefusalCode]] = [
    ("08123456", PhoneRefusalCode.TOO_SHORT),
    ("081234567", PhoneRefusalCode.TOO_SHORT),
    ("08123456789012", PhoneRefusalCode.TOO_LONG),
    ("081234567890123", PhoneRefusalCode.TOO_LONG),
    ("Telp: 0812-3456-7890 (Budi)", PhoneRefusalCode.LETTERS),
    ("0812 3456 7890 / 0813 1111 2222", PhoneRefusalCode.SEVERAL_NUMBERS),
    ("6.28123E+12", PhoneRefusalCode.DIGITS_LOST),
    ("O81234567890", PhoneRefusalCode.LETTERS),
    ("1500000", PhoneRefusalCode.UNIVERSAL_ACCESS),
    ("1500888", PhoneRefusalCode.UNIVERSAL_ACCESS),
    ("147", PhoneRefusalCode.SHORT_CODE),
    ("14045", PhoneRefusalCode.SHORT_CODE),
    ("112", PhoneRefusalCode.SHORT_CODE),
    ("0800-1-123456", PhoneRefusalCode.TOLL_FREE),
    ("08001234567", PhoneRefusalCode.TOLL_FREE),
    ("0809 1 234 567", PhoneRefusalCode.PREMIUM_RATE),
    ("+62 8o12", PhoneRefusalCode.LETTERS),
    ("", PhoneRefusalCode.EMPTY),
    ("abc", PhoneRefusalCode.LETTERS),
    ("+", PhoneRefusalCode.NOT_A_NUMBER),
    ("08", PhoneRefusalCode.TOO_SHORT),
    ("0", PhoneRefusalCode.TOO_SHORT),
    ("+62", PhoneRefusalCode.TOO_SHORT),
    ("6208123", PhoneRefusalCode.TOO_SHORT),
    ("628123456789012345", PhoneRefusalCode.TOO_LONG),
    ("+62 812 345 678 90 12", PhoneRefusalCode.TOO_LONG),
    ("0812 3456 789O", PhoneRefusalCode.LETTERS),
]


@pytest.mark.parametrize(("typed", "e164", "kind", "operator"), ACCEPTED)
def test_a_row_of_the_table_becomes_its_number(typed: str, e164: str, kind: str, operator: str | None) -> None:
    result = normalise_phone(typed)
    assert isinstance(result, Phone), result
    assert (result.e164, result.kind, result.operator, result.original) == (e164, kind, operator, typed)
    assert (PhoneWarning.LANDLINE in result.warnings) == (kind == "landline")


@pytest.mark.parametrize(("typed", "code"), REFUSED)
def test_a_row_of_the_table_is_refused_with_its_reason(typed: str, code: PhoneRefusalCode) -> None:
    result = normalise_phone(typed)
    assert isinstance(result, PhoneRefusal), result
    assert (result.code, result.original) == (code, typed)


def test_the_table_is_complete() -> None:
    assert len(ACCEPTED) + len(REFUSED) == 79 + 3  # three more ways out of Indonesia than were measured


def test_nine_digit_mobiles_are_accepted_and_marked() -> None:
    for typed in ("0812345678", "620812345678", "0852123456"):
        result = normalise_phone(typed)
        assert isinstance(result, Phone)
        assert result.warnings == (PhoneWarning.SHORT_MOBILE,)


def test_an_extension_is_dropped_with_a_warning() -> None:
    for typed in ("081234567890 ext 12", "081234567890;ext=3", "0812-3456-7890 (ext. 4)", "081234567890 x12"):
        result = normalise_phone(typed)
        assert isinstance(result, Phone)
        assert (result.e164, result.warnings) == (BUDI, (PhoneWarning.EXTENSION_DROPPED,))
