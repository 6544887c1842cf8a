"""The demo: a recording played to the running service, as the frontend would do it."""
