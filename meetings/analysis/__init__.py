"""Post-processing of a meeting: pure functions of a transcript.

No Django, no clock, no randomness, no I/O. Every result is JSON-serialisable and every claim in it
carries ``evidence``: which segments it stands on and when they were said. A transcript without
speech, in an unknown language or of any size gives a complete result.
"""
