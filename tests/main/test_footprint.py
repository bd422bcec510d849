"""What long-running processes load: each package here costs megabytes and a noticeable part of a second at every start."""

import subprocess
import sys

import pytest

HEAVY = {
    "blazz.main.worker": {"fastapi", "starlette", "uvicorn", "aiohttp", "openpyxl", "rich", "pygments"},
    "blazz.main.web": {"aiohttp", "openpyxl", "rich", "pygments", "pgqueuer"},
    "blazz.main.installation": {"fastapi", "aiohttp", "openpyxl", "pgqueuer", "phonenumbers"},
}


@pytest.mark.parametrize("module", HEAVY)
def test_a_process_starts_without_what_it_does_not_need(module: str) -> None:
    code = f"import blazz.cli.run as run, sys; run._without_terminal(); import {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    loaded = set(done.stdout.split())
    assert module in loaded
    # The name of a refused import stands in the table as well, so only packages with something inside count.
    assert {name for name in HEAVY[module] if any(one.startswith(f"{name}.") for one in loaded)} == set()


def test_passwords_are_hashed_when_somebody_signs_in_and_not_at_import() -> None:
    from blazz.kernel.security import passwords

    code = "import blazz.kernel.security.passwords as p; print(p._dummy.cache_info().currsize)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "0"
    assert passwords._dummy() == passwords._dummy()
