"""Figures for Prometheus: of this process, of all workers, and of the stores."""
