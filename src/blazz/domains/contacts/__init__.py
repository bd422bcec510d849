"""Contacts: the people a workspace writes to, how they are recognised, sorted, found, imported and opted out.

Words: an *identity* is one way to recognise a person (number, WhatsApp id, BSUID); a contact may have several and no
phone. A contact in the *bin* is deleted softly and comes back when its number is made, imported or heard from again.
"""

from blazz.domains.contacts.consent import opt_in, opt_out
from blazz.domains.contacts.errors import (
    CategoryNotFound,
    ContactNotFound,
    DuplicateContact,
    GroupNotFound,
    InvalidPhone,
)
from blazz.domains.contacts.events import (
    ContactOptedOut,
    ContactsMerged,
)
from blazz.domains.contacts.imports.report import error_file
from blazz.domains.contacts.imports.run import run as run_import
from blazz.domains.contacts.imports.service import (
    get_import,
    start_import,
    upload,
)
from blazz.domains.contacts.imports.types import Import, ImportOptions
from blazz.domains.contacts.jobs import JOBS
from blazz.domains.contacts.senders import identify_senders, touch_contacts
from blazz.domains.contacts.service import (
    create_contact,
    delete_contact,
    find_contact,
    get_contact,
    get_identities,
    list_contact_fields,
    list_contacts,
    restore_contact,
    update_contact,
)
from blazz.domains.contacts.taxonomy import (
    add_to_group,
    category_statistics,
    create_category,
    create_group,
    create_starter_categories,
    delete_category,
    list_groups,
)
from blazz.domains.contacts.types import (
    ContactFields,
    ContactFilter,
    Sender,
    Touch,
)

__all__ = [
    "JOBS",
    "CategoryNotFound",
    "ContactFields",
    "ContactFilter",
    "ContactNotFound",
    "ContactOptedOut",
    "ContactsMerged",
    "DuplicateContact",
    "GroupNotFound",
    "Import",
    "ImportOptions",
    "InvalidPhone",
    "Sender",
    "Touch",
    "add_to_group",
    "category_statistics",
    "create_category",
    "create_contact",
    "create_group",
    "create_starter_categories",
    "delete_category",
    "delete_contact",
    "error_file",
    "find_contact",
    "get_contact",
    "get_identities",
    "get_import",
    "identify_senders",
    "list_contact_fields",
    "list_contacts",
    "list_groups",
    "opt_in",
    "opt_out",
    "restore_contact",
    "run_import",
    "start_import",
    "touch_contacts",
    "update_contact",
    "upload",
]
