"""Every shape of webhook changes the database as it should, once, however often and in whatever order it comes."""

import itertools
import json
from uuid import UUID

import pytest

from blazz.domains.channels.service import update_credentials
from blazz.kernel.ids import new_uuid7
from blazz.kernel.runtime import Runtime
from blazz.main.wiring import webhook_secrets
from tests.conftest import WorkspaceFixture
from tests.domains.inbox.webhooks import AT, SAMPLES, WABA, Told, body_of, messages_body, sample
from tests.factories import make_number


@pytest.fixture
async def told(runtime: Runtime, workspace: WorkspaceFixture) -> Told:
    """A workspace that owns the number of the samples."""
    return await Told(runtime, workspace).open()


# What each received message is stored as: kind and words.
STORED: dict[str, tuple[str, str]] = {
    "text": ("text", "Halo, masih ada? 😀"),
    "image": ("image", "Foto"),
    "video": ("video", "Video"),
    "audio": ("audio", ""),
    "document": ("document", "Nota"),
    "sticker": ("sticker", ""),
    "location": ("location", ""),
    "contacts": ("contacts", ""),
    "reaction": ("reaction", "👍"),
    "reaction_removed": ("reaction", ""),
    "button": ("choice", "Ya"),
    "button_reply": ("choice", "Ya"),
    "list_reply": ("choice", "JNE"),
    "flow_reply": ("flow_reply", "Sent"),
    "flow_reply_odd": ("flow_reply", "Sent"),
    "call_permission": ("call_permission", ""),
    "order": ("order", "Tolong dikirim"),
    "request_welcome": ("welcome", ""),
    "number_changed": ("system", "changed"),
    "future_type": ("unsupported", ""),
    "unsupported": ("unsupported", ""),
    "interactive_missing": ("unsupported", ""),
    "bsuid_only": ("text", "Halo"),
    "bsuid_in_from": ("text", "Halo"),
    "forwarded": ("text", "Halo"),
    "product_question": ("text", "Halo"),
    "referral": ("text", "Halo"),
    "group": ("text", "Halo"),
}


@pytest.mark.parametrize("name", STORED)
async def test_each_received_message_is_stored_once(told: Told, name: str) -> None:
    await told.tell(sample(f"message_{name}"), sample(f"message_{name}"))
    await told.tell(sample(f"message_{name}"))
    row = await told.one("SELECT kind, body, direction, status FROM messages")
    kind, words = STORED[name]
    assert (row["kind"], row["direction"], row["status"]) == (kind, 0, 0)
    if words != "Halo":
        assert row["body"] == words
    thread = await told.one("SELECT unread_count, window_closes_at IS NOT NULL AS is_open FROM conversations")
    wrote = name not in {"number_changed", "request_welcome"}
    assert (thread["unread_count"], thread["is_open"]) == (int(wrote), wrote)
    assert await told.waiting() == 0


def test_no_sample_of_a_message_is_left_out() -> None:
    names = {path.stem.removeprefix("message_") for path in SAMPLES.glob("message_*.json")}
    assert names == set(STORED) | {"edit", "revoke"}


async def test_what_led_a_person_here_is_kept_with_the_message(told: Told) -> None:
    await told.tell(sample("message_referral"))
    content = json.loads(str((await told.one("SELECT content::text FROM messages"))["content"]))
    assert content["referral"]["new_field"] == 1


STATUSES = {"sent": 35, "delivered": 40, "read": 50, "played": 55, "failed": 90, "deleted": 30, "group": 40}


@pytest.mark.parametrize("name", STATUSES)
async def test_each_status_moves_the_message_it_speaks_of(told: Told, name: str) -> None:
    await told.outbound("wamid.OUT")
    await told.tell(sample(f"status_{name}"), sample(f"status_{name}"))
    row = await told.one("SELECT status, error_code FROM messages")
    assert row["status"] == STATUSES[name]
    assert (row["error_code"] is not None) == (name == "failed")


