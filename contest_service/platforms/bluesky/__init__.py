"""Bluesky, and any other network that speaks the AT protocol."""
