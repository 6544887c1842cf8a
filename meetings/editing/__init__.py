"""Correcting a transcript: edits with their history, kept through every reprocessing."""
