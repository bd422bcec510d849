"""What is printed can be read on a narrow terminal, taken apart by programs, and steers nobody's terminal."""

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from blazz.cli.app import VERBS, make_app, run
from blazz.cli.campaigns_view import Pace, _duration, _picture, watch_campaign
from blazz.cli.endings import INTERRUPTED, CommandRefused
from blazz.cli.output import clean, confirm, when
from blazz.cli.private_input import find_secret
from blazz.cli.tables import print_details, print_table
from blazz.cli.views import CampaignView, StatsView
from tests.cli.test_api_client import answering, ok

ROWS = [
    ("con_01m7xt3sh1fhv93f8md4sffbm7", "Bapak Haji Muhammad Syarifuddin Wicaksono", 1234, True),
    ("con_01m7xt3sh1fhv93f8md4sfe6dh", "Ani", None, False),
]
CAMPAIGN = CampaignView(
    id="cmp_1",
    name="Gajian",
    number_id="num_1",
    template_id="tpl_1",
    status="running",
    stats=StatsView(total=10, accepted=4, failed=1, skipped=1),
    scheduled_at=None,
    started_at=None,
    completed_at=None,
    paused_reason="too many failures",
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
)


class Terminal(io.StringIO):
    """A stream somebody sits at."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def on_terminal(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    """Let the consoles of commands believe in a terminal of a width."""
    monkeypatch.setattr(
        "blazz.cli.tables.console",
        lambda: Console(file=sys.stdout, force_terminal=True, color_system=None, width=width),
    )


def test_tables_for_programs_are_whole_and_without_padding(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["id", "name", "count", "on"], [*ROWS, ("x", "y" * 400, 0, None)], right=["count"])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5
    assert lines[0].split() == ["id", "name", "count", "on"]
    assert lines[2].split()[-2:] == ["1,234", "yes"]
    assert "y" * 400 in lines[4]
    assert not [line for line in lines if line != line.rstrip()]


def test_a_narrow_terminal_shortens_texts_and_never_ids(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    on_terminal(monkeypatch, 70)
    print_table(["id", "name", "count", "on"], ROWS, right=["count"])
    out = capsys.readouterr().out
    assert ROWS[0][0] in out
    assert "…" in out
    assert max(len(line) for line in out.splitlines()) <= 70


def test_a_terminal_too_narrow_for_a_table_gets_paragraphs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    on_terminal(monkeypatch, 40)
    print_table(["id", "name", "count", "on"], ROWS, right=["count"])
    out = capsys.readouterr().out
    assert out.count("con_01m7") == 2
    assert "…" not in out


def test_details_leave_out_what_is_empty(capsys: pytest.CaptureFixture[str]) -> None:
    print_details([("name", "Ani"), ("city", ""), ("email", None), ("people", 0)])
    assert capsys.readouterr().out == "name    Ani\npeople  0\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "·[31mred"),
        ("two\nlines\tand", "two lines and"),
        ("\u202eabc", "·abc"),
        ("[bold]Ani[/]", "[bold]Ani[/]"),
        ("é 名 👩‍👧", "é 名 👩‍👧"),
    ],
)
def test_foreign_text_is_made_harmless(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_an_instant_that_is_not_there_is_empty() -> None:
    assert when(None) == ""


@pytest.mark.parametrize(("typed", "goes_on"), [("y\n", True), ("YES\n", True), ("n\n", False), ("\n", False)])
def test_a_question_is_asked_where_somebody_can_answer(
    monkeypatch: pytest.MonkeyPatch, typed: str, *, goes_on: bool
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(typed))
    monkeypatch.setattr("sys.stderr", Terminal())
    if goes_on:
        confirm("Really?", yes=False)
    else:
        with pytest.raises(CommandRefused, match="Nothing was done"):
            confirm("Really?", yes=False)


def test_a_secret_is_typed_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("getpass.getpass", lambda question: f" typed for {question}")
    assert find_secret("API key") == "typed for API key:"


def test_a_secret_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(CommandRefused, match="not text"):
        find_secret("API key", file=file)


def test_the_pace_is_that_of_the_last_seconds() -> None:
    pace = Pace()
    assert pace.messages_per_second == 0
    for second in range(30):
        pace.note(second * 80, float(second))
    pace.note(29 * 80, 30.0)
    assert 70 < pace.messages_per_second < 80


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (89, "89 s"), (600, "10 min"), (7200, "2.0 h"), (259_200, "3.0 days")]
)
def test_durations_are_said_in_words(seconds: float, words: str) -> None:
    assert _duration(seconds) == words


def test_the_live_view_shows_progress_rate_and_what_is_left() -> None:
    pace = Pace()
    pace.note(0, 0.0)
    pace.note(4, 2.0)
    screen = Console(file=io.StringIO(), width=80)
    with screen.capture() as captured:
        screen.print(_picture(CAMPAIGN, pace))
    shown = captured.get()
    assert "running: too many failures" in shown
    assert "2 messages/s" in shown
    assert "4, about 2 s" in shown


def test_who_stops_watching_does_not_stop_sending(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("blazz.cli.campaigns_view.time.sleep", interrupt)
    running = {name: getattr(CAMPAIGN, name) for name in CAMPAIGN.__struct_fields__ if name != "stats"}
    answer = ok({**running, "created_at": "2026-01-01T00:00:00Z", "stats": {}})
    with answering(answer) as server:
        assert watch_campaign(server.client, "cmp_1", as_json=False) == INTERRUPTED
    assert "the campaign goes on" in capsys.readouterr().err
    assert [call.method for call in server.seen] == ["GET"]


OURS = (
    "users",
    "workspaces",
    "keys",
    "login",
    "logout",
    "whoami",
    "numbers",
    "contacts",
    "templates",
    "campaigns",
    "send",
)


def commands() -> list[list[str]]:
    """Every command below the verbs for daily work, as people type it."""
    found: list[list[str]] = []

    def walk(path: list[str]) -> None:
        app = make_app(path[0])[path[0]]
        for part in path[1:]:
            app = app[part]
        names = [name for name in app if not name.startswith("-")]
        for name in names:
            walk([*path, name])
        if app.default_command is not None:
            found.append(path)

    for verb in OURS:
        walk([verb])
    return found


def test_every_command_can_print_json_and_explains_each_option(capsys: pytest.CaptureFixture[str]) -> None:
    known = commands()
    assert len(known) > 55
    for path in known:
        assert run([*path, "--help"]) == 0
        out = capsys.readouterr().out
        assert "--json" in out, path
        assert "--server" in out or path[0] in {"users", "workspaces", "keys"} or path[-1] == "simulator", path
        options = [line for line in out.splitlines() if line.startswith(("│ *  --", "│    --", "│ --"))]
        bare = [line for line in options if len(line.strip("│ *").split("  ", 1)) == 1]
        assert not bare, (path, bare)


def test_the_verbs_for_daily_work_are_listed_in_the_order_they_are_needed() -> None:
    names = [verb.name for verb in VERBS]
    assert [name for name in names if name in OURS] == list(OURS)
