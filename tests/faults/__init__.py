"""Breaking the real service while it records, and comparing what is left with what was said.

``make faults`` runs it. Every test starts real processes, does the damage its name tells, and
then asks for everything that the client was promised: each acknowledged chunk with its bytes,
the recording with the samples of the source, the events without a gap, the text.
"""
