"""Channels: the numbers a workspace sends from, what can be sent and received, and the port every provider implements."""
