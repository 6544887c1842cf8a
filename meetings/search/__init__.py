"""Finding a word in everything that was said, written and understood."""
