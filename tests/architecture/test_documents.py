"""Documents that people rely on exist, agree with each other and with the code."""

import re

import pytest

from blazz.cli.app import VERBS
from tests.architecture.measures import ROOT

DECISIONS = ROOT / "docs" / "decisions"


def test_every_decision_record_is_indexed_and_every_index_row_has_a_record() -> None:
    index = (DECISIONS / "index.md").read_text(encoding="utf-8")
    linked = re.findall(r"\((\d{4}-[a-z0-9-]+\.md)\)", index)
    records = sorted(path.name for path in DECISIONS.glob("[0-9]*.md"))
    assert sorted(linked) == records
    assert len(linked) == len(set(linked))
    assert [int(name[:4]) for name in records] == list(range(1, len(records) + 1))


def test_every_decision_record_has_its_parts_on_one_page() -> None:
    problems = []
    for path in sorted(DECISIONS.glob("[0-9]*.md")):
        text = path.read_text(encoding="utf-8")
        headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
        if headings != ["Context", "Decision", "Consequences"]:
            problems.append(f"{path.name}: {headings}")
        if not text.startswith(f"# {int(path.name[:4])}. ") or len(text.splitlines()) > 60:
            problems.append(f"{path.name}: title or length")
        if not re.search(r"^Status: (accepted|superseded by \d+), \d{4}-\d{2}-\d{2}$", text, re.MULTILINE):
            problems.append(f"{path.name}: status line")
    assert not problems


@pytest.mark.parametrize(
    "name", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "LICENSE"]
)
def test_the_documents_a_newcomer_looks_for_are_there(name: str) -> None:
    assert len((ROOT / name).read_text(encoding="utf-8")) > 500


def test_links_between_documents_lead_somewhere() -> None:
    broken = []
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
        local = [target for target in targets if "://" not in target and not target.startswith("mailto:")]
        broken += [f"{path.relative_to(ROOT)}: {target}" for target in local if not (path.parent / target).exists()]
    assert not broken


def test_every_verb_of_the_command_line_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert not [verb.name for verb in VERBS if f"blazz {verb.name}" not in readme]


def test_the_lock_files_carry_hashes_and_no_hosts() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        pins = re.findall(r"^[A-Za-z0-9_.-]+(?:\[[^\]]+\])?==\S+.*?(?=^[A-Za-z0-9]|\Z)", text, re.MULTILINE | re.DOTALL)
        assert len(pins) > 30
        assert all("--hash=sha256:" in pin for pin in pins)
        assert "://" not in text
        assert "index-url" not in text


def test_every_direct_dependency_is_locked() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = text.partition("\ndependencies = [\n")[2].partition("\n]")[0]
    names = [re.split(r"[=<>\[]", line.strip().strip('",'))[0].lower() for line in block.splitlines()]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8").lower()
    assert not [name for name in names if f"\n{name}==" not in f"\n{lock}"]
