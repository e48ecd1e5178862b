"""What can be proved: drawproof/1, as docs/draw-protocol.md fixes it.

Pure: no I/O, no clock, no randomness. Bytes and times are arguments, and only `beacon` sees a
library beyond msgspec. `verify.py` is an island of its own: it imports nothing from here and is
imported by nothing.
"""
