"""The one table of what each role may do."""

from collections.abc import Mapping
from enum import StrEnum

from blazz.kernel.actor import Permission as P


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
    {P.WORKSPACE_READ, P.CONTACTS_READ, P.NUMBERS_READ, P.TEMPLATES_READ, P.CONVERSATIONS_READ, P.CAMPAIGNS_READ}
)
_AGENT = _READ | {P.CONTACTS_WRITE, P.MESSAGES_SEND, P.MEMBERS_READ}
_SUPERVISOR = _AGENT | {P.CONTACTS_DELETE, P.CONTACTS_EXPORT, P.USAGE_READ}
_MARKETER = _READ | {
    P.CONTACTS_WRITE, P.CONTACTS_IMPORT, P.CONTACTS_EXPORT, P.TEMPLATES_MANAGE, P.MESSAGES_SEND, P.CAMPAIGNS_WRITE,
    P.CAMPAIGNS_SEND, P.USAGE_READ,
}  # fmt: skip
_DEVELOPER = _READ | {P.KEYS_READ, P.KEYS_MANAGE, P.MESSAGES_SEND, P.NUMBERS_MANAGE, P.USAGE_READ}

ROLE_PERMISSIONS: Mapping[Role, frozenset[P]] = {
    Role.OWNER: frozenset(P),
    Role.ADMIN: frozenset(P),
    Role.SUPERVISOR: _SUPERVISOR,
    Role.AGENT: _AGENT,
    Role.MARKETER: _MARKETER,
    Role.DEVELOPER: _DEVELOPER,
    Role.VIEWER: _READ,
}