async def test_statuses_end_the_same_in_every_order(told: Told) -> None:
    await told.outbound("wamid.OUT")
    for order in itertools.permutations(["sent", "delivered", "read"]):
        await told.run("UPDATE messages SET status = 30, delivered_at = NULL, read_at = NULL WHERE workspace_id = $1")
        for name in order:
            await told.tell(sample(f"status_{name}"))
        row = await told.one("SELECT status, delivered_at, read_at FROM messages")
        assert (row["status"], None in row.values()) == (50, False)


async def test_news_about_templates_is_applied_and_the_newest_wins(told: Told) -> None:
    await told.template()
    named = {
        "message_template_id": 594425479261596,
        "message_template_name": "order_update",
        "message_template_language": "id",
    }

    def status(event: str, at: int, **more: object) -> bytes:
        return body_of("message_template_status_update", {**named, "event": event, **more}, at)

    def quality(score: str, at: int) -> bytes:
        return body_of("message_template_quality_update", {**named, "new_quality_score": score}, at)

    def category(word: str, at: int) -> bytes:
        return body_of("template_category_update", {**named, "new_category": word}, at)

    news = [
        status("PAUSED", AT + 10),
        status("APPROVED", AT + 20),
        status("REJECTED", AT, reason="SCAM"),
        quality("RED", AT + 5),
        quality("YELLOW", AT + 1),
        category("MARKETING", AT + 7),
        category("UTILITY", AT + 2),
    ]
    for order in (news, news[::-1], news[3:] + news + news[:3]):
        await told.run(
            "UPDATE templates SET status = 'PENDING', quality = 'GREEN', category = 'UTILITY', status_at = NULL,"
            " quality_at = NULL, category_at = NULL WHERE workspace_id = $1"
        )
        await told.tell(*order)
        row = await told.one("SELECT status, quality, category, rejection_reason FROM templates")
        assert tuple(row.values()) == ("APPROVED", "RED", "MARKETING", None)
    assert (await told.events("template.changed"))[-1]["status"] in {"APPROVED", "PAUSED", "REJECTED"}


async def test_the_captured_template_news_reaches_the_template(told: Told) -> None:
    await told.template()
    for name in ("template_status", "template_quality", "template_category"):
        await told.tell(sample(name), sample(name))
    row = await told.one("SELECT status, rejection_reason, quality, category FROM templates")
    assert (row["status"], row["rejection_reason"], row["category"]) == ("REJECTED", "INCORRECT_CATEGORY", "MARKETING")
    await told.tell(sample("template_components"), sample("template_components"))
    jobs = await told.all("SELECT entrypoint FROM pgqueuer")
    assert [job["entrypoint"] for job in jobs] == ["templates.sync"]


async def test_an_old_deletion_spares_a_template_made_again(told: Told) -> None:
    await told.template(provider_id="2")
    gone = {
        "message_template_id": 1,
        "message_template_name": "order_update",
        "message_template_language": "id",
        "event": "DELETED",
    }
    await told.tell(body_of("message_template_status_update", gone, AT))
    assert await told.one("SELECT deleted_at FROM templates") == {"deleted_at": None}
    await told.tell(body_of("message_template_status_update", gone | {"message_template_id": 2}, AT))
    assert (await told.one("SELECT deleted_at IS NOT NULL AS gone FROM templates"))["gone"]


async def test_quality_and_limits_of_a_number_follow_the_newest_news(told: Told) -> None:
    def quality(event: str, limit: str, at: int) -> bytes:
        value = {"display_phone_number": "6281200000001", "event": event, "current_limit": limit}
        return body_of("phone_number_quality_update", value, at)

    await told.tell(quality("UNFLAGGED", "TIER_10K", AT + 9), quality("FLAGGED", "TIER_1K", AT))
    row = await told.one("SELECT quality, messaging_limit FROM numbers, channel_accounts")
    assert tuple(row.values()) == ("unknown", 10_000)
    await told.tell(quality("FLAGGED", "TIER_2K", AT + 20))
    row = await told.one("SELECT quality, messaging_limit FROM numbers, channel_accounts")
    assert tuple(row.values()) == ("red", 2_000)
    assert [event["quality"] for event in await told.events("number.changed")] == ["red"]
    await told.tell(sample("capability"))
    assert (await told.one("SELECT messaging_limit FROM channel_accounts"))["messaging_limit"] == 2_000
    await told.tell(body_of("business_capability_update", {"max_daily_conversations_per_business": -1}, AT + 30))
    assert (await told.one("SELECT messaging_limit FROM channel_accounts"))["messaging_limit"] == -1


