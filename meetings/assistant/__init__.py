"""The assistant: answers questions in a room from what was said in its meetings.

``responder.respond`` is what the chat calls. Everything that it says stands on passages of
transcripts that everybody in the room may read.
"""
