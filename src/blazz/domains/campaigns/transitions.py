"""The states of a campaign and the moves between them: pure, so that every path can be tested."""

from enum import StrEnum

from blazz.domains.campaigns.types import CampaignStatus


class Move(StrEnum):
    """Everything that can change a campaign's state."""

    SCHEDULE = "schedule"
    UNSCHEDULE = "unschedule"
    START = "start"
    PREPARED = "prepared"
    PAUSE = "pause"
    RESUME = "resume"
    PREPARE_AGAIN = "prepare_again"
    DRAINED = "drained"
    FINISH = "finish"
    CANCEL = "cancel"
    FAIL = "fail"
    RETRY = "retry"


_S = CampaignStatus

_NEXT: dict[tuple[CampaignStatus, Move], CampaignStatus] = {
    (_S.DRAFT, Move.SCHEDULE): _S.SCHEDULED,
    (_S.DRAFT, Move.START): _S.PREPARING,
    (_S.SCHEDULED, Move.SCHEDULE): _S.SCHEDULED,
    (_S.SCHEDULED, Move.UNSCHEDULE): _S.DRAFT,
    (_S.SCHEDULED, Move.START): _S.PREPARING,
    (_S.SCHEDULED, Move.CANCEL): _S.CANCELLED,
    (_S.SCHEDULED, Move.FAIL): _S.FAILED,
    (_S.PREPARING, Move.PREPARED): _S.RUNNING,
    (_S.PREPARING, Move.PAUSE): _S.PAUSED,
    (_S.PREPARING, Move.CANCEL): _S.CANCELLED,
    (_S.PREPARING, Move.FAIL): _S.FAILED,
    (_S.RUNNING, Move.PAUSE): _S.PAUSED,
    (_S.RUNNING, Move.DRAINED): _S.COMPLETING,
    (_S.RUNNING, Move.CANCEL): _S.CANCELLED,
    (_S.RUNNING, Move.FAIL): _S.FAILED,
    (_S.RUNNING, Move.RETRY): _S.RUNNING,
    (_S.PAUSED, Move.RESUME): _S.RUNNING,
    (_S.PAUSED, Move.PREPARE_AGAIN): _S.PREPARING,
    (_S.PAUSED, Move.CANCEL): _S.CANCELLED,
    (_S.PAUSED, Move.RETRY): _S.PAUSED,
    (_S.COMPLETING, Move.PAUSE): _S.PAUSED,
    (_S.COMPLETING, Move.FINISH): _S.COMPLETED,
    (_S.COMPLETING, Move.CANCEL): _S.CANCELLED,
    (_S.COMPLETING, Move.RETRY): _S.RUNNING,
    (_S.COMPLETED, Move.RETRY): _S.RUNNING,
}

EDITABLE = frozenset({_S.DRAFT, _S.SCHEDULED})
FINAL = frozenset({_S.CANCELLED, _S.FAILED})


def next_status(status: CampaignStatus, move: Move) -> CampaignStatus | None:
    """Return the state after a move, or None where the state forbids it."""
    return _NEXT.get((status, move))


def allowed_moves(status: CampaignStatus) -> frozenset[Move]:
    """Return every move a state allows."""
    return frozenset(move for (source, move) in _NEXT if source is status)