async def test_the_captured_number_news_is_applied(told: Told) -> None:
    await told.tell(sample("number_quality"), sample("number_name"))
    assert (await told.one("SELECT messaging_limit FROM channel_accounts"))["messaging_limit"] == -1
    [event] = await told.events("number.name_reviewed")
    assert (event["decision"], event["requested_name"]) == ("REJECTED", "Toko")


def disabled(state: str, at: int) -> bytes:
    """A ban of the account, or its end."""
    return body_of("account_update", {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": state}}, at)


async def test_a_ban_stops_the_account_at_once_and_a_reinstatement_lets_it_go_on(told: Told) -> None:
    await told.run("INSERT INTO send_lanes (workspace_id, number_id, owner, lease_until) VALUES ($1, $2, $2, 'infinity')", told.number_id)  # fmt: skip
    await told.tell(disabled("SCHEDULE_FOR_DISABLE", AT))
    assert (await told.one("SELECT paused_reason FROM channel_accounts"))["paused_reason"] is None
    await told.tell(disabled("DISABLE", AT + 10), disabled("DISABLE", AT + 10))
    assert (await told.one("SELECT paused_reason FROM channel_accounts"))["paused_reason"] == "account_disabled"
    lane = await told.one("SELECT owner, fencing FROM send_lanes")
    assert lane["owner"] is None
    assert int(str(lane["fencing"])) > 0
    assert [one["paused_reason"] for one in await told.events("account.changed")] == ["account_disabled"]
    await told.tell(disabled("REINSTATE", AT + 5))
    assert (await told.one("SELECT paused_reason FROM channel_accounts"))["paused_reason"] == "account_disabled"
    await told.tell(disabled("REINSTATE", AT + 20), disabled("DISABLE", AT + 15))
    assert (await told.one("SELECT paused_reason FROM channel_accounts"))["paused_reason"] is None
    assert len(await told.events("account.noticed")) == 6


async def test_an_end_of_another_trouble_does_not_let_a_stopped_account_go_on(told: Told) -> None:
    await told.run("UPDATE channel_accounts SET paused_reason = 'by hand' WHERE workspace_id = $1")
    await told.tell(disabled("REINSTATE", AT), body_of("account_review_update", {"decision": "APPROVED"}))
    assert (await told.one("SELECT paused_reason FROM channel_accounts"))["paused_reason"] == "by hand"


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("account_update", {"event": "ACCOUNT_DELETED"}, "account_deleted"),
        ("account_update", {"event": "APP_UNINSTALLED"}, "account_disconnected"),
        ("account_update", {"event": "ACCOUNT_OFFBOARDED"}, "account_disconnected"),
        ("account_review_update", {"decision": "REJECTED"}, "account_rejected"),
        ("account_update", {"event": "VOLUME_BASED_PRICING_TIER_UPDATE"}, None),
    ],
)
async def test_what_ends_an_account_stops_it_with_a_plain_reason(
    told: Told, field: str, value: dict[str, object], reason: str | None
) -> None:
    await told.tell(body_of(field, value))
    assert (await told.one("SELECT paused_reason FROM channel_accounts"))["paused_reason"] == reason


