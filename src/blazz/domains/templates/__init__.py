"""Templates: approved texts of the workspace's accounts, their state at the provider, and how variables are filled.

Owns the table ``templates``. Status, quality and category are the provider's words; only APPROVED ones are sent.
Events: ``template.changed``, ``template.removed``, ``templates.synced``. Job: ``templates.sync`` (``SyncTemplates``,
bound with ``make_sync_handler``). The web process mounts ``routes.router``.
"""

from .errors import TemplateExists, TemplateInvalid, TemplateNotApproved, TemplateNotFound, TemplateRefused
from .jobs import SyncTemplates, make_sync_handler
from .mapping import CONTACT_FIELDS, resolve_values, validate_mapping
from .remote import create_template, delete_template, sync_templates
from .service import (
    TemplateNews,
    apply_template_status,
    get_template,
    get_template_by_name,
    list_templates,
    needs_reading,
    preview_template,
    require_sendable,
    store_listing,
)
from .types import ResolvedValues, SyncReport, Template, TemplateFilter, VariableSource

__all__ = [
    "CONTACT_FIELDS",
    "ResolvedValues",
    "SyncReport",
    "SyncTemplates",
    "Template",
    "TemplateExists",
    "TemplateFilter",
    "TemplateInvalid",
    "TemplateNews",
    "TemplateNotApproved",
    "TemplateNotFound",
    "TemplateRefused",
    "VariableSource",
    "apply_template_status",
    "create_template",
    "delete_template",
    "get_template",
    "get_template_by_name",
    "list_templates",
    "make_sync_handler",
    "needs_reading",
    "preview_template",
    "require_sendable",
    "resolve_values",
    "store_listing",
    "sync_templates",
    "validate_mapping",
]
