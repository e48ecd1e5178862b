"""Platforms' adapters against the real network, and against servers that speak it wrongly."""
