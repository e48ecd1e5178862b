"""Catalogue: what rules can ask for, and which platform can tell it, how, and with what connected.

Everything here is declared: by the kinds of conditions, and by what the platforms can tell. It asks
nobody, and is the same for everybody.
"""

import functools

import msgspec

from contest_service.domain import catalogue
from contest_service.domain.accounts import Platform
from contest_service.domain.catalogue import Kind, Limits, MomentWords, Said, UnitWords
from contest_service.domain.conditions import Language
from contest_service.flows.foresee import HowTold, how_told
from contest_service.platforms.base import BlindSpot
from contest_service.platforms.registry import connections


class Blindness(msgspec.Struct, frozen=True, kw_only=True):
    """Something of a condition that cannot be told, and what to connect so that it can."""

    note: str
    mend: str
    said: Said
    """`note` in every language."""
    way_out: Said
    """`mend` in every language; empty where nothing would help."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """How one kind of condition is told, and what of it is not."""

    how: HowTold
    blind_spots: list[Blindness]


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """What a community can be connected with, and how each kind is told then, by kind."""

    name: str
    label: Said
    told: dict[str, Told]


class Matrix(msgspec.Struct, frozen=True, kw_only=True):
    """What a platform can tell, the most telling connection last."""

    platform: Platform
    label: str
    connections: list[Connection]


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """All that an editor needs to offer, and to check, rules."""

    kinds: list[Kind]
    moments: list[MomentWords]
    units: list[UnitWords]
    limits: Limits
    platforms: list[Matrix]


@functools.cache
def read_catalogue() -> Catalogue:
    """Put the catalogue together."""
    return Catalogue(
        kinds=catalogue.kinds(),
        moments=catalogue.moments(),
        units=catalogue.units(),
        limits=Limits(),
        platforms=[
            Matrix(platform=platform, label=platform.label, connections=_connections(platform))
            for platform in Platform
        ],
    )


def _blindness(spot: BlindSpot) -> Blindness:
    english = Language.ENGLISH
    return Blindness(
        note=spot.note[english],
        mend=spot.mend.get(english, ""),
        said=dict(spot.note),
        way_out=dict(spot.mend),
    )


def _connections(platform: Platform) -> list[Connection]:
    return [
        Connection(
            name=connected.name,
            label=connected.label,
            told={
                catalogue.name_of(kind): Told(
                    how=how_told(kind, connected.capabilities),
                    blind_spots=[
                        _blindness(spot)
                        for spot in connected.capabilities.blind_spots
                        if spot.action is kind.action
                    ],
                )
                for kind in catalogue.every_kind()
            },
        )
        for connected in connections(platform)
    ]
