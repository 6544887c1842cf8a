"""The way of a frame: in from a socket to its handler, out from the event log to every socket."""
