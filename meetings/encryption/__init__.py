"""Audio files that only the service can read, where the operator gives it keys."""
