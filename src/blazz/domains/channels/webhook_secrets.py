"""The secrets that webhooks are verified with, cached for a moment so that 5,000 requests a second cost one query.

While the database is away the last good secrets stay in use: a signature that was right a minute ago is still right,
and the deliveries go to the local disk. Without any secret nothing can be verified, and the sender must try again.
"""

import asyncio
import hmac
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from blazz.domains.channels import store
from blazz.domains.channels.credentials import open_credentials
from blazz.domains.channels.errors import CredentialsUnreadable, IntakeUnavailable
from blazz.kernel.db import Database
from blazz.kernel.security import Envelope

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSecrets:
    """What one account's webhooks are verified with; an empty one never matches anything."""

    app_secret: str = field(repr=False)
    verify_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Entry:
    secrets: AccountSecrets | None
    loaded_at: float


class WebhookSecrets:
    """One per web process; ``app_secret`` and ``verify_token`` are the instance's, for accounts without their own."""

    def __init__(
        self,
        database: Database,
        envelope: Envelope,
        *,
        app_secret: str = "",
        verify_token: str = "",
        fresh_seconds: float = 1.5,
        patience_seconds: float = 0.5,
        most_entries: int = 10_000,
    ) -> None:
        """Answers are at most ``fresh_seconds + patience_seconds`` old while the database answers."""
        self._database = database
        self._envelope = envelope
        self._fallback = AccountSecrets(app_secret=app_secret, verify_token=verify_token)
        self._fresh_seconds = fresh_seconds
        self._patience_seconds = patience_seconds
        self._most_entries = most_entries
        self._entries: OrderedDict[UUID, _Entry] = OrderedDict()
        self._loading: dict[UUID, asyncio.Task[AccountSecrets | None]] = {}

    async def get(self, account_id: UUID) -> AccountSecrets | None:
        """Return an account's secrets, or None for an unknown account.

        Raises:
            IntakeUnavailable: the database is away and the account was never seen.

        """
        entry = self._entries.get(account_id)
        if entry is not None and time.monotonic() - entry.loaded_at < self._fresh_seconds:
            return entry.secrets
        task = self._loading.get(account_id)
        if task is None:
            task = asyncio.create_task(self._load(account_id))
            self._loading[account_id] = task
            task.add_done_callback(lambda done: self._finish(account_id, done))
        await asyncio.wait({task}, timeout=self._patience_seconds)
        if task.done() and not task.cancelled() and task.exception() is None:
            return task.result()
        if entry is not None and entry.secrets is not None:
            return entry.secrets
        raise IntakeUnavailable(retry_after_seconds=2)

    async def may_speak_for(self, signer: UUID, account_id: UUID) -> bool:
        """Tell whether what one account's secret proved may be about another: only when both have the same secret.

        Accounts of one Meta app share its secret and its callback; strangers must not tell us things about each other.

        Raises:
            IntakeUnavailable: the database is away and an account was never seen.

        """
        if signer == account_id:
            return True
        mine, theirs = await self.get(signer), await self.get(account_id)
        if mine is None or theirs is None or not mine.app_secret:
            return False
        return hmac.compare_digest(mine.app_secret.encode(), theirs.app_secret.encode())

    def _finish(self, account_id: UUID, task: asyncio.Task[AccountSecrets | None]) -> None:
        self._loading.pop(account_id, None)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            _log.warning("webhook secrets could not be loaded", problem=repr(error))
            entry = self._entries.get(account_id)
            if entry is not None and entry.secrets is not None:
                # The next look-up comes after the usual time; until then nobody waits for a database that is away.
                self._entries[account_id] = _Entry(entry.secrets, time.monotonic())
            return
        if not task.cancelled():
            self._entries[account_id] = _Entry(task.result(), time.monotonic())
            self._entries.move_to_end(account_id)
            while len(self._entries) > self._most_entries:
                self._entries.popitem(last=False)

    async def _load(self, account_id: UUID) -> AccountSecrets | None:
        async with self._database.system() as tx:
            found = await store.find_webhook_account(tx, account_id)
        if found is None:
            return None
        workspace_id, sealed = found
        try:
            credentials = open_credentials(self._envelope, workspace_id, sealed)
        except CredentialsUnreadable:
            _log.error("an account's credentials cannot be opened", account=str(account_id))
            return self._fallback
        return AccountSecrets(
            app_secret=credentials.app_secret or self._fallback.app_secret,
            verify_token=credentials.verify_token or self._fallback.verify_token,
        )
