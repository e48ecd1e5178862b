"""The service as real processes: its whole life on the real network, and its deaths."""
