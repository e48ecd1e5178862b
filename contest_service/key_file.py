"""The file that keeps the embedded default's encryption keys: one a line, the newest first.

Owns its creation and its mode, 0600. Where CONTEST_SECRET_KEY is given this file is not used.
"""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from contest_service.domain.errors import ContestError
from contest_service.vault import Vault, VaultError, generate_key


class KeyFileError(ContestError):
    """The file of the keys cannot be used; the message says what to do."""

    code = "key_file"


def read_or_create_keys(path: Path) -> tuple[str, ...]:
    """Read the keys, newest first, or make the file with a first one. Raises KeyFileError."""
    try:
        if not path.exists():
            write_keys(path, [generate_key()])
        if path.stat().st_mode & 0o077:
            raise KeyFileError(
                f"The key file {path} can be read by others: `chmod 600` it, and rotate the key."
            )
        keys = tuple(path.read_text().split())
        Vault(keys)
    except OSError as error:
        raise KeyFileError(
            f"The key file {path} cannot be used ({error.strerror or error}). Make it readable "
            "for this user, or set CONTEST_SECRET_KEY."
        ) from None
    except VaultError as error:
        raise KeyFileError(f"The key file {path} is damaged: {error}") from None
    return keys


def write_keys(path: Path, keys: Sequence[str]) -> None:
    """Replace the file whole: a crash leaves the old one or the new one. Raises OSError."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=path.name, delete=False) as file:
        # Only its owner reads a file made like this.
        file.write("".join(f"{key}\n" for key in keys))
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(path)
