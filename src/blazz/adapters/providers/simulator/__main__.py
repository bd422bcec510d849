"""Runs the simulator as a process: ``python -m blazz.adapters.providers.simulator --config FILE``."""

from blazz.adapters.providers.simulator.cli import app

app()
