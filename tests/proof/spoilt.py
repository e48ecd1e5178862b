"""Grown contests with one thing wrong, chosen by dice: a value, an order, a byte."""

import copy
import json
from collections.abc import Callable
from typing import Any

import msgspec

from proof import bundles
from proof.grown import Dice, Grown, encode

PLAIN = (
    0,
    1,
    2**53 - 1,
    2**53,
    -1,
    2**32,
    True,
    False,
    "",
    "x",
    None,
    1.0,
    1e300,
    "\ud800",
    [],
    {},
)
CHANGES: tuple[Callable[[Any], Any], ...] = (
    lambda _: "0" * 64,
    lambda _: "é" * 2048,
    lambda _: "é" * 2048 + "x",
    lambda _: json.loads("[" * 25 + "]" * 25),
    lambda _: json.loads("[" * 40 + "]" * 40),
    lambda value: value + 1 if isinstance(value, int) else value,
    lambda value: value - 1 if isinstance(value, int) else value,
    lambda value: value * 2 if isinstance(value, (str, list)) else value,
    lambda value: value[::-1] if isinstance(value, (str, list)) else value,
    lambda value: value[:-1] if isinstance(value, (str, list)) else value,
    lambda value: value.upper() if isinstance(value, str) else value,
    str,
)
KEYS = ("extra", "a", "note", "at", "Key", "", "ключ", "evidence", "anchor", "k" * 5000)


def spoil(dice: Dice, root: Any) -> None:
    """Change one thing somewhere inside a value."""
    places = list(inside(root))
    if not places:
        return
    holder, key = dice.choice(places)
    kind = dice.below(8)
    if kind == 0:
        del holder[key]
    elif kind == 1 and isinstance(holder, dict):
        holder[dice.choice(KEYS)] = copy.deepcopy(holder[key])
    elif kind == 2 and isinstance(holder, list):
        holder.insert(dice.below(len(holder) + 1), copy.deepcopy(holder[key]))
    elif kind == 3 and isinstance(holder, list):
        holder[key], holder[0] = holder[0], holder[key]
    else:
        value = holder[key]
        holder[key] = dice.choice(PLAIN) if kind == 4 else dice.choice(CHANGES)(value)


def inside(value: Any) -> list[tuple[Any, Any]]:
    """Every place in a value, as the holder and the key or index."""
    keys: list[Any] = []
    if isinstance(value, dict):
        keys = list(value)
    elif isinstance(value, list):
        keys = list(range(len(value)))
    found = [(value, key) for key in keys]
    for key in keys:
        found += inside(value[key])
    return found


def spoil_values(dice: Dice, grown: Grown) -> None:
    """Change one value somewhere, and let everything follow from it."""
    kind = dice.below(11)
    rows = list(grown.dispute.values())
    if kind < 5:
        event = dice.choice(grown.events)
        spoil(dice, event["body"] if dice.chance(80) else event)
    elif kind == 5:
        spoil(dice, dice.choice(grown.terms))
    elif kind == 6 and grown.openings:
        spoil(dice, grown.openings)
    elif kind == 7 and rows:
        spoil(dice, dice.choice(rows))
    elif kind == 8:
        spoil_order(dice, grown)
    elif kind == 9 and grown.quizzes:
        spoil(dice, dice.choice(grown.quizzes))
    else:
        spoil_list(dice, grown)


def spoil_order(dice: Dice, grown: Grown) -> None:
    """Move events in time or in their order, drop one or say one twice."""
    events, place = grown.events, dice.below(len(grown.events))
    shift = dice.choice((-1, 1, -600, 600, -604_800, 604_800, 10**6))
    match dice.below(5):
        case 0:
            del events[place]
        case 1:
            events.insert(dice.below(len(events) + 1), dict(events[place]))
        case 2:
            events[place], events[-1] = events[-1], events[place]
        case 3:
            events[place]["at"] += shift
        case _:
            for event in events[place:]:
                event["at"] += shift


def spoil_list(dice: Dice, grown: Grown) -> None:
    """Change the frozen list's bytes; the freeze is sealed over what comes out."""
    leaves = [grown.entries[k : k + 36] for k in range(0, len(grown.entries), 36)]
    if not leaves:
        grown.entries = dice.choice((b"x", bytes(36)))
        return
    place = dice.below(len(leaves))
    weight = dice.choice((0, 6, 2**32 - 1)).to_bytes(4, "big")
    changed = (
        [*leaves[:place], *leaves[place + 1 :]],
        [*leaves, leaves[place]],
        leaves[::-1],
        [*leaves[:place], leaves[place][:32] + weight, *leaves[place + 1 :]],
        [*leaves[:-1], leaves[-1][:-1]],
    )
    grown.entries = b"".join(dice.choice(changed))


def spoil_bytes(dice: Dice, files: dict[str, bytes], *, seal: dict[str, Any] | None) -> None:
    """Change a byte of one file, or the manifest's values; seal the bundle again if asked."""
    name = dice.choice(sorted(files))
    data = bytearray(files[name])
    place = dice.below(len(data) + 1)
    match dice.below(4):
        case 0:
            data.insert(place, dice.choice(b'\0\n\r 0a"\xff}'))
        case 1:
            del data[place : place + 1]
        case 2:
            del data[place:]
        case _ if place < len(data):
            data[place] ^= 1 << dice.below(8)
    files[name] = bytes(data)
    if seal is not None and name != "manifest.json":
        files |= bundles.sealed(files, **seal)


def spoil_manifest(dice: Dice, files: dict[str, bytes]) -> None:
    manifest = msgspec.json.decode(files["manifest.json"])
    spoil(dice, manifest)
    files["manifest.json"] = encode(manifest)


def spoil_files(dice: Dice, files: dict[str, bytes], other: dict[str, bytes]) -> None:
    """Drop a file, or put one of another contest's bundle in its place or beside it."""
    name, theirs = dice.choice(sorted(files)), dice.choice(sorted(other))
    match dice.below(4):
        case 0:
            del files[name]
        case 1:
            files[theirs] = other[theirs]
        case 2:
            files[name] = other[theirs]
        case _:
            files[f"{name}{dice.choice(('x', ' ', '.txt'))}"] = files[name]


def spoilt(dice: Dice, seed: int) -> tuple[Grown, dict[str, bytes]]:
    grown = Grown(Dice(seed))
    kind = dice.below(11)
    if kind < 7:
        spoil_values(dice, grown)
    files = grown.files()
    seal = {"edition": grown.edition, "contest": grown.contest}
    is_sealed = not grown.bare and dice.chance(60)
    if kind in (7, 8):
        spoil_bytes(dice, files, seal=seal if is_sealed else None)
    elif kind == 9 and not grown.bare:
        spoil_manifest(dice, files)
    elif kind == 10:
        spoil_files(dice, files, Grown(Dice(seed + 1)).files())
        if is_sealed:
            files |= bundles.sealed(files, **seal)
    return grown, files
