"""F-28: pause, resume, edit and cancel at any moment of a campaign that is being sent."""

import asyncio
import random
from pathlib import Path

import pytest

from blazz.domains.billing import commit_messages
from blazz.domains.campaigns import (
    apply_outcomes,
    cancel_campaign,
    feed_once,
    pause_campaign,
    resume_campaign,
    update_campaign,
)
from blazz.domains.campaigns.errors import CampaignMoveRefused, CampaignNotEditable
from blazz.domains.campaigns.service import CampaignInput
from blazz.domains.inbox import OutcomeDelta
from blazz.kernel.runtime import Runtime
from tests.conftest import WorkspaceFixture
from tests.domains.campaigns.support import make_campaign as make_small_campaign
from tests.domains.campaigns.test_freezing import start
from tests.failures.stage import Show, Trouble, showing, until
from tests.main.test_campaign_end_to_end import PEOPLE
from tests.support_processes import working

_ROUNDS = 6


async def pause(show: Show) -> int:
    """Pause; return how many messages had left and not come back at that moment."""
    async with show.runtime.database.workspace(show.workspace.id) as tx:
        await pause_campaign(tx, show.workspace.owner, show.campaign.id, now=show.runtime.clock.now())
        on_wire: int = await tx.fetchval("SELECT count(*) FROM outbox WHERE state = 1")
    return on_wire


async def resume(show: Show) -> None:
    """Go on."""
    async with show.runtime.database.workspace(show.workspace.id) as tx:
        await resume_campaign(tx, show.workspace.owner, show.campaign.id, now=show.runtime.clock.now())


async def try_to_edit(show: Show) -> None:
    """An edit is refused while the campaign is on its way."""
    draft = show.campaign
    changed = CampaignInput(
        name="Other",
        number_id=draft.number_id,
        template_id=draft.template_id,
        audience=draft.audience,
        variables=dict(draft.variables),
        auto_pause=draft.auto_pause,
    )
    async with show.runtime.database.workspace(show.workspace.id) as tx:
        with pytest.raises(CampaignNotEditable):
            await update_campaign(tx, show.workspace.owner, show.campaign.id, changed, now=show.runtime.clock.now())


async def test_nothing_leaves_after_a_pause_and_everyone_is_reached_once_in_the_end(
    runtime: Runtime, workspace: WorkspaceFixture, tmp_path: Path
) -> None:
    chance = random.Random(3)
    async with showing(runtime, workspace, tmp_path, Trouble(), our_rate=120) as show, working(runtime):
        await show.start()
        for _ in range(_ROUNDS):
            await asyncio.sleep(chance.uniform(0.1, 0.4))
            if (await show.look())[0] != "running":
                continue
            at_pause = await pause(show)
            settled = len(show.accepted())
            await try_to_edit(show)
            await asyncio.sleep(0.4)
            quiet = len(show.accepted())
            # Only what was on the wire when the pause was committed may still arrive.
            assert quiet - settled <= at_pause
            await asyncio.sleep(0.4)
            assert len(show.accepted()) == quiet
            await resume(show)
        stats = await show.until_over()
        assert await show.wrong_counters() == {}
    names = [entry.opaque for entry in show.accepted()]
    assert (len(names), len(set(names)), stats.accepted) == (PEOPLE, PEOPLE, PEOPLE)


async def test_a_cancel_is_final_and_every_person_is_accounted_for(
    runtime: Runtime, workspace: WorkspaceFixture, tmp_path: Path
) -> None:
    async with showing(runtime, workspace, tmp_path, Trouble(), our_rate=100) as show, working(runtime):
        await show.start()
        await until(lambda: len(show.accepted()) >= 40)
        async with runtime.database.workspace(workspace.id) as tx:
            await cancel_campaign(tx, workspace.owner, show.campaign.id, now=runtime.clock.now())
        stats = await show.until_over()
        final = len(show.accepted())
        with pytest.raises(CampaignMoveRefused):
            await resume(show)
        await try_to_edit(show)
        await asyncio.sleep(1.0)
        assert len(show.accepted()) == final
        assert await show.wrong_counters() == {}
    assert final == len({entry.opaque for entry in show.accepted()}) == stats.accepted
    assert stats.accepted + stats.cancelled == PEOPLE
    assert stats.cancelled > 50


async def test_a_cancel_and_a_batch_of_answers_never_wait_for_each_other_in_a_circle(
    runtime: Runtime, workspace: WorkspaceFixture
) -> None:
    campaign_id = await make_small_campaign(runtime.database, workspace.owner, people=5)
    await start(runtime, workspace, campaign_id)
    await feed_once(runtime)

    async def cancel() -> None:
        async with runtime.database.workspace(workspace.id) as tx:
            await cancel_campaign(tx, workspace.owner, campaign_id, now=runtime.clock.now())

    async with runtime.database.workspace(workspace.id) as answers:
        # The send path counts usage first and the campaign second; the cancel comes in between.
        await commit_messages(answers, 1, runtime.clock.now())
        cancelling = asyncio.create_task(cancel())
        done, _ = await asyncio.wait({cancelling}, timeout=0.5)
        assert not done
        await apply_outcomes(answers, [OutcomeDelta(campaign_id=campaign_id, queued=-1, accepted=1)])
    await asyncio.wait_for(cancelling, 10)
