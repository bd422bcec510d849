"""What the contacts domain refuses.

InvalidInput  InvalidPhone, CategoryMoveNeeded, FragmentTooShort, InvalidMapping, FileTooLarge
NotFound      ContactNotFound, CategoryNotFound, GroupNotFound, ImportNotFound, MergeNotFound
Conflict      DuplicateContact, NameTaken, ImportStateConflict, UndoExpired, ImportFilesRemoved, MergeNotUndoable
"""

from blazz.kernel.errors import Conflict, InvalidInput, Message, NotFound


class InvalidPhone(InvalidInput):
    """The number cannot be messaged; ``reason_en`` and ``reason_id`` say why, ``refusal`` is the permanent code."""

    code = "invalid_phone"
    message = Message(en="{reason_en}", id="{reason_id}")


class CategoryMoveNeeded(InvalidInput):
    """The category still has contacts and nothing was said about where they go."""

    code = "category_move_needed"
    message = Message(
        en="This category has {contact_count} contacts. Say where they go: move_to or uncategorise.",
        id="Kategori ini memiliki {contact_count} kontak. Tentukan tujuannya: move_to atau uncategorise.",
    )


class FragmentTooShort(InvalidInput):
    """A search needs at least two characters."""

    code = "fragment_too_short"
    message = Message(en="Type at least 2 characters to search.", id="Ketik minimal 2 karakter untuk mencari.")


class InvalidMapping(InvalidInput):
    """No column of the file holds phone numbers, so there is nothing to import."""

    code = "phone_column_missing"
    message = Message(en="Choose the column that holds the phone numbers.", id="Pilih kolom yang berisi nomor telepon.")


class FileTooLarge(InvalidInput):
    """The upload is larger than ``limit_mb`` megabytes."""

    code = "file_too_large"
    message = Message(
        en="The file is larger than {limit_mb} MB. Split it, or import it from the command line.",
        id="Berkas lebih besar dari {limit_mb} MB. Bagi berkasnya, atau impor lewat baris perintah.",
    )


class ContactNotFound(NotFound):
    """No such contact in this workspace."""

    code = "contact_not_found"
    message = Message(en="This contact does not exist.", id="Kontak ini tidak ada.")


class CategoryNotFound(NotFound):
    """No such category in this workspace."""

    code = "category_not_found"
    message = Message(en="This category does not exist.", id="Kategori ini tidak ada.")


class GroupNotFound(NotFound):
    """No such group in this workspace."""

    code = "group_not_found"
    message = Message(en="This group does not exist.", id="Grup ini tidak ada.")


class ImportNotFound(NotFound):
    """No such import in this workspace."""

    code = "import_not_found"
    message = Message(en="This import does not exist.", id="Impor ini tidak ada.")


class MergeNotFound(NotFound):
    """No such merge into this contact, or one of the two has been purged since."""

    code = "merge_not_found"
    message = Message(en="This merge does not exist.", id="Penggabungan ini tidak ada.")


class DuplicateContact(Conflict):
    """Another contact has this number; ``contact_id`` names it."""

    code = "duplicate_contact"
    message = Message(en="{phone} already belongs to another contact.", id="{phone} sudah dipakai oleh kontak lain.")


class NameTaken(Conflict):
    """Another category or group has this name."""

    code = "name_taken"
    message = Message(en="The name {name} is already used.", id="Nama {name} sudah dipakai.")


class ImportStateConflict(Conflict):
    """The import is in a state that does not allow this."""

    code = "import_state"
    message = Message(
        en="The import is {status}; this is not possible now.",
        id="Impor berstatus {status}; ini tidak bisa dilakukan sekarang.",
    )


class UndoExpired(Conflict):
    """The seven days in which an import can be undone are over."""

    code = "undo_expired"
    message = Message(
        en="An import can be undone for 7 days; they are over.",
        id="Impor dapat dibatalkan dalam 7 hari; waktunya sudah lewat.",
    )


class ImportFilesRemoved(Conflict):
    """The uploaded file and the rows of the import were removed after their time."""

    code = "import_files_removed"
    message = Message(
        en="The file of this import and its rows were removed after their time. Upload it again.",
        id="Berkas dan baris impor ini sudah dihapus setelah masanya habis. Unggah lagi berkasnya.",
    )


class MergeNotUndoable(Conflict):
    """The two contacts cannot be taken apart; ``reason`` is undone, winner_deleted or identity_taken."""

    code = "merge_not_undoable"
    message = Message(en="{reason_en}", id="{reason_id}")

    def __init__(self, reason: str) -> None:
        """Say the reason in both languages."""
        reason_en, reason_id = _MERGE_REASONS[reason]
        super().__init__(reason=reason, reason_en=reason_en, reason_id=reason_id)


_MERGE_REASONS = {
    "undone": ("This merge was undone already.", "Penggabungan ini sudah dibatalkan."),
    "winner_deleted": (
        "The contact that remained is in the bin. Restore it first.",
        "Kontak yang dipertahankan ada di tempat sampah. Pulihkan dahulu.",
    ),
    "identity_taken": (
        "A number or id of the absorbed contact belongs to another contact now.",
        "Nomor atau id kontak yang digabungkan sekarang dipakai kontak lain.",
    ),
}
