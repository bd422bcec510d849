"""Identity: people, their passwords and sessions, and links that work once.

Owns ``users``, ``sessions`` and ``one_time_tokens``. People are global: one person may belong to many workspaces, so
everything here runs in a system transaction.
"""

from blazz.domains.identity.operators import ListedUser, UserNotFound, get_user_by_email, list_users, reset_password
from blazz.domains.identity.service import (
    OpenSession,
    SetupClosed,
    SignInFailed,
    User,
    create_user,
    end_all_sessions,
    end_session,
    find_session,
    limit_attempts,
    make_one_time_token,
    needs_setup,
    open_session,
    sign_in,
    use_one_time_token,
)

__all__ = [
    "ListedUser",
    "OpenSession",
    "SetupClosed",
    "SignInFailed",
    "User",
    "UserNotFound",
    "create_user",
    "end_all_sessions",
    "end_session",
    "find_session",
    "get_user_by_email",
    "limit_attempts",
    "list_users",
    "make_one_time_token",
    "needs_setup",
    "open_session",
    "reset_password",
    "sign_in",
    "use_one_time_token",
]
