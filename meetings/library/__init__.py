"""The list of meetings, and what one does with a meeting as a whole."""
