"""Media and resumable uploads."""

import base64
import hashlib
from pathlib import Path

import pytest

from blazz.adapters.providers.simulator.media import LONGEST, kind_of
from blazz.adapters.providers.simulator.samples import TYPES, sample
from tests.adapters.providers.simulator.stage import (
    APP,
    NUMBER,
    PERSON,
    Json,
    Stage,
    code_of,
    details_of,
    error_of,
    staged,
)

HEAD = {"messaging_product": "whatsapp"}


async def upload(stage: Stage, data: bytes = b"data", kind: str = "image/png") -> str:
    answer = await stage.graph("POST", f"{NUMBER}/media", data=HEAD, files={"file": ("a", data, kind)})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


async def test_a_file_goes_up_comes_down_is_sent_and_deleted(stage: Stage) -> None:
    media_id = await upload(stage)
    told = (await stage.graph("GET", media_id, params={"phone_number_id": NUMBER})).json()
    assert told["mime_type"] == "image/png"
    assert told["file_size"] == 4
    assert told["sha256"] == hashlib.sha256(b"data").hexdigest()
    down = await stage.client.get(told["url"])
    assert (down.content, down.headers["content-type"]) == (b"data", "image/png")
    bare = await stage.client.get(told["url"], headers={"Authorization": ""})
    assert bare.status_code == 401
    await stage.open_window()
    assert (await stage.send({"type": "image", "image": {"id": media_id}})).status_code == 200
    assert (await stage.graph("DELETE", media_id)).json() == {"success": True}
    gone = await stage.graph("GET", media_id)
    assert (code_of(gone), error_of(gone)["error_subcode"]) == (100, 33)
    assert (await stage.client.get(told["url"])).status_code == 404
    assert code_of(await stage.graph("DELETE", media_id)) == 100
    assert code_of(await stage.send({"type": "image", "image": {"id": media_id}})) == 131009


async def test_a_download_address_is_over_after_its_time(tmp_path: Path) -> None:
    async with staged(tmp_path, media_url_seconds=0, public_url="http://sim.example") as stage:
        media_id = await upload(stage)
        url = (await stage.graph("GET", media_id)).json()["url"]
        assert url.startswith("http://sim.example/media/")
        old = url.replace("http://sim.example", "").replace("oe=", "oe=1")
        assert (await stage.client.get(old)).status_code == 404
        assert (await stage.client.get(f"/media/{media_id}/file?oe=1&oh=x")).status_code == 404


@pytest.mark.parametrize(
    ("kind", "mime_type"),
    [("image", "image/jpeg"), ("audio", "audio/ogg; codecs=opus"), ("video", "video/mp4"), ("sticker", "image/webp")],
)
async def test_a_file_over_its_cap_is_refused(stage: Stage, kind: str, mime_type: str) -> None:
    assert kind_of(mime_type) == kind
    files = {"file": ("a", b"x" * (LONGEST[kind] + 1), mime_type)}
    answer = await stage.graph("POST", f"{NUMBER}/media", data=HEAD, files=files)
    assert code_of(answer) == 131053
    assert str(LONGEST[kind]) in details_of(answer)


async def test_uploads_without_their_parts_are_refused(stage: Stage) -> None:
    file = {"file": ("a", b"x", "image/png")}
    assert code_of(await stage.graph("POST", f"{NUMBER}/media", files=file)) == 100
    assert code_of(await stage.graph("POST", f"{NUMBER}/media", data=HEAD)) == 100
    assert (
        code_of(await stage.graph("POST", f"{NUMBER}/media", data=HEAD, files={"file": ("a", b"", "image/png")}))
        == 131053
    )
    assert code_of(await stage.graph("POST", f"{NUMBER}/media", data=HEAD, files={"file": ("a", b"x", "png")})) == 100
    assert code_of(await stage.graph("POST", "999/media", data=HEAD, files=file)) == 100
    assert code_of(await stage.graph("GET", await upload(stage), params={"phone_number_id": "999"})) == 100


async def test_a_template_sample_is_uploaded_in_two_parts(stage: Stage) -> None:
    query = {"file_name": "a.png", "file_length": "6", "file_type": "image/png"}
    session = (await stage.graph("POST", f"{APP}/uploads", params=query)).json()["id"]
    head = {"Authorization": "OAuth simulator-token"}
    part = await stage.graph("POST", session, content=b"abc", headers=head | {"file_offset": "0"})
    assert part.json() == {"id": session, "file_offset": 3}
    assert (await stage.graph("GET", session)).json()["file_offset"] == 3
    assert "must be 3" in details_of(await stage.graph("POST", session, content=b"x", headers={"file_offset": "0"}))
    assert "longer" in details_of(await stage.graph("POST", session, content=b"defg", headers={"file_offset": "3"}))
    done = await stage.graph("POST", session, content=b"def", headers={"file_offset": "3"})
    handle = done.json()["h"]
    assert handle.startswith("4:")
    again = await stage.graph("POST", session, content=b"", headers={"file_offset": "6"})
    assert again.json() == {"h": handle}
    profile: Json = HEAD | {"profile_picture_handle": handle}
    path = f"{NUMBER}/whatsapp_business_profile"
    assert (await stage.graph("POST", path, json=profile)).json() == {"success": True}
    shown = (await stage.graph("GET", path, params={"fields": "profile_picture_url"})).json()["data"][0]
    assert shown["profile_picture_url"].startswith("https://")


@pytest.mark.parametrize(
    "query", [{"file_length": "0", "file_type": "image/png"}, {"file_length": "5", "file_type": "text/x-song"}]
)
async def test_a_wrong_upload_session_is_refused(stage: Stage, query: dict[str, str]) -> None:
    assert code_of(await stage.graph("POST", f"{APP}/uploads", params=query)) == 100
    assert code_of(await stage.graph("GET", "upload:nothing")) == 100


def test_the_built_in_files_are_what_they_say() -> None:
    assert sample("image").startswith(b"\x89PNG\r\n\x1a\n")
    assert sample("document").startswith(b"%PDF-1.4")
    table = int(sample("document").split(b"startxref\n")[1].split(b"\n")[0])
    assert sample("document")[table : table + 4] == b"xref"
    assert sample("audio").count(b"OggS") == 3
    assert b"OpusHead" in sample("audio")
    assert set(TYPES) == {"image", "document", "audio"}


async def test_a_customers_file_can_be_downloaded_and_its_digest_fits(stage: Stage) -> None:
    await stage.control("media", {"from": PERSON, "kind": "document", "caption": "Bukti"})
    await stage.drain()
    (message,) = stage.callback.items("messages")
    file = message["document"]
    assert isinstance(file, dict)
    data = (await stage.client.get(str(file["url"]))).content
    assert base64.b64encode(hashlib.sha256(data).digest()).decode() == file["sha256"]
    assert (file["caption"], file["mime_type"]) == ("Bukti", "application/pdf")
