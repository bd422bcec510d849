"""Contacts: the people a workspace writes to, how they are recognised, sorted, found, imported and opted out.

Words: an *identity* is one way to recognise a person (number, WhatsApp id, BSUID); a contact may have several and no
phone. A contact in the *bin* is deleted softly and comes back when its number is made, imported or heard from again.
"""

from blazz.domains.contacts.consent import list_consents, opt_in, opt_out
from blazz.domains.contacts.errors import (
    CategoryNotFound,
    ContactNotFound,
    DuplicateContact,
    GroupNotFound,
    ImportNotFound,
    InvalidPhone,
)
from blazz.domains.contacts.events import (
    ContactOptedIn,
    ContactOptedOut,
    ContactsMerged,
    ImportFinished,
    ImportProgressed,
)
from blazz.domains.contacts.imports.report import error_file
from blazz.domains.contacts.imports.run import run as run_import
from blazz.domains.contacts.imports.service import (
    cancel_import,
    get_import,
    list_import_rows,
    list_imports,
    start_import,
    undo_import,
    upload,
)
from blazz.domains.contacts.imports.types import Import, ImportOptions
from blazz.domains.contacts.jobs import JOBS
from blazz.domains.contacts.merging import merge_contacts
from blazz.domains.contacts.routes import router
from blazz.domains.contacts.senders import identify_sender, identify_senders, touch_contacts
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
    delete_group,
    get_category,
    get_group,
    list_categories,
    list_groups,
    remove_from_group,
)
from blazz.domains.contacts.types import (
    Category,
    Contact,
    ContactField,
    ContactFields,
    ContactFilter,
    Group,
    Sender,
    Touch,
)

__all__ = [
    "JOBS",
    "Category",
    "CategoryNotFound",
    "Contact",
    "ContactField",
    "ContactFields",
    "ContactFilter",
    "ContactNotFound",
    "ContactOptedIn",
    "ContactOptedOut",
    "ContactsMerged",
    "DuplicateContact",
    "Group",
    "GroupNotFound",
    "Import",
    "ImportFinished",
    "ImportNotFound",
    "ImportOptions",
    "ImportProgressed",
    "InvalidPhone",
    "Sender",
    "Touch",
    "add_to_group",
    "cancel_import",
    "category_statistics",
    "create_category",
    "create_contact",
    "create_group",
    "create_starter_categories",
    "delete_category",
    "delete_contact",
    "delete_group",
    "error_file",
    "find_contact",
    "get_category",
    "get_contact",
    "get_group",
    "get_identities",
    "get_import",
    "identify_sender",
    "identify_senders",
    "list_categories",
    "list_consents",
    "list_contact_fields",
    "list_contacts",
    "list_groups",
    "list_import_rows",
    "list_imports",
    "merge_contacts",
    "opt_in",
    "opt_out",
    "remove_from_group",
    "restore_contact",
    "router",
    "run_import",
    "start_import",
    "touch_contacts",
    "undo_import",
    "update_contact",
    "upload",
]
