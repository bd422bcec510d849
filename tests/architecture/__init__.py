"""Rules about the code itself; each one fails the build."""
