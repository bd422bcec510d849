"""The project speaks of itself alone: no machine's paths, no registry hosts, no unfinished work, no skipped rules."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.measures import ROOT

_TEXT = {".py", ".sql", ".md", ".toml", ".sh", ".yml", ".yaml", ".lock", ".ts", ".vue", ".json", ".txt", ".html", ""}
# Written so that this file does not hold what it forbids.
FORBIDDEN = {
    "a path of one machine": re.compile(r"(?<![\w.$}~-])/(?:home|root|work|Users|farm)/\w"),
    "a temporary path": re.compile(r"(?<![\w.$}~-])/tm[p]/\w"),
    "a package registry": re.compile(r"\b(?:py[p]i|np[m]js|files\.pythonhosted)\.(?:org|com|io)\b"),
    "unfinished work": re.compile(r"\b(?:TO[D]O|FIX[M]E|X{3})\b|raise NotImpl[e]mentedError"),
}


def problems_in(text: str) -> list[str]:
    """Name what a text holds that it must not."""
    return [f"{name}: {found.group(0)}" for name, pattern in FORBIDDEN.items() if (found := pattern.search(text))]


def tracked_files() -> list[Path]:
    """Every text file of the repository; in an unpacked archive without history, every file of the source tree."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    names = [name for name in done.stdout.split("\0") if name]
    paths = [ROOT / name for name in names] or [*(ROOT / "src").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
    return [path for path in paths if path.suffix in _TEXT and path.is_file()]


def test_no_file_speaks_of_a_machine_or_of_unfinished_work() -> None:
    found = []
    for path in tracked_files():
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{path.relative_to(ROOT)}: {problem}" for problem in problems_in(text)]
    assert not found


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("see /ho" + "me/sari/blazz", True),
        ("open /tm" + "p/file", True),
        ("index py" + "pi.org", True),
        ("# TO" + "DO later", True),
        ("GET /v25.0/homework/1", False),
        ("tempfile.gettempdir()", False),
    ],
)
def test_the_word_rule_tells_right_from_wrong(text: str, *, refused: bool) -> None:
    assert bool(problems_in(text)) is refused


def test_every_linter_opt_out_in_the_source_gives_a_reason() -> None:
    bare = re.compile(r"#\s*(?:noqa(?::\s*[A-Z0-9, ]+)?|type:\s*ignore(?:\[[\w, -]+\])?)\s*$")
    found = []
    for path in (ROOT / "src").rglob("*.py"):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if bare.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}")
    assert not found


def test_every_rule_switched_off_in_the_settings_gives_a_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    ignored = text.partition("\nignore = [\n")[2].partition("\n]")[0].splitlines()
    assert len(ignored) > 10
    assert not [line for line in ignored if "#" not in line]


def test_every_rule_of_the_linter_is_selected() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'select = ["ALL"]' in text
    assert "strict = true" in text
