"""Seals and opens the credentials of accounts, bound to their workspace and column."""

import msgspec

from blazz.domains.channels.errors import CredentialsUnreadable
from blazz.domains.channels.types import Credentials
from blazz.kernel.security import Envelope, TamperedSecretError

_COLUMN = "channel_accounts.credentials"


def seal_credentials(envelope: Envelope, workspace_id: int, credentials: Credentials) -> bytes:
    """Encrypt credentials for the column of one workspace."""
    return envelope.seal(msgspec.json.encode(credentials), workspace_id=workspace_id, column=_COLUMN)


def open_credentials(envelope: Envelope, workspace_id: int, sealed: bytes) -> Credentials:
    """Decrypt credentials.

    Raises:
        CredentialsUnreadable: sealed with another key, or changed, or moved from another workspace.

    """
    try:
        plain = envelope.open(sealed, workspace_id=workspace_id, column=_COLUMN)
        return msgspec.json.decode(plain, type=Credentials)
    except (TamperedSecretError, msgspec.DecodeError) as error:
        raise CredentialsUnreadable from error
