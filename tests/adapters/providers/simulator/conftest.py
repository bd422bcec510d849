"""The stage most tests of the simulator need."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.adapters.providers.simulator.stage import Stage, staged


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A simulator whose people do nothing by themselves, with its callback."""
    async with staged(tmp_path) as made:
        yield made
