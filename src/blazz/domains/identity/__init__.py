"""Identity: people, their passwords and sessions, and links that work once.

Owns ``users``, ``sessions`` and ``one_time_tokens``. People are global: one person may belong to many workspaces, so
everything here runs in a system transaction.
"""

from blazz.domains.identity.access import (
    CrossSiteRequest,
    SignedIn,
    require_same_site,
    require_session,
    session_cookie,
    set_session_cookie,
)
from blazz.domains.identity.operators import ListedUser, UserNotFound, get_user_by_email, list_users, reset_password
from blazz.domains.identity.schemas import LinkToken, SessionOut
from blazz.domains.identity.service import (
    OpenSession,
    SetupClosed,
    SignInFailed,
    User,
    create_user,
    end_all_sessions,
    end_session,
    find_session,
    forget_tokens,
    get_user,
    limit_attempts,
    make_one_time_token,
    needs_setup,
    open_session,
    read_one_time_token,
    sign_in,
    use_one_time_token,
)

__all__ = [
    "CrossSiteRequest",
    "LinkToken",
    "ListedUser",
    "OpenSession",
    "SessionOut",
    "SetupClosed",
    "SignInFailed",
    "SignedIn",
    "User",
    "UserNotFound",
    "create_user",
    "end_all_sessions",
    "end_session",
    "find_session",
    "forget_tokens",
    "get_user",
    "get_user_by_email",
    "limit_attempts",
    "list_users",
    "make_one_time_token",
    "needs_setup",
    "open_session",
    "read_one_time_token",
    "require_same_site",
    "require_session",
    "reset_password",
    "session_cookie",
    "set_session_cookie",
    "sign_in",
    "use_one_time_token",
]
