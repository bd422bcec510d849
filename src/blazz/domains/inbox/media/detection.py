"""Tells what a file is by its content; its name and the type that came with it are never believed."""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from blazz.domains.channels.content import MediaKind

HEAD_BYTES: Final = 4096
UNKNOWN: Final = "application/octet-stream"
_STILL_STICKER_BYTES: Final = 100 * 1024

_STARTS: Final[Sequence[tuple[bytes, str]]] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"ID3", "audio/mpeg"),
    (b"#!AMR", "audio/amr"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword"),
    (b"\x1f\x8b", "application/gzip"),
    (b"{\\rtf", "application/rtf"),
    # What runs is named so that nobody takes it for a picture; it is only ever handed out as a plain download.
    (b"MZ", "application/x-executable"),
    (b"\x7fELF", "application/x-executable"),
    (b"#!", "application/x-executable"),
)
_OFFICE: Final = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_MARKUP: Final = (b"<!doctype", b"<html", b"<svg", b"<?xml", b"<script", b"<body", b"<head", b"<iframe")
_KINDS: Final = {
    "image/jpeg": MediaKind.IMAGE,
    "image/png": MediaKind.IMAGE,
    "image/webp": MediaKind.STICKER,
    "video/mp4": MediaKind.VIDEO,
    "video/3gpp": MediaKind.VIDEO,
    "audio/aac": MediaKind.AUDIO,
    "audio/amr": MediaKind.AUDIO,
    "audio/mpeg": MediaKind.AUDIO,
    "audio/mp4": MediaKind.AUDIO,
    "audio/ogg": MediaKind.AUDIO,
}
# What browsers may show in place; everything else is a download.
SHOWN_IN_PLACE: Final = frozenset(_KINDS) | {"image/gif"}


@dataclass(frozen=True, slots=True)
class Detected:
    """A file's type; ``animated`` matters for stickers only."""

    mime_type: str
    animated: bool = False

    @property
    def kind(self) -> MediaKind:
        """The kind of message it is sent as when nobody says otherwise."""
        return _KINDS.get(self.mime_type, MediaKind.DOCUMENT)


def detect(path: Path) -> Detected:
    """Read a file's beginning, and a ZIP's list of names, and say what it is."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    found = detect_head(head)
    return Detected(_in_zip(path)) if found.mime_type == "application/zip" else found


def detect_head(head: bytes) -> Detected:
    """Say what a file is by its first bytes."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Detected("image/webp", animated=head[12:16] == b"VP8X" and len(head) > 20 and bool(head[20] & 0x02))
    if head[4:8] == b"ftyp":
        return Detected(_mp4(head[8:12]))
    if head[:4] == b"OggS":
        return Detected("audio/ogg" if b"OpusHead" in head[:128] else "application/ogg")
    if head[:4] in {b"PK\x03\x04", b"PK\x05\x06"}:
        return Detected("application/zip")
    for start, mime_type in _STARTS:
        if head.startswith(start):
            return Detected(mime_type)
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return Detected("audio/aac")
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 0x06:
        return Detected("audio/mpeg")
    return Detected(_text(head))


def limit_of_sticker(detected: Detected) -> int | None:
    """Return the byte limit of a still sticker, which is smaller than that of a moving one; None for all else."""
    return _STILL_STICKER_BYTES if detected.mime_type == "image/webp" and not detected.animated else None


def _mp4(brand: bytes) -> str:
    if brand.startswith(b"3g"):
        return "video/3gpp"
    if brand in {b"M4A ", b"M4B ", b"M4P "}:
        return "audio/mp4"
    return "image/heic" if brand in {b"heic", b"heix", b"mif1", b"avif"} else "video/mp4"


def _in_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()[:2000]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return "application/zip"
    if "[Content_Types].xml" in names:
        for prefix, mime_type in _OFFICE.items():
            if any(name.startswith(prefix) for name in names):
                return mime_type
    return "application/zip"


def _text(head: bytes) -> str:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        # The last character may be cut in two at the end of what was read.
        if error.start < len(head) - 3:
            return UNKNOWN
    if not head or b"\x00" in head:
        return UNKNOWN
    start = head[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return UNKNOWN if start.startswith(_MARKUP) else "text/plain"
