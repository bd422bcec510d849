"""The chaos command at a quick size: real processes, real kills, a database crash, a provider that loses answers."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from blazz.main.chaos import ChaosReport


@pytest.fixture
def home() -> Iterator[Path]:
    """A data folder that the database's own account can reach."""
    folder = Path(tempfile.mkdtemp(prefix="blazz-chaos-"))
    folder.chmod(0o711)
    yield folder / "home"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.slow
def test_nothing_is_lost_or_doubled_while_everything_breaks(home: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BLAZZ_")}
    size = ["--messages", "2500", "--kills", "5", "--db-restarts", "1", "--freezes", "1", "--seed", "11", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "blazz", "chaos", *size],
        env={**environment, "BLAZZ_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    report = json.loads(done.stdout.splitlines()[-1])
    assert (report["sent"], report["lost"], report["duplicated"], report["stuck"]) == (2500, 0, 0, 0)
    assert report["counters_ok"] is True


@pytest.mark.parametrize(
    "broken", [{"lost": 1}, {"duplicated": 1}, {"stuck": 2}, {"in_doubt": 1}, {"counters_ok": False}]
)
def test_a_report_with_anything_wrong_does_not_pass(broken: dict[str, int]) -> None:
    clean = {
        "sent": 10,
        "lost": 0,
        "duplicated": 0,
        "in_doubt": 0,
        "stuck": 0,
        "counters_ok": True,
        "kills": 1,
        "db_restarts": 1,
        "freezes": 1,
        "seed": 1,
        "seconds": 1.0,
    }
    assert ChaosReport(**clean).passed  # type: ignore[arg-type] # one literal for many types of fields
    assert not ChaosReport(**{**clean, **broken}).passed  # type: ignore[arg-type] # the same
