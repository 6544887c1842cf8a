"""A meeting as a file: TXT, Markdown, SRT, WebVTT, JSON, CSV, DOCX.

Pure functions of a ``Document``: no Django, no clock, no I/O. What was heard is untrusted, so
every format escapes it by its own rules, and none of them can be made to run or load anything.
"""
