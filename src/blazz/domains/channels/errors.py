"""What channels refuse or fail with."""

from blazz.kernel.errors import Conflict, DependencyFailed, InvalidInput, Message, NotFound


class NumberNotFound(NotFound):
    """The number does not exist in this workspace."""

    code = "number_not_found"
    message = Message(en="This number does not exist.", id="Nomor ini tidak ada.")


class AccountNotFound(NotFound):
    """The account does not exist in this workspace."""

    code = "account_not_found"
    message = Message(en="This account does not exist.", id="Akun ini tidak ada.")


class NumberTaken(Conflict):
    """The provider's number is connected already; who holds it is never told."""

    code = "number_taken"
    message = Message(
        en="This number is already connected. Disconnect it where it is used, then add it here.",
        id="Nomor ini sudah terhubung. Putuskan di tempat nomor itu dipakai, lalu tambahkan di sini.",
    )


class CredentialsUnreadable(Conflict):
    """The stored credentials cannot be opened with this instance's secret key."""

    code = "credentials_unreadable"
    message = Message(
        en="The stored credentials of this account cannot be opened with this instance's key. Enter them again.",
        id="Kredensial akun ini tidak dapat dibuka dengan kunci instalasi ini. Masukkan ulang kredensialnya.",
    )


class UnknownProvider(InvalidInput):
    """No adapter of that name runs in this instance."""

    code = "unknown_provider"
    message = Message(
        en="This instance has no provider named {provider}.",
        id="Instalasi ini tidak punya penyedia bernama {provider}.",
    )


class NumberNotVerified(Conflict):
    """The provider did not confirm the number with these credentials."""

    code = "number_not_verified"
    message = Message(
        en="WhatsApp did not confirm this number with these credentials: {reason}",
        id="WhatsApp tidak mengonfirmasi nomor ini dengan kredensial tersebut: {reason}",
    )


class IntakeUnavailable(DependencyFailed):
    """A webhook could be kept nowhere; the sender must try again."""

    code = "intake_unavailable"
    message = Message(
        en="Webhooks cannot be stored right now. Try again.", id="Webhook sedang tidak dapat disimpan. Coba lagi."
    )


class ProviderAway(DependencyFailed):
    """The provider cannot be reached or asks to wait."""

    code = "provider_away"
    message = Message(
        en="WhatsApp does not answer right now. Try again in a moment.",
        id="WhatsApp sedang tidak menjawab. Coba lagi sebentar lagi.",
    )
