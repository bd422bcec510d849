"""The spool keeps whole records through torn writes, and never deletes what it cannot read."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from blazz.domains.channels.spool import DAMAGED_SUFFIX, Spool, SpoolNotWritableError, pack_delivery, unpack_segment
from blazz.domains.channels.types import WebhookDelivery
from blazz.kernel.ids import new_uuid7

AT = datetime(2026, 3, 1, 10, 0, 0, 123456, UTC)


def delivery(body: bytes = b"{}") -> WebhookDelivery:
    return WebhookDelivery(id=new_uuid7(), provider="meta_cloud", body=body, received_at=AT)


def segments(directory: Path) -> list[Path]:
    return sorted(directory.glob("*.spool"))


def test_a_record_comes_back_as_it_was() -> None:
    written = [delivery(b"one"), delivery(b""), delivery(b"\x00\xff" * 1000)]
    found, damaged = unpack_segment(b"".join(map(pack_delivery, written)))
    assert found == written
    assert damaged == b""


@pytest.mark.parametrize("cut", [1, 5, 9, 20, 40])
def test_a_torn_last_record_leaves_the_others_whole(cut: int) -> None:
    first, last = delivery(b"first"), delivery(b"last, and torn")
    data = pack_delivery(first) + pack_delivery(last)
    found, damaged = unpack_segment(data[:-cut])
    assert found == [first]
    assert damaged == pack_delivery(last)[:-cut]


def test_a_record_with_a_changed_byte_is_set_aside_and_the_next_is_read() -> None:
    first, second, third = (delivery(body) for body in (b"first", b"second", b"third"))
    packed = bytearray(pack_delivery(second))
    packed[-1] ^= 1
    found, damaged = unpack_segment(pack_delivery(first) + packed + pack_delivery(third))
    assert found == [first, third]
    assert damaged == bytes(packed)


def test_damaged_bytes_are_kept_beside_the_segment(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append([delivery(b"whole")])
    spool.seal()
    (path,) = segments(tmp_path)
    path.write_bytes(path.read_bytes() + b"torn")
    segment = spool.next_sealed()
    assert segment is not None
    assert [item.body for item in segment.read()] == [b"whole"]
    segment.delete()
    assert segments(tmp_path) == []
    assert path.with_suffix(DAMAGED_SUFFIX).read_bytes() == b"torn"


def test_a_segment_in_writing_is_not_drained_by_another_process(tmp_path: Path) -> None:
    writer, other = Spool(tmp_path), Spool(tmp_path)
    writer.append([delivery()])
    assert other.next_sealed() is None
    assert not other.is_empty()
    writer.seal()
    segment = other.next_sealed()
    assert segment is not None
    assert writer.next_sealed() is None, "a segment is drained by one process at a time"
    segment.delete()
    assert other.is_empty()


def test_segments_rotate_and_are_drained_oldest_first(tmp_path: Path) -> None:
    spool = Spool(tmp_path, segment_bytes=100)
    for body in (b"a" * 100, b"b" * 100):
        spool.append([delivery(body)])
    assert len(segments(tmp_path)) == 2
    assert spool.count() == 2
    first = spool.next_sealed()
    assert first is not None
    assert first.read()[0].body[:1] == b"a"
    first.release()


def test_a_failed_write_leaves_the_earlier_records_readable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = Spool(tmp_path)
    spool.append([delivery(b"kept")])

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", fail)
        with pytest.raises(OSError, match="No space"):
            spool.append([delivery(b"lost")])
    spool.append([delivery(b"later")])
    spool.seal()
    bodies = [item.body for path in segments(tmp_path) for item in unpack_segment(path.read_bytes())[0]]
    assert bodies == [b"kept", b"later"]


def test_a_directory_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("x")
    with pytest.raises(SpoolNotWritableError, match="cannot wait in"):
        Spool(in_the_way / "spool")
    Spool(tmp_path / "fine")
