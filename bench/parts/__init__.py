"""One module for each part: its `measure(options)` gives the tables to print."""
