"""Identity: people, their passwords and sessions, and links that work once.

Owns ``users``, ``sessions`` and ``one_time_tokens``. People are global: one person may belong to many workspaces, so
everything here runs in a system transaction.
"""

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
    "OpenSession",
    "SetupClosed",
    "SignInFailed",
    "User",
    "create_user",
    "end_all_sessions",
    "end_session",
    "find_session",
    "limit_attempts",
    "make_one_time_token",
    "needs_setup",
    "open_session",
    "sign_in",
    "use_one_time_token",
]
