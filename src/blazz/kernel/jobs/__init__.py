"""Background jobs: small typed payloads queued in the transaction that wants them."""

from blazz.kernel.jobs.deferral import preload, write_jobs
from blazz.kernel.jobs.job import Job

__all__ = ["Job", "preload", "write_jobs"]
