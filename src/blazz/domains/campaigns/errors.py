"""What campaigns refuse, and how it is said."""

from blazz.kernel.errors import Conflict, InvalidInput, Message, NotFound


class CampaignNotFound(NotFound):
    """No such campaign in this workspace."""

    code = "campaign_not_found"
    message = Message(en="There is no such campaign.", id="Kampanye tidak ditemukan.")


class CampaignNotStartable(Conflict):
    """The state of the campaign forbids starting it."""

    code = "campaign_not_startable"
    message = Message(
        en="The campaign is {status} and cannot be started.", id="Kampanye berstatus {status} dan tidak dapat dimulai."
    )


class CampaignNotEditable(Conflict):
    """Only drafts and scheduled campaigns may be changed or deleted."""

    code = "campaign_not_editable"
    message = Message(
        en="The campaign is {status}; only a draft or scheduled campaign can be changed.",
        id="Kampanye berstatus {status}; hanya draf atau kampanye terjadwal yang dapat diubah.",
    )


class CampaignMoveRefused(Conflict):
    """Pause, resume, cancel, schedule or retry does not fit the state."""

    code = "campaign_state_conflict"
    message = Message(
        en="A campaign that is {status} does not allow this ({move}).",
        id="Kampanye yang berstatus {status} tidak mengizinkan tindakan ini ({move}).",
    )


class TemplateNotApproved(Conflict):
    """The template is not approved by the provider."""

    code = "template_not_approved"
    message = Message(
        en="The template “{template}” is {status}, not approved.",
        id="Templat “{template}” berstatus {status}, belum disetujui.",
    )


class TemplateUnusable(InvalidInput):
    """The template does not exist, or belongs to another account than the number."""

    code = "template_unusable"
    message = Message(
        en="The template does not exist or does not belong to this number's account.",
        id="Templat tidak ada atau bukan milik akun nomor ini.",
    )


class NumberUnusable(InvalidInput):
    """The number does not exist in this workspace."""

    code = "number_unusable"
    message = Message(en="There is no such number.", id="Nomor pengirim tidak ditemukan.")


class NumberDisconnected(Conflict):
    """The sending number is not connected."""

    code = "number_disconnected"
    message = Message(
        en="The number {number} is {status}; connect it first.",
        id="Nomor {number} berstatus {status}; hubungkan dahulu.",
    )


class VariablesMissing(InvalidInput):
    """A variable of the template has no source, or some people lack the field and there is no fallback."""

    code = "variables_missing"
    message = Message(
        en="Some variables have no value: {variables}. People without a value: {people}.",
        id="Beberapa variabel tidak memiliki nilai: {variables}. Penerima tanpa nilai: {people}.",
    )


class AudienceEmpty(InvalidInput):
    """Nobody would receive the campaign."""

    code = "audience_empty"
    message = Message(
        en="Nobody would receive this campaign. Choose other recipients.",
        id="Tidak ada yang akan menerima kampanye ini. Pilih penerima lain.",
    )


class AudienceUnknown(InvalidInput):
    """The audience names groups, categories, contacts or campaigns that do not exist."""

    code = "audience_unknown"
    message = Message(
        en="The audience names something that does not exist: {unknown}.",
        id="Daftar penerima menyebut sesuatu yang tidak ada: {unknown}.",
    )


class TemplateUnsupported(InvalidInput):
    """The template has a part that campaigns cannot fill."""

    code = "template_unsupported"
    message = Message(
        en="Campaigns cannot fill this part of the template: {part}.",
        id="Kampanye tidak dapat mengisi bagian templat ini: {part}.",
    )


class VariableInvalid(InvalidInput):
    """A variable's source is neither a text nor a known field."""

    code = "variable_invalid"
    message = Message(
        en="The variable {variable} needs either a text or a known contact field.",
        id="Variabel {variable} memerlukan teks atau kolom kontak yang dikenal.",
    )


class ScheduleInPast(InvalidInput):
    """The wanted time has passed or does not exist in the time zone."""

    code = "schedule_invalid"
    message = Message(
        en="The time {at} has passed or does not exist in {timezone}.",
        id="Waktu {at} sudah lewat atau tidak ada di {timezone}.",
    )


class NothingToRetry(Conflict):
    """No failed recipient may be sent to again."""

    code = "nothing_to_retry"
    message = Message(
        en="No failed message of this campaign can be sent again now.",
        id="Tidak ada pesan gagal pada kampanye ini yang dapat dikirim ulang sekarang.",
    )


class InvalidTestNumbers(InvalidInput):
    """A test goes to one to five valid numbers of contacts."""

    code = "test_numbers_invalid"
    message = Message(
        en="A test goes to 1 to 5 phone numbers of contacts who have not opted out; check {number}.",
        id="Uji kirim memerlukan 1 sampai 5 nomor kontak yang tidak berhenti berlangganan; periksa {number}.",
    )
