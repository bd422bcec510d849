"""What can keep the embedded database from running, each with a way out."""

from blazz.kernel.errors import Conflict, DependencyFailed, Message


class DatabaseFolderInUse(Conflict):
    """Another process owns the database of this data folder; ``folder`` and ``pid`` say which."""

    code = "database_folder_in_use"
    message = Message(
        en="The database in {folder} already belongs to process {pid}. Stop that Blazz first, or use another BLAZZ_HOME.",
        id="Basis data di {folder} sudah dipakai proses {pid}. Hentikan Blazz itu dulu, atau pakai BLAZZ_HOME lain.",
    )


class DatabaseFolderUnusable(Conflict):
    """The data folder cannot hold the database; ``folder`` and ``reason`` say why."""

    code = "database_folder_unusable"
    message = Message(
        en="The database cannot live in {folder}: {reason}. Set BLAZZ_HOME to a folder this user may write.",
        id="Basis data tidak bisa disimpan di {folder}: {reason}. Atur BLAZZ_HOME ke folder yang boleh ditulis pengguna ini.",
    )


class DatabaseVersionMismatch(Conflict):
    """The data folder was made by another PostgreSQL major version; ``found`` and ``expected`` name them."""

    code = "database_version_mismatch"
    message = Message(
        en="{folder} was made by PostgreSQL {found}, this Blazz brings PostgreSQL {expected}. Nothing was changed. "
        "Dump it with the Blazz version that made it and restore into a new BLAZZ_HOME.",
        id="{folder} dibuat oleh PostgreSQL {found}, sedangkan Blazz ini membawa PostgreSQL {expected}. Tidak ada yang "
        "diubah. Ekspor dengan versi Blazz yang membuatnya, lalu pulihkan ke BLAZZ_HOME baru.",
    )


class DatabaseNotStarted(DependencyFailed):
    """The server did not come up; ``reason`` carries the last lines of its log."""

    code = "database_not_started"
    message = Message(
        en="The embedded database did not start: {reason}",
        id="Basis data bawaan tidak berhasil dijalankan: {reason}",
    )
