"""The sentences behind every refusal and warning code, in each language."""

from collections.abc import Mapping
from typing import Final

from blazz.kernel.errors import Message

REFUSALS: Final[Mapping[str, Message]] = {
    "empty": Message(en="There is no phone number here.", id="Nomor telepon kosong."),
    "not_a_number": Message(en="This is not a phone number.", id="Ini bukan nomor telepon."),
    "letters": Message(
        en="The number contains letters. Write digits only, one number per cell.",
        id="Nomor ini memuat huruf. Tulis angka saja, satu nomor per sel.",
    ),
    "bad_characters": Message(
        en="The number contains characters that do not belong in a phone number.",
        id="Nomor ini memuat karakter yang bukan bagian dari nomor telepon.",
    ),
    "digits_lost": Message(
        en="The spreadsheet shortened this number (such as 6.28E+12) and its digits are lost. "
        "Format the column as text and enter the number again.",
        id="Nomor ini disingkat oleh aplikasi spreadsheet (misalnya 6,28E+12) sehingga digitnya hilang. "
        "Ubah format kolom menjadi teks, lalu isi ulang nomornya.",
    ),
    "several_numbers": Message(
        en="There are several numbers in one cell. Choose one.",
        id="Ada beberapa nomor dalam satu sel. Pilih salah satu.",
    ),
    "too_short": Message(
        en="The number is too short; some digits are missing.", id="Nomor terlalu pendek; ada digit yang kurang."
    ),
    "too_long": Message(en="The number has too many digits.", id="Nomor terlalu panjang; digitnya berlebih."),
    "short_code": Message(
        en="This is a short service number; it cannot be reached on WhatsApp.",
        id="Ini nomor layanan singkat; tidak bisa dihubungi lewat WhatsApp.",
    ),
    "toll_free": Message(
        en="This is a toll-free service number; it cannot be reached on WhatsApp.",
        id="Ini nomor layanan bebas pulsa; tidak bisa dihubungi lewat WhatsApp.",
    ),
    "premium_rate": Message(
        en="This is a premium-rate service number; it cannot be reached on WhatsApp.",
        id="Ini nomor layanan bertarif premium; tidak bisa dihubungi lewat WhatsApp.",
    ),
    "shared_cost": Message(
        en="This is a shared-cost service number; it cannot be reached on WhatsApp.",
        id="Ini nomor layanan dengan biaya bersama; tidak bisa dihubungi lewat WhatsApp.",
    ),
    "universal_access": Message(
        en="This is a company's call-centre number; it cannot be reached on WhatsApp.",
        id="Ini nomor pusat layanan perusahaan; tidak bisa dihubungi lewat WhatsApp.",
    ),
    "country_unclear": Message(
        en="The country of this number is not clear. Write it with + and the country code.",
        id="Negara nomor ini tidak jelas. Tulis dengan tanda + dan kode negaranya.",
    ),
    "country_unknown": Message(
        en="The country code of this number does not exist.", id="Kode negara pada nomor ini tidak dikenal."
    ),
    "invalid_mobile": Message(
        en="No mobile operator uses this prefix.", id="Awalan nomor ini tidak dipakai oleh operator seluler mana pun."
    ),
    "invalid_number": Message(
        en="This number does not exist in its country's numbering plan.",
        id="Nomor seperti ini tidak ada dalam penomoran negaranya.",
    ),
}

WARNINGS: Final[Mapping[str, Message]] = {
    "landline": Message(
        en="This is a landline; only some of them are on WhatsApp.",
        id="Ini telepon rumah atau kantor; hanya sebagian yang terdaftar di WhatsApp.",
    ),
    "short_mobile": Message(
        en="Mobile numbers this short are rare; check that no digit is missing.",
        id="Nomor seluler sependek ini jarang ada; pastikan tidak ada digit yang kurang.",
    ),
    "country_assumed": Message(
        en="Typed without 0 or the country code; read as an Indonesian number.",
        id="Ditulis tanpa 0 atau kode negara; dibaca sebagai nomor Indonesia.",
    ),
    "unassigned_prefix": Message(
        en="No operator is known for this prefix; check the number.",
        id="Operator untuk awalan ini tidak dikenal; periksa kembali nomornya.",
    ),
    "extension_dropped": Message(
        en="The extension was dropped; WhatsApp has none.",
        id="Nomor ekstensi dihapus karena WhatsApp tidak mengenalnya.",
    ),
    "trailing_zeros": Message(
        en="The number ends in many zeros; a spreadsheet may have replaced its last digits.",
        id="Nomor berakhir dengan banyak nol; digit terakhirnya mungkin diganti oleh aplikasi spreadsheet.",
    ),
    "unusual_type": Message(
        en="This is an internet or personal number; check that it is on WhatsApp.",
        id="Ini nomor internet atau nomor pribadi khusus; pastikan terdaftar di WhatsApp.",
    ),
}
