"""Workspaces: the tenants, their members with roles, and their API keys.

Owns ``workspaces``, ``members``, ``api_keys`` and ``api_key_lookup``, and the one table that says what a role may do.
"""

from blazz.domains.workspaces.access import authenticate, bearer_of
from blazz.domains.workspaces.events import WorkspaceCreated
from blazz.domains.workspaces.keys import ApiKey, NewApiKey, create_key, list_keys, revoke_key
from blazz.domains.workspaces.operators import OwnedWorkspace, list_all_workspaces
from blazz.domains.workspaces.roles import ROLE_PERMISSIONS, Role
from blazz.domains.workspaces.service import (
    LastOwner,
    Member,
    Workspace,
    add_member,
    change_role,
    create_workspace,
    get_workspace,
    list_members,
    list_user_workspaces,
    list_workspace_ids,
    remove_member,
    update_workspace,
)
from blazz.domains.workspaces.setup import FirstPerson, make_setup_token, set_up

__all__ = [
    "ROLE_PERMISSIONS",
    "ApiKey",
    "FirstPerson",
    "LastOwner",
    "Member",
    "NewApiKey",
    "OwnedWorkspace",
    "Role",
    "Workspace",
    "WorkspaceCreated",
    "add_member",
    "authenticate",
    "bearer_of",
    "change_role",
    "create_key",
    "create_workspace",
    "get_workspace",
    "list_all_workspaces",
    "list_keys",
    "list_members",
    "list_user_workspaces",
    "list_workspace_ids",
    "make_setup_token",
    "remove_member",
    "revoke_key",
    "set_up",
    "update_workspace",
]
