"""Linters: what platforms' rules and laws would object to in a contest. They warn, never block."""
