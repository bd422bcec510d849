"""Lines of children read well at a terminal and stay JSON elsewhere."""

import asyncio
import io
import json

from blazz.main.process_output import ProcessOutput, lines_of

ENTRY = json.dumps({"event": "batch sent", "level": "info", "timestamp": "2026-11-20T10:11:12.123Z", "count": 7})


def _written(line: str, *, readable: bool) -> str:
    stream = io.StringIO()
    ProcessOutput(stream, ("web", "worker"), readable=readable).line("worker", line.encode())
    return stream.getvalue()


def test_json_passes_through_unchanged_when_nobody_watches() -> None:
    assert _written(ENTRY, readable=False) == ENTRY + "\n"


def test_plain_text_becomes_json_when_nobody_watches() -> None:
    entry = json.loads(_written("Traceback: oh", readable=False))
    assert (entry["event"], entry["process"]) == ("Traceback: oh", "worker")


def test_a_person_sees_time_process_and_fields() -> None:
    line = _written(ENTRY, readable=True)
    assert "10:11:12" in line
    assert "worker" in line
    assert "batch sent" in line
    assert "count=" in line
    assert '{"' not in line


def test_a_person_sees_text_that_only_looks_like_json() -> None:
    assert "{broken" in _written("{broken", readable=True)
    assert '{"no": "event"}' in _written('{"no": "event"}', readable=True)


def test_errors_stand_out_with_their_trace() -> None:
    line = _written(json.dumps({"event": "failed", "level": "error", "exception": "Trace\nlines"}), readable=True)
    assert "error: failed" in line
    assert "Trace\nlines" in line


def test_empty_lines_are_left_out() -> None:
    assert not _written("\n", readable=True)


def test_a_closed_stream_is_no_reason_to_stop() -> None:
    stream = io.StringIO()
    output = ProcessOutput(stream)
    stream.close()
    output.say("still here")


async def test_an_overlong_line_comes_in_pieces() -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(b"first\n" + b"x" * 200_000 + b"\nlast")
    reader.feed_eof()
    lines = [line async for line in lines_of(reader)]
    assert lines[0] == b"first"
    assert lines[-1] == b"last"
    assert sum(map(len, lines[1:-1])) == 200_000
    assert max(map(len, lines)) <= 64 * 1024 + 16 * 1024
