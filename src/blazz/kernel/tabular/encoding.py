"""Which text encoding a file has, and whether it is text at all."""

import codecs
import re
from pathlib import Path
from typing import Final

from blazz.kernel.tabular.errors import BadEncoding, EncryptedWorkbook, NotATable, UnsupportedWorkbook

SUPPORTED: Final = ("utf-8", "utf-16-le", "utf-16-be", "cp1252", "latin-1")
_CHUNK_BYTES: Final = 1 << 20
_SAMPLE_BYTES: Final = 1 << 16

_MAGICS: Final = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"\x1f\x8b", "GZIP"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7Z"),
    (b"\x7fELF", "program"),
    (b"BEGIN:VCARD", "vCard"),
)
_MARKUP: Final = re.compile(r"\s*(?:<!doctype\s+html|<html|<\?xml|<table|[{\[]\s*[{\[\"])", re.IGNORECASE)
_CONTROLS: Final = bytes({*range(1, 9), *range(14, 32), 127} - {27})
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Bytes that cp1252 leaves undefined; Latin-1 has a (control) character for each.
_NOT_CP1252: Final = bytes((0x81, 0x8D, 0x8F, 0x90, 0x9D))


def is_zip(path: Path) -> bool:
    """Tell whether the file begins as a zip archive does, which every XLSX is."""
    with path.open("rb") as file:
        return file.read(4) in {b"PK\x03\x04", b"PK\x05\x06"}


def detect_encoding(path: Path) -> tuple[str, int]:
    """Return the encoding and the length of the byte order mark; refuse what is no text."""
    with path.open("rb") as file:
        sample = file.read(_SAMPLE_BYTES)
    _refuse_known_files(path, sample)
    if sample.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise BadEncoding(encoding="UTF-32")
    encoding, bom = _by_mark(sample)
    if not encoding:
        encoding = _wide_without_mark(sample) or _narrow(path)
    _refuse_other_text(sample[bom:], encoding)
    return encoding, bom


def mark_length(path: Path, encoding: str) -> int:
    """Return how many bytes of byte order mark a file read in this encoding begins with."""
    with path.open("rb") as file:
        found, length = _by_mark(file.read(4))
    return length if found == encoding else 0


def _by_mark(sample: bytes) -> tuple[str, int]:
    if sample.startswith(codecs.BOM_UTF8):
        return "utf-8", 3
    if sample.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le", 2
    if sample.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be", 2
    return "", 0


def _wide_without_mark(sample: bytes) -> str:
    """UTF-16 of mostly Latin text has a zero in every other byte."""
    even, odd = sample[0:4096:2], sample[1:4096:2]
    if len(odd) < 2:
        return ""
    even_zeros, odd_zeros = even.count(0) / len(even), odd.count(0) / len(odd)
    if odd_zeros > 0.4 and even_zeros < 0.1:
        return "utf-16-le"
    return "utf-16-be" if even_zeros > 0.4 and odd_zeros < 0.1 else ""


def _narrow(path: Path) -> str:
    """Read the whole file once: valid UTF-8, mostly UTF-8 with a few broken rows, or a one-byte encoding."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    good = bad = 0
    undefined = False
    with path.open("rb") as file:
        last = False
        while not last:
            chunk = file.read(_CHUNK_BYTES)
            last = not chunk
            text = decoder.decode(chunk, final=last)
            if text.isascii():
                continue
            # Bytes that are no UTF-8 came out as lone surrogates, which "ignore" drops.
            broken = len(text) - len(text.encode("utf-8", "ignore").decode("utf-8"))
            good += len(text) - len(text.encode("ascii", "ignore")) - broken
            bad += broken
            undefined = undefined or (bool(broken) and any(byte in chunk for byte in _NOT_CP1252))
    if not bad or good > bad:
        return "utf-8"
    return "latin-1" if undefined else "cp1252"


def _refuse_known_files(path: Path, sample: bytes) -> None:
    if sample.startswith(_OLE):
        # A workbook with a password is an OLE container around the encrypted package; the name stands in its directory.
        if _holds(path, "EncryptedPackage".encode("utf-16-le")):
            raise EncryptedWorkbook
        raise UnsupportedWorkbook(found=".xls")
    for magic, name in _MAGICS:
        if sample.startswith(magic):
            raise NotATable(found=name)


def _holds(path: Path, wanted: bytes) -> bool:
    tail = b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            if wanted in tail + chunk:
                return True
            tail = chunk[-len(wanted) :]
    return False


def _refuse_other_text(sample: bytes, encoding: str) -> None:
    text = sample.decode(encoding, "replace")
    if _MARKUP.match(text):
        raise NotATable(found="HTML/XML/JSON")
    raw = text.encode("utf-8", "replace")
    controls = len(raw) - len(raw.translate(None, _CONTROLS))
    if raw and (controls > 0.02 * len(raw) + 2 or raw.count(0) > 0.3 * len(raw)):
        raise NotATable(found="binary")
