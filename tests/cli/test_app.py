"""The command line's root: exit codes, refusals in the reader's language, and a quick start."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from blazz import __version__
from blazz.cli.app import VERBS, exit_code, run, sentence, terminal_locale
from blazz.kernel.errors import (
    AppBug,
    Conflict,
    DependencyFailed,
    FieldProblem,
    InvalidInput,
    LimitReached,
    Message,
    NotFound,
    PermissionDenied,
    Unauthenticated,
)


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.strip() == __version__


def test_an_unknown_verb_is_a_usage_error_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["frobnicate"]) == 2
    captured = capsys.readouterr()
    assert not captured.out
    assert "frobnicate" in captured.err


def test_an_unknown_option_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["config", "show", "--colour"]) == 2
    assert "--colour" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InvalidInput(), 2),
        (NotFound(), 3),
        (PermissionDenied(permission="x"), 4),
        (Unauthenticated(), 4),
        (Conflict(), 5),
        (LimitReached(), 75),
        (DependencyFailed(), 75),
        (ConnectionRefusedError(), 75),
        (AppBug(), 1),
        (ValueError(), None),
    ],
)
def test_each_kind_of_refusal_has_its_exit_code(error: Exception, code: int | None) -> None:
    assert exit_code(error) == code


def test_refusals_speak_the_terminals_language() -> None:
    assert terminal_locale({"LANG": "id_ID.UTF-8"}) == "id"
    assert terminal_locale({"LANG": "id_ID.UTF-8", "LC_ALL": "C"}) == "en"
    assert terminal_locale({}) == "en"
    assert sentence(NotFound(), "id") == "Tidak ditemukan. [not_found]"


def test_every_wrong_field_is_listed() -> None:
    problem = FieldProblem(pointer="/name", code="required", message=Message(en="is missing", id="belum diisi"))
    assert sentence(InvalidInput((problem,)), "id").splitlines()[1] == "  /name: belum diisi"


def test_settings_problems_are_all_told_and_fail(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BLAZZ_HOME", str(tmp_path))
    monkeypatch.setenv("BLAZZ_PORT", "70000")
    monkeypatch.setenv("BLAZZ_NO_SUCH_SETTING", "1")
    assert run(["config", "check"]) == 1
    said = capsys.readouterr().err
    assert "BLAZZ_PORT" in said
    assert "BLAZZ_NO_SUCH_SETTING" in said


def test_settings_are_shown_with_secrets_masked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = "correct-horse-battery-staple-0123456789"
    monkeypatch.setenv("BLAZZ_HOME", str(tmp_path))
    monkeypatch.setenv("BLAZZ_SECRET_KEY", secret)
    assert run(["config", "show", "--output", "json"]) == 0
    told = capsys.readouterr().out
    rows = {row["name"]: row for row in json.loads(told)}
    assert rows["secret_key"]["source"] == "BLAZZ_SECRET_KEY"
    assert secret not in told
    assert run(["config", "show"]) == 0
    assert secret not in capsys.readouterr().out
    assert run(["config", "check"]) == 0


def test_verbs_are_told_apart() -> None:
    names = [verb.name for verb in VERBS]
    assert len(names) == len(set(names))


def test_the_version_needs_none_of_the_heavy_libraries() -> None:
    code = "import sys; from blazz.cli.app import run; run(['--version']); print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for heavy in ("fastapi", "pydantic", "asyncpg", "uvicorn", "aiohttp"):
        assert f"'{heavy}'" not in done.stdout


def test_migrate_brings_a_fresh_data_folder_up_to_date(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, owner_url: str, tmp_path: Path
) -> None:
    monkeypatch.setenv("BLAZZ_HOME", str(tmp_path))
    monkeypatch.setenv("BLAZZ_DATABASE_URL", owner_url)
    monkeypatch.setattr("blazz.kernel.logs.configure_logs", lambda *_, **__: None)
    assert run(["migrate", "--dry-run"]) == 0
    assert "up to date" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        (KeyboardInterrupt(), 130),
        (SystemExit(7), 7),
        (SystemExit("words"), 1),
        (SystemExit(None), 0),
        (NotFound(), 3),
    ],
)
def test_every_ending_of_a_verb_becomes_an_exit_code(
    ending: BaseException, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def app(*_: object, **__: object) -> None:
        raise ending

    monkeypatch.setattr("blazz.cli.app.make_app", lambda _: app)
    assert run(["anything"]) == code


def test_an_unforeseen_error_keeps_its_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    def app(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("blazz.cli.app.make_app", lambda _: app)
    with pytest.raises(ZeroDivisionError):
        run(["anything"])
