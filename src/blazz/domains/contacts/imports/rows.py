"""Reads a file in chunks of rows and cleans each row without looking at the database."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from blazz.domains.contacts.imports.types import TEXT_FIELDS, Candidate, Chunk, ImportOptions, Reject
from blazz.kernel.ids import new_uuid7
from blazz.kernel.phone import PhoneRefusal, normalise_phone
from blazz.kernel.tabular import Checkpoint, Field, HeaderMapping, Row, TabularFormat, map_columns, read_rows

CHUNK_ROWS: Final = 5_000
REPORT_COLUMNS: Final = ("_row", "_status", "_code", "_reason")
_MAX_VALUE: Final = 2_000
_MAX_NAME: Final = 100
_OWN_KEYS: Final = frozenset((*TEXT_FIELDS, "phone", "first_name", "last_name", "category", "groups"))


def mapping_of(fmt: TabularFormat, options: ImportOptions) -> HeaderMapping:
    """Map the columns; the columns an error file adds are passed over, so that it can be imported again."""
    headers = [header.casefold() for header in fmt.header or ()]
    ignored = {name: Field.IGNORE.value for name in REPORT_COLUMNS if headers.count(name) == 1}
    return map_columns(fmt, ignored | options.mapping)


def has_phone(mapping: HeaderMapping) -> bool:
    """Tell whether a column holds numbers."""
    return bool(mapping.indexes(Field.PHONE))


def read_chunks(
    path: Path,
    fmt: TabularFormat,
    options: ImportOptions,
    region: str,
    after: Checkpoint | None,
    size: int = CHUNK_ROWS,
) -> Iterator[Chunk]:
    """Give the rows after a checkpoint in chunks; a number that stands twice in a chunk is a duplicate the second time."""
    reader = _Reader(mapping_of(fmt, options), region)
    chunk: list[Row] = []
    for row in read_rows(path, fmt, after=after):
        chunk.append(row)
        if len(chunk) >= size:
            yield reader.read(chunk)
            chunk = []
    if chunk:
        yield reader.read(chunk)


class _Reader:
    """Cleans rows by one mapping."""

    def __init__(self, mapping: HeaderMapping, region: str) -> None:
        self._mapping = mapping
        self._region = region

    def read(self, rows: list[Row]) -> Chunk:
        candidates: list[Candidate] = []
        rejects: list[Reject] = []
        seen: set[str] = set()
        for row in rows:
            read = self._one(row)
            if isinstance(read, Candidate):
                if read.phone in seen:
                    rejects.append(duplicate_of(read))
                    continue
                seen.add(read.phone)
                candidates.append(read)
            else:
                rejects.append(read)
        last = rows[-1]
        return Chunk(rows=len(rows), candidates=candidates, rejects=rejects, number=last.number, offset=last.offset)

    def _one(self, row: Row) -> Candidate | Reject:
        cells = _storable(row.cells)
        if row.problem is not None:
            return Reject(row_number=row.number, outcome="invalid", code=row.problem.value, cells=cells)
        values = self._mapping.values(cells)
        phone = normalise_phone(values.get("phone", ""), self._region)
        if isinstance(phone, PhoneRefusal):
            return Reject(row_number=row.number, outcome="invalid", code=phone.code.value, cells=cells)
        name = values.get("name") or f"{values.get('first_name', '')} {values.get('last_name', '')}".strip()
        fields: dict[str, str] = {key: values[key][:_MAX_VALUE] for key in TEXT_FIELDS if key in values}
        if name:
            fields["name"] = name[:255]
        extra = values.keys() - _OWN_KEYS
        category = values.get("category")
        groups = values.get("groups")
        return Candidate(
            row_number=row.number,
            new_id=new_uuid7(),
            phone=phone.e164,
            original=phone.original[:_MAX_NAME],
            fields=fields,
            attributes={key: values[key][:_MAX_VALUE] for key in sorted(extra)} if extra else {},
            category=category[:_MAX_NAME] if category else None,
            groups=_names(groups) if groups else (),
            cells=cells,
        )


def duplicate_of(candidate: Candidate) -> Reject:
    """Turn a row down because its number stood in the file before."""
    return Reject(row_number=candidate.row_number, outcome="duplicate", code="duplicate_in_file", cells=candidate.cells)


def _names(text: str) -> tuple[str, ...]:
    """Split a cell of group names on ``;``, ``,`` and ``|``."""
    pieces = text.replace(",", ";").replace("|", ";").split(";")
    names = {piece.strip()[:_MAX_NAME].lower(): piece.strip()[:_MAX_NAME] for piece in pieces if piece.strip()}
    return tuple(names.values())


def _storable(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Replace what the database cannot hold: NUL and halves of surrogate pairs."""
    joined = "".join(cells)
    if joined.isascii() and "\x00" not in joined:
        return cells
    return tuple(cell.replace("\x00", "").encode("utf-8", "replace").decode() for cell in cells)
