"""``blazz test`` is plain about what it leaves out, and refuses to leave anything out in CI."""

from pathlib import Path

import pytest

from blazz.cli.app import run
from blazz.cli.test import Tool, missing_tools, pytest_command
from blazz.cli.test import test_environment as environment_for_tests

ABSENT = Tool(marker="needs_pgbouncer", programs=("no-such-program-anywhere",), package="absent")


def test_only_tools_that_tests_ask_for_are_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blazz.cli.test.TOOLS", (ABSENT,))
    assert missing_tools(tmp_path) == []
    (tmp_path / "test_x.py").write_text(f"@pytest.mark.{ABSENT.marker}\n", encoding="utf-8")
    assert missing_tools(tmp_path) == [ABSENT]


def test_missing_tools_leave_out_their_tests_and_nothing_else() -> None:
    assert "not needs_pgbouncer" in pytest_command((), [ABSENT])
    assert "-m" not in pytest_command((), [])[3:]


def test_the_coverage_floor_holds_for_the_whole_suite_only() -> None:
    assert "--cov-fail-under=0" not in pytest_command((), [])
    assert pytest_command(("-k", "import"), [])[-3:] == ["--cov-fail-under=0", "-k", "import"]


def test_ci_refuses_to_leave_anything_out(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blazz.cli.test.missing_tools", lambda _: [ABSENT])
    monkeypatch.setenv("BLAZZ_REQUIRE_ALL", "1")
    assert run(["test"]) == 1
    assert "lacks absent" in capsys.readouterr().err


def test_a_developers_own_settings_do_not_reach_the_tests() -> None:
    clean = environment_for_tests({"BLAZZ_HOME": "x", "BLAZZ_REQUIRE_ALL": "1", "PATH": "p"})
    assert "BLAZZ_HOME" not in clean
    assert clean["BLAZZ_REQUIRE_ALL"] == "1"


def test_missing_tools_are_told_after_the_run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blazz.cli.test.missing_tools", lambda _: [ABSENT])
    monkeypatch.delenv("BLAZZ_REQUIRE_ALL", raising=False)
    monkeypatch.setattr("blazz.cli.test.pytest_command", lambda *_: ["true"])
    assert run(["test"]) == 0
    assert "Left out: tests marked needs_pgbouncer" in capsys.readouterr().out
