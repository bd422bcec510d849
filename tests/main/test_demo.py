"""The demo as a newcomer runs it: real processes, a list, a campaign, and figures that reconcile."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "contacts.csv"


@pytest.fixture
def home() -> Iterator[Path]:
    """A data folder that the database's own account can reach."""
    folder = Path(tempfile.mkdtemp(prefix="blazz-demo-"))
    folder.chmod(0o711)
    yield folder / "home"
    shutil.rmtree(folder, ignore_errors=True)


def run_demo(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command and wait for it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BLAZZ_")}
    return subprocess.run(
        [sys.executable, "-m", "blazz", "demo", *arguments],
        env={**environment, "BLAZZ_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )


def test_the_demo_accounts_for_every_row_and_sends_exactly_once(home: Path) -> None:
    done = run_demo(home, "--once", "--json")
    assert done.returncode == 0, done.stderr[-2000:]
    report = json.loads(done.stdout.splitlines()[-1])
    assert (report["rows"], report["imported"], report["duplicates"], report["rejected"]) == (5000, 4500, 200, 300)
    assert (report["recipients"], report["accepted_by_provider"]) == (4500, 4500)
    assert (report["lost"], report["duplicated"]) == (0, 0)
    assert report["delivered"] + report["failed"] <= 4500
    assert report["read"] > report["replied"] > 0
    assert "300 rows refused" in done.stderr.replace("\n", "")


def test_a_list_without_numbers_ends_the_demo_with_a_reason(home: Path, tmp_path: Path) -> None:
    empty = tmp_path / "kosong.csv"
    empty.write_text("")
    done = run_demo(home, "--once", "--json", "--file", str(empty))
    assert done.returncode != 0
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
