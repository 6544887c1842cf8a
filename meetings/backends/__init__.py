"""Who analyses a transcript: a language model, an agent service, or our own code.

``order.analyse`` is the entry. Every backend gives the shapes of ``meetings.analysis``.
"""