async def test_a_restriction_holds_the_numbers_until_it_ends(told: Told) -> None:
    await told.tell(sample("account_update"))
    row = await told.one("SELECT held_reason, extract(epoch FROM held_until)::bigint AS until FROM numbers")
    assert tuple(row.values()) == ("account_restricted", 1_750_086_400)
    assert len(await told.events("number.held")) == 1


@pytest.mark.parametrize("name", ["account_review", "account_alerts", "security"])
async def test_other_words_about_an_account_are_told_on_and_change_nothing(told: Told, name: str) -> None:
    before = await told.one("SELECT paused_reason, messaging_limit FROM channel_accounts")
    await told.tell(sample(name))
    assert len(await told.events("account.noticed")) == 1
    assert await told.one("SELECT paused_reason, messaging_limit FROM channel_accounts") == before


async def test_errors_of_a_number_hold_it(told: Told) -> None:
    await told.tell(sample("number_errors"))
    row = await told.one("SELECT held_reason, held_until > now() AS held FROM numbers")
    assert tuple(row.values()) == ("account_locked", True)


async def test_news_of_a_shared_account_reaches_every_workspace_and_no_other(
    told: Told, other_workspace: WorkspaceFixture
) -> None:
    other = Told(told.runtime, other_workspace)
    await other.tell(disabled("DISABLE", AT))
    assert (await told.one("SELECT paused_reason FROM channel_accounts"))["paused_reason"] == "account_disabled"
    stranger = json.loads(disabled("REINSTATE", AT + 5))
    stranger["entry"][0]["id"] = WABA + "9"
    await told.tell(json.dumps(stranger).encode())
    assert (await told.one("SELECT paused_reason FROM channel_accounts"))["paused_reason"] == "account_disabled"


async def test_a_secret_of_one_s_own_proves_nothing_about_others(told: Told, other_workspace: WorkspaceFixture) -> None:
    """Another workspace signs, with a secret of its own, news about a number and an account that are not its."""
    runtime = told.runtime
    await make_number(runtime, other_workspace, provider_number_id="2002", provider_account_id="9002")
    other = Told(runtime, other_workspace)
    stranger = UUID(str((await other.one("SELECT id FROM channel_accounts"))["id"]))
    told.processor.secrets = webhook_secrets(runtime)

    async def sealed(owner: Told, account_id: UUID, secret: str) -> None:
        async with runtime.database.workspace(owner.workspace.id) as tx:
            await update_credentials(tx, owner.workspace.owner, runtime.envelope, account_id, app_secret=secret)
        told.processor.secrets = webhook_secrets(runtime)

    async def deliver(signer: UUID) -> None:
        for body in (disabled("DISABLE", AT), sample("message_text")):
            async with runtime.database.system() as tx:
                await tx.execute(
                    "INSERT INTO webhook_deliveries (id, provider, body) VALUES ($1, $2, $3)",
                    new_uuid7(),
                    f"meta_cloud:{signer.hex}",
                    body,
                )
        await told.tell()

    await sealed(other, stranger, "a stranger's own secret")
    await deliver(stranger)
    assert (await told.one("SELECT paused_reason FROM channel_accounts"))["paused_reason"] is None
    assert await told.all("SELECT id FROM messages") == []
    await sealed(other, stranger, "simulator-app-secret")
    await deliver(stranger)
    assert (await told.one("SELECT paused_reason FROM channel_accounts"))["paused_reason"] == "account_disabled"
    await told.run("UPDATE channel_accounts SET paused_reason = NULL WHERE workspace_id = $1")
    await sealed(other, stranger, "a stranger's own secret")
    await deliver(told.account_id)
    assert (await told.one("SELECT paused_reason FROM channel_accounts"))["paused_reason"] == "account_disabled"
    assert len(await told.all("SELECT id FROM messages")) == 1


@pytest.mark.parametrize("name", ["history", "status_unknown"])
async def test_what_is_not_used_changes_nothing_and_does_not_come_back(told: Told, name: str) -> None:
    await told.tell(sample(name), messages_body())
    assert (await told.all("SELECT id FROM messages"), await told.waiting()) == ([], 0)
