"""What tests of flows share: the verifiers, for bundles that the flows export."""

from collections.abc import Iterator

import pytest
from proof.judges import Judges, gathered


@pytest.fixture(scope="session")
def judges() -> Iterator[Judges]:
    with gathered() as judges:
        yield judges
