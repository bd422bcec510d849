"""Folders and servers for the embedded-database tests."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from blazz.adapters.postgres import EmbeddedPostgres


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that any account may pass through, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="blazz-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres(open_folder: Path) -> Iterator[EmbeddedPostgres]:
    """A server that is not yet started; whatever it became is removed afterwards."""
    server = EmbeddedPostgres(open_folder / "home" / "postgres", overflow_root=open_folder / "overflow", memory_mb=1024)
    yield server
    server.destroy()


@pytest.fixture
def as_root() -> None:
    """Only root can give up rights; CI runs as root, so these tests run there."""
    if os.geteuid() != 0:
        pytest.skip("needs root")
