"""Settings follow the machine and never leave the safe range."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blazz.adapters.postgres import machine_memory_mb, tuned_settings


def _mb(text: str) -> int:
    return int(text.removesuffix("MB"))


def test_a_small_server_keeps_most_memory_for_the_application() -> None:
    settings = tuned_settings(4096, 2)
    assert settings["shared_buffers"] == "128MB"
    assert settings["effective_cache_size"] == "2048MB"
    assert settings["work_mem"] == "8MB"
    assert settings["max_parallel_workers_per_gather"] == "0"


def test_a_large_server_gets_more_but_within_bounds() -> None:
    settings = tuned_settings(262_144, 64)
    assert settings["shared_buffers"] == "2048MB"
    assert settings["work_mem"] == "64MB"
    assert settings["max_parallel_workers_per_gather"] == "4"


@given(memory_mb=st.integers(1, 4_000_000), cpus=st.integers(1, 512))
def test_every_machine_commits_durably_and_fits_its_memory(memory_mb: int, cpus: int) -> None:
    settings = tuned_settings(memory_mb, cpus)
    assert settings["synchronous_commit"] == settings["fsync"] == settings["full_page_writes"] == "on"
    assert _mb(settings["shared_buffers"]) <= max(32, memory_mb // 8)
    assert 4 <= _mb(settings["work_mem"]) <= 64


@pytest.mark.parametrize(("memory_mb", "cpus"), [(0, 1), (-1, 2), (1024, 0)])
def test_an_impossible_machine_is_refused(memory_mb: int, cpus: int) -> None:
    with pytest.raises(ValueError, match="memory and processors"):
        tuned_settings(memory_mb, cpus)


def test_this_machine_has_memory() -> None:
    assert machine_memory_mb() >= 64
