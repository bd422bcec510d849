"""Throughput, pairs, distinct people and the marketing cap, by an injected clock."""

from collections.abc import Callable
from pathlib import Path

import pytest

from blazz.adapters.providers.simulator import SimulatorConfig
from blazz.adapters.providers.simulator.errors import GraphError
from blazz.adapters.providers.simulator.limits import Limits, tier_name
from tests.adapters.providers.simulator.stage import OTHER, PERSON, code_of, staged, template


class Clock:
    now = 1000.0


def limits(folder: Path, **settings: float) -> tuple[Limits, Clock]:
    clock = Clock()
    config = SimulatorConfig(data_dir=folder, **settings)  # type: ignore[arg-type]
    return Limits(config, now=lambda: clock.now), clock


def refusal(act: Callable[[], object]) -> int:
    with pytest.raises(GraphError) as caught:
        act()
    return caught.value.code


def test_eighty_a_second_and_then_130429_until_time_has_passed(tmp_path: Path) -> None:
    made, clock = limits(tmp_path)
    for one in range(80):
        made.admit(f"62812{one:08d}")
    assert refusal(lambda: made.admit(PERSON)) == 130429
    clock.now += 0.5
    for one in range(40):
        made.admit(f"62813{one:08d}")
    assert refusal(lambda: made.admit(PERSON)) == 130429
    made.admit(PERSON, "another number")


def test_a_burst_of_45_to_one_person_is_paid_back_by_waiting(tmp_path: Path) -> None:
    made, clock = limits(tmp_path, messages_per_second=0)
    for _ in range(45):
        made.admit(PERSON)
    assert refusal(lambda: made.admit(PERSON)) == 131056
    made.admit(OTHER)
    clock.now += 6
    made.admit(PERSON)
    assert refusal(lambda: made.admit(PERSON)) == 131056


def test_250_people_a_day_outside_a_window_are_the_lowest_tier(tmp_path: Path) -> None:
    made, clock = limits(tmp_path, messages_per_second=0, pair_seconds=0, unique_recipients=250)
    for one in range(250):
        made.admit(f"62812{one:08d}")
    made.admit("6281200000000")
    assert refusal(lambda: made.admit(OTHER + "9")) == 131048
    made.admit(OTHER + "9", opens=False)
    clock.now += 86_400
    made.admit(OTHER + "9")


def test_the_marketing_cap_counts_until_the_person_answers(tmp_path: Path) -> None:
    made, clock = limits(tmp_path, marketing_per_person=1)
    assert [made.withholds_marketing(PERSON) for _ in range(2)] == [False, True]
    made.forget_marketing(PERSON)
    assert [made.withholds_marketing(PERSON) for _ in range(2)] == [False, True]
    clock.now += 86_400
    assert made.withholds_marketing(PERSON) is False


def test_management_calls_come_back_after_an_hour(tmp_path: Path) -> None:
    made, clock = limits(tmp_path, management_calls_per_hour=1)
    made.admit_management_call()
    assert refusal(made.admit_management_call) == 80007
    clock.now += 3600
    made.admit_management_call()


@pytest.mark.parametrize(
    ("people", "name"), [(-1, "TIER_UNLIMITED"), (250, "TIER_250"), (1000, "TIER_2K"), (10**6, "TIER_UNLIMITED")]
)
def test_tiers_have_names(people: int, name: str) -> None:
    assert tier_name(people) == name


async def test_limits_answer_over_http_with_429_and_a_tier_can_be_raised(tmp_path: Path) -> None:
    async with staged(tmp_path, messages_per_second=0.001, pair_seconds=0, unique_recipients=0) as stage:
        stage.simulator.limits.throughput("200000000000001").rate = 2
        refused = await stage.send(template())
        assert (refused.status_code, code_of(refused)) == (400, 131048)
        await stage.control("number_tier", {"tier": "TIER_250"})
        await stage.control("number_throughput", {"messages_per_second": 0.001})
        throttled = await stage.send(template())
        assert (throttled.status_code, code_of(throttled)) == (429, 130429)
        await stage.control("number_throughput", {"messages_per_second": 0})
        assert (await stage.send(template())).status_code == 200


async def test_the_marketing_cap_and_american_numbers_fail_later_by_webhook(tmp_path: Path) -> None:
    async with staged(tmp_path, marketing_per_person=1) as stage:
        for _ in range(2):
            assert (await stage.send(template())).status_code == 200
        assert (await stage.send(template() | {"to": "12025550123"})).status_code == 200
        await stage.drain()
        told = [(one["recipient_id"], one["status"]) for one in stage.callback.items("statuses")]
        assert sorted(told) == [("12025550123", "failed"), (PERSON, "failed"), (PERSON, "sent")]
        errors = [one["errors"] for one in stage.callback.items("statuses") if "errors" in one]
        assert all(isinstance(error, list) and error[0]["code"] == 131049 for error in errors)


async def test_somebody_who_stopped_marketing_gets_utility_only_until_resuming(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.control("preference", {"from": PERSON, "value": "stop"})
        assert code_of(await stage.send(template())) == 131050
        assert (await stage.send(template("info_pesanan", "Budi", "INV-1"))).status_code == 200
        await stage.control("preference", {"from": PERSON, "value": "resume"})
        assert (await stage.send(template())).status_code == 200
