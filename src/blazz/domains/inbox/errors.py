"""What the inbox refuses, each with a code that never changes."""

from blazz.kernel.errors import Conflict, InvalidInput, Message


class WindowClosed(Conflict):
    """Only templates may be sent more than 24 hours after the person's last message."""

    code = "window_closed"
    message = Message(
        en="This person last wrote more than 24 hours ago; send an approved template instead.",
        id="Orang ini terakhir menulis lebih dari 24 jam lalu; kirim templat yang sudah disetujui.",
    )


class NoAddress(Conflict):
    """The contact has no number and no user id to send to."""

    code = "recipient_invalid"
    message = Message(en="This contact has no phone number.", id="Kontak ini tidak punya nomor telepon.")


class PhoneRequired(Conflict):
    """The person is known by a user id only, and this kind of message needs a phone number."""

    code = "phone_number_required"
    message = Message(
        en="This kind of template needs a phone number, and only a user id is known of this person.",
        id="Jenis templat ini memerlukan nomor telepon, sedangkan yang diketahui hanya ID pengguna.",
    )


class RecipientOptedOut(Conflict):
    """The person asked for no marketing; only they can change that."""

    code = "recipient_opted_out"
    message = Message(
        en="This person has stopped marketing messages; marketing templates cannot be sent to them.",
        id="Orang ini telah menghentikan pesan pemasaran; templat pemasaran tidak dapat dikirim kepadanya.",
    )


class SenderDisconnected(Conflict):
    """The number cannot send now."""

    code = "number_disconnected"
    message = Message(
        en="The number {number} cannot send now: {reason_en}",
        id="Nomor {number} sedang tidak dapat mengirim: {reason_id}",
    )


class NoSender(InvalidInput):
    """No number was named, and the workspace has none."""

    code = "number_missing"
    message = Message(en="This workspace has no number yet.", id="Ruang kerja ini belum punya nomor.")


class ContentRefused(InvalidInput):
    """The content breaks a limit or a form; ``problems`` names each place, rule and limit."""

    code = "content_invalid"
    message = Message(
        en="WhatsApp would refuse this message; see errors.", id="WhatsApp akan menolak pesan ini; lihat rinciannya."
    )


class ValuesMissing(InvalidInput):
    """Variables of the template have no value; ``problems`` names them."""

    code = "variables_missing"
    message = Message(
        en="Variables of the template have no value; see errors.",
        id="Ada variabel templat yang belum diisi; lihat rinciannya.",
    )


class ValuesRefused(InvalidInput):
    """Values do not fit the template; ``problems`` names them."""

    code = "template_values_invalid"
    message = Message(
        en="The values do not fit the template; see errors.", id="Isian tidak cocok dengan templat; lihat rinciannya."
    )


class MessageNotReferable(InvalidInput):
    """The message to answer or to react to is not one of this person's that WhatsApp knows."""

    code = "reference_unknown"
    message = Message(
        en="That message does not belong to this person, or WhatsApp has not taken it yet.",
        id="Pesan itu bukan milik orang ini, atau belum diterima WhatsApp.",
    )


class NotReceived(Conflict):
    """Only messages from people can be marked as read."""

    code = "message_not_received"
    message = Message(
        en="Only a message from a customer can be marked as read.",
        id="Hanya pesan dari pelanggan yang dapat ditandai sudah dibaca.",
    )


class IdempotencyKeyRequired(InvalidInput):
    """A send from an API key came without the header that makes repeating it harmless."""

    code = "idempotency_key_required"
    message = Message(
        en="Send an Idempotency-Key header, so that a repeated request never sends twice.",
        id="Sertakan header Idempotency-Key agar permintaan yang diulang tidak terkirim dua kali.",
    )
