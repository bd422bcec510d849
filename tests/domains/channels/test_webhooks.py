"""The webhook door verifies before it writes, and keeps everything that is signed."""

import hmac
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from starlette.applications import Starlette

from blazz.domains.channels.credentials import seal_credentials
from blazz.domains.channels.intake import WebhookIntake
from blazz.domains.channels.types import Credentials
from blazz.domains.channels.webhook_secrets import WebhookSecrets
from blazz.domains.channels.webhooks import MAX_BODY_BYTES, signature_matches, webhook_routes
from blazz.kernel.db import Database
from blazz.kernel.ids import encode_id, new_uuid7
from blazz.kernel.security import Envelope
from tests.conftest import WorkspaceFixture
from tests.domains.channels.support import (
    APP_SECRET,
    VERIFY_TOKEN,
    FailingDatabase,
    failing_twin,
    make_account,
    stored_bodies,
)

BODY = '{"object":"whatsapp_business_account","text":"\\u0041 😀"}'.encode()


def signed(body: bytes, secret: str = APP_SECRET) -> dict[str, str]:
    return {"X-Hub-Signature-256": "sha256=" + hmac.digest(secret.encode(), body, "sha256").hex()}


@pytest.fixture
async def shaky(database: Database) -> AsyncIterator[FailingDatabase]:
    twin = await failing_twin(database)
    yield twin
    await twin.close()


@pytest.fixture
async def account(database: Database, envelope: Envelope, workspace: WorkspaceFixture) -> UUID:
    account_id, _ = await make_account(database, envelope, workspace.id)
    return account_id


@pytest.fixture
async def door(shaky: FailingDatabase, envelope: Envelope, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    intake = WebhookIntake(shaky, tmp_path / "spool", insert_timeout_seconds=1, drain_interval_seconds=0.01)
    secrets = WebhookSecrets(shaky, envelope, app_secret="instance secret", fresh_seconds=0, patience_seconds=0.2)
    await intake.start()
    transport = httpx.ASGITransport(app=Starlette(routes=webhook_routes(intake, secrets)))
    async with httpx.AsyncClient(transport=transport, base_url="http://blazz.test") as client:
        yield client
    await intake.stop()


def path_of(account: UUID) -> str:
    return f"/webhooks/meta/{encode_id('acc', account)}"


def test_the_published_signature_vector_matches() -> None:
    body = b'{"object":"whatsapp_business_account"}'
    header = "sha256=f6491327cb5b041cdf4fe69b94711c7b68bb0aef719854bae676a59788a2b6b6"
    assert signature_matches("appsecret", body, header)
    assert not signature_matches("appsecret", body + b" ", header)
    assert not signature_matches("appsecre7", body, header)
    assert not signature_matches("appsecret", body, header[:-1] + "7")
    assert not signature_matches("appsecret", body, header.replace("sha256", "sha1"))
    assert not signature_matches("appsecret", body, "sha256=é")
    assert not signature_matches("", body, "sha256=" + hmac.digest(b"", body, "sha256").hex())


async def test_a_signed_body_is_kept_byte_for_byte(door: httpx.AsyncClient, account: UUID, database: Database) -> None:
    response = await door.post(path_of(account), content=BODY, headers=signed(BODY))
    assert response.status_code == 200
    assert await stored_bodies(database) == [BODY]


async def test_a_signed_body_nobody_understands_is_kept_too(
    door: httpx.AsyncClient, account: UUID, database: Database
) -> None:
    response = await door.post(path_of(account), content=b"not json", headers=signed(b"not json"))
    assert response.status_code == 200
    assert await stored_bodies(database) == [b"not json"]


@pytest.mark.parametrize(
    "headers",
    [{}, signed(BODY, "wrong"), signed(BODY + b" "), {"X-Hub-Signature-256": "sha256="}, {"X-Hub-Signature": "sha1=0"}],
)
async def test_a_wrong_signature_writes_nothing(
    door: httpx.AsyncClient, account: UUID, database: Database, tmp_path: Path, headers: dict[str, str]
) -> None:
    response = await door.post(path_of(account), content=BODY, headers=headers)
    assert response.status_code == 403
    assert await stored_bodies(database) == []
    assert list((tmp_path / "spool").iterdir()) == []


async def test_the_path_chooses_the_secret(door: httpx.AsyncClient, account: UUID, database: Database) -> None:
    assert (await door.post(path_of(account), content=BODY, headers=signed(BODY, "instance secret"))).status_code == 403
    unknown = path_of(new_uuid7())
    assert (await door.post(unknown, content=BODY, headers=signed(BODY))).status_code == 404
    assert (await door.post("/webhooks/meta/acc_x", content=BODY, headers=signed(BODY))).status_code == 404
    assert await stored_bodies(database) == []


async def test_a_body_over_the_cap_is_refused(door: httpx.AsyncClient, account: UUID, database: Database) -> None:
    body = b"x" * (MAX_BODY_BYTES + 1)
    assert (await door.post(path_of(account), content=body, headers=signed(body))).status_code == 413

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 1_000_000):
            yield body[start : start + 1_000_000]

    assert (await door.post(path_of(account), content=chunks(), headers=signed(body))).status_code == 413
    assert await stored_bodies(database) == []
    largest = body[:-1]
    assert (await door.post(path_of(account), content=largest, headers=signed(largest))).status_code == 200


