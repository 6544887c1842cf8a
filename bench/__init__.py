"""Performance of the whole service, measured from outside: `python -m bench`."""
