"""What a wheel holds beside the code: everything the demo needs without a checkout."""

import subprocess
import sys
import zipfile
from pathlib import Path

from tests.architecture.measures import ROOT


def test_a_wheel_holds_the_list_of_the_demo_and_every_statement(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, timeout=120)

    (wheel,) = tmp_path.glob("blazz-*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())

    assert "blazz/samples/contacts.csv" in names
    source = ROOT / "src"
    data = [path for path in source.rglob("*") if path.suffix in {".sql", ".json", ".csv", ".css"} and path.is_file()]
    assert {str(path.relative_to(source)) for path in data} <= names
