"""Work the kernel's own tables need from time to time."""

from blazz.kernel.runtime import Runtime

_EXPIRED = "DELETE FROM idempotency_keys WHERE created_at < now() - interval '7 days'"


async def forget_old_keys(runtime: Runtime) -> int:
    """Remove idempotency keys older than seven days, in all workspaces; return how many."""
    async with runtime.database.system() as tx:
        return int((await tx.execute(_EXPIRED)).rpartition(" ")[2])
