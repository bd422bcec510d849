"""For every failure: whether to retry, whose fault it is, what it pauses, and what people read about it."""

from collections.abc import Mapping
from typing import Final

from .failure_types import FailureCode, FailureRule, Fault, Pauses, RetryClass


def _rule(retry: RetryClass, fault: Fault, en: str, indonesian: str, pauses: Pauses = Pauses.NONE) -> FailureRule:
    return FailureRule(retry=retry, fault=fault, pauses=pauses, en=en, id=indonesian)


FAILURE_RULES: Final[Mapping[FailureCode, FailureRule]] = {
    FailureCode.NOT_ON_WHATSAPP: _rule(
        RetryClass.NO,
        Fault.RECIPIENT,
        "This message could not be delivered: the number may not be on WhatsApp, uses an old version or has blocked you.",
        "Pesan tidak dapat dikirim: nomor mungkin tidak memakai WhatsApp, aplikasinya terlalu lama, atau memblokir Anda.",
    ),
    FailureCode.RECIPIENT_IS_SENDER: _rule(
        RetryClass.NO,
        Fault.RECIPIENT,
        "The recipient is the sending number itself.",
        "Penerima adalah nomor pengirim itu sendiri.",
    ),
    FailureCode.RECIPIENT_NOT_ALLOWED: _rule(
        RetryClass.NO,
        Fault.RECIPIENT,
        "This test number may only write to numbers on its allow list.",
        "Nomor uji ini hanya boleh mengirim ke nomor dalam daftar izin.",
    ),
    FailureCode.RECIPIENT_OPTED_OUT: _rule(
        RetryClass.NO,
        Fault.RECIPIENT,
        "This person has stopped marketing messages from you.",
        "Orang ini telah menghentikan pesan pemasaran dari Anda.",
    ),
    FailureCode.RECIPIENT_MARKETING_LIMIT: _rule(
        RetryClass.NO,
        Fault.LIMIT,
        "WhatsApp held this back because the person has had enough marketing for now. Try again after a day at the earliest.",
        "WhatsApp menahan pesan ini karena orang tersebut sudah cukup banyak menerima pemasaran. Coba lagi paling cepat besok.",
    ),
    FailureCode.RECIPIENT_IN_EXPERIMENT: _rule(
        RetryClass.NO,
        Fault.RECIPIENT,
        "WhatsApp withholds marketing from this person as part of an experiment.",
        "WhatsApp menahan pemasaran untuk orang ini sebagai bagian dari eksperimen.",
    ),
    FailureCode.RECIPIENT_COUNTRY_BLOCKED: _rule(
        RetryClass.NO,
        Fault.SENDER,
        "Your business may not message people in this country.",
        "Bisnis Anda tidak boleh mengirim pesan ke negara ini.",
    ),
    FailureCode.RECIPIENT_IDENTITY_CHANGED: _rule(
        RetryClass.NO,
        Fault.RECIPIENT,
        "This person's identity key changed since you last checked it.",
        "Kunci identitas orang ini berubah sejak terakhir diperiksa.",
    ),
    FailureCode.PHONE_NUMBER_REQUIRED: _rule(
        RetryClass.NO,
        Fault.RECIPIENT,
        "This kind of message needs a phone number and only a user id is known.",
        "Jenis pesan ini memerlukan nomor telepon, sedangkan yang diketahui hanya ID pengguna.",
    ),
    FailureCode.WINDOW_CLOSED: _rule(
        RetryClass.NO,
        Fault.RECIPIENT,
        "More than 24 hours have passed since this person last wrote. Send a template instead.",
        "Sudah lebih dari 24 jam sejak orang ini terakhir menulis. Kirim templat sebagai gantinya.",
    ),
    FailureCode.TOKEN_INVALID: _rule(
        RetryClass.STOP,
        Fault.SENDER,
        "The access token is invalid or expired. Connect the account again.",
        "Token akses tidak valid atau kedaluwarsa. Hubungkan kembali akun ini.",
        Pauses.ACCOUNT,
    ),
    FailureCode.PERMISSION_MISSING: _rule(
        RetryClass.STOP,
        Fault.SENDER,
        "The access token lacks a permission that sending needs.",
        "Token akses tidak memiliki izin yang diperlukan untuk mengirim.",
        Pauses.ACCOUNT,
    ),
    FailureCode.NUMBER_MISSING: _rule(
        RetryClass.STOP,
        Fault.SENDER,
        "The sending number no longer exists at WhatsApp.",
        "Nomor pengirim sudah tidak ada di WhatsApp.",
        Pauses.NUMBER,
    ),
    FailureCode.NUMBER_NOT_REGISTERED: _rule(
        RetryClass.STOP,
        Fault.SENDER,
        "The sending number is not registered. Register it again.",
        "Nomor pengirim belum terdaftar. Daftarkan kembali.",
        Pauses.NUMBER,
    ),
    FailureCode.NUMBER_SPAM_RESTRICTED: _rule(
        RetryClass.STOP,
        Fault.SENDER,
        "WhatsApp restricts this number because too many people reported or blocked it. Sending more makes it worse.",
        "WhatsApp membatasi nomor ini karena terlalu banyak orang melaporkan atau memblokirnya. Mengirim lagi akan memperburuk.",
        Pauses.NUMBER,
    ),
    FailureCode.DISPLAY_NAME_NOT_APPROVED: _rule(
        RetryClass.STOP,
        Fault.SENDER,
        "The display name of this number is not approved yet.",
        "Nama tampilan nomor ini belum disetujui.",
        Pauses.NUMBER,
    ),
    FailureCode.ACCOUNT_LOCKED: _rule(
        RetryClass.STOP,
        Fault.SENDER,
        "The WhatsApp Business account is locked.",
        "Akun WhatsApp Business terkunci.",
        Pauses.ACCOUNT,
    ),
    FailureCode.ACCOUNT_POLICY_BLOCKED: _rule(
        RetryClass.STOP,
        Fault.SENDER,
        "The account is blocked for breaking WhatsApp's policies.",
        "Akun diblokir karena melanggar kebijakan WhatsApp.",
        Pauses.ACCOUNT,
    ),
    FailureCode.PAYMENT_PROBLEM: _rule(
        RetryClass.STOP,
        Fault.SENDER,
        "WhatsApp reports a problem with the account's payment method.",
        "WhatsApp melaporkan masalah pada metode pembayaran akun.",
        Pauses.ACCOUNT,
    ),
    FailureCode.PAYMENT_TERMS_MISSING: _rule(
        RetryClass.STOP,
        Fault.SENDER,
        "The payment terms have not been accepted.",
        "Syarat pembayaran belum disetujui.",
        Pauses.ACCOUNT,
    ),
    FailureCode.CATEGORY_MISUSE: _rule(
        RetryClass.STOP,
        Fault.TEMPLATE,
        "WhatsApp lowered the limit because templates were put in the wrong category.",
        "WhatsApp menurunkan batas karena templat dimasukkan ke kategori yang salah.",
        Pauses.ACCOUNT,
    ),
    FailureCode.PIN_REFUSED: _rule(
        RetryClass.NO,
        Fault.SENDER,
        "The two-step PIN is wrong or was tried too often.",
        "PIN dua langkah salah atau terlalu sering dicoba.",
    ),
    FailureCode.VERIFICATION_REQUIRED: _rule(
        RetryClass.NO, Fault.SENDER, "The number must be verified again.", "Nomor harus diverifikasi ulang."
    ),
    FailureCode.REGISTRATION_BUSY: _rule(
        RetryClass.LATER,
        Fault.PROVIDER,
        "The number cannot be registered right now. Try again in a few minutes.",
        "Nomor belum dapat didaftarkan saat ini. Coba lagi beberapa menit lagi.",
    ),
    FailureCode.REGISTRATION_LIMIT: _rule(
        RetryClass.NO,
        Fault.LIMIT,
        "The number was registered or removed too often. Wait 72 hours.",
        "Nomor terlalu sering didaftarkan atau dihapus. Tunggu 72 jam.",
    ),
    FailureCode.TEMPLATE_NOT_FOUND: _rule(
        RetryClass.NO,
        Fault.TEMPLATE,
        "There is no approved template of this name in this language.",
        "Tidak ada templat disetujui dengan nama dan bahasa ini.",
    ),
    FailureCode.TEMPLATE_PAUSED: _rule(
        RetryClass.STOP,
        Fault.TEMPLATE,
        "WhatsApp paused this template for low quality.",
        "WhatsApp menjeda templat ini karena kualitasnya rendah.",
        Pauses.TEMPLATE,
    ),
    FailureCode.TEMPLATE_DISABLED: _rule(
        RetryClass.STOP,
        Fault.TEMPLATE,
        "WhatsApp disabled this template for good.",
        "WhatsApp menonaktifkan templat ini secara permanen.",
        Pauses.TEMPLATE,
    ),
    FailureCode.TEMPLATE_PARAMETERS: _rule(
        RetryClass.FIX,
        Fault.TEMPLATE,
        "The values do not fit the template's variables.",
        "Nilai yang diisi tidak cocok dengan variabel templat.",
    ),
    FailureCode.TEMPLATE_TOO_LONG: _rule(
        RetryClass.NO,
        Fault.TEMPLATE,
        "The template is too long once its variables are filled.",
        "Templat terlalu panjang setelah variabelnya diisi.",
    ),
    FailureCode.TEMPLATE_POLICY: _rule(
        RetryClass.NO,
        Fault.TEMPLATE,
        "The content breaks WhatsApp's rules for templates.",
        "Isi melanggar aturan templat WhatsApp.",
    ),
    FailureCode.TEMPLATE_INVALID: _rule(
        RetryClass.FIX,
        Fault.TEMPLATE,
        "The template text, header, footer or variables break WhatsApp's format.",
        "Teks, header, footer, atau variabel templat melanggar format WhatsApp.",
    ),
    FailureCode.TEMPLATE_LIMIT: _rule(
        RetryClass.NO,
        Fault.LIMIT,
        "The account has reached its number of templates.",
        "Akun telah mencapai batas jumlah templat.",
    ),
    FailureCode.FLOW_BLOCKED: _rule(
        RetryClass.STOP,
        Fault.TEMPLATE,
        "WhatsApp blocked the flow of this template.",
        "WhatsApp memblokir flow templat ini.",
        Pauses.TEMPLATE,
    ),
    FailureCode.FLOW_THROTTLED: _rule(
        RetryClass.LATER,
        Fault.LIMIT,
        "WhatsApp slows this flow down. It continues within the hour.",
        "WhatsApp memperlambat flow ini. Pengiriman berlanjut dalam satu jam.",
    ),
    FailureCode.FLOW_ENDPOINT: _rule(
        RetryClass.NO,
        Fault.SENDER,
        "The endpoint of this flow did not answer properly.",
        "Endpoint flow ini tidak menjawab dengan benar.",
    ),
    FailureCode.MEDIA_NOT_FETCHED: _rule(
        RetryClass.NO,
        Fault.PROVIDER,
        "A received file could not be fetched.",
        "Berkas yang diterima tidak dapat diambil.",
    ),
    FailureCode.MEDIA_REFUSED: _rule(
        RetryClass.LATER,
        Fault.SENDER,
        "WhatsApp could not process the file or read its link.",
        "WhatsApp tidak dapat memproses berkas atau membaca tautannya.",
    ),
    FailureCode.MEDIA_PENDING: _rule(
        RetryClass.LATER,
        Fault.US,
        "The file is still being handed to WhatsApp. The message follows at once.",
        "Berkas masih diserahkan ke WhatsApp. Pesan menyusul segera.",
    ),
    FailureCode.MEDIA_TOO_LARGE: _rule(
        RetryClass.NO,
        Fault.LIMIT,
        "The file is larger than WhatsApp allows for its kind.",
        "Berkas lebih besar daripada batas WhatsApp untuk jenisnya.",
    ),
    FailureCode.MESSAGE_INVALID: _rule(
        RetryClass.FIX,
        Fault.US,
        "WhatsApp refused the message as malformed.",
        "WhatsApp menolak pesan karena formatnya salah.",
    ),
    FailureCode.MESSAGE_TYPE_UNSUPPORTED: _rule(
        RetryClass.FIX,
        Fault.US,
        "WhatsApp does not support this type of message.",
        "WhatsApp tidak mendukung jenis pesan ini.",
    ),
    FailureCode.WRONG_SEND_DOOR: _rule(
        RetryClass.FIX,
        Fault.US,
        "Marketing templates of this account must use the marketing endpoint.",
        "Templat pemasaran akun ini harus memakai jalur pemasaran.",
    ),
    FailureCode.DIRECT_SEND_REFUSED: _rule(
        RetryClass.NO,
        Fault.SENDER,
        "This account may not send without a template.",
        "Akun ini tidak boleh mengirim tanpa templat.",
    ),
    FailureCode.GROUP_REFUSED: _rule(
        RetryClass.NO,
        Fault.RECIPIENT,
        "WhatsApp refused the message to this group.",
        "WhatsApp menolak pesan ke grup ini.",
    ),
    FailureCode.CALLING_REFUSED: _rule(
        RetryClass.NO, Fault.SENDER, "WhatsApp refused the call request.", "WhatsApp menolak permintaan panggilan."
    ),
    FailureCode.BLOCK_LIST_REFUSED: _rule(
        RetryClass.NO,
        Fault.SENDER,
        "WhatsApp refused the change to the block list.",
        "WhatsApp menolak perubahan daftar blokir.",
    ),
    FailureCode.USERNAME_REFUSED: _rule(
        RetryClass.NO, Fault.SENDER, "WhatsApp refused the user name.", "WhatsApp menolak nama pengguna."
    ),
    FailureCode.MIGRATION_REFUSED: _rule(
        RetryClass.NO,
        Fault.SENDER,
        "The number or template is being moved or maintained and cannot be used now.",
        "Nomor atau templat sedang dipindahkan atau dirawat dan belum dapat dipakai.",
    ),
    FailureCode.HISTORY_SYNC_REFUSED: _rule(
        RetryClass.NO,
        Fault.LIMIT,
        "The chat history cannot be synchronised again now.",
        "Riwayat obrolan belum dapat disinkronkan lagi.",
    ),
    FailureCode.PAIR_RATE_LIMIT: _rule(
        RetryClass.SLOW,
        Fault.LIMIT,
        "Too many messages to this person in a short time. It will be sent a little later.",
        "Terlalu banyak pesan ke orang ini dalam waktu singkat. Pesan akan dikirim sebentar lagi.",
    ),
    FailureCode.NUMBER_RATE_LIMIT: _rule(
        RetryClass.SLOW,
        Fault.LIMIT,
        "The sending number reached its speed limit. Sending goes on more slowly.",
        "Nomor pengirim mencapai batas kecepatan. Pengiriman berlanjut lebih lambat.",
    ),
    FailureCode.ACCOUNT_RATE_LIMIT: _rule(
        RetryClass.SLOW,
        Fault.LIMIT,
        "The WhatsApp account reached its call limit. Sending goes on more slowly.",
        "Akun WhatsApp mencapai batas panggilan. Pengiriman berlanjut lebih lambat.",
    ),
    FailureCode.APP_RATE_LIMIT: _rule(
        RetryClass.SLOW,
        Fault.LIMIT,
        "The Meta app reached its call limit. Sending goes on more slowly.",
        "Aplikasi Meta mencapai batas panggilan. Pengiriman berlanjut lebih lambat.",
    ),
    FailureCode.NUMBER_MAINTENANCE: _rule(
        RetryClass.LATER,
        Fault.PROVIDER,
        "WhatsApp is maintaining this number. Sending goes on in about a minute.",
        "WhatsApp sedang merawat nomor ini. Pengiriman berlanjut sekitar satu menit lagi.",
    ),
    FailureCode.PROVIDER_UNAVAILABLE: _rule(
        RetryClass.LATER,
        Fault.PROVIDER,
        "WhatsApp has a temporary problem.",
        "WhatsApp sedang mengalami gangguan sementara.",
    ),
    FailureCode.PROVIDER_UNREACHABLE: _rule(
        RetryClass.LATER, Fault.PROVIDER, "WhatsApp could not be reached.", "WhatsApp tidak dapat dihubungi."
    ),
    FailureCode.PROVIDER_UNREADABLE: _rule(
        RetryClass.LATER,
        Fault.PROVIDER,
        "WhatsApp answered in a form that could not be read.",
        "Jawaban WhatsApp tidak dapat dibaca.",
    ),
    FailureCode.NOT_SUPPORTED: _rule(
        RetryClass.NO,
        Fault.US,
        "This kind of channel cannot do that.",
        "Jenis saluran ini tidak mendukung hal tersebut.",
    ),
    FailureCode.UNKNOWN: _rule(
        RetryClass.NO,
        Fault.PROVIDER,
        "WhatsApp refused this for a reason that is not known yet.",
        "WhatsApp menolak dengan alasan yang belum dikenal.",
    ),
}
