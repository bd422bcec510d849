"""Imports of contact lists: upload, check without writing, run in chunks, cancel, error file, undo."""
