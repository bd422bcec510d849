"""Why a whole file, or the map of its columns, is refused.

UnreadableFile
├── EmptyFile             no row with anything in it
├── NotATable             a picture, a PDF, a web page, an archive
├── BadEncoding           the text encoding is unknown or not supported
├── BadDelimiter          the delimiter chosen is not one of , ; tab |
├── TooManyColumns        more columns than a contact list can have
├── UnsupportedWorkbook   .xls, .xlsb, .ods: save as .xlsx or CSV
├── EncryptedWorkbook     protected with a password
├── CorruptWorkbook       damaged, or not a workbook inside
├── WorkbookTooLarge      unpacks to more than the machine should hold (zip bomb)
└── SheetNotFound         no sheet of that name
ColumnMapUnclear          the wanted mapping names unknown columns or fields
"""

from blazz.kernel.errors import InvalidInput, Message


class UnreadableFile(InvalidInput):
    """The file cannot be read as a table."""

    code = "unreadable_file"
    message = Message(en="The file cannot be read.", id="Berkas tidak dapat dibaca.")


class EmptyFile(UnreadableFile):
    """No row holds anything."""

    code = "empty_file"
    message = Message(en="The file is empty.", id="Berkas kosong.")


class NotATable(UnreadableFile):
    """The file is something else; ``found`` says what."""

    code = "not_a_table"
    message = Message(
        en="The file is not a table ({found}). Upload a CSV or XLSX file.",
        id="Berkas ini bukan tabel ({found}). Unggah berkas CSV atau XLSX.",
    )


class BadEncoding(UnreadableFile):
    """The text encoding ``encoding`` is not supported."""

    code = "bad_encoding"
    message = Message(
        en="The text encoding {encoding} cannot be read. Save the file as CSV UTF-8.",
        id="Pengodean teks {encoding} tidak dapat dibaca. Simpan berkas sebagai CSV UTF-8.",
    )


class BadDelimiter(UnreadableFile):
    """The delimiter a person chose is not one of the four."""

    code = "bad_delimiter"
    message = Message(
        en="The delimiter must be a comma, semicolon, tab or vertical bar.",
        id="Pemisah kolom harus koma, titik koma, tab, atau garis tegak.",
    )


class TooManyColumns(UnreadableFile):
    """The header has ``columns`` columns; ``limit`` are allowed."""

    code = "too_many_columns"
    message = Message(
        en="The file has {columns} columns; at most {limit} are allowed.",
        id="Berkas memiliki {columns} kolom; paling banyak {limit} kolom.",
    )


class UnsupportedWorkbook(UnreadableFile):
    """A spreadsheet of another kind; ``found`` says which."""

    code = "unsupported_workbook"
    message = Message(
        en="Spreadsheets of the kind {found} are not supported. Save the file as .xlsx or CSV.",
        id="Spreadsheet jenis {found} belum didukung. Simpan berkas sebagai .xlsx atau CSV.",
    )


class EncryptedWorkbook(UnreadableFile):
    """The workbook is protected with a password."""

    code = "encrypted_workbook"
    message = Message(
        en="The workbook is protected with a password. Save it without one.",
        id="Berkas Excel ini dilindungi kata sandi. Simpan tanpa kata sandi.",
    )


class CorruptWorkbook(UnreadableFile):
    """The workbook is damaged."""

    code = "corrupt_workbook"
    message = Message(
        en="The workbook is damaged. Open it in a spreadsheet program and save it again.",
        id="Berkas Excel ini rusak. Buka di aplikasi spreadsheet lalu simpan ulang.",
    )


class WorkbookTooLarge(UnreadableFile):
    """The workbook unpacks to more than is safe to hold."""

    code = "workbook_too_large"
    message = Message(
        en="The workbook is too large when unpacked. Save the sheet as CSV.",
        id="Isi berkas Excel ini terlalu besar. Simpan lembarnya sebagai CSV.",
    )


class SheetNotFound(UnreadableFile):
    """The workbook has no sheet named ``sheet``."""

    code = "sheet_not_found"
    message = Message(en="There is no sheet named {sheet}.", id="Tidak ada lembar bernama {sheet}.")


class ColumnMapUnclear(InvalidInput):
    """The wanted mapping names a column or a field that does not exist; ``problems`` names each."""

    code = "column_map_unclear"
    message = Message(
        en="The column mapping names columns or fields that do not exist.",
        id="Pemetaan kolom menyebut kolom atau isian yang tidak ada.",
    )
