"""The state machine of campaigns, walked at random."""

from hypothesis import given
from hypothesis import strategies as st

from blazz.domains.campaigns.transitions import EDITABLE, FINAL, Move, allowed_moves, next_status
from blazz.domains.campaigns.types import CampaignStatus

moves = st.lists(st.sampled_from(list(Move)), max_size=40)


@given(moves)
def test_no_walk_leaves_a_final_state_or_edits_after_the_start(walk: list[Move]) -> None:
    status, started = CampaignStatus.DRAFT, False
    for move in walk:
        after = next_status(status, move)
        if status in FINAL:
            assert after is None
        if after is None:
            continue
        if move is Move.START:
            assert status in EDITABLE
            started = True
        status = after
        assert (status in EDITABLE) != started or status in {CampaignStatus.CANCELLED, CampaignStatus.FAILED}


@given(moves)
def test_a_campaign_is_prepared_before_it_runs_for_the_first_time(walk: list[Move]) -> None:
    status, seen = CampaignStatus.DRAFT, {CampaignStatus.DRAFT}
    for move in walk:
        status = next_status(status, move) or status
        seen.add(status)
        if status is CampaignStatus.RUNNING:
            assert CampaignStatus.PREPARING in seen


def test_every_state_that_is_not_final_can_end_and_running_cannot_start_again() -> None:
    for status in CampaignStatus:
        if status in {CampaignStatus.DRAFT, CampaignStatus.COMPLETED, *FINAL}:
            continue
        assert Move.CANCEL in allowed_moves(status)
    assert next_status(CampaignStatus.RUNNING, Move.START) is None
    assert next_status(CampaignStatus.CANCELLED, Move.RETRY) is None
    assert next_status(CampaignStatus.PAUSED, Move.RESUME) is CampaignStatus.RUNNING
