"""How the embedded servers fail: with a sentence for the person at the terminal."""


class EmbeddedError(Exception):
    """The embedded PostgreSQL or Valkey cannot be had.

    The message is one clear sentence, says what to do, and is printed as it is.
    """
