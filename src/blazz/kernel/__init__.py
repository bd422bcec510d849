"""Ideas that every domain needs; imports no domain."""
