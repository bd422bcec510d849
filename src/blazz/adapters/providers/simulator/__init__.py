"""A separate process that speaks the WhatsApp Cloud (Graph) API: sends, templates, numbers, signed webhooks, customers.

It is what the demo, the tests and the benches send to, through the real Cloud adapter. Its acceptance log is the truth
about what a provider accepted: a line is on disk before the answer leaves.
"""

from blazz.adapters.providers.simulator.config import Behaviour, Faults, SimulatorConfig
from blazz.adapters.providers.simulator.server import run_simulator

__all__ = ["Behaviour", "Faults", "SimulatorConfig", "run_simulator"]
