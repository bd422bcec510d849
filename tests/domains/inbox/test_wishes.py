"""Words that stop promotions and words that bring them back: recognised, honoured at once, confirmed once."""

import time

import pytest

from blazz.domains.inbox import Lane
from blazz.domains.inbox.wishes import is_start_word, is_stop_word
from blazz.kernel.runtime import Runtime
from tests.domains.inbox.test_sending import ScriptedProvider, Shop, dispatching, shop, until
from tests.domains.inbox.test_webhook_people import BUDI, opted_out, text
from tests.domains.inbox.test_webhook_shapes import told
from tests.domains.inbox.webhooks import Told

__all__ = ["shop", "told"]

STOPS = [
    "STOP", "stop", "Stop.", "  stop  ", "STOP!!!", "*STOP*", "_Stop_", "stop 🙏", "“Stop”", "ｓｔｏｐ", "BERHENTI",
    "Berhenti.", "berhenti\n", "unsub", "UNSUBSCRIBE", "Stop  promo", "STOP-PROMO", "Stop promotions",
    "Berhenti berlangganan?"[:8], "jangan kirim lagi ya"[:18], "Hentikan promosi",
]  # fmt: skip
STARTS = ["START", "start!", " Mulai ", "MULAI.", "mulai lagi", "Lanjutkan", "*mulai*", "Unstop"]
NEITHER = [
    "", "!!!", "Berhenti di mana?", "jangan stop dong", "stopkontak ada?", "Don't stop", "mulai jam berapa?",
    "start engine berapa", "stop start",
]  # fmt: skip


@pytest.mark.parametrize("words", STOPS)
def test_a_stop_is_recognised_in_any_dress(words: str) -> None:
    assert is_stop_word(words)
    assert not is_start_word(words)


@pytest.mark.parametrize("words", STARTS)
def test_a_start_is_recognised_in_any_dress(words: str) -> None:
    assert is_start_word(words)
    assert not is_stop_word(words)


@pytest.mark.parametrize("words", NEITHER)
def test_sentences_with_these_words_in_them_are_neither(words: str) -> None:
    assert not is_stop_word(words)
    assert not is_start_word(words)


async def answers(told: Told) -> list[str]:
    """Read what was answered, oldest first."""
    rows = await told.all("SELECT body FROM messages WHERE direction = 1 AND origin = 4 ORDER BY id")
    return [str(row["body"]) for row in rows]


async def test_a_stop_is_confirmed_once_and_a_start_brings_promotions_back(told: Told) -> None:
    now = int(time.time())
    await told.tell(text("STOP", "wamid.1", now), text("STOP", "wamid.1", now))
    assert await opted_out(told)
    await told.tell(text("  berhenti!! ", "wamid.2", now + 1))
    assert [words[:4] for words in await answers(told)] == ["Baik"]
    queued = await told.one("SELECT lane, address, marketing FROM outbox")
    assert tuple(queued.values()) == (0, BUDI, False)
    await told.tell(text("Mulai.", "wamid.3", now + 2), text("start", "wamid.4", now + 3))
    assert not await opted_out(told)
    assert [words.split()[0] for words in await answers(told)] == ["Baik,", "Anda"]
    await told.tell(text("Terima kasih", "wamid.5", now + 4))
    assert len(await answers(told)) == 2


async def test_the_confirmation_speaks_the_workspace_s_language_and_needs_no_quota(told: Told) -> None:
    async with told.runtime.database.system() as tx:
        await tx.execute("UPDATE workspaces SET locale = 'en', plan_id = 'trial' WHERE id = $1", told.workspace.id)
    await told.run(
        "INSERT INTO usage_counters (workspace_id, kind, period, starts_on, used) SELECT $1, 'message', 'day',"
        " (now() AT TIME ZONE 'Asia/Jakarta')::date, 1000"
    )
    await told.tell(text("stop", "wamid.1", int(time.time())))
    [words] = await answers(told)
    assert words.startswith("You will receive no more")


async def test_a_stop_that_comes_days_late_is_honoured_without_an_answer(told: Told) -> None:
    await told.tell(text("STOP", "wamid.1", int(time.time()) - 2 * 86_400))
    assert await opted_out(told)
    assert await answers(told) == []


async def test_a_late_stop_from_before_a_start_changes_nothing(told: Told) -> None:
    now = int(time.time())
    await told.tell(text("MULAI", "wamid.2", now), text("STOP", "wamid.1", now - 60))
    assert not await opted_out(told)


async def test_a_stop_counts_at_the_moment_of_sending_for_all_marketing_and_nothing_else(
    shop: Shop, runtime: Runtime
) -> None:
    [campaign] = await shop.queue(Lane.BULK, count=1)
    [promotion] = await shop.queue(Lane.INTERACTIVE, count=1)
    await shop.change("UPDATE outbox SET marketing = true WHERE workspace_id = $1 AND lane = 0")
    [answer] = await shop.queue(Lane.INTERACTIVE, count=1)
    # The mark alone is set: no queue was cleaned, as if both happened in the same instant.
    await shop.change("UPDATE contacts SET opted_out_at = now() WHERE workspace_id = $1")
    provider = ScriptedProvider()
    async with dispatching(runtime, provider):

        async def settled() -> bool:
            return await shop.outbox() == {}

        await until(settled)
    assert provider.calls == [answer]
    assert await shop.statuses() == {campaign: 90, promotion: 90, answer: 30}
