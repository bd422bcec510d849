"""Server settings that fit the machine: small enough to sit beside the application, safe for its commits."""

import os
from pathlib import Path

_CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
_MEGABYTE = 1024 * 1024


def machine_memory_mb() -> int:
    """Return the memory this process may use in MB: the machine's, or the container's when that is less."""
    limit = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for path in _CGROUP_LIMITS:
        try:
            limit = min(limit, int(path.read_text(encoding="ascii")))
        except (OSError, ValueError):
            continue  # No such control group, or its limit reads "max".
    return max(limit // _MEGABYTE, 1)


def tuned_settings(memory_mb: int, cpus: int) -> dict[str, str]:
    """Return ``postgresql.conf`` settings for a machine with ``memory_mb`` MB and ``cpus`` processors.

    The server shares the machine with Blazz itself, so it takes 1/32 of the memory as its own cache (128 MB on 4 GB,
    never more than 2 GB) and trusts the operating system's cache for the rest.

    Raises:
        ValueError: when the memory or the processor count is not positive.

    """
    if memory_mb < 1 or cpus < 1:
        raise ValueError(f"a machine has memory and processors, got {memory_mb} MB and {cpus}")
    shared_buffers = _clamp(memory_mb // 32, 32, 2048)
    max_wal = _clamp(memory_mb // 2, 512, 4096)
    return {
        "max_connections": "100",
        "superuser_reserved_connections": "3",
        "shared_buffers": f"{shared_buffers}MB",
        "effective_cache_size": f"{_clamp(memory_mb // 2, 128, 1024 * 1024)}MB",
        "work_mem": f"{_clamp(memory_mb // 512, 4, 64)}MB",
        "maintenance_work_mem": f"{_clamp(memory_mb // 64, 32, 512)}MB",
        "autovacuum_work_mem": f"{_clamp(memory_mb // 128, 16, 256)}MB",
        # A commit that was answered survives a power cut: the send path's promise rests on it.
        "synchronous_commit": "on",
        "fsync": "on",
        "full_page_writes": "on",
        # The bundled server has neither lz4 nor zstd; its own compressor still halves full-page images.
        "wal_compression": "pglz",
        "wal_buffers": "16MB",
        "min_wal_size": "128MB",
        "max_wal_size": f"{max_wal}MB",
        "checkpoint_timeout": "15min",
        "checkpoint_completion_target": "0.9",
        # Solid-state disks answer random reads nearly as fast as sequential ones.
        "random_page_cost": "1.1",
        # One machine rarely has idle processors for parallel plans, and each helper costs memory.
        "max_worker_processes": str(max(cpus, 4)),
        "max_parallel_workers": str(max(cpus // 2, 1)),
        "max_parallel_workers_per_gather": str(_clamp(cpus // 4, 0, 4)),
        "io_workers": str(_clamp(cpus, 1, 8)),
        # Queue tables churn: vacuum them early and without long pauses.
        "autovacuum_naptime": "20s",
        "autovacuum_vacuum_scale_factor": "0.05",
        "autovacuum_analyze_scale_factor": "0.05",
        "autovacuum_vacuum_cost_limit": "1000",
        "idle_in_transaction_session_timeout": "60s",
        "client_connection_check_interval": "10s",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_min_duration_statement": "1s",
        # Statements may carry message text: parameters never reach the log.
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
        "log_checkpoints": "off",
        "log_line_prefix": "%m [%p] %a ",
    }


def _clamp(value: int, low: int, high: int) -> int:
    return max(low, min(value, high))
