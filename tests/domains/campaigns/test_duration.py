"""The estimate of how long a campaign takes."""

import pytest

from blazz.domains.campaigns.service.checks import duration_seconds


@pytest.mark.parametrize(
    ("people", "limit", "seconds"),
    [
        (800, None, 10.0),
        (800, 1000, 10.0),
        (800, -1, 10.0),
        (0, -1, 0.0),
        (2400, 1000, 2 * 86_400 + 5.0),
        (1000, 1000, 12.5),
    ],
)
def test_only_a_real_limit_makes_a_campaign_wait_for_another_day(
    people: int, limit: int | None, seconds: float
) -> None:
    assert duration_seconds(people, 80, limit) == seconds
