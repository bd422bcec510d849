"""Small valid files that simulated people send: a picture, a document and a voice note."""

import struct
import zlib
from functools import cache
from typing import Final

TYPES: Final = {"image": "image/png", "document": "application/pdf", "audio": "audio/ogg; codecs=opus"}
_RED_GREEN_BLUE = (0x25, 0xD3, 0x66)


@cache
def sample(kind: str) -> bytes:
    """Return the bytes of a sample; ``kind`` is a key of TYPES."""
    return {"image": _png, "document": _pdf, "audio": _ogg}[kind]()


def _png(side: int = 16) -> bytes:
    row = b"\x00" + bytes(_RED_GREEN_BLUE) * side
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(row * side)), (b"IEND", b""))
    parts = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _pdf() -> bytes:
    page = b"BT /F1 18 Tf 40 100 Td (Bukti transfer) Tj ET"
    fonts = b"<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 240 160] /Contents 4 0 R /Resources " + fonts + b" >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
    )
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    tail = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(body))
    return body + head + table + tail


def _ogg() -> bytes:
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 312, 16_000, 0, 0)
    vendor = b"simulator"
    tags = b"OpusTags" + struct.pack("<I", len(vendor)) + vendor + struct.pack("<I", 0)
    # One packet of 20 ms silence: the configuration byte and an empty frame.
    silence = b"\xf8\xff\xfe"
    return _page(head, 0, 2, 0) + _page(tags, 1, 0, 0) + _page(silence, 2, 4, 960)


def _page(packet: bytes, number: int, flags: int, granule: int) -> bytes:
    head = b"OggS" + struct.pack("<BBqIII", 0, flags, granule, 1, number, 0) + bytes((1, len(packet)))
    checksum = _crc(head + packet)
    return head[:22] + struct.pack("<I", checksum) + head[26:] + packet


def _crc(data: bytes) -> int:
    value = 0
    for byte in data:
        value ^= byte << 24
        for _ in range(8):
            value = ((value << 1) ^ (0x04C11DB7 if value & 0x80000000 else 0)) & 0xFFFFFFFF
    return value
