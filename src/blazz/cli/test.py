"""``blazz test``: the test suite of a source checkout, plain about what this machine cannot test."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

app = App(name="test", help_flags=["--help"], version_flags=[])
# Debian keeps servers where an ordinary user's PATH does not look.
_SEARCH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])

_MOST_PROCESSES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A program some tests need; ``package`` is its Debian name."""

    marker: str
    programs: tuple[str, ...]
    package: str

    def found(self) -> bool:
        """Tell whether this machine has the program."""
        return any(shutil.which(program, path=_SEARCH) for program in self.programs)


TOOLS = (
    Tool(marker="needs_pgbouncer", programs=("pgbouncer",), package="pgbouncer"),
    Tool(marker="needs_nginx", programs=("nginx",), package="nginx-light"),
    Tool(marker="needs_chromium", programs=("chromium", "chromium-browser", "google-chrome"), package="chromium"),
)


@app.default
def test(*arguments: Annotated[str, Parameter(allow_leading_hyphen=True)]) -> int:
    """Run the tests; arguments go to pytest as they are.

    Parameters
    ----------
    arguments
        Paths and options of pytest, such as tests/domains or -k import.

    """
    root = Path(__file__).resolve().parents[3]
    if not (root / "tests").is_dir():
        sys.stderr.write("blazz: the tests ship with the source checkout; this is an installed package.\n")
        return 1
    missing = missing_tools(root / "tests")
    if missing and os.environ.get("BLAZZ_REQUIRE_ALL") == "1":
        names = ", ".join(tool.package for tool in missing)
        sys.stderr.write(f"blazz: BLAZZ_REQUIRE_ALL=1, but this machine lacks {names}.\n")
        return 1
    done = subprocess.run(pytest_command(arguments, missing), cwd=root, env=test_environment(os.environ), check=False)
    for tool in missing:
        print(
            f"Left out: tests marked {tool.marker}, because this machine has no {tool.programs[0]} "
            f"(Debian: apt install {tool.package})."
        )
    return done.returncode if done.returncode >= 0 else 1


def missing_tools(tests: Path) -> list[Tool]:
    """Return the tools that tests ask for and this machine lacks."""
    texts = [path.read_text(encoding="utf-8") for path in tests.rglob("*.py")]
    return [tool for tool in TOOLS if not tool.found() and any(f"mark.{tool.marker}" in text for text in texts)]


def pytest_command(arguments: tuple[str, ...], missing: list[Tool]) -> list[str]:
    """Build the pytest call: coverage always; its floor, and a process per core, only for the whole suite."""
    command = [sys.executable, "-m", "pytest", "--cov", "--cov-report=term-missing:skip-covered"]
    if not arguments:
        # Each process has a database server of its own; a file stays in one, because its tests share fixtures.
        command += ["-n", str(min(os.cpu_count() or 1, _MOST_PROCESSES)), "--dist", "loadfile"]
    if missing:
        command += ["-m", " and ".join(f"not {tool.marker}" for tool in missing)]
    if arguments:
        command += ["--cov-fail-under=0"]
    return [*command, *arguments]


def test_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for the tests: no settings of the developer's own installation."""
    kept = {"BLAZZ_PYTHON", "BLAZZ_REQUIRE_ALL", "BLAZZ_TEST_DATABASE_URL", "BLAZZ_TEST_POOLER"}
    clean = {name: value for name, value in environ.items() if not name.startswith("BLAZZ_") or name in kept}
    return {**clean, "PATH": _SEARCH, "PYTHONHASHSEED": environ.get("PYTHONHASHSEED", "0")}
