"""The one table of what each role may do."""

from collections.abc import Mapping
from enum import StrEnum

from blazz.kernel.actor import Permission


class Role(StrEnum):
    """What a member is in a workspace."""

    OWNER = "owner"
    ADMIN = "admin"
    SUPERVISOR = "supervisor"
    AGENT = "agent"
    MARKETER = "marketer"
    DEVELOPER = "developer"
    VIEWER = "viewer"


_READ = frozenset(
    {
        Permission.WORKSPACE_READ,
        Permission.CONTACTS_READ,
        Permission.NUMBERS_READ,
        Permission.TEMPLATES_READ,
        Permission.CONVERSATIONS_READ,
        Permission.CAMPAIGNS_READ,
    }
)
_AGENT = _READ | {Permission.CONTACTS_WRITE, Permission.MESSAGES_SEND, Permission.MEMBERS_READ}
_SUPERVISOR = _AGENT | {Permission.CONTACTS_DELETE, Permission.CONTACTS_EXPORT, Permission.USAGE_READ}
_MARKETER = _READ | {
    Permission.CONTACTS_WRITE, Permission.CONTACTS_IMPORT, Permission.CONTACTS_EXPORT, Permission.TEMPLATES_MANAGE, Permission.MESSAGES_SEND, Permission.CAMPAIGNS_WRITE,
    Permission.CAMPAIGNS_SEND, Permission.USAGE_READ,
}  # fmt: skip
_DEVELOPER = _READ | {
    Permission.KEYS_READ,
    Permission.KEYS_MANAGE,
    Permission.MESSAGES_SEND,
    Permission.NUMBERS_MANAGE,
    Permission.USAGE_READ,
}

ROLE_PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.ADMIN: frozenset(Permission),
    Role.SUPERVISOR: _SUPERVISOR,
    Role.AGENT: _AGENT,
    Role.MARKETER: _MARKETER,
    Role.DEVELOPER: _DEVELOPER,
    Role.VIEWER: _READ,
}
