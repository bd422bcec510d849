"""The client repeats what may be repeated, a bounded number of times, and puts refusals into words."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

import pytest

from blazz.cli.api_client import ApiClient, read
from blazz.cli.endings import CommandRefused
from blazz.cli.problems import ServerRefused
from blazz.cli.views import Made
from blazz.cli.waiting import look

Reply = tuple[int, dict[str, str], bytes]
Problem = Callable[..., Reply]


@dataclass(slots=True)
class Seen:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Server:
    """Answers from a list, the last one for ever; None breaks the connection instead."""

    address: str
    replies: list[Reply | None]
    seen: list[Seen] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    @property
    def client(self) -> ApiClient:
        """A client that does not really wait."""
        return ApiClient(server=self.address, key="blz_live_secret", sleep=self.slept.append, timeout_seconds=5)


@contextmanager
def answering(*replies: Reply | None) -> Iterator[Server]:
    """Serve prepared answers."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            server.seen.append(Seen(self.command, self.path, headers, body))
            reply = server.replies.pop(0) if len(server.replies) > 1 else server.replies[0]
            if reply is None:
                self.close_connection = True
                return
            self.send_response(reply[0])
            for name, value in {"content-length": str(len(reply[2])), **reply[1]}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply[2])

        do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815 - the base class wants these names

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server = Server(f"http://127.0.0.1:{http.server_port}", list(replies))
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


def ok(value: object) -> Reply:
    """A good answer."""
    return 200, {"content-type": "application/json"}, json.dumps(value).encode()


def refused(status: int, code: str, headers: dict[str, str] | None = None, **more: object) -> Reply:
    """A problem document."""
    body = {"title": code.capitalize(), "detail": f"About {code}.", "code": code, **more}
    return status, headers or {}, json.dumps(body).encode()


AWAY = refused(503, "service_unavailable", {"Retry-After": "2"})


def test_a_server_that_is_busy_is_asked_again_with_the_same_idempotency_key() -> None:
    with answering(AWAY, AWAY, ok({"id": "x"})) as server:
        assert server.client.post("/messages", {"text": "Halo"}) == {"id": "x"}
    assert server.slept == [2.0, 2.0]
    assert len({call.headers["idempotency-key"] for call in server.seen}) == 1
    assert [json.loads(call.body) for call in server.seen] == [{"text": "Halo"}] * 3


def test_a_server_that_stays_busy_is_given_up() -> None:
    with (
        answering(refused(503, "service_unavailable", {"Retry-After": "900"})) as server,
        pytest.raises(ServerRefused) as error,
    ):
        server.client.get("/numbers")
    assert (error.value.exit_code, len(server.seen), server.slept) == (75, 4, [10.0, 10.0, 10.0])


def test_two_commands_never_share_an_idempotency_key() -> None:
    with answering(ok({})) as server:
        server.client.post("/a")
        server.client.post("/a")
    assert len({call.headers["idempotency-key"] for call in server.seen}) == 2


def test_a_first_request_that_still_runs_is_waited_for() -> None:
    running = refused(409, "idempotency_in_progress", {"Retry-After": "1"})
    with answering(running, ok({"id": "x"})) as server:
        assert server.client.post("/campaigns") == {"id": "x"}
    assert server.slept == [1.0]


def test_a_conflict_is_not_asked_again() -> None:
    with (
        answering(refused(409, "campaign_state_conflict", {"Retry-After": "1"})) as server,
        pytest.raises(ServerRefused) as error,
    ):
        server.client.post("/campaigns/x/pause")
    assert (error.value.exit_code, len(server.seen)) == (5, 1)


def test_a_broken_connection_is_repeated_only_where_that_is_safe() -> None:
    with answering(None, ok({"id": "x"})) as server:
        assert server.client.post("/campaigns") == {"id": "x"}
        assert len(server.seen) == 2
    with answering(None) as server:
        with pytest.raises(CommandRefused, match="broke before the answer") as error:
            server.client.upload("/contact-imports", "list.csv", BytesIO(b"x"), 1, lambda _: None)
        assert (error.value.exit_code, len(server.seen)) == (75, 1)


def test_nothing_that_listens_is_told_with_what_to_do() -> None:
    with answering(ok({})) as server:
        gone = server.client
    with pytest.raises(CommandRefused, match=r"No Blazz server answers at .*blazz up") as error:
        gone.get("/numbers")
    assert error.value.exit_code == 75


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(CommandRefused, match="the name is unknown"):
        ApiClient(server="http://no-such-host.invalid", key="x").get("/numbers")


