"""How the embedded servers fail: with a sentence for the person at the terminal."""

from contest_service.domain.errors import ContestError


class EmbeddedError(ContestError):
    """The embedded PostgreSQL or Valkey cannot be had.

    The message is one clear sentence, says what to do, and is printed as it is.
    """

    code = "embedded_server"
