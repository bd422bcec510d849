"""Files both ways through the running worker: the real adapter, the job queue and the simulator on real sockets."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from blazz.domains.channels.content import MediaKind
from blazz.domains.channels.ports import Credentials, MediaUpload, NumberRef
from blazz.kernel.runtime import Runtime
from blazz.main.wiring import Providers
from tests.conftest import WorkspaceFixture
from tests.domains.inbox.test_messages_api import Desk
from tests.domains.inbox.test_receiving import PHONE, deliver
from tests.domains.inbox.test_sending import until
from tests.support_processes import simulator, working

JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 5000


@pytest.fixture
async def desk(
    api: httpx.AsyncClient, runtime: Runtime, workspace: WorkspaceFixture, tmp_path: Path
) -> AsyncIterator[tuple[Desk, str]]:
    """A desk whose number is at the simulator, while a worker runs."""
    async with simulator(tmp_path / "simulator") as url:
        desk = await Desk(api, runtime, workspace).open()
        await desk.change("UPDATE channel_accounts SET base_url = $2 WHERE workspace_id = $1", url)
        async with working(runtime):
            yield desk, url


async def test_an_uploaded_file_is_sent_by_its_id_and_handed_over_once(desk: tuple[Desk, str]) -> None:
    shop, _ = desk
    made = (await shop.api.post("/api/v1/media", files={"file": ("foto.jpg", JPEG)})).json()
    template = {"name": "sapa_pelanggan", "language": "id", "values": {"body.1": "Sari"}}
    await shop.change(
        'UPDATE templates SET components = \'[{"type":"HEADER","format":"IMAGE"},'
        '{"type":"BODY","text":"Halo {{1}}, apa kabar?"}]\' WHERE workspace_id = $1'
    )
    header = {"header.media": {"type": "media", "kind": "image", "id": made["id"]}}
    template["values"] = {"body.1": "Sari", **header}
    # Templates, because the simulator itself knows of no open service window.
    first, second = await shop.send(template=template), await shop.send(template=template)
    assert (first.status_code, second.status_code) == (202, 202)

    async def left() -> bool:
        return (await shop.counts())[1] == 0

    await until(left, 30)
    async with shop.runtime.database.workspace(shop.workspace.id) as tx:
        statuses = [row["status"] for row in await tx.fetch("SELECT status FROM messages WHERE direction = 1")]
        uploads = await tx.fetchval("SELECT count(provider_media_id) FROM media_uploads")
    assert (statuses, uploads) == ([30, 30], 1)


async def test_a_received_file_is_fetched_and_can_be_read(desk: tuple[Desk, str]) -> None:
    shop, url = desk
    providers = Providers(shop.runtime.settings)
    number = NumberRef(
        provider_account_id="100000000000001",
        provider_number_id="200000000000001",
        credentials=Credentials(access_token="simulator-token"),
    )

    async def chunks() -> AsyncIterator[bytes]:
        yield JPEG

    file = MediaUpload(
        kind=MediaKind.IMAGE, mime_type="image/jpeg", filename="a.jpg", size_bytes=len(JPEG), chunks=chunks()
    )
    media_id = await providers.pick("meta_cloud", url).upload_media(number, file)
    await providers.aclose()
    image = {"id": media_id, "mime_type": "text/html", "sha256": "x", "caption": "Ini fotonya"}
    message: dict[str, object] = {
        "from": PHONE,
        "id": "wamid.F",
        "timestamp": "1750000000",
        "type": "image",
        "image": image,
    }
    await deliver(shop.runtime, messages=[message])

    async def stored() -> bool:
        async with shop.runtime.database.workspace(shop.workspace.id) as tx:
            return bool(await tx.fetchval("SELECT state = 'stored' FROM media"))

    await until(stored, 30)
    [read] = (await shop.api.get("/api/v1/messages", params={"direction": "inbound"})).json()["data"]
    found = (await shop.api.get(f"/api/v1/media/{read['content']['file']}")).json()
    assert (found["mime_type"], found["size_bytes"]) == ("image/jpeg", len(JPEG))
    assert (await shop.api.get(httpx.URL(found["url"]).path)).content == JPEG
