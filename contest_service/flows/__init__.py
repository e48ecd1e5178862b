"""In what order, in which transaction: one file per flow (docs/architecture.md).

A flow that serves a request takes a connection in a transaction; one that speaks to a network takes
the runtime, and never holds a connection while it waits.
"""
