"""How fast, and in how much memory: the figures that the documents promise, measured.

Nothing here is a test. `python -m benchmarks` prints one table; every measurement runs in a process
of its own, so that its peak memory is its own too.
"""
