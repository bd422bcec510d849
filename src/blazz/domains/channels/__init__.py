"""Channels: the numbers a workspace sends from, what can be sent and received, and the port every provider implements.

The words live in four modules, which other layers may import directly because a door of this many names helps nobody:
``content`` (what can be sent, its limits and templates), ``failures`` (the closed set of reasons why sending fails),
``inbound`` (what providers tell us) and ``ports`` (what every provider must do).
"""

from . import content, failures, inbound, ports

__all__ = ["content", "failures", "inbound", "ports"]
