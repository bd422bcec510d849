"""What normalising a number gives: a phone, or a refusal, both with words for people."""

from enum import StrEnum
from typing import Literal

import msgspec

from blazz.kernel.errors import Locale
from blazz.kernel.phone.reasons import REFUSALS, WARNINGS

PhoneKind = Literal["mobile", "landline", "other"]


class PhoneRefusalCode(StrEnum):
    """Why a number was refused; the values are permanent."""

    EMPTY = "empty"
    NOT_A_NUMBER = "not_a_number"
    LETTERS = "letters"
    BAD_CHARACTERS = "bad_characters"
    DIGITS_LOST = "digits_lost"
    SEVERAL_NUMBERS = "several_numbers"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    SHORT_CODE = "short_code"
    TOLL_FREE = "toll_free"
    PREMIUM_RATE = "premium_rate"
    SHARED_COST = "shared_cost"
    UNIVERSAL_ACCESS = "universal_access"
    COUNTRY_UNCLEAR = "country_unclear"
    COUNTRY_UNKNOWN = "country_unknown"
    INVALID_MOBILE = "invalid_mobile"
    INVALID_NUMBER = "invalid_number"

    def message(self, locale: Locale = "en", *, suggestion: str = "") -> str:
        """Say the reason in one sentence; ``suggestion`` is the number the person probably meant."""
        text = REFUSALS[self.value].render(locale, {})
        if not suggestion:
            return text
        return f"{text} Maksudnya {suggestion}?" if locale == "id" else f"{text} Did you mean {suggestion}?"


class PhoneWarning(StrEnum):
    """What to look at twice in an accepted number; the values are permanent."""

    LANDLINE = "landline"
    SHORT_MOBILE = "short_mobile"
    COUNTRY_ASSUMED = "country_assumed"
    UNASSIGNED_PREFIX = "unassigned_prefix"
    EXTENSION_DROPPED = "extension_dropped"
    TRAILING_ZEROS = "trailing_zeros"
    UNUSUAL_TYPE = "unusual_type"

    def message(self, locale: Locale = "en") -> str:
        """Say the warning in one sentence."""
        return WARNINGS[self.value].render(locale, {})


# These two are msgspec structs, not dataclasses: an import makes one per row, and a struct is built in a tenth of the time.
class Phone(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A number that can be messaged; ``original`` is the text as typed, ``operator`` the brand the prefix was issued to."""

    e164: str
    original: str
    region: str | None
    kind: PhoneKind
    warnings: tuple[PhoneWarning, ...] = ()
    operator: str | None = None


class PhoneRefusal(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A number that cannot be messaged, why, and the E.164 numbers the person may have meant."""

    original: str
    code: PhoneRefusalCode
    candidates: tuple[str, ...] = ()

    def message(self, locale: Locale = "en") -> str:
        """Say why, with what was probably meant when there is one such number."""
        if self.code is PhoneRefusalCode.SEVERAL_NUMBERS or len(self.candidates) != 1:
            return self.code.message(locale)
        return self.code.message(locale, suggestion=self.candidates[0])


PhoneResult = Phone | PhoneRefusal
