"""F-06 and F-07: the provider takes a message and says nothing, or pushes back; nothing is doubled, nothing fails for it."""

import asyncio
from dataclasses import replace
from pathlib import Path

from prometheus_client import REGISTRY

from blazz.adapters.providers.simulator import Behaviour, Faults
from blazz.adapters.providers.simulator.acceptance_log import Acceptance
from blazz.kernel.runtime import Runtime
from tests.conftest import WorkspaceFixture
from tests.failures.stage import EVERYONE, Trouble, showing
from tests.main.test_campaign_end_to_end import PEOPLE
from tests.support_processes import free_port, web, working


async def test_a_message_that_was_taken_without_an_answer_is_settled_by_its_echo_and_never_sent_again(
    runtime: Runtime, workspace: WorkspaceFixture, tmp_path: Path
) -> None:
    # Answers are lost for one in ten, and webhooks come seconds later: long after the call counts as overdue.
    impatient = runtime.settings.model_copy(update={"send_overdue_seconds": 1.0, "in_doubt_window_seconds": 2.0})
    runtime = replace(runtime, settings=impatient)
    slow = Behaviour(not_on_whatsapp=0.0, delivered=1.0, read=0.0, reply=0.0, sent_delay=4.0, delivered_delay=2.0)
    trouble = Trouble(faults=Faults(accept_then_hang=0.1), behaviour=slow, time_scale=1.0, hang_seconds=2.0)
    seen_in_doubt = 0
    async with web(runtime, free_port()) as url, showing(runtime, workspace, tmp_path, trouble, web_url=url) as show:
        async with working(runtime):
            await show.start()
            async with asyncio.timeout(60):
                while True:
                    status, stats, left = await show.look()
                    seen_in_doubt = max(seen_in_doubt, stats.in_doubt)
                    if status == "completed" and not left and stats.delivered == PEOPLE:
                        break
                    await asyncio.sleep(0.1)
        assert await show.wrong_counters() == {}
        accepted = [entry.opaque for entry in show.accepted()]
    assert seen_in_doubt > 5
    assert (len(accepted), len(set(accepted)), stats.in_doubt, stats.failed) == (PEOPLE, PEOPLE, 0, 0)


def rate_of(accepted: list[Acceptance]) -> float:
    """Messages a second, without the burst that a fresh allowance lets pass at once."""
    times = sorted(entry.at for entry in accepted)
    burst = len([at for at in times if at - times[0] < 0.25])
    return (len(times) - burst) / (times[-1] - times[burst - 1])


def pushed_back() -> float:
    """Count the calls so far that the provider answered with a push-back."""
    return REGISTRY.get_sample_value("blazz_sends_total", {"outcome": "requeue"}) or 0.0


async def test_a_number_keeps_to_its_allowance_and_uses_it(
    runtime: Runtime, workspace: WorkspaceFixture, tmp_path: Path
) -> None:
    before = pushed_back()
    async with showing(runtime, workspace, tmp_path, Trouble(provider_rate=80.0), our_rate=80) as show:
        async with working(runtime):
            await show.start()
            stats = await show.until_over()
        accepted = show.accepted()
    overshoot = (pushed_back() - before) / PEOPLE
    print(f"rate {rate_of(accepted):.1f}/s of 80, overshoot {overshoot:.2%}")
    assert overshoot <= 0.01
    assert 0.9 * 80 <= rate_of(accepted) <= 1.05 * 80
    assert (len({entry.opaque for entry in accepted}), stats.failed) == (PEOPLE, 0)


async def test_a_number_that_is_pushed_back_slows_down_alone_and_nothing_fails_for_it(
    runtime: Runtime, workspace: WorkspaceFixture, other_workspace: WorkspaceFixture, tmp_path: Path
) -> None:
    narrow, wide = Trouble(provider_rate=50.0), Trouble(provider_rate=80.0, behaviour=EVERYONE)
    async with (
        showing(runtime, workspace, tmp_path / "narrow", narrow, our_rate=150) as troubled,
        showing(runtime, other_workspace, tmp_path / "wide", wide, our_rate=80) as calm,
        working(runtime),
    ):
        await troubled.start()
        await calm.start()
        calm_stats, stats = await calm.until_over(), await troubled.until_over()
        calm_rate, rate = rate_of(calm.accepted()), rate_of(troubled.accepted())
        assert (await calm.wrong_counters(), await troubled.wrong_counters()) == ({}, {})
        names = [entry.opaque for entry in troubled.accepted()]
        async with runtime.database.workspace(workspace.id) as tx:
            attempts = await tx.fetchval("SELECT max(attempts) FROM campaign_recipients")
    print(f"pushed back: {rate:.1f}/s of 50; the other number: {calm_rate:.1f}/s of 80")
    assert (len(names), len(set(names)), stats.failed, calm_stats.failed, attempts) == (PEOPLE, PEOPLE, 0, 0, 1)
    assert calm_rate >= 0.9 * 80
    assert rate <= 1.1 * 50
