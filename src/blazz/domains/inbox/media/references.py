"""Finds our own file ids in the stored form of content, and puts the provider's in their place."""

from collections.abc import Iterator, Mapping
from uuid import UUID

from blazz.domains.channels.content import JsonValue
from blazz.kernel.ids import InvalidIdError, decode_id, encode_id

PREFIX = "med"
# Cheap to look for in JSON text; content without files of ours is never decoded for this.
MARK = f'"{PREFIX}_'


def file_ids(value: JsonValue, pointer: str = "") -> Iterator[tuple[str, str, UUID]]:
    """Go through content and yield (pointer, kind, file id) of every file of ours.

    Only objects that say which kind of media they are name files: the ids of buttons and rows are people's own.
    """
    if isinstance(value, dict):
        given = value.get("id")
        if isinstance(given, str) and "kind" in value and (found := _ours(given)) is not None:
            yield f"{pointer}/id", str(value["kind"]), found
        for name, item in value.items():
            yield from file_ids(item, f"{pointer}/{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from file_ids(item, f"{pointer}/{index}")


def with_provider_ids(value: JsonValue, known: Mapping[UUID, str]) -> JsonValue:
    """Return content in which the provider's ids stand where ours did."""
    if isinstance(value, dict):
        given = value.get("id")
        ours = _ours(given) if isinstance(given, str) and "kind" in value else None
        inner = {name: with_provider_ids(item, known) for name, item in value.items()}
        return inner | {"id": known[ours]} if ours is not None else inner
    if isinstance(value, list):
        return [with_provider_ids(item, known) for item in value]
    return value


def public_id(media_id: UUID) -> str:
    """Write a file's id for the outside."""
    return encode_id(PREFIX, media_id)


def _ours(text: str) -> UUID | None:
    try:
        return decode_id(PREFIX, text)
    except InvalidIdError:
        return None
