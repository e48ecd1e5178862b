"""What can be proved: drawproof/1, as docs/draw-protocol.md fixes it.

Pure: no I/O, no clock, no randomness. Bytes, times and trust are arguments. Beyond msgspec, only
`beacon`, `notes` and `certificates` see a library, each for the arithmetic of its signatures.
`verify.py` is an island of its own: it imports nothing from here and is imported by nothing.
"""
