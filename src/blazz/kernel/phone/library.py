"""The world's numbering plans through libphonenumber, reduced to the questions asked here; nothing raises."""

from dataclasses import dataclass
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType, ValidationResult

from blazz.kernel.phone.types import PhoneKind, PhoneRefusalCode

_KINDS: Final[dict[int, PhoneKind]] = {
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE: "landline",
    PhoneNumberType.VOIP: "other",
    PhoneNumberType.PERSONAL_NUMBER: "other",
}
_SERVICES: Final[dict[int, PhoneRefusalCode]] = {
    PhoneNumberType.TOLL_FREE: PhoneRefusalCode.TOLL_FREE,
    PhoneNumberType.PREMIUM_RATE: PhoneRefusalCode.PREMIUM_RATE,
    PhoneNumberType.SHARED_COST: PhoneRefusalCode.SHARED_COST,
    PhoneNumberType.UAN: PhoneRefusalCode.UNIVERSAL_ACCESS,
}
_LENGTHS: Final[dict[int, PhoneRefusalCode]] = {
    ValidationResult.TOO_SHORT: PhoneRefusalCode.TOO_SHORT,
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: PhoneRefusalCode.TOO_SHORT,
    ValidationResult.TOO_LONG: PhoneRefusalCode.TOO_LONG,
    ValidationResult.INVALID_COUNTRY_CODE: PhoneRefusalCode.COUNTRY_UNKNOWN,
}
_PARSE_ERRORS: Final[dict[int, PhoneRefusalCode]] = {
    NumberParseException.INVALID_COUNTRY_CODE: PhoneRefusalCode.COUNTRY_UNKNOWN,
    NumberParseException.TOO_SHORT_AFTER_IDD: PhoneRefusalCode.TOO_SHORT,
    NumberParseException.TOO_SHORT_NSN: PhoneRefusalCode.TOO_SHORT,
    NumberParseException.TOO_LONG: PhoneRefusalCode.TOO_LONG,
}
_WHOLE_WORLD: Final = "001"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the library makes of a number: callable with a kind, or the code of what is wrong."""

    e164: str = ""
    region: str | None = None
    kind: PhoneKind = "other"
    code: PhoneRefusalCode | None = None


def read_number(text: str, region: str | None) -> Reading:
    """Read ``+digits``, or the digits dialled inside a region, and judge whether the number can be messaged."""
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException as error:
        return Reading(code=_PARSE_ERRORS.get(error.error_type, PhoneRefusalCode.INVALID_NUMBER))
    if not phonenumbers.is_valid_number(number):
        reason = phonenumbers.is_possible_number_with_reason(number)
        return Reading(code=_LENGTHS.get(reason, PhoneRefusalCode.INVALID_NUMBER))
    number_type = phonenumbers.number_type(number)
    kind = _KINDS.get(number_type)
    if kind is None:
        return Reading(code=_SERVICES.get(number_type, PhoneRefusalCode.INVALID_NUMBER))
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if len(e164) > 16:
        return Reading(code=PhoneRefusalCode.TOO_LONG)
    found = phonenumbers.region_code_for_number(number)
    return Reading(e164=e164, region=None if found == _WHOLE_WORLD else found, kind=kind)


def is_mobile_abroad(digits: str) -> bool:
    """Tell whether ``+digits`` is a valid mobile number of a real country."""
    reading = read_number("+" + digits, None)
    return reading.kind == "mobile" and reading.region is not None


def known_region(region: str) -> str | None:
    """Return the ISO code of a supported region in capitals, or None."""
    code = region.strip().upper()
    code = "GB" if code == "UK" else code
    return code if code in phonenumbers.SUPPORTED_REGIONS else None


def country_code(region: str) -> str:
    """Return the calling code of a region as digits, empty when the region is unknown."""
    known = known_region(region)
    return str(phonenumbers.country_code_for_region(known)) if known else ""
