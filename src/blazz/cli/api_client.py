"""Talks to a running Blazz over its HTTP API: keys, pages, safe repeats, and refusals in words."""

import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import BinaryIO, TypeAlias, TypeVar
from urllib.parse import quote, urlencode, urlsplit
from uuid import uuid4

import msgspec

from blazz import __version__
from blazz.cli.endings import FAILED, TRY_AGAIN, CommandRefused
from blazz.cli.problems import refusal_of

T = TypeVar("T")
Query: TypeAlias = Mapping[str, str | int | bool | None]
Body: TypeAlias = bytes | Iterator[bytes] | None

_TRIES = 4
_LONGEST_WAIT_SECONDS = 10.0
_BLOCK = 262_144
_PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A complete answer; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> object:
        """Read the body.

        Raises:
            CommandRefused: it is not JSON, so whatever answered is no Blazz.

        """
        if not self.body:
            return None
        try:
            return json.loads(self.body)
        except ValueError:
            raise CommandRefused("The answer is not JSON; is this really the address of a Blazz server?") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request; ``headers`` come on top of the usual ones."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Callable[[], Body] = lambda: None

    @property
    def may_repeat(self) -> bool:
        """Tell whether sending it twice does the same as once."""
        return self.method in {"GET", "PUT"} or "Idempotency-Key" in self.headers


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiClient:
    """A server and the key for it; a key is never shown and goes to this server only."""

    server: str
    key: str = field(default="", repr=False)
    cookie: str = field(default="", repr=False)
    csrf_token: str = field(default="", repr=False)
    timeout_seconds: float = 30.0
    sleep: Callable[[float], None] = time.sleep

    def get(self, path: str, query: Query | None = None) -> object:
        """Read something."""
        return self._send(Call(method="GET", path=_with_query(path, query))).json()

    def post(self, path: str, body: object = None) -> object:
        """Create or do something, once however often it must be sent."""
        return self._send_json("POST", path, body, {"Idempotency-Key": str(uuid4())})

    def patch(self, path: str, body: object) -> object:
        """Change something."""
        return self._send_json("PATCH", path, body, {"Idempotency-Key": str(uuid4())})

    def delete(self, path: str, query: Query | None = None) -> object:
        """Remove something."""
        return self._send(Call(method="DELETE", path=_with_query(path, query))).json()

    def pages(self, path: str, query: Query | None = None, *, limit: int | None = None) -> Iterator[dict[str, object]]:
        """Read the items of a list through all its pages; ``limit`` stops after so many."""
        cursor: str | None = None
        left = limit
        while left is None or left > 0:
            size = _PAGE if left is None else min(_PAGE, left)
            page = read(self.get(path, {**(query or {}), "limit": size, "cursor": cursor}), Page)
            yield from page.data
            left = None if left is None else left - len(page.data)
            cursor = page.next_cursor
            if not page.has_more or cursor is None:
                return

    def upload(self, path: str, name: str, file: BinaryIO, size: int, told: Callable[[int], None]) -> object:
        """Send a file; ``told`` hears how many bytes went."""
        mark = uuid4().hex
        safe = name.replace("\\", "_").replace('"', "_").replace("\r", "_").replace("\n", "_")
        head = (
            f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{safe}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()
        tail = f"\r\n--{mark}--\r\n".encode()

        def pieces() -> Iterator[bytes]:
            file.seek(0)
            yield head
            while block := file.read(_BLOCK):
                yield block
                told(len(block))
            yield tail

        headers = {
            "Content-Type": f"multipart/form-data; boundary={mark}",
            "Content-Length": str(len(head) + size + len(tail)),
        }
        return self._send(Call(method="POST", path=path, headers=headers, body=pieces)).json()

    def download(self, path: str, target: BinaryIO, query: Query | None = None) -> None:
        """Write an answer to a file, piece by piece."""
        call = Call(method="GET", path=_with_query(path, query))
        with self._connected() as connection:
            response = self._ask(connection, call)
            if response.status >= 400:
                raise refusal_of(response.status, _headers(response), response.read())
            while block := response.read(_BLOCK):
                target.write(block)

    def send(self, call: Call) -> Answer:
        """Send a request and answer whatever comes, refusals as an exception.

        Raises:
            CommandRefused: nothing answers, or the server refuses.

        """
        return self._send(call)

    def _send_json(self, method: str, path: str, body: object, headers: dict[str, str]) -> object:
        content = b"" if body is None else json.dumps(body).encode()
        if body is not None:
            headers["Content-Type"] = "application/json"
        return self._send(Call(method=method, path=path, headers=headers, body=lambda: content)).json()

    def _send(self, call: Call, attempt: int = 1) -> Answer:
        try:
            answer = self._once(call)
        except ServerAway as away:
            if away.is_refused or not call.may_repeat or attempt >= _TRIES:
                raise
            self.sleep(0.5 * attempt)
            return self._send(call, attempt + 1)
        wait = _wait_of(answer)
        if wait is not None and attempt < _TRIES:
            self.sleep(wait)
            return self._send(call, attempt + 1)
        if answer.status >= 300:
            raise refusal_of(answer.status, answer.headers, answer.body)
        return answer

    def _once(self, call: Call) -> Answer:
        with self._connected() as connection:
            response = self._ask(connection, call)
            try:
                body = response.read()
            except (OSError, HTTPException) as error:
                raise ServerAway(self.server, "the connection broke during the answer") from error
            return Answer(status=response.status, headers=_headers(response), body=body)

    def _ask(self, connection: HTTPConnection, call: Call) -> HTTPResponse:
        headers = {"Accept": "application/json", "Accept-Language": "en", "User-Agent": f"blazz/{__version__}"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        if self.cookie:
            headers |= {"Cookie": self.cookie, "X-CSRF-Token": self.csrf_token}
        prefix = urlsplit(self.server).path.rstrip("/")
        try:
            connection.connect()
        except ssl.SSLCertVerificationError as error:
            raise CommandRefused(f"The certificate of {self.server} is not valid: {error.verify_message}.") from error
        except OSError as error:
            raise ServerAway(self.server, _why(error), is_refused=True) from error
        try:
            connection.request(call.method, f"{prefix}/api/v1{call.path}", call.body(), {**headers, **call.headers})
            return connection.getresponse()
        except TimeoutError as error:
            raise ServerAway(self.server, f"no answer within {self.timeout_seconds:.0f} s") from error
        except (OSError, HTTPException) as error:
            raise ServerAway(self.server, "the connection broke before the answer") from error

    def _connected(self) -> "_Closing":
        parts = urlsplit(self.server)
        host, kind = parts.hostname or "", HTTPSConnection if parts.scheme == "https" else HTTPConnection
        return _Closing(kind(host, parts.port, timeout=self.timeout_seconds))


class ServerAway(CommandRefused):
    """Nothing answers at the address; ``is_refused`` means that nothing was sent."""

    def __init__(self, server: str, why: str, *, is_refused: bool = False) -> None:
        """Say what to do about it."""
        hint = "Start it with `blazz up`, or name another address with --server." if is_refused else "Try again."
        super().__init__(f"No Blazz server answers at {server}: {why}. {hint}", TRY_AGAIN)
        self.is_refused = is_refused


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a list."""

    data: list[dict[str, object]]
    has_more: bool = False
    next_cursor: str | None = None


class _Closing:
    def __init__(self, connection: HTTPConnection) -> None:
        self._connection = connection

    def __enter__(self) -> HTTPConnection:
        return self._connection

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def read(value: object, kind: type[T]) -> T:
    """Read an answer as a type; fields it does not name are left aside.

    Raises:
        CommandRefused: the answer has another shape, so the server is of another version.

    """
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise CommandRefused(
            f"The server's answer is not understood ({error}). Use the same version of Blazz on both sides.", FAILED
        ) from error


def segment(text: str) -> str:
    """Write a text so that it is one part of a path."""
    return quote(text, safe="")


def _with_query(path: str, query: Query | None) -> str:
    given = {name: value for name, value in (query or {}).items() if value is not None}
    words = {name: str(value).lower() if isinstance(value, bool) else value for name, value in given.items()}
    return f"{path}?{urlencode(words)}" if words else path


def _headers(response: HTTPResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in response.getheaders()}


def _wait_of(answer: Answer) -> float | None:
    """Return how long to wait before sending again; None for an answer that stands."""
    asked = answer.headers.get("retry-after", "")
    running = answer.status == 409 and b'"idempotency_in_progress"' in answer.body
    if not (answer.status == 503 or running) or not asked.isdecimal():
        return None
    return min(float(asked), _LONGEST_WAIT_SECONDS)


def _why(error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return "the name is unknown"
    if isinstance(error, TimeoutError):
        return "no connection in time"
    return (error.strerror or type(error).__name__).lower()
