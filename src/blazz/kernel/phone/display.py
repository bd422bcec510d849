"""Numbers on screens and in searches: masking, and the digit forms a typed fragment stands for."""

import re
from typing import Final

from blazz.kernel.phone.cleaning import unify
from blazz.kernel.phone.library import country_code

_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_DOTS: Final = "\u2022\u2022\u2022\u2022"
_NOT_SEARCHABLE: Final = re.compile(r"[^0-9+\s\-./()\[\]]")
_OUT: Final = re.compile(r"00[1789]?(?=62)|00(?=[1-9])|01017(?=62)")


def mask_phone(e164: str) -> str:
    """Hide the middle of a number: ``+6281234567890`` gives ``+62812••••7890``; anything else is hidden whole.

    At least four digits stay hidden, and always as four dots, so the length tells nothing.
    """
    if not _E164.fullmatch(e164):
        return _DOTS
    digits = e164[1:]
    tail = 4 if len(digits) >= 11 else 2
    head = max(0, min(5, len(digits) - tail - 4))
    return f"+{digits[:head]}{_DOTS}{digits[-tail:]}"


def phone_digits_for_search(fragment: str, default_region: str = "ID") -> list[str]:
    """List the digit forms to look for inside stored ``e164`` digits, the most telling first.

    ``0812``, ``812``, ``62812``, ``+62 812`` and ``0062812`` all begin with ``62812`` for the region ID. The typed digits
    themselves come last, so a fragment from the middle of a number is found as well. Text that is not part of a number,
    such as a name, gives an empty list.
    """
    text = unify(fragment[:64])
    if _NOT_SEARCHABLE.search(text):
        return []
    plus, typed = text.lstrip("([ ").startswith("+"), re.sub(r"[^0-9]", "", text)
    if not typed:
        return []
    code = country_code(default_region)
    outside = _OUT.sub("", typed, count=1) if _OUT.match(typed) else ""
    if plus or outside:
        return _unique([_without_trunk(outside or typed, code)])
    if typed.startswith("0") and len(typed) > 1:
        return _unique([code + typed[1:], typed] if code else [typed])
    if code and not typed.startswith(code) and typed != "0":
        return _unique([code + typed, typed])
    return _unique([_without_trunk(typed, code), typed])


def _without_trunk(digits: str, code: str) -> str:
    """Drop the 0 people leave after the country code, as in +62 0812."""
    return code + digits[len(code) + 1 :] if code and digits.startswith(code + "0") else digits


def _unique(forms: list[str]) -> list[str]:
    return list(dict.fromkeys(form for form in forms if form))
