"""The furnished workspaces of the route proofs; one pair per module, because a probe must change nothing."""

from collections.abc import AsyncIterator

import pytest

from tests.proofs.world import World, open_world


@pytest.fixture(scope="module")
async def world(server_url: str, template_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Two furnished workspaces behind one application."""
    assert template_url
    async with open_world(server_url, tmp_path_factory.mktemp("world"), "blazz_test_world") as opened:
        yield opened
