"""Makes contacts.csv: 5,000 made-up Indonesian customers as a shop's spreadsheet would hold them, every known mess included.

The same seed gives the same bytes. Of 5,000 rows 4,500 are different people, 200 are the same people once more in another
spelling, and 300 hold no usable number. The numbers are drawn at random and may belong to somebody: send to them only
through the simulator.

    python samples/make_contacts.py [--seed 2024] [--output samples/contacts.csv]
"""

import argparse
import csv
import io
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SEED: Final = 2024
HEADER: Final = ("Nama Pelanggan", "No HP", "Email", "Kota", "Kategori", "Grup", "Catatan")
PEOPLE: Final = 4_500
DUPLICATES: Final = 200


def _words(text: str, mark: str = " ") -> tuple[str, ...]:
    return tuple(text.split(mark))


FIRST: Final = _words(
    "Agus Ahmad Aisyah Andi Anisa Arif Asep Ayu Bagus Bambang Bayu Budi Cahya Citra Dedi Desi Dewi Dian Dimas Dwi Edi Eka Endang "
    "Eko Fajar Farhan Fitri Galih Gita Hadi Hana Hendra Heru Ika Iman Indah Indra Intan Irfan Joko Kadek Ketut Komang Kurnia "
    "Lestari Lia Lina Lukman Made Maya Mega Muhammad Nadia Nanda Ningsih Novi Nur Nyoman Putri Putu Rahmat Rani Ratna Reza Rian "
    "Rina Rizki Rudi Sari Satria Sinta Siti Slamet Sri Surya Taufik Teguh Tono Tri Udin Umar Vina Wahyu Wati Wayan Wulan Yanti "
    "Yoga Yudi Yuliana Yusuf Zahra Zainal"
)
LAST: Final = _words(
    "Anggraini Ardiansyah Aritonang Aryani Basuki Cahyono Darmawan Firmansyah Fitriani Ginting Gunawan Hakim Halim Handayani "
    "Harahap Hartono Hasibuan Hidayat Irawan Kartika Kurniawan Kusuma Lestari Lubis Mahendra Manurung Maulana Mulyani Nainggolan "
    "Nasution Nugraha Nugroho Pangestu Permana Permata Pranata Prasetyo Pratama Purnama Purwanto Rachman Rahayu Rahmawati Ramadhan "
    "Saputra Santoso Saragih Setiawan Sihombing Simanjuntak Siregar Sitorus Suharto Sukma Sulistyo Suryani Susanto Sutrisno "
    "Syahputra Tanjung Utami Wibowo Wicaksono Widodo Wijaya Wulandari Yulianto Yunita"
)
CITIES: Final = _words(
    "Jakarta Pusat|Jakarta Selatan|Jakarta Barat|Jakarta Timur|Bandung|Surabaya|Semarang|Yogyakarta|Surakarta|Malang|Medan|"
    "Palembang|Makassar|Denpasar|Bogor|Depok|Tangerang|Bekasi|Cirebon|Tasikmalaya|Kediri|Jember|Padang|Pekanbaru|Batam|Jambi|"
    "Bandar Lampung|Pontianak|Banjarmasin|Balikpapan|Samarinda|Manado|Kendari|Palu|Ambon|Jayapura|Mataram|Kupang|Serang|Solo",
    "|",
)
CATEGORIES: Final = ("Pelanggan VIP", "Pelanggan VIP 2", "Pelanggan Reguler", "Prospek", "Lead", "")
CATEGORY_WEIGHTS: Final = (6, 8, 40, 22, 14, 10)
GROUPS: Final = ("Newsletter", "Reseller", "Promo Ramadan", "Member 2024", "Pameran Bandung")
DOMAINS: Final = ("example.com", "example.net", "example.org", "mail.example", "toko.example")
PREFIXES: Final = _words(
    "811 812 813 821 822 823 851 852 853 814 815 816 855 856 857 858 895 896 897 898 899 817 818 819 859 877 878 879 831 832 833 "
    "838 881 882 887 888 889"
)
NOTES: Final = (
    "Langganan sejak 2019",
    "Minta katalog terbaru; kirim lewat WA",
    "Bayar tempo 14 hari",
    'Panggil "Bos" saja',
    "Suka warna biru, ukuran XL",
    "Pesan 2 lusin\nAmbil hari Jumat",
    "Jl. Melati No. 5\nRT 02/RW 07",
    "=SUM(A1:A9)",
    "@promo lebaran",
    "-",
    "+1 teman",
    "JosÃ© titip salam",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRow:
    """One row with the mess it was made for, and the number that must come out of it (None when it must be refused)."""

    trouble: str
    cells: tuple[str, ...]
    e164: str | None


def _grouped(national: str, mark: str) -> str:
    return mark.join(("0" + national[:3], national[3:7], national[7:]))


def _translated(text: str, zero: int) -> str:
    return "".join(chr(zero + int(char)) if char.isdigit() else char for char in text)


# How a mobile number (the digits after 62) is written, and how many people write it so; the rest write it plainly.
SPELLINGS: Final[dict[str, tuple[int, Callable[[str], str]]]] = {
    "plus": (450, lambda n: "+62" + n),
    "country_code": (350, lambda n: "62" + n),
    "lost_zero": (350, lambda n: n),
    "dashes": (350, lambda n: _grouped(n, "-")),
    "spaces": (300, lambda n: _grouped(n, " ")),
    "plus_dashes": (200, lambda n: f"+62 {n[:3]}-{n[3:7]}-{n[7:]}"),
    "plus_and_zero": (100, lambda n: "+62 0" + n),
    "plus_bracket_zero": (20, lambda n: f"+62(0){n[:3]}-{n[3:7]}-{n[7:]}"),
    "double_zero": (60, lambda n: "0062" + n),
    "exit_code": (30, lambda n: "00162 " + n),
    "dots": (120, lambda n: _grouped(n, ".")),
    "en_dashes": (30, lambda n: _grouped(n, "\u2013")),
    "brackets": (80, lambda n: f"(0{n[:3]}) {n[3:]}"),
    "slashes": (60, lambda n: _grouped(n, "/")),
    "no_break_space": (90, lambda n: _grouped(n, "\u00a0")),
    "zero_width": (80, lambda n: "0" + n + "\u200b"),
    "direction_marks": (40, lambda n: f"\u202a+62 {n[:3]}-{n[3:]}\u202c"),
    "full_width": (40, lambda n: _translated("0" + n, 0xFF10)),
    "arabic_digits": (30, lambda n: _translated("0" + n, 0x0660)),
    "decimal": (120, lambda n: f"62{n}.0"),
    "scientific_exact": (30, lambda n: f"6,2{n}E+{len(n) + 1}"),
    "apostrophe": (90, lambda n: "'0" + n),
    "lead_word": (80, lambda n: "HP: 0" + n),
    "link": (40, lambda n: "https://wa.me/62" + n),
    "extension": (20, lambda n: f"0{n} ext 12"),
}
LANDLINES: Final = 20
FOREIGN: Final = 20

# What no message can reach, and how many rows hold it.
REFUSED: Final[dict[str, tuple[int, Callable[[str], str]]]] = {
    "letters": (25, lambda n: f"Telp: 0{n} (Budi)"),
    "letter_for_digit": (20, lambda n: f"O{n[:-1]}O"),
    "several_numbers": (50, lambda n: f"0{n} / 0{n[:4]}{n[:3:-1]}"),
    "digits_lost": (40, lambda n: f"6,2{n[:3]}E+12"),
    "foreign_without_plus": (35, lambda n: ("6591", "60123", "8613912", "919812", "1415555")[int(n[-1]) % 5]),
    "too_short": (35, lambda n: "0" + n[:6]),
    "too_long": (25, lambda n: f"0{n}{n[-5:]}"),
    "unused_prefix": (10, lambda n: "084" + n[2:11]),
    "short_code": (10, lambda n: "14" + n[-3:]),
    "toll_free": (10, lambda n: "0800-1-" + n[-6:]),
    "call_centre": (5, lambda n: "1500" + n[-3:]),
    "premium_rate": (3, lambda n: "0809 1 " + n[-6:-3] + " " + n[-3:]),
    "words": (7, lambda _: "tidak ada"),
    "empty": (25, lambda _: ""),
}


class Maker:
    """Draws people and numbers from one seeded source; no number is drawn twice."""

    def __init__(self, seed: int) -> None:
        """Begin with nothing drawn."""
        self._random = random.Random(seed)
        self._drawn: set[str] = set()
        self._people = 0

    def rows(self) -> list[SampleRow]:
        """Make all rows in their final, shuffled order."""
        rows = self._mobiles() + self._landlines() + self._foreigners()
        rows += self._again(rows) + self._unreachable()
        self._random.shuffle(rows)
        return rows

    def _mobiles(self) -> list[SampleRow]:
        spelled = [name for name, (count, _) in SPELLINGS.items() for _ in range(count)]
        plain = ["plain"] * (PEOPLE - LANDLINES - FOREIGN - len(spelled))
        rows = []
        for trouble in spelled + plain:
            national = self._national()
            spell = SPELLINGS[trouble][1] if trouble in SPELLINGS else "0{}".format
            rows.append(SampleRow(trouble=trouble, cells=self._person(spell(national)), e164="+62" + national))
        return rows

    def _landlines(self) -> list[SampleRow]:
        rows = []
        for _ in range(LANDLINES):
            area = self._random.choice(("21", "22", "24", "31", "61"))
            local = self._unused(lambda: str(self._random.randrange(5_000_000, 9_000_000)))
            cells = self._person(f"(0{area}) {local}")
            rows.append(SampleRow(trouble="landline", cells=cells, e164=f"+62{area}{local}"))
        return rows

    def _foreigners(self) -> list[SampleRow]:
        rows = []
        for _ in range(FOREIGN):
            local = self._unused(lambda: str(self._random.randrange(91_000_000, 98_000_000)))
            rows.append(SampleRow(trouble="foreign", cells=self._person(f"+65 {local}"), e164="+65" + local))
        return rows

    def _again(self, rows: list[SampleRow]) -> list[SampleRow]:
        """Write some people a second time: another spelling of the number, and often of the name."""
        mobiles = [row for row in rows if row.e164 is not None and row.e164.startswith("+628")]
        spellings = [name for name in SPELLINGS if name != "extension"]
        again = []
        for row in self._random.sample(mobiles, DUPLICATES):
            other = self._random.choice([name for name in spellings if name != row.trouble])
            phone = SPELLINGS[other][1]((row.e164 or "")[3:])
            name = self._random.choice(
                (row.cells[0], row.cells[0].upper(), row.cells[0].split()[0], row.cells[0].lower())
            )
            cells = (name, phone, *row.cells[2:])
            again.append(SampleRow(trouble="duplicate", cells=cells, e164=row.e164))
        return again

    def _unreachable(self) -> list[SampleRow]:
        rows = []
        for trouble, (count, spell) in REFUSED.items():
            for _ in range(count):
                phone = spell(self._national())
                if trouble == "foreign_without_plus":
                    length = {"6591": 10, "60123": 11, "8613912": 13, "919812": 12, "1415555": 11}[phone]
                    phone += str(
                        self._random.randrange(2 * 10 ** (length - len(phone) - 1), 3 * 10 ** (length - len(phone) - 1))
                    )
                rows.append(SampleRow(trouble=trouble, cells=self._person(phone), e164=None))
        return rows

    def _national(self) -> str:
        return self._unused(self._draw)

    def _draw(self) -> str:
        prefix = self._random.choice(PREFIXES)
        digits = 9 if prefix.startswith("89") and self._random.random() < 0.3 else self._random.choice((7, 8, 8, 8))
        # A last digit that is not 0 keeps a number from looking as if a spreadsheet had rounded it.
        return (
            f"{prefix}{self._random.randrange(10 ** (digits - 2), 10 ** (digits - 1))}{self._random.randrange(1, 10)}"
        )

    def _unused(self, draw: Callable[[], str]) -> str:
        number = draw()
        while number in self._drawn:
            number = draw()
        self._drawn.add(number)
        return number

    def _person(self, phone: str) -> tuple[str, ...]:
        """Surround a phone with a person; e-mail addresses carry a running number, so no two people share one."""
        self._people += 1
        first, last = self._random.choice(FIRST), self._random.choice(LAST)
        name = self._name(first, last)
        has_email = self._random.random() < 0.7
        email = f"{first}.{last}{self._people}@{self._random.choice(DOMAINS)}".lower() if has_email else ""
        category = self._random.choices(CATEGORIES, CATEGORY_WEIGHTS)[0]
        groups = ";".join(sorted(self._random.sample(GROUPS, self._random.choice((0, 0, 0, 1, 1, 2)))))
        note = self._random.choice(NOTES) if self._random.random() < 0.12 else ""
        return (name, phone, email, self._random.choice(CITIES), category, groups, note)

    def _name(self, first: str, last: str) -> str:
        name = f"{first} {last}"
        spellings = (name, name, name, name, name, name.upper(), name.lower(), first, f"Bpk. {name}", f"Ibu {name}")
        extra = (
            f"{name}, S.E.",
            f"  {name} ",
            f'{first} "Bos" {last}',
            f"{first}\u00a0{last}",
            f"Hj. {name}; Toko {last}",
        )
        return self._random.choice(spellings if self._random.random() < 0.93 else extra)


def build_rows(seed: int = SEED) -> list[SampleRow]:
    """Make the rows of a seed, each with the number that must come out of it."""
    return Maker(seed).rows()


def build_file(seed: int = SEED) -> bytes:
    """Write the rows as a spreadsheet program set to Indonesian does: BOM, semicolons, CRLF."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADER)
    writer.writerows(row.cells for row in build_rows(seed))
    return buffer.getvalue().encode("utf-8-sig")


def main() -> None:
    """Write the file the arguments ask for."""
    parser = argparse.ArgumentParser(description="Make a messy Indonesian contact list of 5,000 rows.")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("contacts.csv"))
    arguments = parser.parse_args()
    arguments.output.write_bytes(build_file(arguments.seed))
    print(f"{arguments.output}: {len(build_rows(arguments.seed))} rows")


if __name__ == "__main__":
    main()
