"""Proofs that are generated from the code: every statement, every route, every role."""
