"""One row for every route of the API: what it needs, and a valid request made of the ids of a workspace.

The isolation probe, the role matrix and the scope matrix all read this table; a route without a row fails each of them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from fastapi import FastAPI

from blazz.kernel.actor import Permission as Can

API = "/api/v1/workspaces/{workspace}"
# Routes outside any workspace: they are about the person who asks.
PERSONAL = frozenset(
    {
        "accept_invite", "change_password", "create_workspace", "end_other_sessions", "end_session", "get_me", "get_setup",
        "leave_workspace", "list_sessions", "list_workspaces", "login", "logout", "look_at_invite", "reset_password",
        "set_up", "update_me", "use_sign_in_link",
    }
)  # fmt: skip
# Plain routes that the OpenAPI document leaves out; they show nothing of a workspace to whom asks.
UNDOCUMENTED = frozenset(
    {
        "/webhooks/meta/{account}",
        "/healthz",
        "/readyz",
        "/metrics",
        "/api/openapi.json",
        "/api/docs",
        "/api/docs.css",
        "/files/{token}",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ids:
    """Ids of one object of every kind in a workspace, as they stand in URLs and bodies."""

    account: str
    campaign: str
    category: str
    contact: str
    conversation: str
    draft: str
    group: str
    import_: str
    invite: str
    key: str
    media: str
    member: str
    merge: str
    message: str
    number: str
    other_category: str
    phone: str
    template: str
    upload: str

    def items(self) -> Iterator[tuple[str, str]]:
        """Pairs of kind and id."""
        return ((field.name, getattr(self, field.name)) for field in fields(self))


# The smallest picture: one grey pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010800000000"
    "3a7e9b55"
    "0000000a49444154789c63680000008200814dd043b20000000049454e44ae426082"
)

# The kinds of ids that a parameter of a path takes.
PATH_KINDS: Mapping[str, tuple[str, ...]] = {
    "account_id": ("account",),
    "campaign": ("campaign", "draft"),
    "category": ("category",),
    "contact": ("contact", "phone"),
    "conversation": ("conversation",),
    "group": ("group",),
    "import_id": ("import_", "upload"),
    "invite": ("invite",),
    "key": ("key",),
    "media": ("media",),
    "merge": ("merge",),
    "message": ("message",),
    "number_id": ("number",),
    "template_id": ("template",),
    "user": ("member",),
    # Only in a route about the person who asks: any id will do, it is nobody's session.
    "session": ("member",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a route needs, and the rest of a valid request."""

    needs: tuple[Can, ...]
    body: Callable[[Ids], object] | None = None
    query: Callable[[Ids], dict[str, str]] | None = None
    file: tuple[str, bytes, str] | None = None


def _campaign(ids: Ids) -> object:
    return {
        "name": "Promo",
        "number_id": ids.number,
        "template_id": ids.template,
        "audience": {
            "include": {"groups": [ids.group], "categories": [ids.category], "contacts": [ids.contact]},
            "exclude": {"received_campaigns": [ids.campaign], "groups": [ids.group]},
        },
        "variables": {"body.1": {"field": "name", "fallback": "Kak"}},
    }


def _template(ids: Ids) -> object:
    return {
        "account_id": ids.account,
        "name": "baru",
        "language": "id",
        "category": "UTILITY",
        "components": [{"type": "BODY", "text": "Pesanan sudah dikirim."}],
    }


def _number(_: Ids) -> object:
    return {"account_id": "300", "phone_number_id": "400", "access_token": "token"}


def _import(ids: Ids) -> object:
    return {"dry_run": True, "group_ids": [ids.group], "category_id": ids.category}


