"""The commands that the README shows exist, with the options it shows."""

import re
import shlex
from pathlib import Path

import pytest

from blazz.cli.app import VERBS, make_app

README = Path(__file__).resolve().parents[2] / "README.md"
# Verbs of later versions are named in the part on what is missing.
_CARRIED = {verb.name for verb in VERBS} & set(make_app())
_OPTION = re.compile(r"--[a-z][a-z-]*")


def shown_commands() -> list[list[str]]:
    """Every command line in the README's blocks and code spans."""
    text = README.read_text(encoding="utf-8")
    blocks = "\n".join(re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)).replace("\\\n", " ")
    lines = [line.split("  #")[0].split(" | ")[0] for line in blocks.splitlines()]
    lines += re.findall(r"`(blazz [^`…|]+)`", text)
    words = [shlex.split(line.removeprefix("./").split(" < ")[0]) for line in lines if re.match(r"(\./)?blazz ", line)]
    return [line[1:] for line in words if len(line) > 1 and line[1] in _CARRIED]


@pytest.mark.parametrize("words", shown_commands(), ids=" ".join)
def test_every_command_of_the_readme_exists(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    root = make_app(words[0])
    assert words[0] in set(root)
    app = root[words[0]]
    for word in words[1:]:
        if word.startswith("-") or word not in set(app):
            break
        app = app[word]
    app(["--help"], exit_on_error=False, result_action="return_value")
    out = capsys.readouterr().out
    assert not [option for option in _OPTION.findall(" ".join(words)) if option not in out]
