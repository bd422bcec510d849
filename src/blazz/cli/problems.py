"""Puts a refusal of the server into words for a terminal."""

from collections.abc import Mapping

import msgspec

from blazz.cli.endings import CONFLICT, DENIED, FAILED, NOT_FOUND, TRY_AGAIN, USAGE, CommandRefused
from blazz.cli.output import clean

_CODES = {
    400: USAGE,
    413: USAGE,
    422: USAGE,
    401: DENIED,
    403: DENIED,
    404: NOT_FOUND,
    409: CONFLICT,
    429: TRY_AGAIN,
    502: TRY_AGAIN,
    503: TRY_AGAIN,
    504: TRY_AGAIN,
}


class FieldError(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with one field."""

    pointer: str = ""
    code: str = ""
    message: str = ""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """A problem document of the server."""

    title: str = ""
    detail: str = ""
    code: str = ""
    request_id: str = ""
    errors: list[FieldError] = []
    data: dict[str, object] = {}


class ServerRefused(CommandRefused):
    """The server answered with a problem; ``problem`` is what it said."""

    def __init__(self, text: str, exit_code: int, status: int, problem: Problem) -> None:
        """Keep the document beside the words."""
        super().__init__(text, exit_code)
        self.status = status
        self.problem = problem


def refusal_of(status: int, headers: Mapping[str, str], body: bytes) -> CommandRefused:
    """Shape the refusal that an answer means: title and code, what happened, each wrong field, and what helps."""
    if 300 <= status < 400:
        target = clean(headers.get("location", "another address"))
        return CommandRefused(f"The server sends us on to {target}. Give that address with --server.", USAGE)
    ending = _CODES.get(status, FAILED)
    try:
        problem = msgspec.json.decode(body, type=Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        problem = Problem()
    if not problem.code:
        text = f"The answer is HTTP {status} without an explanation; is this really the address of a Blazz server?"
        return CommandRefused(text, ending)
    lines = [f"{clean(problem.title or problem.code)} [{clean(problem.code)}]"]
    if problem.detail:
        lines.append(f"  {clean(problem.detail)}")
    lines += [
        f"  {clean(item.pointer)}: {clean(item.message)}" + (f" [{clean(item.code)}]" if item.code else "")
        for item in problem.errors
    ]
    lines += [f"  {hint}" for hint in _hints(status, headers, problem)]
    return ServerRefused("\n".join(lines), ending, status, problem)


def _hints(status: int, headers: Mapping[str, str], problem: Problem) -> list[str]:
    hints = []
    if status == 401 and problem.code == "unauthenticated":
        hints.append("The key is unknown, expired or revoked. `blazz login` stores another one.")
    permission = problem.data.get("permission")
    if status == 403 and isinstance(permission, str):
        hints.append(f"The key lacks the scope {clean(permission)}; `blazz keys create` makes one that has it.")
    if "retry-after" in headers and status in {429, 502, 503}:
        hints.append(f"Try again in {clean(headers['retry-after'])} s.")
    if status >= 500 and problem.request_id:
        hints.append(f"The server's log names this request {clean(problem.request_id)}.")
    return hints
