"""The problems content can have, their sentences in each language, and the checks every rule shares."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "empty": ("This must not be empty.", "Bagian ini tidak boleh kosong."),
    "too_long": (
        "This may be at most {limit} characters; it has {length}.",
        "Bagian ini maksimal {limit} karakter; sekarang {length}.",
    ),
    "source_missing": (
        "Give either an uploaded file or a link.",
        "Sertakan berkas yang sudah diunggah atau tautan.",
    ),
    "source_twice": (
        "Give an uploaded file or a link, not both.",
        "Pilih salah satu: berkas yang diunggah atau tautan.",
    ),
    "link_not_https": ("The link must start with https://.", "Tautan harus diawali https://."),
    "link_not_web": ("The link must start with https:// or http://.", "Tautan harus diawali https:// atau http://."),
    "media_type_refused": (
        "WhatsApp accepts only {allowed} as {kind}.",
        "WhatsApp hanya menerima {allowed} untuk {kind}.",
    ),
    "media_too_large": (
        "A file sent as {kind} may be at most {limit} bytes.",
        "Berkas {kind} maksimal {limit} byte.",
    ),
    "media_empty": ("The file is empty.", "Berkas kosong."),
    "gif_only_in_templates": (
        "GIFs can be sent only in a template header.",
        "GIF hanya dapat dikirim di header templat.",
    ),
    "caption_not_allowed": (
        "A message of type {kind} takes no caption.",
        "Pesan {kind} tidak dapat diberi keterangan.",
    ),
    "filename_only_for_documents": ("Only documents take a file name.", "Nama berkas hanya untuk dokumen."),
    "voice_only_for_audio": ("Only audio can be a voice message.", "Pesan suara hanya untuk audio."),
    "coordinate_out_of_range": (
        "This coordinate must lie between -{limit} and {limit} degrees.",
        "Koordinat ini harus antara -{limit} dan {limit} derajat.",
    ),
    "count_out_of_range": ("Between {least} and {most} are allowed.", "Jumlahnya harus antara {least} dan {most}."),
    "name_part_missing": (
        "Besides the full name, give a first name, last name or another part.",
        "Selain nama lengkap, isi nama depan, nama belakang, atau bagian lain.",
    ),
    "birthday_format": ("Write the birthday as YYYY-MM-DD.", "Tulis tanggal lahir sebagai YYYY-MM-DD."),
    "not_one_emoji": ("A reaction is exactly one emoji.", "Reaksi harus berupa satu emoji."),
    "body_required": ("This message needs a body text.", "Pesan ini memerlukan teks isi."),
    "header_not_allowed": ("This kind of message takes no header.", "Jenis pesan ini tidak dapat memakai header."),
    "header_text_only": (
        "This kind of message takes only a text header.",
        "Jenis pesan ini hanya dapat memakai header teks.",
    ),
    "header_text_required": ("This kind of message needs a text header.", "Jenis pesan ini wajib memakai header teks."),
    "header_media_kind": (
        "The header may be an image, a video or a document.",
        "Header hanya boleh gambar, video, atau dokumen.",
    ),
    "card_header_kind": ("A card shows an image or a video.", "Kartu hanya menampilkan gambar atau video."),
    "card_header_link": ("A card's picture or video must be a link.", "Gambar atau video kartu harus berupa tautan."),
    "footer_not_allowed": ("This kind of message takes no footer.", "Jenis pesan ini tidak dapat memakai footer."),
    "not_unique": ("This must differ from its siblings.", "Nilai ini tidak boleh sama dengan yang lain."),
    "section_title_required": (
        "With several sections each needs a title.",
        "Jika ada beberapa bagian, setiap bagian wajib berjudul.",
    ),
    "flow_reference": ("Give the flow's id or its name, exactly one.", "Isi id flow atau nama flow, salah satu saja."),
    "emoji_not_allowed": ("Emoji are not allowed here.", "Emoji tidak diperbolehkan di sini."),
    "number_out_of_range": ("This must lie between {least} and {most}.", "Nilai ini harus antara {least} dan {most}."),
    "cards_differ": (
        "All cards must have buttons of the same kind and number.",
        "Semua kartu harus memakai jenis dan jumlah tombol yang sama.",
    ),
    "card_index_order": ("Cards are numbered 0, 1, 2 and so on.", "Kartu harus bernomor 0, 1, 2, dan seterusnya."),
    "template_name": (
        "A template name holds small letters, digits and underscores, at most 512.",
        "Nama templat hanya huruf kecil, angka, dan garis bawah, maksimal 512.",
    ),
    "language_code": ("Write the language like id, en or en_US.", "Tulis bahasa seperti id, en, atau en_US."),
    "component_twice": ("This component appears more than once.", "Komponen ini muncul lebih dari sekali."),
    "mixed_names": (
        "Either all variables carry a name or none does.",
        "Semua variabel harus bernama, atau tidak satu pun.",
    ),
    "parameter_whitespace": (
        "A variable may not hold line breaks, tabs or more than four spaces in a row.",
        "Isi variabel tidak boleh memuat baris baru, tab, atau lebih dari empat spasi berurutan.",
    ),
    "parameter_kind": ("This button takes another kind of value.", "Tombol ini memerlukan jenis nilai lain."),
    "coupon_code": (
        "A coupon code holds letters, digits and - _ ., at most 15.",
        "Kode kupon hanya huruf, angka, dan - _ ., maksimal 15.",
    ),
    "currency_code": ("Write the currency as three capital letters.", "Tulis mata uang dengan tiga huruf kapital."),
    "variable_at_edge": (
        "A variable may not begin or end the text.",
        "Variabel tidak boleh berada di awal atau akhir teks.",
    ),
    "variables_adjacent": ("Two variables may not stand side by side.", "Dua variabel tidak boleh berdampingan."),
    "too_many_variables": (
        "There are too many variables for a text this short.",
        "Terlalu banyak variabel untuk teks sependek ini.",
    ),
    "variables_not_in_order": (
        "Variables must be numbered {{1}}, {{2}} and so on without gaps.",
        "Variabel harus bernomor {{1}}, {{2}}, dan seterusnya tanpa lompatan.",
    ),
    "variable_name": (
        "A variable name holds small letters, digits and underscores.",
        "Nama variabel hanya huruf kecil, angka, dan garis bawah.",
    ),
    "variables_mixed": (
        "Use numbered variables or named ones, not both.",
        "Pakai variabel bernomor atau bernama, jangan keduanya.",
    ),
    "variable_not_allowed": ("No variables are allowed here.", "Variabel tidak diperbolehkan di sini."),
    "one_variable_only": ("At most one variable is allowed here.", "Maksimal satu variabel di sini."),
    "url_variable_not_last": (
        "A link's variable must stand at its very end.",
        "Variabel pada tautan harus berada paling akhir.",
    ),
    "example_missing": ("Every variable needs an example.", "Setiap variabel memerlukan contoh."),
    "body_missing": ("A template needs exactly one body.", "Templat wajib memiliki satu isi."),
    "button_limit": ("At most {limit} buttons of this kind are allowed.", "Maksimal {limit} tombol jenis ini."),
    "quick_replies_interleaved": (
        "Quick replies must stand together, not between other buttons.",
        "Tombol balasan cepat harus berkelompok, tidak diselingi tombol lain.",
    ),
    "category": (
        "The category must be MARKETING, UTILITY or AUTHENTICATION.",
        "Kategori harus MARKETING, UTILITY, atau AUTHENTICATION.",
    ),
    "ttl_out_of_range": (
        "Delivery time must lie between {least} and {most} seconds.",
        "Batas waktu kirim harus antara {least} dan {most} detik.",
    ),
    "header_format": ("This header format is unknown.", "Format header ini tidak dikenal."),
    "field_missing": ("This field is required.", "Isian ini wajib ada."),
    "field_unknown": ("There is no such field here.", "Tidak ada isian seperti ini di sini."),
    "wrong_type": (
        "This must be of type {expected}; it is of type {given}.",
        "Isian ini harus bertipe {expected}; sekarang bertipe {given}.",
    ),
    "not_one_of": ("This must be one of {allowed}.", "Isian ini harus salah satu dari {allowed}."),
    "variable_missing": ("The variable {name} has no value.", "Variabel {name} belum diisi."),
    "variable_unknown": ("The template has no variable {name}.", "Templat tidak memiliki variabel {name}."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentProblem:
    """One broken limit: where (JSON pointer), which (stable code) and what to tell people in each language.

    ``data`` holds the figures of the rule, such as its limit.
    """

    pointer: str
    code: str
    en: str
    id: str
    data: Mapping[str, object] = field(default_factory=dict, compare=False)


def problem(pointer: str, code: str, **data: object) -> ContentProblem:
    """Make a problem from the sentence table, filled with its data."""
    en, indonesian = SENTENCES[code]
    return ContentProblem(pointer=pointer, code=code, en=_fill(en, data), id=_fill(indonesian, data), data=data)


def check_length(pointer: str, text: str, limit: int, *, at_least: int = 1) -> Iterator[ContentProblem]:
    """Check that a text is neither blank (unless ``at_least`` is 0) nor longer than ``limit`` characters."""
    if at_least and not text.strip():
        yield problem(pointer, "empty")
    if len(text) > limit:
        yield problem(pointer, "too_long", limit=limit, length=len(text))


def check_source(pointer: str, file_id: str | None, link: str | None) -> Iterator[ContentProblem]:
    """Check that media is given by id or by https link, exactly one of them."""
    if file_id and link:
        yield problem(pointer + "/link", "source_twice")
    elif not file_id and not link:
        yield problem(pointer + "/id", "source_missing")
    if link and not link.startswith("https://"):
        yield problem(pointer + "/link", "link_not_https")


def _fill(sentence: str, data: dict[str, object]) -> str:
    # Only the named places are replaced: braces that belong to the sentence, such as {{1}}, stay as they are.
    for name, value in data.items():
        sentence = sentence.replace("{" + name + "}", str(value))
    return sentence
