"""Benchmarks: every speed this project claims, measured beside a baseline in the same minute on the same machine."""
