"""F-31: double clicks and client retries. One key has one effect, whoever asks at the same time, and for a week."""

import asyncio

import httpx

from blazz.kernel.housekeeping import forget_old_keys
from blazz.kernel.runtime import Runtime
from tests.conftest import WorkspaceFixture
from tests.factories import make_key

KEYS, AT_ONCE = 60, 10


async def until_answered(client: httpx.AsyncClient, path: str, number: int) -> httpx.Response:
    """Ask again while the first request with the key still runs, as the answer tells a client to."""
    headers = {"Idempotency-Key": f"order-{number}"}
    while True:
        answer = await client.post(path, json={"name": f"Orang {number}"}, headers=headers)
        if answer.status_code != 409:
            return answer
        assert (answer.json()["code"], answer.headers["retry-after"]) == ("idempotency_in_progress", "1")
        await asyncio.sleep(0.01)


async def test_ten_identical_calls_at_once_have_one_effect_and_one_answer(
    api: httpx.AsyncClient, runtime: Runtime, workspace: WorkspaceFixture
) -> None:
    path = f"/api/v1/workspaces/{workspace.slug}/contacts"
    calls = [until_answered(api, path, number) for number in range(KEYS) for _ in range(AT_ONCE)]
    answers = await asyncio.gather(*calls)
    assert {answer.status_code for answer in answers} == {201}
    by_key = [answers[start : start + AT_ONCE] for start in range(0, len(answers), AT_ONCE)]
    assert all(len({answer.content for answer in same}) == 1 for same in by_key)
    assert all(sum("idempotent-replayed" in answer.headers for answer in same) == AT_ONCE - 1 for same in by_key)
    async with runtime.database.workspace(workspace.id) as tx:
        assert await tx.fetchval("SELECT count(*) FROM contacts") == KEYS


async def test_the_answer_stands_in_the_transaction_of_the_effect(
    api: httpx.AsyncClient, runtime: Runtime, workspace: WorkspaceFixture
) -> None:
    path = f"/api/v1/workspaces/{workspace.slug}/contacts"
    made = await api.post(path, json={"name": "Budi"}, headers={"Idempotency-Key": "a"})
    assert made.status_code == 201
    async with runtime.database.workspace(workspace.id) as tx:
        same = await tx.fetchval(
            "SELECT idempotency_keys.xmin = contacts.xmin FROM idempotency_keys, contacts WHERE status = 201"
        )
    assert same is True


async def test_a_request_that_lost_its_turn_has_no_effect(
    api: httpx.AsyncClient, runtime: Runtime, workspace: WorkspaceFixture
) -> None:
    path = f"/api/v1/workspaces/{workspace.slug}/contacts"
    async with runtime.database.workspace(workspace.id) as holder:
        # The handler waits for the category while another request takes its key over.
        made = await api.post(f"/api/v1/workspaces/{workspace.slug}/categories", json={"name": "K"})
        await holder.execute("SELECT 1 FROM categories FOR UPDATE")
        body = {"name": "Budi", "category_id": made.json()["id"]}
        slow = asyncio.create_task(api.post(path, json=body, headers={"Idempotency-Key": "a"}))
        async with asyncio.timeout(10):
            while True:
                async with runtime.database.system() as tx:
                    taken = await tx.execute("UPDATE idempotency_keys SET created_at = now() + interval '1 second'")
                if taken == "UPDATE 1":
                    break
                await asyncio.sleep(0.01)
    answer = await slow
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_in_progress")
    async with runtime.database.workspace(workspace.id) as tx_after:
        assert await tx_after.fetchval("SELECT count(*) FROM contacts") == 0
        assert await tx_after.fetchval("SELECT contact_count FROM categories") == 0


async def test_the_same_key_with_another_body_is_refused_and_a_refusal_leaves_the_key_free(
    api: httpx.AsyncClient, workspace: WorkspaceFixture
) -> None:
    path, key = f"/api/v1/workspaces/{workspace.slug}/contacts", {"Idempotency-Key": "a"}
    refused = await api.post(path, json={"name": "Budi", "phone": "12"}, headers=key)
    assert refused.status_code == 422
    assert (await api.post(path, json={"name": "Budi"}, headers=key)).status_code == 201
    other = await api.post(path, json={"name": "Sari"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")


async def test_a_key_of_another_workspace_means_nothing_here(
    api: httpx.AsyncClient, runtime: Runtime, workspace: WorkspaceFixture, other_workspace: WorkspaceFixture
) -> None:
    token = await make_key(runtime, other_workspace)
    theirs = {"Authorization": f"Bearer {token}", "Idempotency-Key": "a"}
    first = await api.post("/api/v1/contacts", json={"name": "Budi"}, headers={"Idempotency-Key": "a"})
    second = await api.post("/api/v1/contacts", json={"name": "Sari"}, headers=theirs)
    assert (first.status_code, second.status_code, second.json()["name"]) == (201, 201, "Sari")


async def test_keys_are_kept_for_seven_days_and_no_longer(
    api: httpx.AsyncClient, runtime: Runtime, workspace: WorkspaceFixture
) -> None:
    path, key = f"/api/v1/workspaces/{workspace.slug}/contacts", {"Idempotency-Key": "a"}
    await api.post(path, json={"name": "Budi"}, headers=key)
    for age, gone in (("6 days 23 hours", 0), ("7 days 1 hour", 1)):
        async with runtime.database.system() as tx:
            await tx.execute(f"UPDATE idempotency_keys SET created_at = now() - interval '{age}'")
        assert await forget_old_keys(runtime) == gone
    assert (await api.post(path, json={"name": "Sari"}, headers=key)).status_code == 201
