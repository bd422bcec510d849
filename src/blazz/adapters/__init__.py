"""The outside world: providers, storage, databases."""
