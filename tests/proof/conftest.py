"""The verifiers, for tests that let all of them look at the same bundles."""

from collections.abc import Iterator

import pytest

from proof.judges import Judges, gathered


@pytest.fixture(scope="session")
def judges() -> Iterator[Judges]:
    with gathered() as judges:
        yield judges
