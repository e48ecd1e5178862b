"""What one practice server consists of, and one method call to it.

`Site` is given to everything that answers: the world, its clock, limits, faults, events, logins,
towns. `Call` is what one method was asked, by whom. Owns no behaviour of VK.
"""

from collections.abc import Callable

import msgspec

from contest_service.sandbox.vk.churn import Churn
from contest_service.sandbox.vk.events import Events
from contest_service.sandbox.vk.faults import Faults
from contest_service.sandbox.vk.limits import Limits
from contest_service.sandbox.vk.login import Logins
from contest_service.sandbox.vk.params import Params
from contest_service.sandbox.vk.people_shapes import Viewer
from contest_service.sandbox.vk.records import Token
from contest_service.sandbox.vk.town import Towns
from contest_service.sandbox.vk.world import World


class Patience(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How a failing callback server is treated; seconds are of the world's clock."""

    retry_after: tuple[float, ...] = (1, 5, 30, 120, 600, 1800)
    """Between the attempts; after the last one the event is dropped."""
    failures: int = 20
    """In a row, after which nothing is sent for a while."""
    pause: float = 60


class Latency(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Real milliseconds that an answer takes, and each call inside an `execute` besides."""

    answer: float = 0
    inner_call: float = 0


class Clock:
    """The world's time: the given one, moved forward at will. Unix seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.ahead = 0.0

    def __call__(self) -> float:
        return self._now() + self.ahead


class Site:
    """One practice server."""

    def __init__(
        self, world: World, *, clock: Callable[[], float], ticks: Callable[[], float]
    ) -> None:
        self.world = world
        self.clock = Clock(clock)
        self.limits = Limits(ticks)
        self.faults = Faults()
        self.latency = Latency()
        self.churn = Churn()
        self.events = Events(self.clock)
        self.logins = Logins()
        self.towns = Towns()
        self.patience = Patience()
        world.listeners.append(self.events)

    @property
    def now(self) -> int:
        """The world's time in whole seconds, as VK writes times."""
        return int(self.clock())


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One call of a method."""

    method: str
    params: Params
    token: Token
    at: int

    @property
    def viewer(self) -> Viewer:
        """Whom the token stands for."""
        return Viewer.of(self.token)
