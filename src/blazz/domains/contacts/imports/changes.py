"""Decides what a row changes on a contact that exists."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from blazz.domains.contacts.imports.types import TEXT_FIELDS, Before, Candidate, FieldChange, Policy
from blazz.domains.contacts.types import Contact


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A contact as it will be, and how it was where that differs."""

    contact_id: UUID
    fields: dict[str, str | None]
    attributes: dict[str, str]
    category_id: UUID | None
    old_category_id: UUID | None
    before: Before


def change_of(contact: Contact, row: Candidate, category_id: UUID | None, policy: Policy) -> Change | None:
    """Apply a row to a contact; None when the policy or equal values leave it as it is. Blank cells never erase."""
    restored = contact.deleted_at is not None
    if policy == "skip" and not restored:
        return None
    old: dict[str, str | None] = {name: getattr(contact, name) or None for name in TEXT_FIELDS}
    fields = _apply(old, row.fields, policy)
    attributes = _apply(contact.attributes, row.attributes, policy)
    category = {"category_id": str(contact.category_id) if contact.category_id else None}
    new_category = _apply(category, {"category_id": str(category_id)} if category_id else {}, policy)
    changed = _changes(old, fields) | _changes(category, new_category)
    extra = _changes(contact.attributes, attributes)
    if not changed and not extra and not restored:
        return None
    target = new_category["category_id"]
    return Change(
        contact_id=contact.id,
        fields=fields,
        attributes={key: value for key, value in attributes.items() if value is not None},
        category_id=UUID(target) if target else None,
        old_category_id=contact.category_id,
        before=Before(fields=changed, attributes=extra, restored=restored),
    )


def undone(contact: Contact, before: Before) -> Change:
    """Put back what an import changed, where the contact still holds what the import wrote."""
    old: dict[str, str | None] = {name: getattr(contact, name) or None for name in TEXT_FIELDS}
    old["category_id"] = str(contact.category_id) if contact.category_id else None
    fields = {name: _restored(value, before.fields.get(name)) for name, value in old.items()}
    category = fields.pop("category_id")
    attributes = {
        name: _restored(contact.attributes.get(name), before.attributes.get(name))
        for name in contact.attributes.keys() | before.attributes.keys()
    }
    return Change(
        contact_id=contact.id,
        fields=fields,
        attributes={key: value for key, value in attributes.items() if value is not None},
        category_id=UUID(category) if category else None,
        old_category_id=contact.category_id,
        before=before,
    )


def _restored(value: str | None, change: FieldChange | None) -> str | None:
    return change.before if change is not None and value == change.after else value


def _apply(old: Mapping[str, str | None], new: Mapping[str, str], policy: Policy) -> dict[str, str | None]:
    if policy == "skip":
        return dict(old)
    written = {key: value for key, value in new.items() if policy == "overwrite" or not old.get(key)}
    return {**old, **written}


def _changes(old: Mapping[str, str | None], new: Mapping[str, str | None]) -> dict[str, FieldChange]:
    return {key: FieldChange(old.get(key), value) for key, value in new.items() if old.get(key) != value}
