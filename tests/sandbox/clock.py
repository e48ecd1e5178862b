"""A clock that a test holds, and moves."""


class Clock:
    """Unix seconds; they pass only when the test says so."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now
