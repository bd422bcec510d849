"""Which column is what: by its header, by what a headerless column holds, or as a person says."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from blazz.kernel.errors import FieldProblem, Message
from blazz.kernel.phone import Phone, normalise_phone
from blazz.kernel.tabular.errors import ColumnMapUnclear
from blazz.kernel.tabular.synonyms import Field, field_for, plain_header
from blazz.kernel.tabular.types import TabularFormat

_MAX_KEY_CHARS: Final = 60
_CUSTOM_PREFIX: Final = "custom:"

_UNKNOWN_COLUMN: Final = Message(en="There is no such column.", id="Kolom ini tidak ada.")
_AMBIGUOUS_COLUMN: Final = Message(
    en="Several columns have this name; give the column's number, such as #3.",
    id="Beberapa kolom memakai nama ini; sebutkan nomor kolomnya, misalnya #3.",
)
_UNKNOWN_FIELD: Final = Message(en="There is no such field.", id="Isian ini tidak ada.")


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedColumn:
    """One column: its place (from 0), header, field, and the key its values go under; ``chosen`` by a person, not found."""

    index: int
    header: str
    field: Field
    key: str
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderMapping:
    """What each column of a file is; a field other than groups belongs to one column at most."""

    columns: tuple[MappedColumn, ...]

    def indexes(self, field: Field) -> tuple[int, ...]:
        """Return the places of the columns of a field."""
        return tuple(column.index for column in self.columns if column.field is field)

    def values(self, cells: Sequence[str]) -> dict[str, str]:
        """Pick a row's values by key, trimmed, blank ones left out; several group columns are joined with ``;``."""
        picked: dict[str, str] = {}
        for column in self.columns:
            if column.field is Field.IGNORE or column.index >= len(cells):
                continue
            value = cells[column.index].strip()
            if value:
                picked[column.key] = f"{picked[column.key]};{value}" if column.key in picked else value
        return picked


def map_columns(fmt: TabularFormat, overrides: Mapping[str, str] | None = None) -> HeaderMapping:
    """Map the columns of a file to fields.

    ``overrides`` maps a header, or ``#3`` for the third column, to a field name, ``custom:key`` or ``ignore``. Of several
    columns that could be the same field the most telling header wins and the others become custom fields. Raises
    ``ColumnMapUnclear`` naming every entry that fits no column or field.
    """
    headers = [*(fmt.header or ()), *[""] * (fmt.columns - len(fmt.header or ()))]
    chosen = _chosen(headers, overrides or {})
    taken = {field for field, _ in chosen.values()}
    if fmt.header is None:
        found = _by_content(fmt.preview, fmt.columns, chosen, taken)
    else:
        found = _by_header(headers, chosen, taken)
    columns: list[MappedColumn] = []
    keys: set[str] = set(Field)
    for index, header in enumerate(headers):
        field, key = chosen.get(index, (found.get(index, Field.CUSTOM), ""))
        if field is Field.CUSTOM:
            key = _free_key(key or plain_header(header).replace(" ", "_") or f"column_{index + 1}", keys)
        else:
            key = field.value
        columns.append(MappedColumn(index=index, header=header, field=field, key=key, chosen=index in chosen))
    return HeaderMapping(columns=tuple(columns))


def _chosen(headers: Sequence[str], overrides: Mapping[str, str]) -> dict[int, tuple[Field, str]]:
    chosen: dict[int, tuple[Field, str]] = {}
    problems: list[FieldProblem] = []
    for name, wanted in overrides.items():
        places = _places(headers, name)
        target = _target(wanted)
        if len(places) == 1 and target is not None:
            chosen[places[0]] = target
            continue
        code, message = ("unknown_field", _UNKNOWN_FIELD) if target is None else ("unknown_column", _UNKNOWN_COLUMN)
        if len(places) > 1:
            code, message = "ambiguous_column", _AMBIGUOUS_COLUMN
        pointer = "/mapping/" + name.replace("~", "~0").replace("/", "~1")
        problems.append(FieldProblem(pointer=pointer, code=code, message=message))
    single = [field for field, _ in chosen.values() if field not in {Field.CUSTOM, Field.IGNORE, Field.GROUPS}]
    problems.extend(
        FieldProblem(pointer="/mapping", code="duplicate_field", message=_duplicate(field))
        for field in sorted(set(single))
        if single.count(field) > 1
    )
    if problems:
        raise ColumnMapUnclear(tuple(problems))
    return chosen


def _duplicate(field: Field) -> Message:
    return Message(en=f"Two columns are mapped to {field}.", id=f"Dua kolom dipetakan ke {field}.")


def _places(headers: Sequence[str], name: str) -> list[int]:
    if name.startswith("#") and name[1:].isascii() and name[1:].isdigit():
        place = int(name[1:6]) - 1
        return [place] if 0 <= place < len(headers) else []
    wanted = name.strip().casefold()
    return [index for index, header in enumerate(headers) if header and header.casefold() == wanted]


def _target(wanted: str) -> tuple[Field, str] | None:
    if wanted.startswith(_CUSTOM_PREFIX):
        key = plain_header(wanted.removeprefix(_CUSTOM_PREFIX)).replace(" ", "_")
        return (Field.CUSTOM, key) if key else None
    return (Field(wanted), "") if wanted in set(Field) else None


def _by_header(headers: Sequence[str], chosen: Container[int], taken: Container[Field]) -> dict[int, Field]:
    best: dict[Field, tuple[int, int]] = {}
    found: dict[int, Field] = {}
    for index, header in enumerate(headers):
        match = field_for(header) if header and index not in chosen else None
        if match is None:
            continue
        field, rank = match
        if field in {Field.GROUPS, Field.IGNORE}:
            found[index] = field
        elif field not in taken and (field not in best or rank < best[field][0]):
            best[field] = (rank, index)
    return found | {index: field for field, (_, index) in best.items()}


def _by_content(
    rows: Sequence[Sequence[str]], columns: int, chosen: Container[int], taken: Container[Field]
) -> dict[int, Field]:
    """Without a header the column with the most phones is the phone, then addresses, then the first with words a name."""
    free = [index for index in range(columns) if index not in chosen]
    found: dict[int, Field] = {}
    for field, fits in ((Field.PHONE, _is_phone), (Field.EMAIL, _is_email), (Field.NAME, _is_words)):
        counts = {index: sum(fits(cells[index]) for cells in rows if index < len(cells)) for index in free}
        best = max(counts, key=lambda index: counts[index], default=None)
        if best is None or not counts[best] or field in taken:
            continue
        found[best] = field
        free.remove(best)
    return found


def _is_phone(cell: str) -> bool:
    return isinstance(normalise_phone(cell), Phone)


def _is_email(cell: str) -> bool:
    return "@" in cell.strip("@ ")


def _is_words(cell: str) -> bool:
    return sum(map(str.isalpha, cell)) * 2 > len(cell)


def _free_key(wanted: str, keys: set[str]) -> str:
    wanted = wanted[:_MAX_KEY_CHARS]
    key, count = wanted, 1
    while key in keys:
        count += 1
        key = f"{wanted}_{count}"
    keys.add(key)
    return key
