"""What people call the columns of a contact list, in Indonesian and English, most telling names first."""

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache
from typing import Final


class Field(StrEnum):
    """What a column can be mapped to; ``custom`` columns carry a key of their own."""

    PHONE = "phone"
    NAME = "name"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    EMAIL = "email"
    CITY = "city"
    CATEGORY = "category"
    GROUPS = "groups"
    NOTES = "notes"
    EXTERNAL_ID = "external_id"
    COMPANY = "company"
    BIRTHDAY = "birthday"
    CUSTOM = "custom"
    IGNORE = "ignore"


_NAMES: Final[dict[Field, str]] = {
    Field.PHONE: (
        "no whatsapp|nomor whatsapp|nomer whatsapp|whatsapp|whatsapp number|no wa|nomor wa|nomer wa|nowa|wa|wa number|"
        "no wa aktif|wa aktif|no hp wa|nomor hp wa|hp wa|no hp whatsapp|no telp wa|telp wa|"
        "no hp|nomor hp|nomer hp|nohp|hp|no handphone|nomor handphone|handphone|no ponsel|nomor ponsel|ponsel|"
        "mobile|mobile number|mobile phone|mobile no|cell|cellphone|cell phone|no seluler|nomor seluler|seluler|"
        "phone number|phone no|phone|nomor telepon|no telepon|no telp|no tlp|nomor telp|notelp|telepon|telp|tlp|tel|telephone|"
        "telephone number|telp hp|no telp hp|hp telp|msisdn|phone 1 value|contact number|no kontak|nomor kontak|kontak|nomor|"
        "number|e164|phone e164"
    ),
    Field.NAME: (
        "nama lengkap|nama pelanggan|nama customer|nama konsumen|nama pembeli|nama kontak|nama member|nama anggota|"
        "nama penerima|nama|full name|fullname|contact name|customer name|display name|name|pelanggan|customer|konsumen"
    ),
    Field.FIRST_NAME: "nama depan|first name|firstname|given name|nama panggilan|panggilan|nickname",
    Field.LAST_NAME: "nama belakang|last name|lastname|surname|family name",
    Field.EMAIL: "email|e mail|alamat email|alamat e mail|email address|e mail address|surel|e mail 1 value|mail",
    Field.CITY: "kota|kota kabupaten|kabupaten kota|kab kota|kota kab|kabupaten|city|town|domisili|kota domisili|kota asal",
    Field.CATEGORY: (
        "kategori|kategori pelanggan|kategori kontak|category|jenis pelanggan|tipe pelanggan|segmen|segment|customer type|"
        "status pelanggan|tipe"
    ),
    Field.GROUPS: (
        "grup|group|groups|kelompok|grup kontak|contact group|group membership|label|labels|tag|tags|daftar|segmen grup"
    ),
    Field.NOTES: "catatan|keterangan|ket|notes|note|remarks|remark|komentar|comment|comments",
    Field.EXTERNAL_ID: (
        "id pelanggan|kode pelanggan|no pelanggan|nomor pelanggan|customer id|customer code|external id|id member|member id|"
        "kode member|no member|nomor member|id kontak|contact id|kode|id"
    ),
    Field.COMPANY: "perusahaan|nama perusahaan|company|company name|organization|organisation|organisasi|instansi|toko|nama toko",
    Field.BIRTHDAY: "tanggal lahir|tgl lahir|ulang tahun|tanggal ulang tahun|ultah|birthday|birth date|birthdate|date of birth|dob",
}
# Columns of our own error file; a repaired file may come back with them.
_OWN_COLUMNS: Final = frozenset({"_row", "_status", "_code", "_reason"})

# Without spaces, so that "No WA", "noWA" and "nowa" are one name.
_EXACT: Final[dict[str, tuple[Field, int]]] = {
    name.replace(" ", ""): (field, rank)
    for field, names in _NAMES.items()
    for rank, name in enumerate(names.split("|"))
}

# One word that settles a longer header, such as "No HP (yang aktif)"; earlier lines win.
_WORDS: Final[tuple[tuple[Field, frozenset[str]], ...]] = (
    (Field.EMAIL, frozenset({"email", "surel"})),
    (Field.PHONE, frozenset({"wa", "whatsapp", "hp", "handphone", "ponsel", "telp", "telepon", "phone", "mobile"})),
    (Field.BIRTHDAY, frozenset({"lahir", "birthday", "ultah"})),
    (Field.COMPANY, frozenset({"perusahaan", "company"})),
    (Field.CATEGORY, frozenset({"kategori", "category"})),
    (Field.CITY, frozenset({"kota", "city"})),
    (Field.NAME, frozenset({"nama", "name"})),
    (Field.NOTES, frozenset({"catatan", "keterangan", "notes"})),
)
# These turn a header into something about the thing rather than the thing.
_OTHER: Final = frozenset(
    {"produk", "product", "barang", "ibu", "file", "username", "status", "tanggal", "tgl", "jumlah", "total"}
)
_INEXACT_RANK: Final = 1000


def plain_header(header: str) -> str:
    """Reduce a header to lower-case words: ``No.HP/WA``, ``no_hp wa`` and ``noHpWa`` are the same."""
    text = unicodedata.normalize("NFKC", header[:200])
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text).casefold()
    return " ".join(re.sub(r"[\W_]+", " ", text).split())


@lru_cache(maxsize=4096)
def field_for(header: str) -> tuple[Field, int] | None:
    """Return the field a header names and how far down its list of names it stands; None for an unknown one."""
    if header.strip().casefold() in _OWN_COLUMNS:
        return Field.IGNORE, 0
    words = plain_header(header)
    found = _EXACT.get(words.replace(" ", ""))
    if found is not None:
        return found
    tokens = set(words.split())
    if tokens & _OTHER and not tokens & {"lahir"}:
        return None
    for field, wanted in _WORDS:
        if tokens & wanted:
            return field, _INEXACT_RANK + len(tokens)
    return None
