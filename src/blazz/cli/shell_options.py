"""The option that every command on this machine's own database shares."""

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """The options of commands that need no server.

    Parameters
    ----------
    as_json
        Print JSON on stdout.

    """

    as_json: Annotated[bool, Parameter(name="--json")] = False


DEFAULT_SHELL = Shell()
