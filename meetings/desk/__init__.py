"""The review desk: meetings as staff reads, mends and clears them in the admin."""
