"""Runs the statements of workspaces, members and keys."""

from blazz.kernel.db import load_queries

SQL = load_queries(__package__)
