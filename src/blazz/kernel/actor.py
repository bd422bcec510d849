"""Who is acting, and what they may do; the first thing every command looks at."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal
from uuid import UUID

from blazz.kernel.errors import PermissionDenied


class Permission(StrEnum):
    """Every permission of the product, as ``<resource>:<action>``."""

    WORKSPACE_READ = "workspace:read"
    WORKSPACE_UPDATE = "workspace:update"
    MEMBERS_READ = "members:read"
    MEMBERS_MANAGE = "members:manage"
    KEYS_READ = "keys:read"
    KEYS_MANAGE = "keys:manage"
    CONTACTS_READ = "contacts:read"
    CONTACTS_WRITE = "contacts:write"
    CONTACTS_IMPORT = "contacts:import"
    CONTACTS_EXPORT = "contacts:export"
    CONTACTS_DELETE = "contacts:delete"
    NUMBERS_READ = "numbers:read"
    NUMBERS_MANAGE = "numbers:manage"
    TEMPLATES_READ = "templates:read"
    TEMPLATES_MANAGE = "templates:manage"
    CONVERSATIONS_READ = "conversations:read"
    MESSAGES_SEND = "messages:send"
    CAMPAIGNS_READ = "campaigns:read"
    CAMPAIGNS_WRITE = "campaigns:write"
    CAMPAIGNS_SEND = "campaigns:send"
    USAGE_READ = "usage:read"
    AUDIT_READ = "audit:read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person, an API key or a part of the system, inside one workspace.

    ``reason`` names why a system actor acts ("campaign feeder"); it is empty for people and keys.
    """

    kind: Literal["user", "key", "system"]
    workspace_id: int
    permissions: frozenset[Permission]
    user_id: UUID | None = None
    key_id: UUID | None = None
    role: str = ""
    reason: str = ""
    is_test_key: bool = False
    locale: Literal["en", "id"] = field(default="id")

    def require(self, permission: Permission) -> None:
        """Refuse unless the actor holds the permission.

        Raises:
            PermissionDenied: the permission is missing.

        """
        if permission not in self.permissions:
            raise PermissionDenied(permission=permission.value)

    @staticmethod
    def system(workspace_id: int, reason: str, *permissions: Permission) -> "Actor":
        """Make a system actor with the smallest set of permissions and a named reason."""
        return Actor(kind="system", workspace_id=workspace_id, permissions=frozenset(permissions), reason=reason)
