"""The Indonesian numbering plan: mobile shape, operators, service numbers, international prefixes."""

import re
from typing import Final

from blazz.kernel.phone.types import Phone, PhoneRefusalCode, PhoneWarning

# 84 is not in use and 80 is for services; 9 to 12 digits after the country code.
MOBILE: Final = re.compile(r"8[1235-9][0-9]{7,10}")
_MOBILE_START: Final = re.compile(r"8[1235-9]")

# 001, 007, 008, 009 and 01017 dial out of Indonesia, 00 nearly everywhere else; people copy all of them.
INTERNATIONAL_PREFIX: Final = re.compile(r"(?:01017|00[1789]?)(?=62)")
TOLL_FREE_PREFIXES: Final = ("001803", "007803")
MANY_ZEROS: Final = "000000"

_BLOCKS: Final = {
    "Telkomsel": "811 812 813 821 822 823 851 852 853",
    "Indosat": "814 815 816 855 856 857 858",
    "Tri": "895 896 897 898 899",
    "XL": "817 818 819 859 877 878 879",
    "AXIS": "831 832 833 838",
    "Smartfren": "881 882 883 887 888 889",
}
OPERATORS: Final[dict[str, str]] = {prefix: name for name, block in _BLOCKS.items() for prefix in block.split()}


_ASSUMED: Final = (PhoneWarning.COUNTRY_ASSUMED,)


def mobile_phone(original: str, national: str, *, assumed: bool, extra: tuple[PhoneWarning, ...] = ()) -> Phone:
    """Build the phone of a national number that has the mobile shape; ``assumed`` when neither 0 nor 62 was typed."""
    operator = OPERATORS.get(national[:3])
    if operator is None or len(national) == 9 or national.endswith(MANY_ZEROS):
        extra = _warnings(national, operator, assumed=assumed) + extra
    elif assumed:
        # A spreadsheet drops the 0 of a whole column, so this happens row after row and must be cheap.
        extra = (*_ASSUMED, *extra) if extra else _ASSUMED
    return Phone(
        e164="+62" + national, original=original, region="ID", kind="mobile", warnings=extra, operator=operator
    )


def _warnings(national: str, operator: str | None, *, assumed: bool) -> tuple[PhoneWarning, ...]:
    found = (
        (PhoneWarning.SHORT_MOBILE, len(national) == 9),
        (PhoneWarning.COUNTRY_ASSUMED, assumed),
        (PhoneWarning.UNASSIGNED_PREFIX, operator is None),
        (PhoneWarning.TRAILING_ZEROS, national.endswith(MANY_ZEROS)),
    )
    return tuple(warning for warning, present in found if present)


def refuse_by_shape(national: str) -> PhoneRefusalCode | None:
    """Say what is plainly wrong with a national number; None leaves the judgement to the library."""
    if len(national) <= 6:
        return (
            PhoneRefusalCode.SHORT_CODE
            if national.startswith("1") and len(national) >= 3
            else PhoneRefusalCode.TOO_SHORT
        )
    if len(national) > 12:
        return PhoneRefusalCode.TOO_LONG
    if _MOBILE_START.match(national):
        return PhoneRefusalCode.TOO_SHORT if len(national) < 9 else None
    if national.startswith("84"):
        return PhoneRefusalCode.INVALID_MOBILE
    return None


def is_mobile_start(digits: str) -> bool:
    """Tell whether the digits begin as an Indonesian mobile number does."""
    return _MOBILE_START.match(digits) is not None
