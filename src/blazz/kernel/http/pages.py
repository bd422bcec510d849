"""Keyset pages: opaque cursors that hold the sort values of the last row."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

import msgspec
from pydantic import BaseModel

from blazz.kernel.errors import FieldProblem, InvalidInput, Message, NotFound
from blazz.kernel.ids import InvalidIdError, decode_id

T = TypeVar("T")
Row = TypeVar("Row")
MAX_LIMIT = 200
_CURSOR_PROBLEM = FieldProblem(
    pointer="/cursor",
    code="invalid_cursor",
    message=Message(en="The cursor is not one we gave.", id="Kursor ini bukan kursor yang kami berikan."),
)


class Page(BaseModel, Generic[T]):
    """One page of a list; ask for the next with ``next_cursor``."""

    data: list[T]
    has_more: bool
    next_cursor: str | None = None


def encode_cursor(*values: str | int | None) -> str:
    """Pack sort values into an opaque text."""
    return base64.urlsafe_b64encode(msgspec.json.encode(values)).rstrip(b"=").decode()


def decode_cursor(cursor: str | None, count: int) -> tuple[str, ...] | None:
    """Unpack ``count`` sort values; None when no cursor was given.

    Raises:
        InvalidInput: the text is not a cursor of this list.

    """
    if cursor is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        values = msgspec.json.decode(raw, type=list[str | int | None])
    except (binascii.Error, msgspec.DecodeError, UnicodeError, ValueError):
        raise InvalidInput((_CURSOR_PROBLEM,)) from None
    if len(values) != count or any("\x00" in str(value) for value in values):
        raise InvalidInput((_CURSOR_PROBLEM,))
    return tuple("" if value is None else str(value) for value in values)


def cursor_uuid(text: str) -> UUID:
    """Read a UUID that stands inside a cursor.

    Raises:
        InvalidInput: the cursor was made by someone else.

    """
    try:
        return UUID(text)
    except ValueError:
        raise InvalidInput((_CURSOR_PROBLEM,)) from None


def cursor_instant(text: str) -> datetime:
    """Read an aware instant that stands inside a cursor.

    Raises:
        InvalidInput: the cursor was made by someone else.

    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput((_CURSOR_PROBLEM,)) from None
    if at.tzinfo is None:
        raise InvalidInput((_CURSOR_PROBLEM,))
    return at


def page_of(
    rows: Sequence[Row], limit: int, *, key: Callable[[Row], tuple[str | int | None, ...]], shape: Callable[[Row], T]
) -> Page[T]:
    """Shape a page from ``limit + 1`` fetched rows."""
    shown = rows[:limit]
    has_more = len(rows) > limit
    return Page[T](
        data=[shape(row) for row in shown],
        has_more=has_more,
        next_cursor=encode_cursor(*key(shown[-1])) if has_more else None,
    )


def parse_id(prefix: str, text: str) -> UUID:
    """Read an id from a path.

    Raises:
        NotFound: the text is no id of this kind, which looks like an id that does not exist.

    """
    try:
        return decode_id(prefix, text)
    except InvalidIdError:
        raise NotFound from None
