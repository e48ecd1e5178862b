"""How long a test waits for what has to come.

A machine may be busy with much else: nothing is wrong until this is over.
"""

PATIENCE = 60.0
"""Seconds for one answer on loopback, and for one thing to happen."""