async def test_the_handshake_answers_the_bare_challenge(door: httpx.AsyncClient, account: UUID) -> None:
    query = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": VERIFY_TOKEN}
    response = await door.get(path_of(account), params=query)
    assert (response.status_code, response.text) == (200, "1158201444")
    for wrong in ({"hub.verify_token": "other"}, {"hub.verify_token": ""}, {"hub.mode": "unsubscribe"}):
        assert (await door.get(path_of(account), params=query | wrong)).status_code == 403


async def test_while_the_database_is_away_the_last_good_secret_verifies(
    door: httpx.AsyncClient, account: UUID, shaky: FailingDatabase, database: Database
) -> None:
    assert (await door.post(path_of(account), content=b"before", headers=signed(b"before"))).status_code == 200
    shaky.away = True
    assert (await door.post(path_of(account), content=BODY, headers=signed(BODY))).status_code == 200
    assert (await door.post(path_of(account), content=BODY, headers=signed(BODY, "wrong"))).status_code == 403
    assert await stored_bodies(database) == [b"before"]


async def test_an_account_never_seen_cannot_be_verified_while_the_database_is_away(
    door: httpx.AsyncClient, account: UUID, shaky: FailingDatabase, tmp_path: Path
) -> None:
    shaky.away = True
    response = await door.post(path_of(account), content=BODY, headers=signed(BODY))
    assert response.status_code == 503
    assert response.headers["retry-after"] == "2"
    assert list((tmp_path / "spool").iterdir()) == []


async def test_a_new_secret_is_used_at_the_next_look_and_the_old_one_refused(
    door: httpx.AsyncClient, account: UUID, database: Database, envelope: Envelope, workspace: WorkspaceFixture
) -> None:
    assert (await door.post(path_of(account), content=BODY, headers=signed(BODY))).status_code == 200
    sealed = seal_credentials(envelope, workspace.id, Credentials(access_token="t", app_secret="rotated"))
    async with database.workspace(workspace.id) as tx:
        await tx.execute("UPDATE channel_accounts SET credentials = $1 WHERE workspace_id = $2", sealed, workspace.id)
    assert (await door.post(path_of(account), content=BODY, headers=signed(BODY))).status_code == 403
    assert (await door.post(path_of(account), content=BODY, headers=signed(BODY, "rotated"))).status_code == 200


async def test_the_cache_of_secrets_is_bounded(database: Database, envelope: Envelope) -> None:
    secrets = WebhookSecrets(database, envelope, most_entries=3)
    for _ in range(10):
        assert await secrets.get(new_uuid7()) is None
    assert len(secrets._entries) == 3