def test_cursors_are_followed_to_the_end_or_the_limit() -> None:
    first = ok({"data": [{"id": "1"}, {"id": "2"}], "has_more": True, "next_cursor": "c 2"})
    last = ok({"data": [{"id": "3"}], "has_more": False, "next_cursor": None})
    with answering(first, last) as server:
        assert [item["id"] for item in server.client.pages("/contacts", {"q": "budi", "opted_out": True})] == list(
            "123"
        )
        assert server.seen[1].path == "/api/v1/contacts?q=budi&opted_out=true&limit=200&cursor=c+2"
    with answering(first, last) as server:
        assert len(list(server.client.pages("/contacts", limit=2))) == 2
        assert len(server.seen) == 1


def test_a_file_goes_in_one_form_with_its_length() -> None:
    told: list[int] = []
    with answering(ok({"id": "imp_1"})) as server:
        server.client.upload("/contact-imports", 'my "list".csv', BytesIO(b"a,b\n"), 4, told.append)
    [call] = server.seen
    assert int(call.headers["content-length"]) == len(call.body)
    assert b'filename="my _list_.csv"\r\n' in call.body
    assert b"\r\n\r\na,b\n\r\n--" in call.body
    assert told == [4]


def test_a_download_is_written_and_its_refusal_told() -> None:
    target = BytesIO()
    with answering((200, {}, b"x" * 300_000)) as server:
        server.client.download("/campaigns/x/recipients.csv", target)
    assert len(target.getvalue()) == 300_000
    with answering(refused(404, "campaign_not_found")) as server, pytest.raises(ServerRefused) as error:
        server.client.download("/campaigns/x/recipients.csv", target)
    assert error.value.exit_code == 3


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, 2), (422, 2), (401, 4), (403, 4), (404, 3), (409, 5), (429, 75), (502, 75), (500, 1), (418, 1)],
)
def test_each_status_has_its_exit_code(status: int, code: int) -> None:
    with answering(refused(status, "something")) as server, pytest.raises(ServerRefused) as error:
        server.client.get("/x")
    assert error.value.exit_code == code


def test_a_refusal_names_code_detail_fields_and_help() -> None:
    fields = [{"pointer": "/variables/body.1", "code": "variable_missing", "message": "needs a value"}]
    reply = refused(422, "template_invalid", {"Retry-After": "7"}, errors=fields)
    with answering(reply) as server, pytest.raises(ServerRefused) as error:
        server.client.get("/x")
    assert str(error.value).splitlines() == [
        "Template_invalid [template_invalid]",
        "  About template_invalid.",
        "  /variables/body.1: needs a value [variable_missing]",
    ]
    limited = refused(429, "rate_limited", {"Retry-After": "7"})
    with answering(limited) as server, pytest.raises(ServerRefused, match="Try again in 7 s"):
        server.client.get("/x")
    broken = refused(500, "internal_error", request_id="req_1")
    with answering(broken) as server, pytest.raises(ServerRefused, match="names this request req_1"):
        server.client.get("/x")


def test_what_is_no_blazz_is_recognised() -> None:
    with answering((404, {}, b"<html>")) as server, pytest.raises(CommandRefused, match="really the address"):
        server.client.get("/x")
    with answering((200, {}, b"<html>")) as server, pytest.raises(CommandRefused, match="not JSON"):
        server.client.get("/x")
    with answering(ok({"other": 1})) as server, pytest.raises(CommandRefused, match="same version"):
        read(server.client.get("/x"), Made)


def test_a_key_is_not_carried_to_where_a_server_points() -> None:
    with answering(ok({})) as other, answering((301, {"location": other.address}, b"")) as server:
        with pytest.raises(CommandRefused, match="sends us on to") as error:
            server.client.get("/x")
        assert error.value.exit_code == 2
        assert other.seen == []


def test_words_of_a_server_cannot_steer_the_terminal() -> None:
    reply = refused(409, "conflict", detail="\x1b[2Jgone\x07\u202eevil")
    with answering(reply) as server, pytest.raises(ServerRefused) as error:
        server.client.get("/x")
    assert str(error.value).splitlines()[1] == "  ·[2Jgone··evil"


def test_looking_on_survives_a_server_that_restarts() -> None:
    slept: list[float] = []
    with answering(*[AWAY] * 4, ok({"id": "x"})) as server:
        assert look(server.client, "/x", sleep=slept.append) == {"id": "x"}
    assert slept == [1.0]
    with answering(refused(404, "campaign_not_found")) as server, pytest.raises(ServerRefused):
        look(server.client, "/x", sleep=slept.append)
