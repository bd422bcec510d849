"""Hands a large file to the installation on this machine, past the limit of uploads."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from blazz.cli.direct import find_workspace, on_database, operator_of
from blazz.domains.contacts import upload
from blazz.kernel.ids import encode_id
from blazz.kernel.runtime import Runtime

_BLOCK = 1_048_576


def hand_over(workspace: str, file: Path) -> str:
    """Store a file of any size as an import of a workspace; return the import's id.

    Raises:
        CommandRefused: the workspace is not of this machine's installation.
        UnreadableFile: the file is empty or no table.

    """

    async def work(runtime: Runtime) -> str:
        one = await find_workspace(runtime, workspace)
        async with runtime.database.workspace(one.workspace.id) as tx:
            job = await upload(tx, operator_of(one), runtime, file.name, _blocks(file), limit_bytes=None)
        return encode_id("imp", job.id)

    return on_database(work)


async def _blocks(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as handle:
        while block := await asyncio.to_thread(handle.read, _BLOCK):
            yield block
