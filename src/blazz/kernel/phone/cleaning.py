"""Undo what people, chat programs and spreadsheets do to a number before its digits are read."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from blazz.kernel.phone.types import PhoneRefusalCode

_DASHES: Final = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc\u2500\ufe58\ufe63\u00ad"
_QUOTES: Final = "'\"`\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u00b4\u2032\u2033"
_PHONE_SIGNS: Final = "\u260e\u260f\u2706\U0001f4de\U0001f4f1\U0001f4f2\u2022\u00b7"
_KEPT_CONTROLS: Final = "\t\n\r\v\f"


class _Characters(dict[int, str]):
    """A translation table that works out each character once; it stays as small as the set of characters seen."""

    def __missing__(self, code: int) -> str:
        meant = _meaning(chr(code))
        if len(self) < 4096:
            self[code] = meant
        return meant


def _meaning(char: str) -> str:
    category = unicodedata.category(char)
    if char in _QUOTES or char in _PHONE_SIGNS:
        return ""
    if char in _DASHES:
        return "-"
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category in {"Zs", "Zl", "Zp"} or char in _KEPT_CONTROLS:
        return "\n" if char in "\n\r\u2028\u2029" else " "
    if category in {"Cf", "Cc", "Cs"} or "\ufe00" <= char <= "\ufe0f":
        return ""
    if "\uff01" <= char <= "\uff5e":
        return _meaning(chr(ord(char) - 0xFEE0))
    return char


_CHARACTERS: Final = _Characters()

_SCIENTIFIC: Final = re.compile(r"\+?([0-9]+)(?:[.,]([0-9]*))?[eE]\+?([0-9]{1,3})")
_DECIMAL: Final = re.compile(r"(\+?[0-9]{8,})[.,]0{1,2}")
_WORDS: Final = (
    r"(?:whats\s?app|handphone|telephone|telepon|telefon|seluler|contact|hubungi|mobile|number|ponsel|kontak|nomor|nomer|"
    r"phone|telp|tlp|tel|cell|call|mob|nmr|sms|hp|h\.p|wa|w\.a|ph|cp|no)"
)
_LEAD: Final = re.compile(rf"(?:{_WORDS}(?![a-z])[\s.:=\-#()/]*|[mtp]:\s*)+", re.IGNORECASE)
_TAIL: Final = re.compile(rf"\s*[(\[]\s*{_WORDS}(?:\s*/\s*{_WORDS})?\s*[)\]]\s*$", re.IGNORECASE)
_LINK: Final = re.compile(
    r"(?:https?://)?(?:www\.)?(?:wa\.me/|(?:api|web|chat)\.whatsapp\.com/send/?\?(?:[^\s]*&)?phone=)"
    r"(?:%2b)?\+?([0-9][0-9\s\-]*)(?:[/?&#].*)?",
    re.IGNORECASE | re.DOTALL,
)
_EXTENSION: Final = re.compile(
    r"[\s,;(]*(?:(?:extension|extn|ext|ekstensi|ekst)\.?\s*[:=]?|(?<=[0-9\s])x)\s*[0-9]{1,7}\)?\s*$", re.IGNORECASE
)
_SEPARATORS: Final = re.compile(r"[\s\-./\\()\[\]{},;:|_~]+")
_COMPACT: Final = re.compile(r"\++[0-9]+|[0-9]+")
_FORMULA: Final = re.compile(r"^[=\s]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Compact:
    """Bare digits and what stood around them; ``link`` when they came from a WhatsApp link, which is international."""

    digits: str
    plus: bool
    link: bool = False
    extension: bool = False


def unify(text: str) -> str:
    """Map every digit, dash, space and full-width form to ASCII and drop quotes, invisible and direction characters."""
    return _FORMULA.sub("", text.translate(_CHARACTERS)).strip()


def undo_spreadsheet(text: str) -> str | None:
    """Give back the integer behind ``…E+12`` or ``….0``; None when its digits are lost. Other text is returned as it is."""
    if match := _SCIENTIFIC.fullmatch(text):
        fraction, exponent = match[2] or "", int(match[3])
        if len(fraction) < exponent or fraction[exponent:].strip("0") or exponent > 15:
            return None
        return match[1] + fraction[:exponent]
    if match := _DECIMAL.fullmatch(text):
        return match[1]
    return text


def compact(text: str) -> Compact | PhoneRefusalCode:
    """Reduce unified text to plus and digits, or say why that cannot be done honestly."""
    if match := _LINK.fullmatch(text):
        return Compact(digits=re.sub(r"[^0-9]", "", match[1]), plus=False, link=True)
    text = _TAIL.sub("", text)
    if match := _LEAD.match(text):
        text = text[match.end() :]
    bare = _EXTENSION.sub("", text)
    squeezed = _SEPARATORS.sub("", bare)
    if not squeezed:
        return PhoneRefusalCode.LETTERS if any(map(str.isalpha, text)) else PhoneRefusalCode.NOT_A_NUMBER
    if not _COMPACT.fullmatch(squeezed):
        return _why_not(squeezed)
    digits = squeezed.lstrip("+")
    return Compact(digits=digits, plus=len(digits) < len(squeezed), extension=bare != text)


def _why_not(squeezed: str) -> PhoneRefusalCode:
    if any(map(str.isalpha, squeezed)):
        return PhoneRefusalCode.LETTERS
    has_digit = any(char in "0123456789" for char in squeezed)
    return PhoneRefusalCode.BAD_CHARACTERS if has_digit else PhoneRefusalCode.NOT_A_NUMBER


def without_lookalikes(text: str) -> str:
    """Replace the letters people type for digits (O for 0, I and l for 1)."""
    return text.translate(_LOOKALIKES)


_LOOKALIKES: Final = str.maketrans("OoIl", "0011")
