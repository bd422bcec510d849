"""The bootstrap script prepares once, then stays out of the way."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TELL = "import os, sys\nprint(os.getcwd(), *sys.argv[1:])\n"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout whose locks name nothing, so that preparing it needs no network."""
    root = tmp_path_factory.mktemp("check out")
    shutil.copy2(ROOT / "blazz", root / "blazz")
    (root / "src" / "blazz").mkdir(parents=True)
    (root / "src" / "blazz" / "__init__.py").touch()
    (root / "src" / "blazz" / "__main__.py").write_text(TELL, encoding="utf-8")
    for name in ("requirements.lock", "requirements-dev.lock"):
        (root / name).write_text("# nothing\n", encoding="utf-8")
    first = call(root / "blazz", "first")
    assert first.returncode == 0, first.stderr
    assert "preparing" in first.stderr
    return root


def tools(folder: Path, **programs: str) -> str:
    """Make a PATH with the system's tools and our own small programs in front."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in programs.items():
        program = folder / name.replace("_", ".")
        program.write_text(text, encoding="utf-8")
        program.chmod(0o755)
    return os.pathsep.join([str(folder), "/usr/bin", "/bin"])


def call(script: Path, *arguments: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("BLAZZ_", "COVERAGE_", "COV_"))}
    path = os.pathsep.join([str(Path(sys.executable).parent), "/usr/bin", "/bin"])
    return subprocess.run(
        [str(script), *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**clean, "PATH": path, **env},
    )


def test_a_prepared_checkout_runs_at_once_and_says_nothing(checkout: Path) -> None:
    again = call(checkout / "blazz", "send", "--to", "a b")
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout.endswith("send --to a b\n")


def test_it_works_from_any_folder_and_through_links(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to(checkout / "blazz")
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "two").symlink_to(Path("..") / "one")
    linked = call(tmp_path / "inner" / "two", "here", cwd=tmp_path)
    assert linked.stdout == f"{tmp_path} here\n"
    assert linked.stderr == ""


def test_a_changed_lock_prepares_again_and_only_once(checkout: Path) -> None:
    lock = checkout / "requirements.lock"
    lock.write_text(lock.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(lambda number: call(checkout / "blazz", str(number)), range(4)))
    assert all(run.returncode == 0 for run in runs)
    assert sum("preparing" in run.stderr for run in runs) == 1


def test_the_test_verb_brings_the_development_tools(checkout: Path) -> None:
    assert not (checkout / ".venv" / ".blazz-installed-dev").exists()
    assert call(checkout / "blazz", "test").returncode == 0
    assert (checkout / ".venv" / ".blazz-installed-dev").exists()
    assert call(checkout / "blazz", "test").stderr == ""


def test_a_package_without_its_hash_is_refused_and_nothing_runs(checkout: Path) -> None:
    lock = checkout / "requirements.lock"
    kept = lock.read_text(encoding="utf-8")
    lock.write_text("msgspec==0.22.0\n", encoding="utf-8")
    try:
        refused = call(checkout / "blazz", "up")
    finally:
        lock.write_text(kept, encoding="utf-8")
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert "could not be installed" in refused.stderr
    assert call(checkout / "blazz", "up").returncode == 0


def test_an_old_python_is_named_with_the_way_out(checkout: Path, tmp_path: Path) -> None:
    old = '#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2 && exit 0\nexit 1\n'
    names = dict.fromkeys(("python3_13", "python3_12", "python3_11", "python3", "python"), old)
    fresh = tmp_path / "fresh"
    shutil.copytree(checkout, fresh, ignore=shutil.ignore_patterns(".venv"))
    refused = call(fresh / "blazz", "up", PATH=tools(tmp_path / "bin", **names))
    assert refused.returncode == 1
    assert "needs Python 3.11 or newer" in refused.stderr
    assert "Python 3.9.2" in refused.stderr
    assert "BLAZZ_PYTHON=" in refused.stderr
    assert not (fresh / ".venv").exists()


def test_a_named_python_that_is_too_old_is_refused(checkout: Path, tmp_path: Path) -> None:
    tools(tmp_path / "bin", old="#!/bin/sh\necho Python 3.8\nexit 1\n")
    refused = call(checkout / "blazz", "up", BLAZZ_PYTHON=str(tmp_path / "bin" / "old"))
    assert refused.returncode == 1
    assert "is not a Python >= 3.11" in refused.stderr


def test_a_shim_that_leads_nowhere_is_passed_over(checkout: Path, tmp_path: Path) -> None:
    shim = "#!/bin/sh\necho 'command not found' >&2\nexit 127\n"
    real = f'#!/bin/sh\nexec "{sys.executable}" "$@"\n'
    fresh = tmp_path / "fresh"
    shutil.copytree(checkout, fresh, ignore=shutil.ignore_patterns(".venv"))
    run = call(fresh / "blazz", "hello", PATH=tools(tmp_path / "bin", python3_13=shim, python3=real))
    assert run.returncode == 0, run.stderr
    assert run.stdout.endswith(" hello\n")
