"""Erasing a meeting for good, with a paper that says what went and that nothing is left."""
