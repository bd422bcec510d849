"""The root of the command line: which module holds which verb, and what its ending says to a script.

Exit codes: 0 ok, 1 failed, 2 usage, 3 not found, 4 denied, 5 conflict, 75 try again later.
Data goes to stdout, talk to stderr.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from cyclopts import App, CycloptsError

from blazz import __version__
from blazz.cli.endings import CONFLICT, DENIED, FAILED, INTERRUPTED, NOT_FOUND, OK, TRY_AGAIN, USAGE, CommandRefused
from blazz.kernel.errors import (
    AppBug,
    AppError,
    Conflict,
    DependencyFailed,
    InvalidInput,
    LimitReached,
    Locale,
    NotFound,
    PermissionDenied,
    Unauthenticated,
)

# First match wins; what stands in no row has failed.
_CODES: tuple[tuple[type[BaseException], int], ...] = (
    (AppBug, FAILED),
    (InvalidInput, USAGE),
    (NotFound, NOT_FOUND),
    (Unauthenticated, DENIED),
    (PermissionDenied, DENIED),
    (Conflict, CONFLICT),
    (LimitReached, TRY_AGAIN),
    (DependencyFailed, TRY_AGAIN),
    (ConnectionError, TRY_AGAIN),
)


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb or group of verbs; its module is imported only when it is asked for."""

    name: str
    help: str
    elsewhere: str = ""

    @property
    def module(self) -> str:
        """The module that holds an ``app`` for this verb."""
        return self.elsewhere or f"blazz.cli.{self.name}"


VERBS: tuple[Verb, ...] = (
    Verb("demo", "Show everything on this machine: a messy list, a campaign, a live view."),
    Verb("up", "Start the whole installation and keep it running."),
    Verb("run", "Run one process alone: web, worker or simulator."),
    Verb("migrate", "Bring the database schema to this version."),
    Verb("config", "Show or check the settings."),
    Verb("users", "List and create users, and give them new passwords."),
    Verb("workspaces", "List and create workspaces."),
    Verb("keys", "List, create and revoke API keys."),
    Verb("login", "Keep a key for a server, so that the verbs below need none."),
    Verb("logout", "Forget a key, and revoke it when `blazz login` made it."),
    Verb("whoami", "Show the server, the workspace and the key in use."),
    Verb("numbers", "Connect WhatsApp numbers and look at their health."),
    Verb("contacts", "Import, search and edit contacts, groups and categories."),
    Verb("templates", "List, synchronise, preview and create message templates."),
    Verb("campaigns", "Create, check, start, watch, pause and cancel campaigns."),
    Verb("send", "Send one message and wait for what becomes of it."),
    Verb("simulator", "Run the WhatsApp simulator on its own.", "blazz.adapters.providers.simulator.cli"),
    Verb("chaos", "Prove that nothing is lost or doubled while processes are killed."),
    Verb("recount", "Compare every counter with a count from scratch."),
    Verb("bench", "Measure this machine, each figure beside a baseline."),
    Verb("test", "Run the test suite of a source checkout."),
)


def make_app(asked: str = "") -> App:
    """Build the root command with every verb that this installation carries; ``asked`` explains itself in full."""
    app = App(
        name="blazz",
        help="Self-hosted WhatsApp Business messaging: campaigns that never send twice.",
        help_epilogue="Documentation: README.md and docs/ of the source checkout.",
        version=__version__,
        version_flags=["--version", "-V"],
        help_format="plaintext",
    )
    for verb in VERBS:
        # Looking for a module elsewhere would import what stands around it.
        if verb.elsewhere or find_spec(verb.module) is not None:
            # The one line of the table spares importing every verb for the overview.
            line = {} if verb.name == asked else {"help": verb.help}
            app.command(f"{verb.module}:app", name=verb.name, **line)
    return app


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; refusals become one sentence on stderr."""
    try:
        result = make_app(arguments[0] if arguments else "")(
            arguments, exit_on_error=False, print_error=True, result_action="return_value"
        )
    except CycloptsError:
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else FAILED if ending.code else OK
    except BrokenPipeError:
        # The reader of our output has gone, as in `blazz … | head`; keep the interpreter from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except Exception as error:
        code = exit_code(error)
        if code is None:
            raise
        sys.stderr.write(f"blazz: {sentence(error, terminal_locale(os.environ))}\n")
        return code
    return result if isinstance(result, int) and not isinstance(result, bool) else OK


def exit_code(error: BaseException) -> int | None:
    """Return the exit code of a refusal, or None for an error nobody foresaw."""
    if isinstance(error, CommandRefused):
        return error.exit_code
    for kind, code in _CODES:
        if isinstance(error, kind):
            return code
    # Configuration and migration errors bring whole sentences; telling them by name keeps their imports late.
    return FAILED if type(error).__name__ in {"ConfigurationError", "MigrationError"} else None


def sentence(error: BaseException, locale: Locale) -> str:
    """Say in one sentence, and one line per field, what was refused."""
    if not isinstance(error, AppError):
        return str(error)
    lines = [f"{error.text(locale)} [{error.code}]"]
    if isinstance(error, InvalidInput):
        data = error.data
        lines += [f"  {problem.pointer}: {problem.message.render(locale, data)}" for problem in error.problems]
    return "\n".join(lines)


def terminal_locale(environ: Mapping[str, str]) -> Locale:
    """Return the language of the terminal, Indonesian or else English."""
    named = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
    return "id" if named.lower().startswith("id") else "en"
