"""Which number a row of digits means when dialled with or without plus in a region; foreign ones are never guessed."""

import re
from dataclasses import dataclass
from typing import Final

from blazz.kernel.phone import indonesia
from blazz.kernel.phone.library import Reading, is_mobile_abroad, read_number
from blazz.kernel.phone.types import PhoneKind, PhoneRefusalCode, PhoneWarning

_MAX_DIGITS: Final = 15
# 0 + 62 + mobile: the country code typed as if it were an area code (0628 is a real one, with short numbers).
_DOUBLED: Final = re.compile(r"062(8[1235-9][0-9]{7,10})")
_ABROAD: Final = re.compile(r"(?:01017|00[1789]?)(?=[1-9])")
_SERVICE_CODES: Final = frozenset(
    {
        PhoneRefusalCode.TOLL_FREE,
        PhoneRefusalCode.PREMIUM_RATE,
        PhoneRefusalCode.SHARED_COST,
        PhoneRefusalCode.UNIVERSAL_ACCESS,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialled:
    """The number meant, or the code of what is wrong; ``national`` is filled for Indonesian mobiles only."""

    e164: str = ""
    region: str | None = None
    kind: PhoneKind = "mobile"
    national: str = ""
    assumed: bool = False
    warnings: tuple[PhoneWarning, ...] = ()
    code: PhoneRefusalCode | None = None
    candidates: tuple[str, ...] = ()


def read_dialled(digits: str, *, plus: bool, region: str | None) -> Dialled:
    """Read digits typed with or without a plus by someone in ``region`` (None: only international numbers are clear)."""
    if plus and not digits.startswith("0"):
        return _international(digits)
    if region == "ID":
        return _at_home(digits)
    if digits.startswith("00") and not digits.startswith("000"):
        outside = _international(digits[2:])
        if outside.code is None or region is None:
            return outside
    if region is None:
        return _unclear(digits)
    return _elsewhere(digits, region)


def _international(digits: str) -> Dialled:
    if len(digits) > _MAX_DIGITS:
        return Dialled(code=PhoneRefusalCode.TOO_LONG)
    if digits.startswith("62"):
        rest = digits[2:]
        # People write the trunk 0 after the country code: +62 0812, +62(0)812.
        return _indonesian(rest.removeprefix("0"))
    return _from_library(read_number("+" + digits, None))


def _indonesian(national: str) -> Dialled:
    if indonesia.MOBILE.fullmatch(national):
        return Dialled(e164="+62" + national, region="ID", national=national)
    if national.startswith("0"):
        return Dialled(code=PhoneRefusalCode.INVALID_NUMBER if len(national) > 6 else PhoneRefusalCode.TOO_SHORT)
    code = indonesia.refuse_by_shape(national)
    return Dialled(code=code) if code else _from_library(read_number("+62" + national, None))


def _from_library(reading: Reading) -> Dialled:
    if reading.code is not None:
        return Dialled(code=reading.code)
    warnings: tuple[PhoneWarning, ...] = ()
    if reading.kind != "mobile":
        warnings = (PhoneWarning.LANDLINE if reading.kind == "landline" else PhoneWarning.UNUSUAL_TYPE,)
    return Dialled(e164=reading.e164, region=reading.region, kind=reading.kind, warnings=warnings)


def _at_home(digits: str) -> Dialled:
    """Read what someone in Indonesia typed without a usable plus."""
    if match := indonesia.INTERNATIONAL_PREFIX.match(digits):
        return _international(digits[match.end() :])
    if digits.startswith(indonesia.TOLL_FREE_PREFIXES):
        return Dialled(code=PhoneRefusalCode.TOLL_FREE)
    if match := _ABROAD.match(digits):
        return _dialled_abroad(digits)
    if match := _DOUBLED.fullmatch(digits):
        return Dialled(code=PhoneRefusalCode.COUNTRY_UNCLEAR, candidates=("+62" + match[1],))
    if digits.startswith("0"):
        return _indonesian(digits[1:])
    if digits.startswith("62"):
        return _international(digits)
    return _bare(digits)


def _dialled_abroad(digits: str) -> Dialled:
    """00 is the world's way out and 001 to 009 Indonesia's; accept only when one reading is a real number."""
    rests = [digits[2:]]
    if len(digits) > 3 and digits[2] in "1789":
        rests.append(digits[3:])
    if digits.startswith("01017"):
        rests = [digits[5:]]
    readings = [_international(rest) for rest in rests]
    good = [reading for reading in readings if reading.code is None]
    if len(good) == 1:
        return good[0]
    candidates = tuple(reading.e164 for reading in good)
    return Dialled(code=PhoneRefusalCode.COUNTRY_UNCLEAR, candidates=candidates) if good else readings[0]


def _bare(digits: str) -> Dialled:
    """Read digits that begin with neither 0 nor 62: only a clear Indonesian mobile that lost its 0 is accepted."""
    if indonesia.MOBILE.fullmatch(digits):
        # Japanese, Korean, Taiwanese and other mobiles typed without plus have this shape too, nearly always with 12
        # digits, which is the one length that is rare for the Indonesian operators concerned.
        if len(digits) == 12 and is_mobile_abroad(digits):
            return Dialled(code=PhoneRefusalCode.COUNTRY_UNCLEAR, candidates=("+" + digits, "+62" + digits))
        return Dialled(e164="+62" + digits, region="ID", national=digits, assumed=True)
    if len(digits) <= 6:
        return _indonesian(digits)
    service = read_number("+62" + digits, None).code
    if service in _SERVICE_CODES:
        return Dialled(code=service)
    if indonesia.is_mobile_start(digits) and not is_mobile_abroad(digits):
        return Dialled(code=PhoneRefusalCode.TOO_SHORT if len(digits) < 9 else PhoneRefusalCode.TOO_LONG)
    return _unclear(digits)


def _unclear(digits: str) -> Dialled:
    """Refuse digits whose country was not given, offering the readings that are real numbers."""
    if len(digits) > _MAX_DIGITS:
        return Dialled(code=PhoneRefusalCode.TOO_LONG)
    if len(digits) < 7:
        return Dialled(code=PhoneRefusalCode.TOO_SHORT)
    readings = (_international(digits), _indonesian(digits)) if digits[0] != "0" else ()
    candidates = tuple(dict.fromkeys(reading.e164 for reading in readings if reading.code is None))
    return Dialled(code=PhoneRefusalCode.COUNTRY_UNCLEAR, candidates=candidates)


def _elsewhere(digits: str, region: str) -> Dialled:
    """Read what someone in a country other than Indonesia typed; the country's own plan decides."""
    reading = read_number(digits, region)
    if reading.code is None or reading.code in _SERVICE_CODES:
        return _from_library(reading)
    if digits[0] != "0" and 7 <= len(digits) <= _MAX_DIGITS:
        outside = _international(digits)
        if outside.code is None:
            return Dialled(code=PhoneRefusalCode.COUNTRY_UNCLEAR, candidates=(outside.e164,))
    return _from_library(reading)
