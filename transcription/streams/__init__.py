"""Containers that a recorder sends piece by piece, taken apart into packets. PURE.

One module for each container. Its ``find_init`` returns the ``Init`` of a stream that starts with
the given bytes, or None; its ``Reader`` finds the packets that each next piece completes.
"""
