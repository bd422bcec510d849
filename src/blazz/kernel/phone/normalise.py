"""From a cell to a phone or a refusal: a fast path for clean Indonesian mobiles, the careful path for the rest."""

import math
import re
from typing import Final

from blazz.kernel.phone.cells import split_unified
from blazz.kernel.phone.cleaning import Compact, compact, undo_spreadsheet, unify, without_lookalikes
from blazz.kernel.phone.dialling import Dialled, read_dialled
from blazz.kernel.phone.indonesia import mobile_phone
from blazz.kernel.phone.library import known_region
from blazz.kernel.phone.types import Phone, PhoneRefusal, PhoneRefusalCode, PhoneResult, PhoneWarning

# Longer cells are never one number; refusing early keeps a ten-megabyte field cheap.
_MAX_TEXT: Final = 400
_LONGER_THAN_ANY: Final = 10**16
# A bare number of 12 digits may be another country's, so the fast path leaves those to the careful one
# except where no country code begins that way (83, 87, 89).
_CLEAN: Final = re.compile(r"(?:\+?62|0)(8[1235-9][0-9]{7,10})|(8[1235-9][0-9]{7,9}|8[379][0-9]{10})").fullmatch
_CLEAN_ABROAD: Final = re.compile(r"\+62(8[1235-9][0-9]{7,10})").fullmatch


def normalise_phone(raw: str | float | None, default_region: str = "ID") -> PhoneResult:
    """Read a number as people and spreadsheets write it; numbers without + or 00 belong to ``default_region`` (ISO code).

    Never raises and never guesses: what cannot be read honestly comes back as a refusal with a code, a sentence in each
    language and the numbers that may have been meant. Its own E.164 output comes back unchanged.
    """
    if raw.__class__ is str:
        match = _CLEAN(raw) if default_region == "ID" else _CLEAN_ABROAD(raw)
        if match:
            national = match[1]
            if national:
                return mobile_phone(raw, national, assumed=False)
            return mobile_phone(raw, match[2], assumed=True)
    return normalise_carefully(raw, default_region)


def normalise_carefully(raw: str | float | None, default_region: str = "ID") -> PhoneResult:
    """Do the same without the fast path; both must agree, and a test compares them."""
    original, text = _as_text(raw)
    if text is None:
        return PhoneRefusal(original=original, code=PhoneRefusalCode.NOT_A_NUMBER)
    region = known_region(default_region)
    if len(text) > _MAX_TEXT:
        return PhoneRefusal(original=original, code=PhoneRefusalCode.TOO_LONG)
    unified = unify(text)
    if not unified:
        return PhoneRefusal(original=original, code=PhoneRefusalCode.EMPTY)
    whole = undo_spreadsheet(unified)
    if whole is None:
        return PhoneRefusal(original=original, code=PhoneRefusalCode.DIGITS_LOST)
    several = _several(original, whole, region)
    return several or _one(original, whole, region)


def _as_text(raw: str | float | None) -> tuple[str, str | None]:
    """Write numbers from spreadsheet cells as integers; None for what is no number at all."""
    if raw is None:
        return "", ""
    if isinstance(raw, str):
        return raw, raw
    if isinstance(raw, bool) or not _is_whole(raw):
        return str(raw), None
    # Longer than any phone number; Python refuses to write out an int of thousands of digits.
    if abs(raw) >= _LONGER_THAN_ANY:
        return f"{float(raw):.6e}" if abs(raw) < 10**300 else "1e300", "9" * 17
    whole = str(int(raw))
    return whole, None if raw < 0 else whole


def _is_whole(value: float) -> bool:
    return isinstance(value, int) or (math.isfinite(value) and value.is_integer())


def _several(original: str, text: str, region: str | None) -> PhoneRefusal | None:
    pieces = split_unified(text)
    if len(pieces) < 2:
        return None
    readings = [_one(piece, piece, region) for piece in pieces]
    candidates = tuple(dict.fromkeys(reading.e164 for reading in readings if isinstance(reading, Phone)))
    # When no piece is a number, the separators stood inside one number.
    if not candidates:
        return None
    return PhoneRefusal(original=original, code=PhoneRefusalCode.SEVERAL_NUMBERS, candidates=candidates)


def _one(original: str, text: str, region: str | None) -> PhoneResult:
    reduced = compact(text)
    if isinstance(reduced, PhoneRefusalCode):
        return PhoneRefusal(original=original, code=reduced, candidates=_meant(reduced, text, region))
    read = _read(reduced, region)
    if read.code is not None:
        return PhoneRefusal(original=original, code=read.code, candidates=read.candidates)
    extra = (PhoneWarning.EXTENSION_DROPPED,) if reduced.extension else ()
    if read.national:
        return mobile_phone(original, read.national, assumed=read.assumed, extra=extra)
    return Phone(
        e164=read.e164,
        original=original,
        region=read.region,
        kind=read.kind,
        warnings=read.warnings + extra,
        operator=None,
    )


def _read(reduced: Compact, region: str | None) -> Dialled:
    """Read a WhatsApp link as the international number it should hold, else as its author dials it at home."""
    if reduced.link:
        international = read_dialled(reduced.digits, plus=True, region=region)
        if international.kind == "mobile" and international.code is None:
            return international
    return read_dialled(reduced.digits, plus=reduced.plus, region=region)


def _meant(code: PhoneRefusalCode, text: str, region: str | None) -> tuple[str, ...]:
    """For letters typed in place of digits, offer the number that was probably meant."""
    if code is not PhoneRefusalCode.LETTERS:
        return ()
    repaired = compact(without_lookalikes(text))
    if isinstance(repaired, PhoneRefusalCode):
        return ()
    read = _read(repaired, region)
    return (read.e164,) if read.code is None and read.kind == "mobile" else ()
