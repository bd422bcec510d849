"""Physical lines of a text file with their byte lengths, in bounded memory, whatever the file holds."""

import codecs
from collections import deque
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final, NamedTuple

from blazz.kernel.tabular.types import MAX_ROW_BYTES, MAX_ROW_LINES

_BLOCK_BYTES: Final = 1 << 18
_KEPT_OF_OVERSIZED: Final = 4096
UTF16: Final = frozenset({"utf-16-le", "utf-16-be"})


# What a line holds that the reader must deal with; plain bits, because every line of every file passes here.
UNDECODABLE: Final = 1
APOSTROPHE: Final = 2
OVERSIZED: Final = 4

_CONTINUATIONS: Final = bytes(range(0x80, 0xC0))
_FOUR_BYTE_LEADS: Final = bytes(range(0xF0, 0xF8))


class Line(NamedTuple):
    """One physical line with its ending, and how many bytes of the file it stands for."""

    text: str
    size: int
    marks: int


class RecordCutShort(Exception):
    """The record being read is larger than a row may be."""


class LineSource:
    """Feeds a CSV parser line by line, and remembers the lines of the current record so that they can be read again."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        """Read on from the file's position."""
        self._lines = _decoded(file, encoding)
        self._replay: deque[Line] = deque()
        self.record: list[Line] = []
        self.size = 0
        self.marks = 0
        self.unclosed = False

    def __iter__(self) -> Iterator[str]:
        """Return the source itself; it is its own iterator."""
        return self

    def __next__(self) -> str:
        """Give the parser the next line of the record it is in."""
        line = self._replay.popleft() if self._replay else next(self._lines, None)
        if line is None:
            self.unclosed = bool(self.record)
            raise StopIteration
        text, size, marks = line
        self.size += size
        self.marks |= marks
        self.record.append(line)
        if marks & OVERSIZED or self.size > MAX_ROW_BYTES or len(self.record) > MAX_ROW_LINES:
            raise RecordCutShort
        return text

    def begin_record(self) -> None:
        """Forget the lines of the record before."""
        self.record = []
        self.size = self.marks = 0
        self.unclosed = False

    def give_up_first_line(self) -> Line:
        """Take the record's first line out and read the others again, so that one broken line costs one line."""
        first, *others = self.record
        self._replay.extendleft(reversed(others))
        return first


def _decoded(file: BinaryIO, encoding: str) -> Iterator[Line]:
    wide = encoding in UTF16
    codec = "utf-8" if wide else encoding
    measure = _wide_size if wide else len
    for raw, skipped in _split(_transcoded(file, encoding) if wide else _blocks(file), measure):
        try:
            text, marks = raw.decode(codec), 0
        except UnicodeDecodeError:
            text, marks = raw.decode(codec, "replace"), UNDECODABLE
        if "'" in text:
            marks |= APOSTROPHE
        if "\0" in text:
            # PostgreSQL cannot hold NUL and nobody can see it, so it goes.
            text = text.replace("\0", "")
        yield Line(text, measure(raw) + skipped, marks | OVERSIZED if skipped else marks)


def _wide_size(utf8: bytes) -> int:
    """Count the bytes of UTF-16 that became these bytes of UTF-8; right for any cut, even inside a character."""
    first_bytes = utf8.translate(None, _CONTINUATIONS)
    return 2 * (len(first_bytes) + len(first_bytes) - len(first_bytes.translate(None, _FOUR_BYTE_LEADS)))


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(_BLOCK_BYTES):
        yield block


def _transcoded(file: BinaryIO, encoding: str) -> Iterator[bytes]:
    """Turn UTF-16 into UTF-8; a file cut in the middle of a character loses those last bytes, which are no text."""
    decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
    for block in _blocks(file):
        yield decoder.decode(block).encode("utf-8", "surrogatepass")


def _split(blocks: Iterator[bytes], measure: Callable[[bytes], int]) -> Iterator[tuple[bytes, int]]:
    r"""Split on \n, \r\n and \r; of a line longer than a row may be comes the beginning and the size of what was left out."""
    tail = head = b""
    skipped = 0
    for block in blocks:
        lines = (tail + block).splitlines(keepends=True)
        # A block may end between \r and \n, so a line that ends with \r waits for the next block.
        tail = b"" if not lines or lines[-1].endswith(b"\n") else lines.pop()
        if skipped and lines:
            yield head, skipped + measure(lines.pop(0))
            skipped = 0
        for line in lines:
            yield line, 0
        if skipped or len(tail) > MAX_ROW_BYTES:
            if not skipped:
                head, tail = tail[:_KEPT_OF_OVERSIZED], tail[_KEPT_OF_OVERSIZED:]
            waiting = b"\r" if tail.endswith(b"\r") else b""
            skipped += measure(tail) - measure(waiting)
            tail = waiting
    if skipped:
        yield head, skipped + measure(tail)
    elif tail:
        yield tail, 0