ROWS: Mapping[str, Row] = {
    "get_workspace": Row(needs=(Can.WORKSPACE_READ,)),
    "update_workspace": Row(
        needs=(Can.WORKSPACE_UPDATE, Can.WORKSPACE_READ), body=lambda _: {"timezone": "Asia/Jakarta"}
    ),
    "list_members": Row(needs=(Can.MEMBERS_READ,)),
    "change_role": Row(needs=(Can.MEMBERS_MANAGE,), body=lambda _: {"role": "viewer"}),
    "remove_member": Row(needs=(Can.MEMBERS_MANAGE,)),
    "create_invite": Row(needs=(Can.MEMBERS_MANAGE,), body=lambda _: {"email": "tamu@x.example", "role": "viewer"}),
    "list_invites": Row(needs=(Can.MEMBERS_READ,)),
    "revoke_invite": Row(needs=(Can.MEMBERS_MANAGE,)),
    "list_keys": Row(needs=(Can.KEYS_READ,)),
    "create_key": Row(needs=(Can.KEYS_MANAGE,), body=lambda _: {"name": "bot", "scopes": ["keys:manage"]}),
    "revoke_key": Row(needs=(Can.KEYS_MANAGE,)),
    "get_usage": Row(needs=(Can.USAGE_READ,)),
    "list_audit_logs": Row(needs=(Can.AUDIT_READ,)),
    "list_accounts": Row(needs=(Can.NUMBERS_READ,)),
    "update_account": Row(needs=(Can.NUMBERS_MANAGE, Can.NUMBERS_READ), body=lambda _: {"app_secret": "other"}),
    "list_numbers": Row(needs=(Can.NUMBERS_READ,)),
    "add_number": Row(needs=(Can.NUMBERS_MANAGE,), body=_number),
    "get_number": Row(needs=(Can.NUMBERS_READ,)),
    "update_number": Row(needs=(Can.NUMBERS_MANAGE,), body=lambda _: {"messages_per_second": 5}),
    "delete_number": Row(needs=(Can.NUMBERS_MANAGE,)),
    "disconnect_number": Row(needs=(Can.NUMBERS_MANAGE,)),
    "check_number": Row(needs=(Can.NUMBERS_MANAGE,)),
    "upload_contact_import": Row(
        needs=(Can.CONTACTS_IMPORT,), file=("kontak.csv", b"nama,no wa\nDewi,081290000001\n", "text/csv")
    ),
    "list_contact_imports": Row(needs=(Can.CONTACTS_IMPORT,)),
    "get_contact_import": Row(needs=(Can.CONTACTS_IMPORT,)),
    "start_contact_import": Row(needs=(Can.CONTACTS_IMPORT,), body=_import),
    "cancel_contact_import": Row(needs=(Can.CONTACTS_IMPORT,), body=lambda _: {"stored_rows": "keep"}),
    "undo_contact_import": Row(needs=(Can.CONTACTS_IMPORT, Can.CONTACTS_DELETE)),
    "list_contact_import_rows": Row(needs=(Can.CONTACTS_IMPORT,)),
    "download_contact_import_errors": Row(needs=(Can.CONTACTS_IMPORT,)),
    "list_categories": Row(needs=(Can.CONTACTS_READ,)),
    "create_category": Row(needs=(Can.CONTACTS_WRITE,), body=lambda _: {"name": "Pelanggan lama"}),
    "category_statistics": Row(needs=(Can.CONTACTS_READ,)),
    "get_category": Row(needs=(Can.CONTACTS_READ,)),
    "update_category": Row(needs=(Can.CONTACTS_WRITE, Can.CONTACTS_READ), body=lambda _: {"description": "lama"}),
    "delete_category": Row(needs=(Can.CONTACTS_WRITE,), query=lambda ids: {"move_to": ids.other_category}),
    "list_groups": Row(needs=(Can.CONTACTS_READ,)),
    "create_group": Row(needs=(Can.CONTACTS_WRITE,), body=lambda _: {"name": "Reseller"}),
    "get_group": Row(needs=(Can.CONTACTS_READ,)),
    "update_group": Row(needs=(Can.CONTACTS_WRITE, Can.CONTACTS_READ), body=lambda _: {"description": "lama"}),
    "delete_group": Row(needs=(Can.CONTACTS_WRITE,)),
    "add_group_members": Row(needs=(Can.CONTACTS_WRITE,), body=lambda ids: {"contact_ids": [ids.contact]}),
    "remove_group_members": Row(needs=(Can.CONTACTS_WRITE,), body=lambda ids: {"contact_ids": [ids.contact]}),
    "list_contacts": Row(
        needs=(Can.CONTACTS_READ,), query=lambda ids: {"category_id": ids.category, "group_id": ids.group, "q": "rah"}
    ),
    "create_contact": Row(
        needs=(Can.CONTACTS_WRITE, Can.CONTACTS_READ),
        body=lambda ids: {"name": "Dewi", "phone": "081290000002", "category_id": ids.category},
    ),
    "list_contact_fields": Row(needs=(Can.CONTACTS_READ,)),
    "get_contact": Row(needs=(Can.CONTACTS_READ,)),
    "update_contact": Row(
        needs=(Can.CONTACTS_WRITE, Can.CONTACTS_READ), body=lambda ids: {"name": "Dewi", "category_id": ids.category}
    ),
    "delete_contact": Row(needs=(Can.CONTACTS_DELETE, Can.CONTACTS_READ)),
    "restore_contact": Row(needs=(Can.CONTACTS_WRITE, Can.CONTACTS_READ)),
    "record_consent": Row(
        needs=(Can.CONTACTS_WRITE, Can.CONTACTS_READ), body=lambda _: {"state": "withdrawn", "source": "telepon"}
    ),
    "list_consents": Row(needs=(Can.CONTACTS_READ,)),
    "list_deleted_contacts": Row(needs=(Can.CONTACTS_READ,)),
    "list_contact_merges": Row(needs=(Can.CONTACTS_READ,)),
    "undo_contact_merge": Row(needs=(Can.CONTACTS_WRITE, Can.CONTACTS_READ)),
    "list_events": Row(needs=(Can.WORKSPACE_READ,)),
    "upload_media": Row(needs=(Can.MESSAGES_SEND,), file=("foto.png", PNG, "image/png")),
    "get_media": Row(needs=(Can.CONVERSATIONS_READ,)),
    "list_conversation_messages": Row(needs=(Can.CONVERSATIONS_READ,)),
    "mark_message_read": Row(needs=(Can.MESSAGES_SEND,), body=lambda _: {"typing": False}),
    "list_conversations": Row(needs=(Can.CONVERSATIONS_READ,)),
    "list_messages": Row(
        needs=(Can.CONVERSATIONS_READ,), query=lambda ids: {"contact_id": ids.contact, "number_id": ids.number}
    ),
    "get_message": Row(needs=(Can.CONVERSATIONS_READ,)),
    "send_message": Row(
        needs=(Can.MESSAGES_SEND,),
        body=lambda ids: {"contact_id": ids.contact, "number_id": ids.number, "text": "Halo"},
    ),
    "list_templates": Row(needs=(Can.TEMPLATES_READ,), query=lambda ids: {"account_id": ids.account}),
    "create_template": Row(needs=(Can.TEMPLATES_MANAGE,), body=_template),
    "sync_templates": Row(needs=(Can.TEMPLATES_MANAGE,), body=lambda ids: {"account_id": ids.account}),
    "get_template": Row(needs=(Can.TEMPLATES_READ,)),
    "delete_template": Row(needs=(Can.TEMPLATES_MANAGE, Can.TEMPLATES_READ)),
    "preview_template": Row(needs=(Can.TEMPLATES_READ,), body=lambda _: {"values": {"body.1": "Budi"}}),
    "list_campaigns": Row(needs=(Can.CAMPAIGNS_READ,)),
    "create_campaign": Row(needs=(Can.CAMPAIGNS_WRITE,), body=_campaign),
    "get_campaign": Row(needs=(Can.CAMPAIGNS_READ,)),
    "update_campaign": Row(needs=(Can.CAMPAIGNS_WRITE,), body=_campaign),
    "delete_campaign": Row(needs=(Can.CAMPAIGNS_WRITE,)),
    "preflight_campaign": Row(needs=(Can.CAMPAIGNS_READ,)),
    "schedule_campaign": Row(needs=(Can.CAMPAIGNS_SEND,), body=lambda _: {"at": None}),
    "start_campaign": Row(needs=(Can.CAMPAIGNS_SEND,)),
    "pause_campaign": Row(needs=(Can.CAMPAIGNS_SEND,)),
    "resume_campaign": Row(needs=(Can.CAMPAIGNS_SEND,)),
    "cancel_campaign": Row(needs=(Can.CAMPAIGNS_SEND,)),
    "retry_failed_recipients": Row(needs=(Can.CAMPAIGNS_SEND,), body=lambda ids: {"contacts": [ids.contact]}),
    "test_campaign": Row(needs=(Can.CAMPAIGNS_SEND,), body=lambda ids: {"numbers": [ids.phone.removeprefix("phone:")]}),
    "get_campaign_stats": Row(needs=(Can.CAMPAIGNS_READ,)),
    "list_campaign_recipients": Row(needs=(Can.CAMPAIGNS_READ,)),
    "export_campaign_recipients": Row(needs=(Can.CONTACTS_EXPORT, Can.CAMPAIGNS_READ)),
    "list_campaign_log": Row(needs=(Can.CAMPAIGNS_READ,)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One operation of the OpenAPI document."""

    name: str
    method: str
    path: str
    parameters: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request that is ready to be sent."""

    method: str
    url: str
    options: dict[str, Any]

    def kinds(self, ids: Ids) -> set[str]:
        """Tell which of the ids stand in it."""
        written = f"{self.url} {self.options}"
        return {kind for kind, value in ids.items() if value.removeprefix("phone:") in written}


def routes_of(app: FastAPI) -> list[Route]:
    """Every operation that the application documents."""
    found = []
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            names = tuple(item["name"] for item in operation.get("parameters", ()) if item["in"] == "path")
            found.append(Route(name=operation["operationId"], method=method.upper(), path=path, parameters=names))
    return found


def requests_for(route: Route, workspace: str, ids: Ids) -> list[Request]:
    """Make the request of a route; more than one where its path takes several kinds of ids."""
    row = ROWS[route.name]
    options: dict[str, Any] = {}
    if row.body is not None:
        options["json"] = row.body(ids)
    if row.query is not None:
        options["params"] = row.query(ids)
    if row.file is not None:
        options["files"] = {"file": row.file}
    urls = [route.path.replace("{workspace}", workspace)]
    for name in route.parameters:
        if name != "workspace":
            urls = [url.replace(f"{{{name}}}", getattr(ids, kind)) for url in urls for kind in PATH_KINDS[name]]
    return [Request(method=route.method, url=url, options=options) for url in urls]
