"""Why an account or a number does not send, in sentences for people."""

from collections.abc import Mapping
from typing import Final

from blazz.kernel.errors import Message

ACCOUNT_DELETED: Final = "account_deleted"
ACCOUNT_DISABLED: Final = "account_disabled"
ACCOUNT_DISCONNECTED: Final = "account_disconnected"
ACCOUNT_REJECTED: Final = "account_rejected"
ACCOUNT_RESTRICTED: Final = "account_restricted"

PAUSE_TEXTS: Final[Mapping[str, Message]] = {
    ACCOUNT_DELETED: Message(
        en="The WhatsApp Business account was deleted at Meta.", id="Akun WhatsApp Business telah dihapus di Meta."
    ),
    ACCOUNT_DISABLED: Message(
        en="Meta has disabled this WhatsApp Business account. Appeal in the Business Support Home; sending resumes by"
        " itself once the account is reinstated.",
        id="Meta menonaktifkan akun WhatsApp Business ini. Ajukan banding di Business Support Home; pengiriman berlanjut"
        " sendiri setelah akun dipulihkan.",
    ),
    ACCOUNT_DISCONNECTED: Message(
        en="This account was disconnected from the app at Meta. Connect it again there.",
        id="Akun ini diputus dari aplikasi di Meta. Hubungkan kembali di sana.",
    ),
    ACCOUNT_REJECTED: Message(
        en="Meta rejected this WhatsApp Business account in its review.",
        id="Meta menolak akun WhatsApp Business ini dalam peninjauan.",
    ),
    ACCOUNT_RESTRICTED: Message(
        en="Meta restricts what this account may send for now.",
        id="Meta sedang membatasi pengiriman dari akun ini.",
    ),
    "disconnected": Message(en="it is disconnected", id="nomor terputus"),
    "connecting": Message(en="it is still being connected", id="nomor masih disambungkan"),
    "restricted": Message(en="WhatsApp restricts it", id="dibatasi WhatsApp"),
    "banned": Message(en="WhatsApp has banned it", id="diblokir WhatsApp"),
}


def pause_text(reason: str) -> Message:
    """Return the sentences of a reason; a reason that people wrote themselves stands for itself."""
    return PAUSE_TEXTS.get(reason, Message(en=reason, id=reason))
