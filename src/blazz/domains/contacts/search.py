"""Turns contacts and typed fragments into the pieces that the search index holds.

Text is lower-cased; every run of two and of three characters is hashed together with the workspace. A fragment is looked
up by the hashes of its runs and then compared as text, so a collision of hashes never shows a wrong contact.
"""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID
from zlib import crc32

from blazz.domains.contacts.errors import FragmentTooShort
from blazz.domains.contacts.store import SQL
from blazz.domains.contacts.types import Contact
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.phone import phone_digits_for_search

_MAX_FRAGMENT: Final = 64
LAST_ID: Final = UUID(int=(1 << 128) - 1)


def grams_of(workspace_id: int, text: str) -> set[int]:
    """Hash the runs of two and three characters of every line of a text, as signed 32-bit numbers."""
    seed = crc32(str(workspace_id).encode())
    found: set[int] = set()
    for line in text.split("\n"):
        raw = line.encode("utf-16-le", "replace")
        end = len(raw)
        found.update(crc32(raw[i : i + 4], seed) for i in range(0, end - 2, 2))
        found.update(crc32(raw[i : i + 6], seed) for i in range(0, end - 4, 2))
    return {value - (1 << 32) if value >= 1 << 31 else value for value in found}


def body_of(name: str, email: str | None, phone: str | None) -> str:
    """Write the searchable text of a contact: name, e-mail and digits, one a line."""
    return "\n".join((" ".join(name.lower().split()), (email or "").lower(), (phone or "").lstrip("+")))


def _array(values: Iterable[int]) -> str:
    return "{" + ",".join(map(str, values)) + "}"


async def index_contacts(tx: WorkspaceTx, people: Sequence[tuple[UUID, str, str | None, str | None]]) -> None:
    """Put contacts, given as id, name, e-mail and phone, into the search index or renew them there."""
    if not people:
        return
    bodies = [body_of(name, email, phone) for _, name, email, phone in people]
    await tx.execute(
        SQL["put_search"],
        tx.workspace_id,
        [person[0] for person in people],
        bodies,
        [_array(grams_of(tx.workspace_id, body)) for body in bodies],
    )


async def index_contact(tx: WorkspaceTx, contact: Contact) -> None:
    """Put one contact into the search index."""
    await index_contacts(tx, [(contact.id, contact.name, contact.email, contact.phone)])


async def unindex_contacts(tx: WorkspaceTx, contact_ids: Sequence[UUID]) -> None:
    """Take contacts out of the search index."""
    await tx.execute(SQL["drop_search"], tx.workspace_id, contact_ids)


def fragments_of(text: str) -> list[str]:
    """List what to look for: the text itself, and the digit forms it may stand for.

    Raises:
        FragmentTooShort: fewer than two characters.

    """
    plain = " ".join(text.replace("\x00", "").lower().split())[:_MAX_FRAGMENT]
    if len(plain) < 2:
        raise FragmentTooShort
    forms = [form for form in phone_digits_for_search(text) if len(form) >= 2]
    return list(dict.fromkeys([*forms, plain]))


async def find_ids(tx: WorkspaceTx, text: str, *, before: UUID, most: int) -> list[UUID]:
    """Find contacts by a fragment of name, e-mail or number, newest first, at most ``most`` (up to 1,000)."""
    fragments = fragments_of(text)
    arrays = [_array(grams_of(tx.workspace_id, fragment)) for fragment in fragments]
    rows = await tx.fetch(SQL["search_ids"], tx.workspace_id, fragments, arrays, before, most)
    return [row["found_id"] for row in rows]
