"""Keeps credentials encrypted at rest.

Knows keys and bytes, nothing of where they are stored. The newest key encrypts; older ones still
decrypt, so that a rotation is: put a new key first, encrypt everything anew, drop the old one.
"""

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from contest_service.domain.errors import ContestError


class VaultError(ContestError):
    """Something cannot be decrypted or a key is no key; the message says what to do."""

    code = "credential_unreadable"


class Vault:
    """Encrypts and decrypts with AES and an authentication code (Fernet). Shows no secret."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Take keys as `generate_key` makes them, newest first. Raises VaultError."""
        if not keys:
            raise VaultError("Give at least one vault key; `contest-service key` makes one.")
        try:
            fernets = [Fernet(key) for key in keys]
        except ValueError:
            raise VaultError(
                "A vault key is 32 bytes in URL-safe base64; `contest-service key` makes one."
            ) from None
        self._newest = fernets[0]
        self._all = MultiFernet(fernets)

    def __repr__(self) -> str:
        return "Vault(…)"

    def seal(self, secret: bytes) -> bytes:
        """Encrypt with the newest key."""
        return self._newest.encrypt(secret)

    def open(self, sealed: bytes) -> bytes:
        """Decrypt what any of the keys encrypted. Raises VaultError if none did."""
        try:
            return self._all.decrypt(sealed)
        except InvalidToken:
            raise VaultError(
                "A stored credential was encrypted with a key that is not given any more. "
                "Give that key again, after the newest one, or connect the community again."
            ) from None

    def renew(self, sealed: bytes) -> bytes:
        """Encrypt anew with the newest key. Raises VaultError as `open` does."""
        return self.seal(self.open(sealed))


def generate_key() -> str:
    """Make a new key from the operating system's randomness."""
    return Fernet.generate_key().decode()
