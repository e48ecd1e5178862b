"""Credentials at rest."""

import pytest

from contest_service.vault import Vault, VaultError, generate_key


def test_what_was_sealed_opens_again_and_shows_nothing() -> None:
    key = generate_key()
    vault = Vault([key])
    sealed = vault.seal(b"app password")
    assert vault.open(sealed) == b"app password"
    assert b"password" not in sealed
    assert key not in repr(vault)
    assert sealed != vault.seal(b"app password")


def test_keys_are_rotated_without_losing_anything() -> None:
    old, new = generate_key(), generate_key()
    sealed = Vault([old]).seal(b"secret")
    both = Vault([new, old])
    renewed = both.renew(sealed)
    assert Vault([new]).open(renewed) == b"secret"
    assert Vault([new]).open(both.seal(b"x")) == b"x"
    with pytest.raises(VaultError, match="not given any more"):
        Vault([new]).open(sealed)


def test_what_was_changed_does_not_open() -> None:
    vault = Vault([generate_key()])
    sealed = bytearray(vault.seal(b"secret"))
    sealed[20] ^= 1
    with pytest.raises(VaultError):
        vault.open(bytes(sealed))


@pytest.mark.parametrize("keys", [[], [""], ["short"], ["ж" * 44], [generate_key(), "x" * 44]])
def test_what_is_no_key_is_said_without_showing_it(keys: list[str]) -> None:
    with pytest.raises(VaultError) as caught:
        Vault(keys)
    assert "short" not in str(caught.value)
    assert "contest-service key" in caught.value.message
