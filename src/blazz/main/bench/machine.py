"""What a figure was measured on; a figure without its machine says nothing."""

import os
import platform
from dataclasses import dataclass
from pathlib import Path

from blazz.adapters.postgres import machine_memory_mb


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Processor, cores this process may use, memory in MB, and the versions that matter."""

    processor: str
    cores: int
    memory_mb: int
    system: str
    python: str


def describe_machine() -> Machine:
    """Describe this machine."""
    return Machine(
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        memory_mb=machine_memory_mb(),
        system=" ".join(os.uname()[index] for index in (0, 2)),
        python=platform.python_version(),
    )


def resident_mb(pid: int | None = None) -> float:
    """Return the memory a process holds right now, in MB; 0 where the system does not tell."""
    return _status_field("VmRSS", pid)


def peak_resident_mb(pid: int | None = None) -> float:
    """Return the most memory a process has held so far, in MB; 0 where the system does not tell."""
    return _status_field("VmHWM", pid)


def cpu_seconds(pid: int) -> float:
    """Return the processor time of a process and its ended children so far; 0 where the system does not tell."""
    fields = _stat_fields(pid)
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def family_cpu_seconds(pid: int) -> float:
    """Return the processor time of a process and all its children, such as a database server and its backends."""
    total = cpu_seconds(pid)
    for entry in Path("/proc").glob("[0-9]*"):
        fields = _stat_fields(int(entry.name))
        if fields and int(fields[1]) == pid:
            total += cpu_seconds(int(entry.name))
    return total


def _stat_fields(pid: int) -> list[str]:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return []
    # The command's name stands in brackets and may hold spaces; what follows it is regular.
    return text.rpartition(")")[2].split()


def _status_field(name: str, pid: int | None) -> float:
    try:
        text = Path(f"/proc/{pid or 'self'}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0.0
    for line in text.splitlines():
        if line.startswith(f"{name}:"):
            return round(int(line.split()[1]) / 1024, 1)
    return 0.0


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor() or platform.machine()
    for line in text.splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
